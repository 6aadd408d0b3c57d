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

/// What is measured: the limit first, then the exporter, then mtail unless its name is empty.
std::vector<Row> rows_for(const MosquittoLog& log, const std::string& path, const std::string& exporter,
                          const std::string& mtail) {
  std::vector<Row> rows = {{"read + memchr", [&log, path](const std::string&) { scan(path, log.lines()); },
                            [](const std::string&) { return true; }},
                           {"replay",
                            [exporter, path](const std::string& output) {
                              execute({exporter, "replay", "--broker.profile", "mosquitto", path}, output);
                            },
                            [&log](const std::string& output) { return exporter_is_right(output, log); }}};
  if (mtail.empty()) return rows;
  rows.push_back({"mtail",
                  [mtail, path](const std::string& output) {
                    execute({mtail, "--one_shot", "--one_shot_format", "prometheus", "--address", "127.0.0.1",
                             "--port", "0", "--progs", MRE_BENCH_DIR "/mosquitto.mtail", "--logs", path},
                            output);
                  },
                  [&log](const std::string& output) { return mtail_is_right(output, log); }});
  return rows;
}

/// Measures each row `rounds` times, in turns. Drops a row whose program is not installed. False: a program failed, or
/// its counts are wrong.
bool measure_all(std::vector<Row>& rows, int rounds, const std::string& output) {
  bool right = true;
  for (int round = 0; round < rounds; ++round) {
    for (auto row = rows.begin(); row != rows.end();) {
      const auto [status, seconds, peak] = measure([&] { row->run(output); });
      if (status == kNotFound && row->name == "mtail") {
        std::printf("mtail is not measured, because it is not installed; Debian: apt install mtail\n");
        row = rows.erase(row);
        continue;
      }
      row->seconds.push_back(seconds);
      if (status != 0) std::fprintf(stderr, "%s failed: exit status %d\n", row->name.c_str(), status);
      right = status == 0 && row->right(output) && right;
      ++row;
    }
  }
  return right;
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

/// Writes the log to a file and prints its number of lines. Returns the exit status.
int write_log(const char* path, std::uint64_t bytes) {
  std::FILE* const file = std::fopen(path, "wb");
  if (file == nullptr) return 2;
  const MosquittoLog log(file, bytes);
  std::printf("%llu\n", static_cast<unsigned long long>(log.lines()));
  return std::fclose(file) == 0 ? 0 : 1;
}

/// Returns the exit status.
int compare(const std::string& exporter, std::uint64_t bytes, int rounds, const std::string& mtail) {
  std::string directory = fs::temp_directory_path() / "mre-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return 2;
  const std::string path = directory + "/mosquitto.log";
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return 2;
  const MosquittoLog log(file, bytes);
  std::fclose(file);

  std::vector<Row> rows = rows_for(log, path, exporter, mtail);
  const bool right = measure_all(rows, rounds, directory + "/output");
  print(rows, log);
  fs::remove_all(directory);
  return right ? 0 : 1;
}

std::uint64_t megabytes(const char* text) { return std::strtoull(text, nullptr, 10) * 1'000'000; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_replay EXPORTER [MEGABYTES [ROUNDS [MTAIL]]]\n");
    return 2;
  }
  if (argc == 4 && std::string_view(argv[1]) == "--write") return write_log(argv[2], megabytes(argv[3]));
  if (argc == 3 && std::string_view(argv[1]) == "--scan") return lines_of(argv[2]) > 0 ? 0 : 1;
  return compare(argv[1], megabytes(argc > 2 ? argv[2] : "200"), argc > 3 ? std::atoi(argv[3]) : 7,
                 argc > 4 ? argv[4] : "mtail");
}
