// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// What the benchmarks share that run programs: the cost of a run, and what an exposition says.
namespace mre {

/// What happened, by description: "PUBACK sent 5.0 0x87", "close 3.1.1 keep_alive_timeout broker".
using Happened = std::map<std::string, std::uint64_t>;

/// What a shell says of a program that is not there.
inline constexpr int kNotFound = 127;

struct Cost {
  int status = -1;      ///< The exit status; -1 if a signal ended it.
  double seconds = 0;   ///< CPU time, user and system, start-up included.
  long peak_bytes = 0;  ///< Of memory; that of this program where that is more.
};

/// Runs `run` in a process of its own. It replaces that process or ends it.
Cost measure(const std::function<void()>& run);

/// Replaces this process by a program whose output goes to a file; ends it with kNotFound if there is none.
[[noreturn]] void execute(std::vector<std::string> words, const std::string& output);

double median(std::vector<double> values);

/// The value of a label of a series; "?" if it has none of this name.
std::string label(std::string_view series, const std::string& name);

/// Adds the series of an exposition that are not 0 and belong to `metric`, by what `describe` makes of each.
void add_series(const std::string& path, const std::string& metric,
                const std::function<std::string(std::string_view)>& describe, Happened& found);

/// The codes and the ends without a code that an exposition of the exporter counts.
Happened counted_by_exporter(const std::string& path);

/// Whether both are equal; each difference is printed.
bool same(const std::string& who, const Happened& found, const Happened& expected);

}  // namespace mre
