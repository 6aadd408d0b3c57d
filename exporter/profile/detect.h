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

/// Detects which kind of broker wrote a source's records. Every profile reads them. The answer is the profile
/// that knows most of them, if hardly any record is known to another profile only.
namespace mre {

/// The profiles that take part in detection: those of `files`, and the embedded ones without one of the same
/// name in `files`. `generic` is excluded: it is a template without words of its own.
Result<std::vector<std::shared_ptr<const Profile>>> detectable_profiles(std::span<const std::string> files);

/// Reads the records of one source with every profile. One thread uses it.
///
/// A single record proves nothing: clients choose client ids, topics and reason strings, and some brokers
/// write them at the beginning of a line. There is a verdict only if
///   - the profile knows more than half of the records (all of them while there are few),
///   - hardly any record is known to another profile only, and
///   - the profile is clearly ahead of all others.
/// A fifth of the records suffices once there are many, if most lines begin like the broker's lines and no
/// other profile knows any record.
///
/// Memory is bounded: one small decoder for each profile. After `kMemory` records without a verdict the
/// detector starts again, so that untypical first records are forgotten.
class ProfileDetector {
 public:
  static constexpr std::uint64_t kMemory = 1000;

  struct Verdict {
    std::shared_ptr<const Profile> profile;
    std::string reason;  ///< "14 of 16 records are its own, next best flashmq with 2"
  };

  /// Uses those `candidates` that support a source of this kind.
  ProfileDetector(std::span<const std::shared_ptr<const Profile>> candidates, SourceKind kind);
  ~ProfileDetector();

  /// Adds one record without its envelope, and returns whether a candidate knows it. Ignores empty lines,
  /// retained messages, and messages on topics that clients may publish to: all except those below $SYS/, and
  /// below $aws/ if a candidate reads these.
  bool add(const Record& record);

  /// Whether a candidate recognises a line (see Decoder). The line is not added.
  bool recognises(std::string_view line);

  /// The verdict on the records so far. Later records can change it.
  std::optional<Verdict> verdict() const;

  /// Why there is no verdict: "of 40 records mosquitto knows 3, flashmq 2".
  std::string explanation() const;

  /// The profile that knows the messages in most lines, but not the prefix in front of them; null if there is
  /// none.
  const Profile* near_miss() const;

  std::uint64_t records() const { return seen_; }  ///< All records that were used.

 private:
  struct Reader {
    std::shared_ptr<const Profile> profile;
    std::unique_ptr<Decoder> decoder;
    std::unique_ptr<LineFinder> finder;
    std::uint64_t own = 0;     ///< Records that the profile knows.
    std::uint64_t shaped = 0;  ///< Lines that begin like the broker's lines.
    std::uint64_t near = 0;    ///< Lines with a known message after an unknown prefix.
    std::string form = {};  ///< Form of the time stamp in the last known line, if the profile has no prefix.
    bool knows = false;     ///< Whether it knows the current record.
  };

  /// The number of records that `a` knows and `b` does not.
  std::uint64_t& only(std::size_t a, std::size_t b) { return only_[a * readers_.size() + b]; }
  std::uint64_t only(std::size_t a, std::size_t b) const { return only_[a * readers_.size() + b]; }
  bool is_evidence(const Record& record) const;
  bool clear(std::size_t leader) const;
  static bool has_shape_of(Reader& reader, const Record& record);
  std::vector<std::size_t> by_own() const;
  void forget();

  std::vector<Reader> readers_;
  bool aws_ = false;  // a candidate reads topics below $aws/
  std::vector<std::uint64_t> only_;
  std::uint64_t records_ = 0;  // since the last restart
  std::uint64_t seen_ = 0;
};

}  // namespace mre
