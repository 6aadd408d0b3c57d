// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/path_pattern.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace mre {

namespace {

constexpr std::string_view kWildcards = "*?[";

bool has_wildcard(const std::string& path) {
  std::error_code ignored;
  return path.find_first_of(kWildcards) != std::string::npos && !std::filesystem::exists(path, ignored);
}

bool is_companion_file(std::string_view name) {
  constexpr std::array<std::string_view, 3> kSuffixes = {".gz", ".idx", ".siz"};
  return std::ranges::any_of(kSuffixes, [&](std::string_view suffix) { return name.ends_with(suffix); });
}

}  // namespace

std::string directory_of(const std::string& path) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  return directory.empty() ? "." : directory.string();
}

std::string file_name_of(const std::string& path) { return std::filesystem::path(path).filename(); }

std::string real_path(const std::string& path) {
  std::error_code failed;
  const auto real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

PathPattern::PathPattern(std::string path) : path_(std::move(path)), glob_(has_wildcard(path_)) {}

std::vector<std::string> PathPattern::paths() const {
  if (!glob_) return {path_};
  std::vector<std::string> out;
  glob_t found{};
  if (::glob(path_.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      if (!is_companion_file(found.gl_pathv[i])) out.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  return out;
}

std::string PathPattern::directory() const {
  return directory_of(glob_ ? path_.substr(0, path_.find_first_of(kWildcards)) + "x" : path_);
}

}  // namespace mre
