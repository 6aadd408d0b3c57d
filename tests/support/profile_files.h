// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace mre::test {

/// The profiles of config/profiles, as (file name, YAML), sorted by name. Those that the exporter has built in have
/// no examples.
inline std::vector<std::pair<std::string, std::string>> profile_files() {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator(MRE_SOURCE_DIR "/config/profiles")) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    files.emplace_back(entry.path().filename(), std::string{std::istreambuf_iterator<char>(stream), {}});
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace mre::test
