// SPDX-License-Identifier: Apache-2.0
// What counting costs over the machine's limit, read(2) into one 256 KiB buffer and memchr per line, and
// under mtail, the usual way to count lines of logs. Goals: `replay` keeps 0.3 of the limit, and is 50 times
// as fast as mtail.
//
// Each runs as a process of its own; what counts is the median of its CPU time (user and system), start-up
// included, measured in turns, so that the ratios hold on a busy machine. All counts are compared with what
// was written.
//
//   bench_replay EXPORTER [MEGABYTES [ROUNDS [MTAIL]]]    default 200 7 mtail; "" for no mtail
//   bench_replay --write FILE MEGABYTES                   only writes the log and prints its number of lines
//   bench_replay --scan FILE                              only reads it with memchr per line
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string_view>

#include "tests/bench/mosquitto_log.h"

namespace {

using namespace mre;
namespace fs = std::filesystem;

struct Row {
  std::string name;
  std::function<void(const std::string& output)> run;  // in a process of its own; replaces it or ends it
  std::function<bool(const std::string& output)> right;
  std::vector<double> seconds = {};
};

std::uint64_t lines_of(const std::string& log) {
  const int fd = ::open(log.c_str(), O_RDONLY);
  std::vector<char> buffer(256 * 1024);
  std::uint64_t lines = 0;
  std::size_t held = 0;
  for (ssize_t got = 0; (got = ::read(fd, buffer.data() + held, buffer.size() - held)) > 0;) {
    const char* line = buffer.data();
    const char* const end = line + held + static_cast<std::size_t>(got);
    while (const void* found = std::memchr(line, '\n', static_cast<std::size_t>(end - line))) {
      ++lines;
      line = static_cast<const char*>(found) + 1;
    }
    held = static_cast<std::size_t>(end - line);
    std::memmove(buffer.data(), line, held);
  }
  ::close(fd);
  return lines;
}

[[noreturn]] void scan(const std::string& log, std::uint64_t expected) {
  ::_exit(lines_of(log) == expected ? 0 : 1);
}

bool exporter_is_right(const std::string& output, const MosquittoLog& log) {
  return same("replay", counted_by_exporter(output), log.happened());
}

bool mtail_is_right(const std::string& output, const MosquittoLog& log) {
  Happened found;
  add_series(
      output, "codes_total",
      [](std::string_view s) {
        return label(s, "packet") + " " + label(s, "direction") + " " + label(s, "code");
      },
      found);
  return same("mtail", found, log.codes_in_lines());
}

void print(const std::vector<Row>& rows, const MosquittoLog& log) {
  const double limit = median(rows[0].seconds);
  const double replay = median(rows[1].seconds);
  std::printf("%.0f MB, %.2f M lines\n", static_cast<double>(log.bytes()) / 1e6,
              static_cast<double>(log.lines()) / 1e6);
  for (const Row& row : rows) {
    const double seconds = median(row.seconds);
    std::printf("%-14s %8.3f s CPU  %8.1f MB/s  %7.2f M lines/s  %.3f of the limit\n", row.name.c_str(),
                seconds, static_cast<double>(log.bytes()) / seconds / 1e6,
                static_cast<double>(log.lines()) / seconds / 1e6, limit / seconds);
  }
  std::printf("replay: %.2f of the limit (goal 0.3)\n", limit / replay);
  if (rows.size() > 2) std::printf("replay: %.0f times mtail (goal 50)\n", median(rows[2].seconds) / replay);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_replay EXPORTER [MEGABYTES [ROUNDS [MTAIL]]]\n");
    return 2;
  }
  if (argc == 4 && std::string_view(argv[1]) == "--write") {
    std::FILE* const file = std::fopen(argv[2], "wb");
    if (file == nullptr) return 2;
    const MosquittoLog log(file, std::strtoull(argv[3], nullptr, 10) * 1000000);
    std::printf("%llu\n", static_cast<unsigned long long>(log.lines()));
    return std::fclose(file) == 0 ? 0 : 1;
  }
  if (argc == 3 && std::string_view(argv[1]) == "--scan") return lines_of(argv[2]) > 0 ? 0 : 1;
  const std::string exporter = argv[1];
  const std::uint64_t bytes = (argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200) * 1000000;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : 7;
  const std::string mtail = argc > 4 ? argv[4] : "mtail";
  std::string directory = fs::temp_directory_path() / "mre-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return 2;
  const std::string path = directory + "/mosquitto.log";
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return 2;
  const MosquittoLog log(file, bytes);
  std::fclose(file);

  std::vector<Row> rows = {{"read + memchr", [&](const std::string&) { scan(path, log.lines()); },
                            [](const std::string&) { return true; }},
                           {"replay",
                            [&](const std::string& output) {
                              execute({exporter, "replay", "--broker.profile", "mosquitto", path}, output);
                            },
                            [&](const std::string& output) { return exporter_is_right(output, log); }}};
  if (!mtail.empty()) {
    rows.push_back({"mtail",
                    [&](const std::string& output) {
                      execute(
                          {mtail, "--one_shot", "--one_shot_format", "prometheus", "--address", "127.0.0.1",
                           "--port", "0", "--progs", MRE_BENCH_DIR "/mosquitto.mtail", "--logs", path},
                          output);
                    },
                    [&](const std::string& output) { return mtail_is_right(output, log); }});
  }

  bool right = true;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::string output = directory + "/output";
      const auto [status, seconds, peak] = measure([&] { rows[i].run(output); });
      rows[i].seconds.push_back(seconds);
      if (i == 2 && status == kNotFound) {
        std::printf("mtail is not measured: there is no program \"%s\"; Debian: apt install mtail\n",
                    mtail.c_str());
        rows.pop_back();
        break;
      }
      if (status != 0) std::fprintf(stderr, "%s failed: exit status %d\n", rows[i].name.c_str(), status);
      right = status == 0 && rows[i].right(output) && right;
    }
  }
  print(rows, log);
  fs::remove_all(directory);
  return right ? 0 : 1;
}
