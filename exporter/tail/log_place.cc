// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/log_place.h"

#include <utility>

namespace mre {

namespace {

/// Of the bytes below; those of another version are not read.
constexpr std::uint64_t kPlaceVersion = 1;

/// With more files, the place is to stay small.
constexpr std::size_t kMostWithText = 64;

void save_file(ByteWriter& out, const SavedFile& file, bool text) {
  save(out, file.identity);
  save(out, file.print, text);
  out.number(file.offset);
  out.text(file.marker);
  out.number(file.size);
  out.word(static_cast<std::uint64_t>(file.modified_ns));
  out.text(file.name);
  out.text(file.path);
  out.text(file.real);
  out.flag(file.gzip);
}

SavedFile read_file(ByteReader& in) {
  SavedFile file;
  file.identity = read_identity(in);
  file.print = read_fingerprint(in);
  file.offset = in.number();
  file.marker = in.text();
  file.size = in.number();
  file.modified_ns = static_cast<std::int64_t>(in.word());
  file.name = in.text();
  file.path = in.text();
  file.real = in.text();
  file.gzip = in.flag();
  if (file.marker.size() > file.offset || file.name.empty()) in.fail();
  return file;
}

}  // namespace

void save_place(ByteWriter& out, std::string_view pattern, const std::vector<SavedFile>& files,
                const std::map<std::string, ExistingFile>& existing, const KnownFiles& known) {
  out.number(kPlaceVersion);
  out.text(pattern);
  out.number(files.size());
  for (const SavedFile& file : files) save_file(out, file, files.size() <= kMostWithText);
  out.number(existing.size());
  for (const auto& [name, file] : existing) {
    out.text(name);
    save(out, file.identity);
    out.number(file.size);
  }
  known.save(out);
}

std::optional<LogPlace> LogPlace::read(std::string_view bytes, std::string_view pattern) {
  ByteReader in(bytes);
  LogPlace place;
  if (in.number() != kPlaceVersion || in.text() != pattern) return std::nullopt;
  for (auto left = in.number(); left > 0 && !in.failed(); --left) place.files.push_back(read_file(in));
  for (auto left = in.number(); left > 0 && !in.failed(); --left) {
    std::string name(in.text());
    ExistingFile file;
    file.identity = read_identity(in);
    file.size = in.number();
    place.existing.insert_or_assign(std::move(name), file);
  }
  place.known.restore(in);
  if (!in.finished()) return std::nullopt;
  return place;
}

}  // namespace mre
