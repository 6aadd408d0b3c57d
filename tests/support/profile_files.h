// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "exporter/profile/profile.h"

namespace mre::test {

// The profiles that the exporter has built in have no examples: tests that need them take the files.

/// A profile of config/profiles, by its name.
inline std::shared_ptr<const Profile> profile_from_file(const std::string& name) {
  return load_profile_file(MRE_SOURCE_DIR "/config/profiles/" + name + ".yaml").value();
}

/// All of them, as (file name, YAML), sorted by name.
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
