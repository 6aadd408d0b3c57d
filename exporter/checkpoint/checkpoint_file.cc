// SPDX-License-Identifier: Apache-2.0
// `save` is safe because of its order: the bytes are on disk before the name leads to them, and the name is on
// disk before `save` returns. A crash in between leaves NAME.new, which is never read, or the complete new
// generation. tests/checkpoint checks the order of the calls and the failure of each.
#include "exporter/checkpoint/checkpoint_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "exporter/base/bytes.h"
#include "exporter/base/crc32.h"
#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::string_view kMagic = "MREstate";
constexpr std::size_t kWord = 8;
constexpr std::size_t kHead = 4 * kWord;  // magic, version, sequence, length

std::string framed(std::uint64_t sequence, std::string_view bytes) {
  ByteWriter numbers;
  numbers.word(CheckpointFile::kVersion);
  numbers.word(sequence);
  numbers.word(bytes.size());
  std::string frame;
  frame.reserve(kHead + bytes.size() + kWord);
  frame += kMagic;
  frame += numbers.bytes();
  frame += bytes;
  ByteWriter sum;
  sum.word(crc32(frame));
  frame += sum.bytes();
  return frame;
}

std::uint64_t word_at(std::string_view frame, std::size_t at) {
  return ByteReader(frame.substr(at, kWord)).word();
}

/// Whether only this user or root can have written the file.
bool is_ours(const struct stat& st) {
  constexpr mode_t others_may_write = S_IWGRP | S_IWOTH;
  return S_ISREG(st.st_mode) && (st.st_uid == ::geteuid() || st.st_uid == 0) &&
         (st.st_mode & others_may_write) == 0;
}

bool read_all(int fd, std::string& out) {
  for (std::size_t at = 0; at < out.size();) {
    const ssize_t got = ::pread(fd, out.data() + at, out.size() - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += static_cast<std::size_t>(got);
  }
  return true;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

CheckpointFile::CheckpointFile(std::shared_ptr<const StateDirectory> directory, std::string name)
    : directory_(std::move(directory)),
      slots_{Slot{name + ".0"}, Slot{name + ".1"}},
      new_(name + ".new"),
      old_(name + ".old") {}

LoadedCheckpoint CheckpointFile::load() {
  LoadedCheckpoint loaded;
  for (Slot& slot : slots_) {
    const std::uint64_t other = std::max(slots_[0].sequence, slots_[1].sequence);
    if (auto bytes = read(slot, loaded); bytes && slot.sequence > other) loaded.bytes = std::move(bytes);
  }
  marked_ = ::faccessat(directory_->fd(), old_.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  loaded.may_be_old =
      marked_ || std::ranges::any_of(loaded.rejected, [](const unsigned count) { return count > 0; });
  return loaded;
}

/// The bytes of one generation, with the slot's sequence number set; nothing if there is none.
std::optional<std::string> CheckpointFile::read(Slot& slot, LoadedCheckpoint& loaded) const {
  const auto reject = [&](CheckpointReject cause) {
    ++loaded.rejected[static_cast<std::size_t>(cause)];
    return std::nullopt;
  };
  const Fd fd(::openat(directory_->fd(), slot.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ENOENT) return std::nullopt;
  if (!fd) return reject(errno == ELOOP ? CheckpointReject::not_ours : CheckpointReject::unreadable);
  struct stat st{};
  if (::fstat(fd.get(), &st) != 0) return reject(CheckpointReject::unreadable);
  if (!is_ours(st)) return reject(CheckpointReject::not_ours);
  const auto size = static_cast<std::uint64_t>(st.st_size);
  if (size < kHead + kWord || size > kHead + kMaxBytes + kWord) return reject(CheckpointReject::damaged);
  std::string frame(size, '\0');
  if (!read_all(fd.get(), frame)) return reject(CheckpointReject::unreadable);

  const std::string_view summed = std::string_view(frame).substr(0, frame.size() - kWord);
  if (!frame.starts_with(kMagic) || word_at(frame, frame.size() - kWord) != crc32(summed))
    return reject(CheckpointReject::damaged);
  if (word_at(frame, kWord) > kVersion) return reject(CheckpointReject::newer_version);
  if (word_at(frame, 3 * kWord) != summed.size() - kHead) return reject(CheckpointReject::damaged);
  slot.sequence = word_at(frame, 2 * kWord);
  return std::string(summed.substr(kHead));
}

Result<void> CheckpointFile::save(std::string_view bytes) {
  const auto failed = [&](const std::string& name) {
    const int error = errno;
    return fail(Errc::io, "cannot write " + printable(directory_->path() + "/" + name, 1024) + ": " +
                              std::generic_category().message(error));
  };
  Slot& older = slots_[0].sequence <= slots_[1].sequence ? slots_[0] : slots_[1];
  const std::uint64_t sequence = std::max(slots_[0].sequence, slots_[1].sequence) + 1;
  if (auto written = write_new(framed(sequence, bytes)); !written) return written;
  const int dir = directory_->fd();
  if (::renameat(dir, new_.c_str(), dir, older.name.c_str()) != 0) return failed(older.name);
  older.sequence = sequence;
  if (::fsync(dir) != 0) return failed(older.name);
  if (!marked_) return {};
  if (::unlinkat(dir, old_.c_str(), 0) != 0 || ::fsync(dir) != 0) return failed(old_);
  marked_ = false;
  return {};
}

Result<void> CheckpointFile::write_new(std::string_view bytes) const {
  const int dir = directory_->fd();
  const auto failed = [&] {
    const int error = errno;
    ::unlinkat(dir, new_.c_str(), 0);
    return fail(Errc::io, "cannot write " + printable(directory_->path() + "/" + new_, 1024) + ": " +
                              std::generic_category().message(error));
  };
  ::unlinkat(dir, new_.c_str(), 0);  // left by a killed process
  const Fd fd(
      ::openat(dir, new_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!fd || !write_all(fd.get(), bytes) || ::fsync(fd.get()) != 0) return failed();
  return {};
}

void CheckpointFile::mark_old() {
  if (marked_) return;
  const int dir = directory_->fd();
  // A hard link needs no block, only space in the directory. Without that, the checkpoint is deleted.
  const Slot& newest = slots_[0].sequence >= slots_[1].sequence ? slots_[0] : slots_[1];
  marked_ = ::linkat(dir, newest.name.c_str(), dir, old_.c_str(), 0) == 0 || errno == EEXIST;
  if (!marked_) {
    for (Slot& slot : slots_)
      if (::unlinkat(dir, slot.name.c_str(), 0) == 0) slot.sequence = 0;
  }
  ::fsync(dir);
}

}  // namespace mre
