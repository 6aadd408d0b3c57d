// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/processed_files.h"

#include <algorithm>
#include <string>

namespace mre {

ProcessedFiles::Entry::Entry(const ProcessedFile& file)
    : identity(file.identity),
      hash(file.position.fingerprint.hash),
      offset(file.position.offset),
      fingerprint_bytes(static_cast<std::uint16_t>(file.position.fingerprint.bytes)),
      marker_bytes(static_cast<std::uint8_t>(std::min(file.position.marker.size(), marker_array.size()))),
      marker_array{} {
  const std::string_view marker = file.position.marker;
  std::ranges::copy(marker.substr(marker.size() - marker_bytes), marker_array.begin());
}

ContentPosition ProcessedFiles::Entry::position() const {
  return {{fingerprint_bytes, hash, {}}, offset, std::string(marker_array.data(), marker_bytes)};
}

void ProcessedFiles::add(const ProcessedFile& file) {
  const Fingerprint& fingerprint = file.position.fingerprint;
  std::erase_if(files_, [&](const Entry& other) {
    return other.identity == file.identity &&
           (file.identity.is_unique() ||
            (other.hash == fingerprint.hash && other.fingerprint_bytes == fingerprint.bytes));
  });
  files_.emplace_back(file);
  if (files_.size() > kMaxFiles) files_.pop_front();
}

std::optional<ProcessedFile> ProcessedFiles::find(const FileIdentity& identity) const {
  const auto found = std::find_if(files_.rbegin(), files_.rend(),
                                  [&](const Entry& entry) { return entry.identity == identity; });
  if (found == files_.rend()) return std::nullopt;
  return ProcessedFile{found->identity, found->position()};
}

bool ProcessedFiles::contains(LogFile& file) const {
  return std::ranges::any_of(files_, [&](const Entry& entry) {
    if (entry.identity != file.identity()) return false;
    if (file.identity().is_unique()) return true;
    if (entry.fingerprint_bytes == 0)  // it could not be opened: compare the size
      return entry.offset > 0 && entry.offset == file.size();
    return file.match(entry.position()) != LogFile::Match::none;
  });
}

LogFile::Match ProcessedFiles::match(LogFile& file) const {
  auto best = LogFile::Match::none;
  for (const Entry& entry : files_) {
    best = std::max(best, file.match(entry.position()));
    if (best == LogFile::Match::full) break;
  }
  return best;
}

void ProcessedFiles::save(ByteWriter& out) const {
  out.number(files_.size());
  for (const Entry& entry : files_) {
    mre::save(out, entry.identity);
    mre::save(out, entry.position(), false);
  }
}

void ProcessedFiles::restore(ByteReader& in) {
  files_.clear();
  for (auto left = in.number_up_to(kMaxFiles); left > 0 && !in.failed(); --left) {
    ProcessedFile file;
    file.identity = read_identity(in);
    file.position = read_content_position(in);
    files_.emplace_back(file);
  }
}

}  // namespace mre
