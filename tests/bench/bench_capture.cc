// SPDX-License-Identifier: Apache-2.0
// What counting the codes of a capture costs beside tshark doing the same. Goals: `replay` is 50 times as
// fast per CPU second, and stays below 32 MiB with 100,000 connections open.
//
// Each runs as a process of its own; what counts is the median of its CPU time (user and system), start-up
// included, measured in turns, so that the ratio holds on a busy machine. All counts are compared with what
// was written. tshark takes minutes for a gigabyte, and its memory grows with it: it is given the first
// megabytes of the same capture, and `replay` is measured over these too.
//
//   bench_capture EXPORTER [MEGABYTES [CONNECTIONS [ROUNDS [TSHARK_MEGABYTES]]]]    default 1000 10000 3 100;
//                                                                                 0: without tshark
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "tests/bench/captured_fleet.h"
#include "tests/bench/tshark_fields.h"

namespace {

using namespace mre;
namespace fs = std::filesystem;

struct Capture {
  Capture(const std::string& file, std::uint64_t size, std::uint32_t connections) : path(file) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "wb"), std::fclose);
    const CapturedFleet fleet(out.get(), size, connections);
    bytes = static_cast<double>(fleet.bytes());
    frames = static_cast<double>(fleet.frames());
    happened = fleet.happened();
  }

  std::string path;
  double bytes = 0;
  double frames = 0;
  Happened happened;
};

struct Row {
  std::string name;
  const Capture& capture;
  std::vector<std::string> words;
  std::function<Happened(const std::string& output)> found;
  Happened expected;
  std::vector<double> seconds = {};
  long peak_bytes = 0;
};

Row replay(const std::string& exporter, const Capture& capture) {
  return {"replay", capture, {exporter, "replay", capture.path}, counted_by_exporter, capture.happened};
}

Row tshark(const Capture& capture) {
  Happened codes = capture.happened;
  std::erase_if(codes, [](const auto& row) { return row.first.starts_with("close "); });
  return {"tshark", capture, tshark_command(capture.path, CaptureWriter::kPort),
          [](const std::string& output) { return found_by_tshark(output, CaptureWriter::kPort); }, codes};
}

/// Whether it ran and counted right.
bool measure_once(Row& row, const std::string& output) {
  const Cost cost = measure([&] { execute(row.words, output); });
  row.seconds.push_back(cost.seconds);
  row.peak_bytes = std::max(row.peak_bytes, cost.peak_bytes);
  if (cost.status == kNotFound) {
    std::fprintf(stderr, "There is no program \"%s\"; Debian has tshark.\n", row.words[0].c_str());
  } else if (cost.status != 0) {
    std::fprintf(stderr, "%s failed: exit status %d\n", row.name.c_str(), cost.status);
  }
  return cost.status == 0 && same(row.name, row.found(output), row.expected);
}

void print(const Row& row) {
  const double seconds = median(row.seconds);
  std::printf("%-8s %6.0f MB  %5.2f M frames  %8.3f s CPU  %8.1f MB/s  %6.2f M frames/s  peak %6.1f MiB\n",
              row.name.c_str(), row.capture.bytes / 1e6, row.capture.frames / 1e6, seconds,
              row.capture.bytes / seconds / 1e6, row.capture.frames / seconds / 1e6,
              static_cast<double>(row.peak_bytes) / (1 << 20));
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int at, std::uint64_t otherwise) {
    return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
  };
  if (argc < 2) {
    std::fprintf(stderr,
                 "usage: bench_capture EXPORTER [MEGABYTES [CONNECTIONS [ROUNDS [TSHARK_MEGABYTES]]]]\n");
    return 2;
  }
  const auto connections = static_cast<std::uint32_t>(number(3, 10'000));
  const std::uint64_t tshark_bytes = number(5, 100) * 1'000'000;
  std::string directory = fs::temp_directory_path() / "mre-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return 2;

  const Capture whole(directory + "/whole.pcap", number(2, 1000) * 1'000'000, connections);
  std::vector<Row> rows = {replay(argv[1], whole)};
  std::unique_ptr<Capture> part;
  if (tshark_bytes != 0) {
    part = std::make_unique<Capture>(directory + "/part.pcap", tshark_bytes, connections);
    rows.push_back(replay(argv[1], *part));
    rows.push_back(tshark(*part));
  }

  bool right = true;
  for (std::uint64_t round = 0; round < number(4, 3); ++round) {
    for (Row& row : rows) right = measure_once(row, directory + "/output") && right;
  }
  for (const Row& row : rows) print(row);
  if (tshark_bytes != 0) {
    std::printf("replay: %.0f times tshark (goal 50)\n", median(rows[2].seconds) / median(rows[1].seconds));
  }
  fs::remove_all(directory);
  return right ? 0 : 1;
}
