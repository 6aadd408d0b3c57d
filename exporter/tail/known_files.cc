// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/known_files.h"

#include <algorithm>

namespace mre {

KnownFiles::Entry::Entry(const Known& known)
    : identity(known.identity),
      hash(known.print.hash),
      offset(known.offset),
      hashed(static_cast<std::uint16_t>(known.print.bytes)),
      marker_bytes(static_cast<std::uint8_t>(std::min(known.marker.size(), marker_array.size()))),
      marker_array{} {
  std::ranges::copy(std::string_view(known.marker).substr(known.marker.size() - marker_bytes),
                    marker_array.begin());
}

void KnownFiles::add(const Known& known) {
  std::erase_if(files_, [&](const Entry& other) {
    return other.identity == known.identity &&
           (known.identity.is_unique() ||
            (other.hash == known.print.hash && other.hashed == known.print.bytes));
  });
  files_.emplace_back(known);
  if (files_.size() > kMost) files_.pop_front();
}

std::optional<KnownFiles::Known> KnownFiles::find(const FileIdentity& identity) const {
  const auto at = std::find_if(files_.rbegin(), files_.rend(),
                               [&](const Entry& known) { return known.identity == identity; });
  if (at == files_.rend()) return std::nullopt;
  return Known{at->identity, at->print(), at->offset, std::string(at->marker())};
}

bool KnownFiles::has(LogFile& file) const {
  return std::ranges::any_of(files_, [&](const Entry& known) {
    if (known.identity != file.identity()) return false;
    if (file.identity().is_unique()) return true;
    if (known.hashed == 0) return known.offset > 0 && known.offset == file.size();  // it could not be opened
    return file.kinship(known.print(), known.offset, known.marker()) != LogFile::Kinship::none;
  });
}

LogFile::Kinship KnownFiles::kinship(LogFile& file) const {
  auto best = LogFile::Kinship::none;
  for (const Entry& known : files_) {
    best = std::max(best, file.kinship(known.print(), known.offset, known.marker()));
    if (best == LogFile::Kinship::same) break;
  }
  return best;
}

void KnownFiles::save(ByteWriter& out) const {
  out.number(files_.size());
  for (const Entry& known : files_) {
    mre::save(out, known.identity);
    mre::save(out, known.print(), false);
    out.number(known.offset);
    out.text(known.marker());
  }
}

void KnownFiles::restore(ByteReader& in) {
  files_.clear();
  for (auto left = in.number_up_to(kMost); left > 0 && !in.failed(); --left) {
    Known known;
    known.identity = read_identity(in);
    known.print = read_fingerprint(in);
    known.offset = in.number();
    known.marker = in.text();
    files_.emplace_back(known);
  }
}

}  // namespace mre
