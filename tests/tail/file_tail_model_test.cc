// SPDX-License-Identifier: Apache-2.0
// Compares FileTail with a model under random rotations, reads and restarts. The model records in which order the
// lines were written and which of them it removed; all others must be read once, in that order. After a kill,
// the lines since the last `save` are read again, because the counters go back to that state too.
//
//   MRE_SEED=N     runs one case and logs what is decided about each file
//   MRE_EFFORT=N   runs N times as many cases, each with another seed
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "tests/support/effort.h"
#include "tests/tail/birth_times.h"
#include "tests/tail/file_tail_support.h"

namespace mre {
namespace {

namespace fs = std::filesystem;

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {
    const bool births = random_() % 2 == 0;
    report_birth_times(births);
    if (!births) record("no birth times");
    reopen();
    follower_.start();
    save();
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  ~Model() { report_birth_times(true); }

  const std::string& history() const { return history_; }

  void step() {
    switch (random_() % 20) {
      case 0:
      case 1:
      case 2:
        return write_lines();
      case 3:
        return write_partial();
      case 4:
      case 5:
        return rotate(random_() % 2 == 0);
      case 6:
        return remove();
      case 7:
        return truncate();
      case 8:
      case 9:
        return copytruncate();
      case 10:
      case 11:
        return reopen();
      case 12:
        return pack();
      case 13:
        return save();
      case 14:
        return kill();
      case 15:
        return start();
      case 16:
        record("time");
        TestClock::advance(std::chrono::milliseconds(random_() % 8000));
        return;
      case 17:
        if (running_) read_one();
        return;
      case 18:
        return remove_oldest();
      default:
        return read_all();
    }
  }

  /// The broker finishes its line, and every line must have been read.
  void finish() {
    start();
    reopen();
    write_lines();
    read_all();
    EXPECT_TRUE(expected_.empty()) << "missing: " << expected_.front();
    TestClock::advance(std::chrono::seconds(6));
    read_all();
    if (!killed_) {
      EXPECT_EQ(follower_.status().lost_bytes, lost_);
    }
    EXPECT_EQ(follower_.status().lag_bytes, 0U);
    EXPECT_EQ(follower_.status().files_open, 1U);
  }

 private:
  std::string log() const { return follower_.log(); }
  std::string rotated(int number) const { return follower_.file("log." + std::to_string(number)); }

  void record(const std::string& what) { history_ += what + "; "; }

  void put(const std::string& text) {
    record("write " + text.substr(0, 8) + (text.back() == '\n' ? "" : " (partial)"));
    broker_ << text << std::flush;
    touch(broker_path());
  }

  /// Gives each write its own modification time, because the clock of the file system is coarse.
  void touch(const std::string& path) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    time_ = std::max(time_ + std::chrono::microseconds(1),
                     std::chrono::duration_cast<std::chrono::nanoseconds>(now));
    const timespec time{time_.count() / 1'000'000'000, time_.count() % 1'000'000'000};
    const timespec times[] = {time, time};
    ::utimensat(AT_FDCWD, path.c_str(), times, 0);
  }

  /// The path of the file that the broker writes to; empty if it was deleted.
  std::string broker_path() const {
    if (!broker_lost_its_path()) return log();
    for (int number = 1; number <= rotations_; ++number) {
      if (inode(rotated(number)) == broker_inode_) return rotated(number);
    }
    return {};
  }

  void write_lines() {
    for (auto count = 1 + random_() % 5; count > 0; --count) {
      // As in a log with time stamps, no two lines are equal: by its bytes a file differs from what was written
      // over it.
      std::string line = partial_ + "line";
      const std::string mark = " " + std::to_string(++number_);
      for (auto words = 1 + random_() % 50; words > 0; --words) line += mark;
      put(line.substr(partial_.size()) + "\n");
      partial_.clear();
      expected_.push_back(line);
    }
  }

  void write_partial() {
    const std::string half = "half " + std::to_string(++number_) + " ";
    put(half);
    partial_ += half;
  }

  /// logrotate: each file gets the next number, the log the first.
  void shift() {
    for (int number = rotations_; number > 0; --number) {
      for (const char* suffix : {"", ".gz"}) {
        if (fs::exists(rotated(number) + suffix))
          fs::rename(rotated(number) + suffix, rotated(number + 1) + suffix);
      }
    }
    ++rotations_;
  }

  /// The path leads to a new file or to none. The broker writes to the old file until it reopens its log.
  void rotate(bool create) {
    if (fs::exists(log())) {
      shift();
      fs::rename(log(), rotated(1));
    }
    if (create) {
      append(log(), "");
      touch(log());
    }
    record(create ? "rotate and create" : "rotate");
  }

  /// The limit of logrotate. The inode is free for the next file.
  void remove_oldest() {
    if (!running_) return;
    read_and_save();
    for (; rotations_ > 0; --rotations_) {
      const std::string path = rotated(rotations_);
      const bool packed = fs::remove(path + ".gz");
      if (!fs::exists(path) && !packed) continue;
      if (inode(path) == broker_inode_) return;
      fs::remove(path);
      --rotations_;
      return record("delete the oldest");
    }
  }

  /// Reads and saves first: otherwise unread lines, and those that a kill makes unread, would be lost.
  void remove() {
    if (!running_) return;
    read_and_save();
    fs::remove(log());
    record("delete");
    deleted_ = true;
  }

