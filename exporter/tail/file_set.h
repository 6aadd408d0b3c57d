// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/input/line_reader.h"
#include "exporter/input/source.h"
#include "exporter/tail/folder_names.h"
#include "exporter/tail/known_files.h"
#include "exporter/tail/log_file.h"
#include "exporter/tail/log_options.h"
#include "exporter/tail/log_place.h"
#include "exporter/tail/name_pattern.h"
#include "exporter/tail/rotated_files.h"

namespace mre {

using SteadyClock = Deadline (*)();

/// The files of one log source, oldest first, each with the place up to which it is read; and which of them
/// the next bytes come from. What it follows and what it can lose: FileTail.
///
/// The files that one name has led to are one log: of them the oldest with unread bytes goes first. A file is
/// left with its offset at the start of its half line, so that it can be returned to.
class FileSet {
 public:
  /// `options`, `reader` and `status` live longer. Goes on at `place`, if it can be read.
  FileSet(const LogOptions& options, std::string_view place, LineReader& reader, SourceStatus& status,
          SteadyClock now);

  /// Asks the file system which files there are, which grew, and which were written anew. `reader` holds no
  /// whole line.
  void look();

  /// Puts bytes into the reader, which holds no whole line. False: nothing is left, as of the last look.
  bool read();

  void save(ByteWriter& out) const;
  void describe();  ///< Brings the status up to date.
  /// In which something would happen to the files.
  std::set<std::string> folders() const;

 private:
  struct Followed {
    LogFile file;
    std::string name;  ///< The name that led to it first, or of whose log it is a part.
    std::string path;  ///< Where it stands now, as far as is known.
    std::string real;  ///< `path` behind symbolic links.
    Deadline grown;    ///< When its last byte was seen.
    Deadline filled;   ///< When its first byte was seen; the clock's end: it is empty.
    std::optional<std::int64_t>
        empty_at;           ///< It was empty at the last look: the time of its last write then.
    bool named = false;     ///< A name of the pattern leads to it.
    bool fresh = false;     ///< Opened by this look.
    bool unsure = false;    ///< Seen by this look: something else was here before.
    bool stuck = false;     ///< Cannot be read until the next look.
    bool vanished = false;  ///< It was closed, and there is no such file any more.
  };
  using Files = std::vector<std::unique_ptr<Followed>>;
  /// A place in a content, by which its copies are found.
  struct Piece {
    Fingerprint print;
    std::uint64_t offset;
    std::string marker;
  };

  void start(const std::vector<std::string>& names);
  void restore(LogPlace place);
  void restore_file(const SavedFile& saved);
  std::unique_ptr<Followed> find_identity(const SavedFile& saved);

  void search_missing(const std::vector<std::string>& names);
  bool has_changed(const std::string& folder);
  bool leads_to_followed(const std::string& name);
  void look_at_stranger(const std::string& name);
  /// Into the exporter's own log, at debug level: what was decided about a file, and why.
  void log_decision(std::string_view decision, const LogFile& file, const std::string& path) const;
  void open_named(const std::string& name);
  void insert_before_fresh(Followed& newest);
  void drop_copies();
  bool may_be_copy(LogFile& file, const std::string& name);
  void seek_existing(const std::string& name, LogFile& file);
  void look_at_file(Followed& followed);
  void look_at_closed(Followed& followed);
  bool reopen(Followed& followed);
  void rewritten(Followed& followed, std::uint64_t seen);
  void retire();
  void limit_open();

  std::vector<RotatedFile> relatives(const std::string& name, const std::string& real);
  bool follows(const FileIdentity& identity) const;
  Files open_unseen(const std::string& name, const std::string& real);
  void insert_unseen(Followed& followed);
  Files::iterator place_in_order(const Followed& followed);
  LogFile::Kinship kinship(LogFile& file) const;
  std::unique_ptr<Followed> find_content(const Piece& piece, const std::string& name,
                                         const std::string& real);
  void note_known(LogFile& file, const std::string& path, LogFile::Kinship kinship);

  Followed* pick();
  void put_down();
  void read_failed(Followed& followed, int error);
  bool retired(const Followed& followed, Deadline now) const;
  const Followed* successor(const Followed& followed) const;
  std::unique_ptr<Followed> follow(LogFile file, const std::string& name, const std::string& path,
                                   const std::string& real) const;

  const LogOptions& options_;
  const NamePattern pattern_;
  LineReader& reader_;
  SourceStatus& status_;
  const SteadyClock now_;
  const std::size_t most_open_;

  Files files_;
  Followed* current_ = nullptr;  ///< What the reader holds is from here.
  KnownFiles known_;

  bool started_ = false;  ///< Decided what of the files there were at the start is to be read.
  std::map<std::string, ExistingFile> existing_;
  std::set<std::string> searched_;        ///< Names whose relatives are to be looked at.
  std::set<std::string> ignored_;         ///< Names beyond the limit, as of this look,
  std::set<std::string> ignored_before_;  ///< and of the one before.

  FolderNames listings_;
  std::set<std::string> unread_;         ///< Names of a pattern that led to no bytes yet, as of this look,
  std::set<std::string> unread_before_;  ///< and of the one before.
  std::map<std::string, std::int64_t>
      folders_;  ///< When names last came or went in those that were searched.
  std::uint64_t hole_bytes_ = 0;
  std::string problem_;    ///< Why a name cannot be followed, as of the last look.
  bool gone_ = false;      ///< There is no file of that name.
  int read_error_ = 0;     ///< errno of a read since the last look.
  std::string note_;       ///< Of what was not found again,
  Deadline note_until_{};  ///< and until when to say so.
};

}  // namespace mre
