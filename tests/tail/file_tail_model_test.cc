// SPDX-License-Identifier: Apache-2.0
// FileTail against a model, under random rotations, reads and restarts. The model knows in which order the
// lines were written and which of them it took away itself; all others must come out once, in that order.
// With a kill, what was read since the last `save` comes again, because the counters go back to it as well.
//
//   MRE_SEED=N     that case only, with what is decided about each file
//   MRE_CASES=N    so many cases, each with another seed
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
    if (!births) tell("no birth times");
    reopen();
    follower_.start();
    save();
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  ~Model() { report_birth_times(true); }

  const std::string& story() const { return story_; }

  void step() {
    switch (random_() % 20) {
      case 0:
      case 1:
      case 2:
        return write_lines();
      case 3:
        return write_half();
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
        tell("time");
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

  /// The end: the broker finishes its line, and everything has to come out.
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

  void tell(const std::string& what) { story_ += what + "; "; }

  void put(const std::string& text) {
    tell("write " + text.substr(0, 8) + (text.back() == '\n' ? "" : " (half)"));
    broker_ << text << std::flush;
    touch(broker_path());
  }

  /// Writes of a broker are further apart than the clock of the file system is coarse.
  void touch(const std::string& path) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    time_ = std::max(time_ + std::chrono::microseconds(1),
                     std::chrono::duration_cast<std::chrono::nanoseconds>(now));
    const timespec time{time_.count() / 1'000'000'000, time_.count() % 1'000'000'000};
    const timespec times[] = {time, time};
    ::utimensat(AT_FDCWD, path.c_str(), times, 0);
  }

  /// Where the file that the broker writes to stands; empty if it was deleted.
  std::string broker_path() const {
    if (!lost_name()) return log();
    for (int number = 1; number <= rotations_; ++number) {
      if (inode(rotated(number)) == broker_inode_) return rotated(number);
    }
    return {};
  }

  void write_lines() {
    for (auto count = 1 + random_() % 5; count > 0; --count) {
      // As in a log with time stamps, no two lines have the same bytes: by them a file is told from what was
      // written over it.
      std::string line = half_ + "line";
      const std::string mark = " " + std::to_string(++number_);
      for (auto words = 1 + random_() % 50; words > 0; --words) line += mark;
      put(line.substr(half_.size()) + "\n");
      half_.clear();
      expected_.push_back(line);
    }
  }

  void write_half() {
    const std::string half = "half " + std::to_string(++number_) + " ";
    put(half);
    half_ += half;
  }

  /// logrotate: each file gets the next number, the log the first.
  void shift() {
    for (int number = rotations_; number > 0; --number) {
      for (const char* ending : {"", ".gz"}) {
        if (fs::exists(rotated(number) + ending))
          fs::rename(rotated(number) + ending, rotated(number + 1) + ending);
      }
    }
    ++rotations_;
  }

  /// The name goes to a new file or to none; the broker keeps its old one until it reopens.
  void rotate(bool create) {
    if (fs::exists(log())) {
      shift();
      fs::rename(log(), rotated(1));
    }
    if (create) {
      append(log(), "");
      touch(log());
    }
    tell(create ? "rotate and create" : "rotate");
  }

  /// logrotate's limit: the inode is free for the next file.
  void remove_oldest() {
    if (!running_) return;
    tidy();
    for (; rotations_ > 0; --rotations_) {
      const std::string path = rotated(rotations_);
      const bool packed = fs::remove(path + ".gz");
      if (!fs::exists(path) && !packed) continue;
      if (inode(path) == broker_inode_) return;
      fs::remove(path);
      --rotations_;
      return tell("delete the oldest");
    }
  }

  /// What is not read yet would be lost; so would be what a kill makes unread.
  void remove() {
    if (!running_) return;
    tidy();
    fs::remove(log());
    tell("delete");
    deleted_ = true;
  }

  void truncate() {
    if (!running_ || lost_name()) return;
    tidy();
    tell("truncate");
    fs::resize_file(log(), 0);
    touch(log());
    lost_ += half_.size();
    half_.clear();
    if (random_() % 2 == 0) write_lines();  // Often longer again than before.
    tidy();
  }

  /// A copy is empty at first, and there may be looks at it and kills while it grows. Its first block
  /// distinguishes its content from others.
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

  /// Lines that come between the copy and the truncation are gone, if they are not read there.
  void copytruncate() {
    if (lost_name()) return;
    shift();
    tell("copy");
    copy_in_pieces(log(), rotated(1));
    touch(rotated(1));
    if (half_.empty() && random_() % 3 == 0) {
      const auto before = expected_;
      write_lines();
      if (running_ && random_() % 2 == 0) {
        tidy();
      } else {
        expected_ = before;
      }
    }
    lost_ += half_.size();
    half_.clear();
    tell("and truncate");
    fs::resize_file(log(), 0);
    touch(log());
  }

  void reopen() {
    if (broker_.is_open() && !lost_name()) return;
    tell("reopen");
    broker_.close();
    broker_.open(log(), std::ios::app | std::ios::binary);
    lost_ += half_.size();  // The half line stays in the old file.
    half_.clear();
    broker_inode_ = inode(log());
    if (deleted_ && running_) tidy();
    deleted_ = false;
  }

  /// Any file that the broker has left.
  void pack() {
    if (rotations_ == 0) return;
    const std::string path = rotated(1 + static_cast<int>(random_() % static_cast<unsigned>(rotations_)));
    if (fs::exists(path) && inode(path) != broker_inode_) {
      tell("gzip " + path.substr(path.size() - 2));
      gzip(path);
    }
  }

  void save() {
    if (!running_) return;
    tell("save");
    follower_.save();
    since_save_.clear();
  }

  void kill() {
    if (!running_ || deleted_) return;
    running_ = false;
    killed_ = true;
    tell("kill");
    follower_.kill();
    expected_.insert(expected_.begin(), since_save_.begin(), since_save_.end());
    since_save_.clear();
  }

  void start() {
    if (running_) return;
    running_ = true;
    tell("start");
    follower_.start();
  }

  bool lost_name() const { return !fs::exists(log()) || inode(log()) != broker_inode_; }

  static ino_t inode(const std::string& path) {
    struct stat st{};
    return ::stat(path.c_str(), &st) == 0 ? st.st_ino : 0;
  }

  bool read_one() {
    const std::string line = follower_.read_one();
    tell("read " + line.substr(0, 8));
    if (line.empty()) return false;
    EXPECT_FALSE(expected_.empty()) << "twice, or never written: " << line;
    if (expected_.empty()) return false;
    EXPECT_EQ(line, expected_.front());
    since_save_.push_back(line);
    expected_.pop_front();
    return true;
  }

  void read_all() {
    if (!running_) return;
    while (!testing::Test::HasFailure() && read_one()) continue;
    EXPECT_TRUE(expected_.empty()) << "not handed out: " << expected_.front();
  }

  void tidy() {
    read_all();
    save();
  }

  std::mt19937_64 random_;
  Follower follower_;
  std::ofstream broker_;
  ino_t broker_inode_ = 0;  ///< The file that the broker writes to.
  bool running_ = true;
  bool killed_ = false;
  bool deleted_ = false;  ///< The broker may write to a file that nobody can open.
  std::string story_;
  std::chrono::nanoseconds time_{};
  std::deque<std::string> expected_;
  std::vector<std::string> since_save_;
  std::string half_;
  std::uint64_t lost_ = 0;
  int number_ = 0;
  int rotations_ = 0;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::stoull(text) : otherwise;
}

TEST(FileTailModel, EveryLineOnceInOrder) {
  constexpr int kSteps = 120;
  const bool replay = std::getenv("MRE_SEED") != nullptr;
  const std::uint64_t first = number_from("MRE_SEED", std::random_device{}());
  const std::uint64_t cases = replay ? 1 : number_from("MRE_CASES", 60);
  if (replay) spdlog::set_level(spdlog::level::debug);
  for (std::uint64_t seed = first; seed < first + cases; ++seed) {
    Model model(seed);
    for (int i = 0; i < kSteps && !HasFailure(); ++i) model.step();
    if (!HasFailure()) model.finish();
    ASSERT_FALSE(HasFailure()) << "replay with MRE_SEED=" << seed << "\n" << model.story();
  }
}

}  // namespace
}  // namespace mre
