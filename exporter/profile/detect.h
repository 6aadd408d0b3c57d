// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exporter/profile/match/line_finder.h"
#include "exporter/profile/profile.h"

/// Which kind of broker wrote these records? Every profile reads them; the one that knows most of them, and
/// beside which no other knows what it does not, is the answer.
namespace mre {

/// The profiles that a broker can be told by: those of `files`, and the embedded ones that have no namesake
/// there. Not `generic`, which is a pattern for profiles and has no words of its own.
Result<std::vector<std::shared_ptr<const Profile>>> detectable_profiles(std::span<const std::string> files);

/// Reads the records of one source with every profile. One thread uses it.
///
/// A single record proves nothing: strangers choose client ids, topics and reason strings, and some brokers
/// let them begin a line. So most of all records must be the profile's own (all of them, while they are few),
/// hardly one may be of another profile alone, and who is not clearly ahead is not chosen: then there is no
/// verdict. If most lines begin with what the profile's broker writes before each message, and no other
/// profile knows any, a fifth suffices once they are many.
///
/// In memory: one small decoder for each profile, whatever comes. After `kMemory` records without a verdict
/// it begins anew, so that a bad start is forgotten.
class ProfileDetector {
 public:
  static constexpr std::uint64_t kMemory = 1000;

  struct Verdict {
    std::shared_ptr<const Profile> profile;
    std::string reason;  ///< "14 of 16 records are its own, next best flashmq with 2"
  };

  /// Those of `candidates` take part that can read a source of this kind.
  ProfileDetector(std::span<const std::shared_ptr<const Profile>> candidates, SourceKind kind);
  ~ProfileDetector();

  /// One record, out of its envelope. Nothing is learnt from empty lines, from retained messages, and from
  /// messages on topics that brokers let clients publish to: all but those below $SYS/, and below $aws/ if a
  /// candidate reads these (candidates_for).
  /// Whether a candidate knows it.
  bool add(const Record& record);

  /// Whether a candidate recognises a line (see Decoder), which is not added.
  bool recognises(std::string_view line);

  /// As of the records until now. A later one can change it.
  std::optional<Verdict> verdict() const;

  /// Why there is no verdict: "of 40 records mosquitto knows 3, flashmq 2".
  std::string standing() const;

  /// The profile of whose messages most lines are, though they begin in a way that it does not know; null if
  /// there is none.
  const Profile* near_miss() const;

  std::uint64_t records() const { return seen_; }  ///< That something was learnt from, all in all.

 private:
  struct Reader {
    std::shared_ptr<const Profile> profile;
    std::unique_ptr<Decoder> decoder;
    std::unique_ptr<LineFinder> finder;
    std::uint64_t own = 0;     ///< Records that it knows.
    std::uint64_t shaped = 0;  ///< Lines that begin as the broker's do.
    std::uint64_t near = 0;    ///< Lines with a message that it knows, after a begin that it does not.
    std::string form = {};     ///< How the time is written in the last line it knew, if it has no prefix.
    bool knows = false;        ///< The record at hand.
  };

  /// Of the records that `a` knows, how many `b` does not know.
  std::uint64_t& only(std::size_t a, std::size_t b) { return only_[a * readers_.size() + b]; }
  std::uint64_t only(std::size_t a, std::size_t b) const { return only_[a * readers_.size() + b]; }
  bool is_evidence(const Record& record) const;
  bool clear(std::size_t leader) const;
  static bool has_shape_of(Reader& reader, const Record& record);
  std::vector<std::size_t> by_own() const;
  void forget();

  std::vector<Reader> readers_;
  bool aws_ = false;  // one of them reads topics below $aws/
  std::vector<std::uint64_t> only_;
  std::uint64_t records_ = 0;  // since the last `forget`
  std::uint64_t seen_ = 0;
};

}  // namespace mre
