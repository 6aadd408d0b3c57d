// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace mre::test {

/// Appends in one write, as a broker does.
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

/// Writes the bytes that gzip(1) makes of `text`. Mode "ab" adds a member to the file.
inline void write_gzip(const std::string& path, std::string_view text, const char* mode = "wb") {
  const gzFile out = ::gzopen(path.c_str(), mode);
  ASSERT_NE(out, nullptr) << path;
  if (!text.empty()) {
    ASSERT_EQ(::gzwrite(out, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  }
  ASSERT_EQ(::gzclose(out), Z_OK);
}

/// Replaces a file with a packed one that has the same modification time, as gzip(1) and logrotate do.
inline void gzip(const std::string& path) {
  struct stat st{};
  ASSERT_EQ(::stat(path.c_str(), &st), 0) << path;
  write_gzip(path + ".gz", contents(path));
  const timespec times[] = {st.st_atim, st.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, (path + ".gz").c_str(), times, 0), 0);
  std::filesystem::remove(path);
}

}  // namespace mre::test
