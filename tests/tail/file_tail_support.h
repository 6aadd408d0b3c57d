// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/tail/file_tail.h"
#include "tests/tail/temp_directory.h"

namespace mre {

/// A clock that only a test moves.
class TestClock {
 public:
  static Deadline now() { return now_; }
  static void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  static inline Deadline now_ = Deadline(std::chrono::hours(1));
};

/// Whole lines at once, as a decoder takes them: up to one that is not a line as it is.
inline void take_block(Source& source, std::size_t most, std::vector<std::string>& out) {
  LineBlock block = source.lines();
  for (std::size_t count = 0; !block.text.empty() && count < most; ++count) {
    const std::string_view line = block.text.substr(0, block.text.find('\n'));
    if (line.size() > block.max_line_bytes || line.starts_with('\0') || line.ends_with('\r')) return;
    out.emplace_back(line);
    source.consume(line.size() + 1, 1);
    block.text.remove_prefix(line.size() + 1);
  }
}

/// All that is there now: in turns one line, and up to `many` at once.
inline std::vector<std::string> lines(Source& source) {
  std::vector<std::string> out;
  for (std::size_t many = 0;; many = (many + 1) % 5) {
    take_block(source, many, out);
    const auto record = source.next(Deadline::min());
    if (!record || !*record) return out;
    out.emplace_back((*record)->payload);
  }
}

/// The bytes that gzip(1) makes of `text`.
inline void write_gzip(const std::string& path, std::string_view text, const char* mode = "wb") {
  const gzFile out = ::gzopen(path.c_str(), mode);
  ASSERT_NE(out, nullptr) << path;
  if (!text.empty()) {
    ASSERT_EQ(::gzwrite(out, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  }
  ASSERT_EQ(::gzclose(out), Z_OK);
}

/// What gzip(1) does, and logrotate: the packed file has the time of the last write of the one that it
/// replaces.
inline void gzip(const std::string& path) {
  struct stat st{};
  ASSERT_EQ(::stat(path.c_str(), &st), 0) << path;
  write_gzip(path + ".gz", contents(path));
  const timespec times[] = {st.st_atim, st.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, (path + ".gz").c_str(), times, 0), 0);
  std::filesystem::remove(path);
}

/// A follower of one log in a folder of its own, which can be killed and started again.
class Follower {
 public:
  explicit Follower(LogOptions::From from = LogOptions::From::checkpoint, const char* pattern = "log")
      : options_{.path = dir_.file(pattern), .from = from, .max_line_bytes = 1000} {}

  std::string file(std::string_view name) const { return dir_.file(name); }
  std::string log() const { return dir_.file("log"); }
  void rename(std::string_view from, std::string_view to) const {
    std::filesystem::rename(file(from), file(to));
  }

  LogOptions& options() { return options_; }  ///< Before `start`.
  void start() { tail_ = std::make_unique<FileTail>(options_, place_, &TestClock::now); }
  FileTail& tail() { return *tail_; }
  std::vector<std::string> read() { return lines(*tail_); }
  /// The next line; empty if there is none.
  std::string read_one() {
    const auto record = tail_->next(Deadline::min());
    return record && *record ? std::string((*record)->payload) : "";
  }
  const SourceStatus& status() { return tail_->status(); }
  void save() {
    ByteWriter out;
    ASSERT_TRUE(tail_->save(out));
    place_ = std::move(out).take();
  }
  void kill() { tail_.reset(); }
  /// Saved, and away until `start`.
  void stop() {
    save();
    kill();
  }

  TempDirectory dir_;
  LogOptions options_;
  std::string place_;

 private:
  std::unique_ptr<FileTail> tail_;
};

}  // namespace mre
