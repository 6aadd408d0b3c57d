// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "exporter/profile/detect.h"

/// Asks a ProfileDetector, with all profiles that there are, whose lines these are.
namespace mre::test {

using Lines = std::vector<std::string>;

inline const std::vector<std::shared_ptr<const Profile>>& candidates() {
  static const auto profiles = detectable_profiles({}).value();
  return profiles;
}

/// The name of the profile, or "" for none.
inline std::string verdict_of(const ProfileDetector& detector) {
  const auto verdict = detector.verdict();
  return verdict ? verdict->profile->name : "";
}

inline std::string detect_profile(std::span<const std::string> lines) {
  ProfileDetector detector(candidates(), SourceKind::log);
  for (const std::string& line : lines) detector.add({line, {}, false});
  return verdict_of(detector);
}

/// Of a file of the test data.
inline Lines lines_of(const std::string& file) {
  std::ifstream stream(std::string(MRE_TESTDATA) + "/" + file, std::ios::binary);
  Lines lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  EXPECT_FALSE(lines.empty()) << file;
  return lines;
}

}  // namespace mre::test
