// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/tail/file_tail.h"
#include "tests/support/files.h"
#include "tests/support/temp_dir.h"

namespace mre {

using test::append;
using test::contents;
using test::gzip;
using test::TempDir;
using test::write_gzip;

/// A clock that only the test advances.
class TestClock {
 public:
  static Deadline now() { return now_; }
  static void advance(std::chrono::milliseconds by) { now_ += by; }

 private:
  static inline Deadline now_ = Deadline(std::chrono::hours(1));
};

/// Reads up to `max` whole lines at once, as a decoder does; stops before a line that needs more than splitting.
inline void read_block(Source& source, std::size_t max, std::vector<std::string>& out) {
  LineBlock block = source.lines();
  for (std::size_t count = 0; !block.text.empty() && count < max; ++count) {
    const std::string_view line = block.text.substr(0, block.text.find('\n'));
    if (line.size() > block.max_line_bytes || line.starts_with('\0') || line.ends_with('\r')) return;
    out.emplace_back(line);
    source.consume(line.size() + 1);
    block.text.remove_prefix(line.size() + 1);
  }
}

/// All lines that can be read now: alternately one line, and up to `many` at once.
inline std::vector<std::string> lines(Source& source) {
  std::vector<std::string> out;
  for (std::size_t many = 0;; many = (many + 1) % 5) {
    read_block(source, many, out);
    const auto record = source.next(Deadline::min());
    if (!record || !*record) return out;
    out.emplace_back((*record)->payload);
  }
}

/// Follows a log in a temporary directory, and can be killed and started again.
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
  void start() { tail_ = std::make_unique<FileTail>(options_, position_, &TestClock::now); }
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
    position_ = std::move(out).take();
  }
  void kill() { tail_.reset(); }
  /// Saves the position and ends; `start` resumes there.
  void stop() {
    save();
    kill();
  }

  TempDir dir_;
  LogOptions options_;
  std::string position_;

 private:
  std::unique_ptr<FileTail> tail_;
};

}  // namespace mre
