// FileTail against a model, under random rotations and reads. The model knows in which order the lines were
// written and which of them a truncation took away unread; all others must come out once, in that order.
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <string>

#include "exporter/source/file_tail.h"
#include "tests/source/temp_directory.h"

namespace mre {
namespace {

namespace fs = std::filesystem;

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {
    reopen();
    tail_ = std::make_unique<FileTail>(LogOptions{log_, LogOptions::From::beginning, 1000});
  }

  void step() {
    switch (random_() % 9) {
      case 0:
      case 1:
        return write_lines();
      case 2:
        return write_half();
      case 3:
        return rotate(random_() % 2 == 0);
      case 4:
        return remove();
      case 5:
        return truncate();
      case 6:
        return reopen();
      case 7:
        read_one();
        return;
      default:
        return read_all();
    }
  }

  /// The end: the broker finishes its line, and everything has to come out.
  void finish() {
    reopen();
    write_lines();
    read_all();
    EXPECT_TRUE(expected_.empty()) << "missing: " << expected_.front();
    EXPECT_EQ(tail_->status().lost_bytes, lost_);
    EXPECT_EQ(tail_->status().lag_bytes, 0U);
  }

 private:
  void put(const std::string& text) { broker_ << text << std::flush; }

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

  /// The name goes to a new file or to none; the broker keeps its old one until it reopens.
  void rotate(bool create) {
    tidy();
    if (fs::exists(log_)) fs::rename(log_, dir_.file("log." + std::to_string(++rotations_)));
    if (create) append(log_, "");
  }

  void remove() {
    tidy();
    fs::remove(log_);
  }

  /// A rename within two looks is lost by contract, so all is read before the next.
  void tidy() { read_all(); }

  void reopen() {
    if (broker_.is_open() && fs::exists(log_) && !lost_name()) return;
    broker_.close();
    broker_.open(log_, std::ios::app | std::ios::binary);
    lost_ += half_.size();  // The half line stays in the old file.
    half_.clear();
    write_name_ = inode();
  }

  void truncate() {
    if (lost_name()) return;
    read_all();
    fs::resize_file(log_, 0);
    lost_ += half_.size();
    half_.clear();
    if (random_() % 2 == 0) write_lines();  // Often longer again than before.
  }

  bool lost_name() const { return !fs::exists(log_) || inode() != write_name_; }

  ino_t inode() const {
    struct stat st{};
    return ::stat(log_.c_str(), &st) == 0 ? st.st_ino : 0;
  }

  bool read_one() {
    const auto record = tail_->next(Deadline::min());
    EXPECT_TRUE(record.has_value());
    if (!record || !*record) return false;
    EXPECT_FALSE(expected_.empty()) << "twice, or never written: " << (*record)->payload;
    if (expected_.empty()) return false;
    EXPECT_EQ((*record)->payload, expected_.front());
    expected_.pop_front();
    return true;
  }

  void read_all() {
    while (!testing::Test::HasFailure() && read_one()) continue;
    EXPECT_TRUE(expected_.empty()) << "not handed out: " << expected_.front();
  }

  std::mt19937_64 random_;
  TempDirectory dir_;
  const std::string log_ = dir_.file("log");
  std::ofstream broker_;
  ino_t write_name_ = 0;  ///< The file that the broker writes to.
  std::unique_ptr<FileTail> tail_;
  std::deque<std::string> expected_;
  std::string half_;
  std::uint64_t lost_ = 0;
  int number_ = 0;
  int rotations_ = 0;
};

TEST(FileTailModel, EveryLineOnceInOrder) {
  constexpr int kRuns = 100;
  constexpr int kSteps = 120;
  const char* replay = std::getenv("MRE_SEED");
  const std::uint64_t first = replay != nullptr ? std::stoull(replay) : std::random_device{}();
  for (std::uint64_t seed = first; seed < first + (replay != nullptr ? 1 : kRuns); ++seed) {
    Model model(seed);
    for (int i = 0; i < kSteps && !HasFailure(); ++i) model.step();
    if (!HasFailure()) model.finish();
    ASSERT_FALSE(HasFailure()) << "replay with MRE_SEED=" << seed;
  }
}

}  // namespace
}  // namespace mre
