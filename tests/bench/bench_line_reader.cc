// SPDX-License-Identifier: Apache-2.0
// What the log source costs over the machine's limit, read(2) into one 256 KiB buffer and memchr per line.
// Budget: the source keeps 0.6 of the limit. All are measured in one run, in turn, and the best round counts,
// so that the ratio holds on a busy machine.
//
//   bench_line_reader [MEGABYTES [ROUNDS]]        default 256 7; the smoke test runs it with 8 1
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "exporter/base/fd.h"
#include "exporter/input/line_reader.h"
#include "exporter/tail/make_log_source.h"

namespace {

using namespace mre;

struct Count {
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  bool operator==(const Count&) const = default;
};

/// Lines of about 100 bytes, as a broker at debug level writes them.
void write_log(const std::string& path, std::uint64_t bytes) {
  std::ofstream out(path, std::ios::binary);
  std::uint64_t written = 0;
  for (std::uint64_t i = 0; written < bytes; ++i) {
    const std::string id = "device-" + std::to_string(i * 7919 % 100003);
    std::string line = std::to_string(1700000000 + i / 1000);
    line += i % 3 == 0 ? ": Sending PUBACK to " + id + " (m" + std::to_string(i % 65536) + ", rc0)"
                       : ": Received PUBLISH from " + id + " (d0, q1, r0, m" + std::to_string(i % 65536) +
                             ", 'site/7/line/" + std::to_string(i % 40) + "/temperature', ... (" +
                             std::to_string(i % 300) + " bytes))";
    out << line << '\n';
    written += line.size() + 1;
  }
}

Fd open_log(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); }

Count limit(const std::string& path) {
  const Fd fd = open_log(path);
  std::vector<char> buffer(LineReader::kBufferBytes);
  Count count;
  std::size_t held = 0;
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer.data() + held, buffer.size() - held);
    if (got <= 0) return count;
    const char* line = buffer.data();
    const char* const end = line + held + static_cast<std::size_t>(got);
    while (const void* found = std::memchr(line, '\n', static_cast<std::size_t>(end - line))) {
      const char* newline = static_cast<const char*>(found);
      ++count.lines;
      count.bytes += static_cast<std::uint64_t>(newline - line);
      line = newline + 1;
    }
    held = static_cast<std::size_t>(end - line);
    std::memmove(buffer.data(), line, held);
  }
}

Count line_reader(const std::string& path) {
  const Fd fd = open_log(path);
  LineReader reader(65536);
  Count count;
  for (;;) {
    const auto space = reader.space();
    const ssize_t got = ::read(fd.get(), space.data(), space.size());
    if (got <= 0) return count;
    reader.add(static_cast<std::size_t>(got));
    while (const auto line = reader.next()) {
      ++count.lines;
      count.bytes += line->size();
    }
  }
}

Count file_tail(const std::string& path) {
  const auto source = make_log_source({path, LogOptions::From::beginning, 65536});
  Count count;
  for (;;) {
    const auto record = source->next(Deadline::min());
    if (!record || !*record) return count;
    ++count.lines;
    count.bytes += (*record)->payload.size();
  }
}

struct Row {
  const char* name;
  Count (*run)(const std::string&);
  double seconds = 1e9;
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t bytes = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 256) * 1000000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 7;
  std::string directory = std::filesystem::temp_directory_path() / "mre-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return 2;
  const std::string path = directory + "/log";
  write_log(path, bytes);
  const auto size = static_cast<double>(std::filesystem::file_size(path));
  const Count expected = limit(path);

  Row rows[] = {{"read + memchr", limit}, {"LineReader", line_reader}, {"FileTail as Source", file_tail}};
  bool agree = true;
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      const auto start = std::chrono::steady_clock::now();
      agree = row.run(path) == expected && agree;
      row.seconds = std::min(row.seconds,
                             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
  for (const Row& row : rows) {
    std::printf("%-20s %6.2f GB/s  %6.1f M lines/s  %.2f of the limit\n", row.name, size / row.seconds / 1e9,
                static_cast<double>(expected.lines) / row.seconds / 1e6, rows[0].seconds / row.seconds);
  }
  std::filesystem::remove_all(directory);
  if (!agree) std::fprintf(stderr, "the counts differ\n");
  return agree ? 0 : 1;
}
