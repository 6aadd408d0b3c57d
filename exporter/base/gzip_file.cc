// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/gzip_file.h"

#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace mre {

namespace {

constexpr int kGzipFormat = 16 + MAX_WBITS;  // inflateInit2: accept RFC 1952 only
/// Limit of packed bytes per read: a file may consist of empty members.
constexpr std::uint64_t kMaxPacked = 1024 * 1024;

}  // namespace

bool is_gzip(const Fd& file) {
  char magic[2] = {};
  return ::pread(file.get(), magic, sizeof magic, 0) == sizeof magic && magic[0] == '\x1F' &&
         magic[1] == '\x8B';
}

struct GzipFile::Unpacker {
  explicit Unpacker(Fd file) : fd(std::move(file)) { ready = ::inflateInit2(&stream, kGzipFormat) == Z_OK; }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker() {
    if (ready) ::inflateEnd(&stream);
  }

  void rewind() {
    ::inflateReset(&stream);
    stream.avail_in = 0;
    position = packed = 0;
    in_member = ended = damaged = false;
  }

  /// Reads packed bytes into the empty input buffer. -1: errno has the reason.
  ssize_t refill() {
    const ssize_t got = ::pread(fd.get(), input.data(), input.size(), static_cast<off_t>(packed));
    if (got <= 0) return got;
    packed += static_cast<std::uint64_t>(got);
    stream.next_in = input.data();
    stream.avail_in = static_cast<uInt>(got);
    return got;
  }

  /// Unpacks the next bytes into `out`. -1: errno has the reason.
  ssize_t unpack(std::span<char> out) {
    // zlib writes through a pointer to unsigned bytes.
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const std::uint64_t max_packed = packed + kMaxPacked;
    while (stream.avail_out > 0 && !ended) {
      if (stream.avail_in == 0 && packed >= max_packed) break;
      if (stream.avail_in == 0) {
        const ssize_t got = refill();
        if (got < 0) return got;
        if (got == 0) {
          ended = true;
          damaged = in_member;
          break;
        }
      }
      step();
    }
    const auto bytes = out.size() - stream.avail_out;
    position += bytes;
    return static_cast<ssize_t>(bytes);
  }

  void step() {
    const bool first = !in_member;
    in_member = true;
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    if (result == Z_STREAM_END) {
      in_member = false;
      any_member = true;
      ::inflateReset(&stream);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      ended = true;
      damaged = !(first && any_member);  // padding may follow the last member
    }
  }

  const Fd fd;
  z_stream stream{};
  std::array<Bytef, 65536> input;
  std::uint64_t position = 0;  ///< Uncompressed bytes so far.
  std::uint64_t packed = 0;    ///< Bytes of the file read so far.
  bool ready = false;
  bool in_member = false;
  bool any_member = false;
  bool ended = false;
  bool damaged = false;
};

GzipFile::GzipFile(Fd fd) : unpacker_(std::make_unique<Unpacker>(std::move(fd))) {}
GzipFile::GzipFile(GzipFile&&) noexcept = default;
GzipFile& GzipFile::operator=(GzipFile&&) noexcept = default;
GzipFile::~GzipFile() = default;

bool GzipFile::damaged() const { return unpacker_->damaged; }
bool GzipFile::ended() const { return unpacker_->ended; }

ssize_t GzipFile::read_at(std::span<char> out, std::uint64_t offset) {
  Unpacker& unpacker = *unpacker_;
  if (!unpacker.ready) {
    errno = ENOMEM;
    return -1;
  }
  if (offset < unpacker.position) unpacker.rewind();
  std::array<char, 16384> skipped;
  while (unpacker.position < offset) {
    const auto step = std::min<std::uint64_t>(skipped.size(), offset - unpacker.position);
    const ssize_t got = unpacker.unpack({skipped.data(), step});
    if (got < 0 || (got == 0 && unpacker.ended)) return got;
  }
  return unpacker.unpack(out);
}

}  // namespace mre
