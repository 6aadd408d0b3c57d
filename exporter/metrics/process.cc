// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/process.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace mre {
namespace {

std::string read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The word that follows `key` at the start of a line; empty if there is none.
std::string word_after(const std::string& text, std::string_view key) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(key)) continue;
    const auto rest = words(line.substr(key.size()));
    return rest.empty() ? std::string() : rest.front();
  }
  return {};
}

/// The fields of proc_pid_stat(5) by their number there, from 3 on. The second is the program's name in
/// parentheses, which may hold anything, parentheses too.
class StatFields {
 public:
  explicit StatFields(const std::string& stat) {
    const auto name_end = stat.rfind(')');
    if (name_end != std::string::npos) fields_ = words(stat.substr(name_end + 1));
  }
  std::optional<double> operator[](std::size_t field) const {
    return field - 3 < fields_.size() ? number(fields_[field - 3]) : std::nullopt;
  }

 private:
  std::vector<std::string> fields_;
};

std::optional<double> count_entries(const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error) return std::nullopt;
  double count = 0;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) ++count;
  if (error) return std::nullopt;
  return count;
}

}  // namespace

ProcessStats read_process_stats(const std::string& proc) {
  const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  const StatFields stat(read_all(proc + "/self/stat"));
  const auto user = stat[14], system = stat[15], start = stat[22], resident_pages = stat[24];
  const auto boot_time = number(word_after(read_all(proc + "/stat"), "btime "));

  ProcessStats out;
  if (user && system) out.cpu_seconds = (*user + *system) / ticks_per_second;
  if (resident_pages) out.resident_memory_bytes = *resident_pages * page_bytes;
  out.virtual_memory_bytes = stat[23];
  if (start && boot_time) out.start_time_seconds = *boot_time + *start / ticks_per_second;
  out.open_fds = count_entries(proc + "/self/fd");
  if (out.open_fds) *out.open_fds -= 1;  // the one that reads the directory
  out.max_fds = number(word_after(read_all(proc + "/self/limits"), "Max open files "));
  return out;
}

}  // namespace mre