  void truncate() {
    if (!running_ || broker_lost_its_path()) return;
    read_and_save();
    record("truncate");
    fs::resize_file(log(), 0);
    touch(log());
    lost_ += partial_.size();
    partial_.clear();
    if (random_() % 2 == 0) write_lines();  // Often longer than before.
    read_and_save();
  }

  /// A copy is empty at first, and there may be scans and kills while it grows. Its first block differs from the
  /// content of all other files.
  void copy_in_pieces(const std::string& from, const std::string& to) {
    const std::string content = contents(from);
    constexpr std::size_t kFirst = 16;
    const std::size_t half =
        content.size() < kFirst ? content.size() : kFirst + random_() % (content.size() - kFirst + 1);
    for (const std::string& piece : {std::string(), content.substr(0, half), content.substr(half)}) {
      append(to, piece);
      if (random_() % 4 == 0) read_all();
      if (random_() % 16 == 0) kill();
      if (random_() % 8 == 0) start();
    }
  }

  /// Lines written between the copy and the truncation are lost unless they are read before it.
  void copytruncate() {
    if (broker_lost_its_path()) return;
    shift();
    record("copy");
    copy_in_pieces(log(), rotated(1));
    touch(rotated(1));
    if (partial_.empty() && random_() % 3 == 0) {
      const auto before = expected_;
      write_lines();
      if (running_ && random_() % 2 == 0) {
        read_and_save();
      } else {
        expected_ = before;
      }
    }
    lost_ += partial_.size();
    partial_.clear();
    record("and truncate");
    fs::resize_file(log(), 0);
    touch(log());
  }

  void reopen() {
    if (broker_.is_open() && !broker_lost_its_path()) return;
    record("reopen");
    broker_.close();
    broker_.open(log(), std::ios::app | std::ios::binary);
    lost_ += partial_.size();  // The partial line stays in the old file.
    partial_.clear();
    broker_inode_ = inode(log());
    if (deleted_ && running_) read_and_save();
    deleted_ = false;
  }

  /// Packs a file that the broker no longer writes to.
  void pack() {
    if (rotations_ == 0) return;
    const std::string path = rotated(1 + static_cast<int>(random_() % static_cast<unsigned>(rotations_)));
    if (fs::exists(path) && inode(path) != broker_inode_) {
      record("gzip " + path.substr(path.size() - 2));
      gzip(path);
    }
  }

  void save() {
    if (!running_) return;
    record("save");
    follower_.save();
    since_save_.clear();
  }

  void kill() {
    if (!running_ || deleted_) return;
    running_ = false;
    killed_ = true;
    record("kill");
    follower_.kill();
    expected_.insert(expected_.begin(), since_save_.begin(), since_save_.end());
    since_save_.clear();
  }

  void start() {
    if (running_) return;
    running_ = true;
    record("start");
    follower_.start();
  }

  bool broker_lost_its_path() const { return !fs::exists(log()) || inode(log()) != broker_inode_; }

  static ino_t inode(const std::string& path) {
    struct stat st{};
    return ::stat(path.c_str(), &st) == 0 ? st.st_ino : 0;
  }

  bool read_one() {
    const std::string line = follower_.read_one();
    record("read " + line.substr(0, 8));
    if (line.empty()) return false;
    EXPECT_FALSE(expected_.empty()) << "read twice, or never written: " << line;
    if (expected_.empty()) return false;
    EXPECT_EQ(line, expected_.front());
    since_save_.push_back(line);
    expected_.pop_front();
    return true;
  }

  void read_all() {
    if (!running_) return;
    while (!testing::Test::HasFailure() && read_one()) continue;
    EXPECT_TRUE(expected_.empty()) << "not read: " << expected_.front();
  }

  void read_and_save() {
    read_all();
    save();
  }

  std::mt19937_64 random_;
  Follower follower_;
  std::ofstream broker_;
  ino_t broker_inode_ = 0;  ///< The file that the broker writes to.
  bool running_ = true;
  bool killed_ = false;
  bool deleted_ = false;  ///< The broker may write to a file without a name.
  std::string history_;
  std::chrono::nanoseconds time_{};
  std::deque<std::string> expected_;
  std::vector<std::string> since_save_;
  std::string partial_;
  std::uint64_t lost_ = 0;
  int number_ = 0;
  int rotations_ = 0;
};

std::uint64_t number_from(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::stoull(text) : fallback;
}

TEST(FileTailModel, ReadsEveryLineOnceInOrder) {
  constexpr int kSteps = 120;
  const bool replay = std::getenv("MRE_SEED") != nullptr;
  const std::uint64_t first = number_from("MRE_SEED", std::random_device{}());
  const std::uint64_t cases = replay ? 1 : 60 * test::effort();
  if (replay) spdlog::set_level(spdlog::level::debug);
  for (std::uint64_t seed = first; seed < first + cases; ++seed) {
    Model model(seed);
    for (int i = 0; i < kSteps && !HasFailure(); ++i) model.step();
    if (!HasFailure()) model.finish();
    ASSERT_FALSE(HasFailure()) << "replay with MRE_SEED=" << seed << "\n" << model.history();
  }
}

}  // namespace
}  // namespace mre
