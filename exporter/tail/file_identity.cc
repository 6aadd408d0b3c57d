// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/file_identity.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <chrono>

#include "exporter/base/fnv1a.h"

namespace mre {

namespace {

std::int64_t nanoseconds(const statx_timestamp& time) {
  return time.tv_sec * 1'000'000'000 + static_cast<std::int64_t>(time.tv_nsec);
}

std::optional<FileMetadata> metadata(int directory, const char* path, int flags) {
  struct statx st{};
  if (::statx(directory, path, flags, STATX_BASIC_STATS | STATX_BTIME, &st) != 0) return std::nullopt;
  FileMetadata out;
  out.identity.device = makedev(st.stx_dev_major, st.stx_dev_minor);
  out.identity.inode = st.stx_ino;
  if ((st.stx_mask & STATX_BTIME) != 0) out.identity.birth_ns = nanoseconds(st.stx_btime);
  out.size = st.stx_size;
  out.modified_ns = nanoseconds(st.stx_mtime);
  out.links = st.stx_nlink;
  out.mode = st.stx_mode;
  return out;
}

}  // namespace

std::optional<FileMetadata> metadata_of(const std::string& path) {
  return metadata(AT_FDCWD, path.c_str(), 0);
}
std::optional<FileMetadata> metadata_of(int fd) { return metadata(fd, "", AT_EMPTY_PATH); }

bool timestamp_may_repeat(std::int64_t modified_ns) {
  // ext3, ext4 with small inodes and old NFS store whole seconds, FAT every other second.
  constexpr std::chrono::nanoseconds fine = std::chrono::milliseconds(50);
  constexpr std::chrono::nanoseconds coarse = std::chrono::seconds(2);
  const bool whole_second = modified_ns % 1'000'000'000 == 0;
  const auto age =
      std::chrono::system_clock::now().time_since_epoch() - std::chrono::nanoseconds(modified_ns);
  return age < (whole_second ? coarse : fine);
}

Fingerprint Fingerprint::of(std::string_view head) {
  head = head.substr(0, kMaxBytes);
  if (head.find_first_not_of('\0') == std::string_view::npos) return {};
  return {static_cast<std::uint32_t>(head.size()), fnv1a(head), std::string(head)};
}

bool Fingerprint::matches(std::string_view head) const {
  return bytes > 0 && head.size() >= bytes && fnv1a(head.substr(0, bytes)) == hash;
}

bool Fingerprint::extends(std::string_view head) const {
  return !head.empty() && head.size() < bytes && std::string_view(text).starts_with(head);
}

void save(ByteWriter& out, const FileIdentity& identity) {
  out.number(identity.device);
  out.number(identity.inode);
  out.word(static_cast<std::uint64_t>(identity.birth_ns));
}

void save(ByteWriter& out, const ContentPosition& position, bool with_text) {
  const Fingerprint& fingerprint = position.fingerprint;
  out.number(fingerprint.bytes);
  out.word(fingerprint.hash);
  out.text(with_text || fingerprint.bytes < Fingerprint::kMaxBytes ? fingerprint.text : std::string());
  out.number(position.offset);
  out.text(position.marker);
}

FileIdentity read_identity(ByteReader& in) {
  FileIdentity identity;
  identity.device = in.number();
  identity.inode = in.number();
  identity.birth_ns = static_cast<std::int64_t>(in.word());
  return identity;
}

ContentPosition read_content_position(ByteReader& in) {
  ContentPosition position;
  position.fingerprint.bytes = static_cast<std::uint32_t>(in.number_up_to(Fingerprint::kMaxBytes));
  position.fingerprint.hash = in.word();
  position.fingerprint.text = in.text();
  position.offset = in.number();
  position.marker = in.text();
  return position;
}

}  // namespace mre
