// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measured.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace mre {

Cost measure(const std::function<void()>& run) {
  const pid_t child = ::fork();
  if (child == 0) {
    run();
    ::_exit(kNotFound);
  }
  int status = 0;
  rusage used{};
  ::wait4(child, &status, 0, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, seconds(used.ru_utime) + seconds(used.ru_stime),
          used.ru_maxrss * 1024};
}

void execute(std::vector<std::string> words, const std::string& output) {
  const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int null = ::open("/dev/null", O_WRONLY);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(null, STDERR_FILENO);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(kNotFound);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::string label(std::string_view series, const std::string& name) {
  const std::string begin = name + "=\"";
  const std::size_t at = series.find(begin);
  if (at == std::string_view::npos) return "?";
  series.remove_prefix(at + begin.size());
  return std::string(series.substr(0, series.find('"')));
}

void add_series(const std::string& path, const std::string& metric,
                const std::function<std::string(std::string_view)>& describe, Happened& found) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(metric + "{")) continue;
    const std::uint64_t value = std::strtoull(line.c_str() + line.rfind(' ') + 1, nullptr, 10);
    if (value != 0) found[describe(line)] += value;
  }
}

Happened counted_by_exporter(const std::string& path) {
  Happened found;
  add_series(
      path, "mqtt_reason_codes_total",
      [](std::string_view s) {
        return label(s, "packet") + " " + label(s, "direction") + " " + label(s, "protocol") + " " +
               label(s, "code");
      },
      found);
  add_series(
      path, "mqtt_reason_closes_without_code_total",
      [](std::string_view s) {
        return "close " + label(s, "protocol") + " " + label(s, "reason") + " " + label(s, "initiator");
      },
      found);
  return found;
}

bool same(const std::string& who, const Happened& found, const Happened& expected) {
  for (const auto* side : {&found, &expected}) {
    for (const auto& [what, count] : *side) {
      const auto number = [&](const Happened& in) {
        const auto at = in.find(what);
        return static_cast<unsigned long long>(at == in.end() ? 0 : at->second);
      };
      if (number(found) == number(expected)) continue;
      std::fprintf(stderr, "%s: %s: found %llu, written %llu\n", who.c_str(), what.c_str(), number(found),
                   number(expected));
    }
  }
  return found == expected;
}

}  // namespace mre
