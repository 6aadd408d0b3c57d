// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace mre {

/// A folder of its own for one test, gone after it.
class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = testing::TempDir() + "mre-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  ~TempDirectory() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }
  std::string file(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Appends as a broker does: in one write.
inline void append(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::app | std::ios::binary);
  out << bytes << std::flush;
  ASSERT_TRUE(out.good()) << path;
}

/// All bytes of a file.
inline std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace mre
