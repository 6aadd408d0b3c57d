// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/read_position.h"

#include <utility>

namespace mre {

namespace {

/// Of the bytes below. A position of another version is not read.
constexpr std::uint64_t kVersion = 1;

/// With more files the texts of full fingerprints (1 KiB each) are left out, to keep the position small.
constexpr std::size_t kMaxFilesWithText = 64;

void save_file(ByteWriter& out, const SavedFile& file, bool with_text) {
  save(out, file.identity);
  save(out, file.position, with_text);
  out.number(file.size);
  out.word(static_cast<std::uint64_t>(file.modified_ns));
  out.text(file.name);
  out.text(file.path);
  out.text(file.real_path);
  out.flag(file.gzip);
}

SavedFile read_file(ByteReader& in) {
  SavedFile file;
  file.identity = read_identity(in);
  file.position = read_content_position(in);
  file.size = in.number();
  file.modified_ns = static_cast<std::int64_t>(in.word());
  file.name = in.text();
  file.path = in.text();
  file.real_path = in.text();
  file.gzip = in.flag();
  if (file.position.marker.size() > file.position.offset || file.name.empty()) in.fail();
  return file;
}

}  // namespace

void save_position(ByteWriter& out, std::string_view pattern, const std::vector<SavedFile>& files,
                   const InitialEnds& initial_ends, const ProcessedFiles& processed) {
  out.number(kVersion);
  out.text(pattern);
  out.number(files.size());
  for (const SavedFile& file : files) save_file(out, file, files.size() <= kMaxFilesWithText);
  out.number(initial_ends.size());
  for (const auto& [name, file] : initial_ends) {
    out.text(name);
    save(out, file.identity);
    out.number(file.size);
  }
  processed.save(out);
}

std::optional<ReadPosition> ReadPosition::read(std::string_view bytes, std::string_view pattern) {
  ByteReader in(bytes);
  ReadPosition position;
  if (in.number() != kVersion || in.text() != pattern) return std::nullopt;
  for (auto left = in.number(); left > 0 && !in.failed(); --left) position.files.push_back(read_file(in));
  for (auto left = in.number(); left > 0 && !in.failed(); --left) {
    std::string name(in.text());
    InitialEnd file;
    file.identity = read_identity(in);
    file.size = in.number();
    position.initial_ends.insert_or_assign(std::move(name), file);
  }
  position.processed.restore(in);
  if (!in.finished()) return std::nullopt;
  return position;
}

}  // namespace mre
