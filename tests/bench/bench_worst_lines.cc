// SPDX-License-Identifier: Apache-2.0
// What a line costs that a client made to cost much: CPU time for each byte, over that of the lines that the
// broker writes. Goal: at most 5 times.
//
//   bench_worst_lines [MILLISECONDS]    for each row, default 300
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <vector>

#include "exporter/profile/profile.h"
#include "tests/support/worst_lines.h"

namespace {

using namespace mre;

constexpr std::size_t kLineBytes = 65'000;
constexpr double kGoal = 5;

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Nanoseconds for each byte: the least of five rounds.
double cost(const std::shared_ptr<const Profile>& profile, const std::vector<std::string>& lines,
            double seconds) {
  const auto decoder = make_decoder(profile, SourceKind::log);
  NullSink sink;
  double least = 1e9;
  for (int round = 0; round < 5; ++round) {
    const double begin = cpu_seconds();
    double now = begin;
    for (std::uint64_t bytes = 0; now - begin < seconds / 5;) {
      for (const std::string& line : lines) {
        decoder->decode({line, {}, false}, sink);
        bytes += line.size();
      }
      now = cpu_seconds();
      if (now > begin) least = std::min(least, (now - begin) * 1e9 / static_cast<double>(bytes));
    }
  }
  return least;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = (argc > 1 ? std::atof(argv[1]) : 300) / 1000;
  bool right = true;
  std::printf("%-12s %14s %14s %6s  %s\n", "profile", "ordinary ns/B", "crafted ns/B", "ratio", "repeated");
  for (const WorstLine& worst : worst_lines()) {
    const auto profile = find_profile(worst.profile, {});
    const std::vector<std::string> ordinary = lines_of(MRE_TESTDATA "/" + std::string(worst.recording));
    if (!profile || ordinary.empty()) {
      std::fprintf(stderr, "%s: no profile, or no recording\n", std::string(worst.profile).c_str());
      right = false;
      continue;
    }
    const double usual = cost(*profile, ordinary, seconds);
    const double crafted = cost(*profile, {worst.of(kLineBytes)}, seconds);
    std::printf("%-12s %14.2f %14.2f %6.1f  %s\n", std::string(worst.profile).c_str(), usual, crafted,
                crafted / usual, std::string(worst.repeated).c_str());
  }
  std::printf("goal: a ratio of %.0f at most\n", kGoal);
  return right ? 0 : 1;
}
