// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/name_pattern.h"

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

bool is_no_log(std::string_view name) {
  constexpr std::array<std::string_view, 3> kEndings = {".gz", ".idx", ".siz"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

std::string folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? "." : folder.string();
}

std::string name_in_folder(const std::string& path) { return std::filesystem::path(path).filename(); }

std::string real_path(const std::string& path) {
  std::error_code failed;
  const auto real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

NamePattern::NamePattern(std::string path) : path_(std::move(path)), glob_(has_wildcard(path_)) {}

std::vector<std::string> NamePattern::names() const {
  if (!glob_) return {path_};
  std::vector<std::string> out;
  glob_t found{};
  if (::glob(path_.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) {
      if (!is_no_log(found.gl_pathv[i])) out.emplace_back(found.gl_pathv[i]);
    }
  }
  ::globfree(&found);
  return out;
}

std::string NamePattern::folder() const {
  return folder_of(glob_ ? path_.substr(0, path_.find_first_of(kWildcards)) + "x" : path_);
}

}  // namespace mre
