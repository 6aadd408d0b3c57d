#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "exporter/base/bytes.h"
#include "exporter/source/file_identity.h"
#include "exporter/source/log_file.h"

namespace mre {

/// Files that are not to be read as new ones: those that were read to their end and left, those that were
/// there before anything was followed, and copies. Known by their identity, and by a piece of their content,
/// which their copies and packed versions have too.
///
/// Holds the newest kMost; one that is forgotten would be read if it took part in a rotation again.
class KnownFiles {
 public:
  static constexpr std::size_t kMost = 4096;

  struct Known {
    FileIdentity identity;
    Fingerprint print;
    std::uint64_t offset = 0;
    std::string marker;  ///< The bytes before the offset.
  };

  void add(Known known);
  /// Null if there is none.
  const Known* find(const FileIdentity& identity) const;
  bool has_content_of(LogFile& file) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  std::deque<Known> files_;
};

}  // namespace mre
