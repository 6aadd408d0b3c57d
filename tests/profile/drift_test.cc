// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "tests/support/profile_files.h"
#include "tests/support/tally.h"

// Reads the cases of tests/testdata/drift/ (README.md there): what each release of each broker writes.
// MRE_UPDATE_GOLDEN=1 writes the table of docs/drift.md and removes misses that have become right.
namespace mre {
namespace {

namespace fs = std::filesystem;

using Events = std::vector<std::string>;

const fs::path kCases = fs::path(MRE_TESTDATA) / "drift";
const std::string kMisses = (kCases / "misses.txt").string();
const std::string kPage = std::string(MRE_SOURCE_DIR) + "/docs/drift.md";
const std::string kNoEvents = "nothing";

/// Each element is acceptable: the patterns of the events, in any order.
using Acceptable = std::vector<Events>;

struct DriftCase {
  std::vector<std::string> names;  ///< "BROKER | RELEASE | FORMAT | TEMPLATE": each writes the same lines.
  std::vector<std::string> lines;
  Acceptable acceptable;
};

/// Cases that are read after the same lines.
struct DriftGroup {
  SourceKind kind = SourceKind::log;
  std::vector<std::string> context;
  std::vector<DriftCase> cases;
};

std::vector<std::string> split(const std::string& text, std::string_view separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find(separator, begin)) != std::string::npos;
       begin = end + separator.size())
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

/// "RELEASE | FORMAT | SOURCE | TEMPLATE" without the source. The template may contain the separator.
std::string case_name(const std::string& broker, const std::string& text) {
  std::vector<std::string> parts = split(text, " | ");
  parts.erase(parts.begin() + 2);
  std::string name = broker;
  for (const std::string& part : parts) name += " | " + part;
  return name;
}

std::vector<DriftGroup> read_cases(const fs::path& file) {
  const std::string broker = file.stem().string();
  std::vector<DriftGroup> groups;
  bool complete = true;  // the last case has its lines and results
  std::ifstream stream(file, std::ios::binary);
  for (std::string line; std::getline(stream, line);) {
    const std::string text = line.substr(std::min<std::size_t>(2, line.size()));
    if (line == "log" || line == "events") {
      groups.push_back({line == "log" ? SourceKind::log : SourceKind::mqtt, {}, {}});
      complete = true;
      continue;
    }
    DriftGroup& group = groups.back();
    if (line.starts_with("@ ")) {
      if (complete) group.cases.emplace_back();
      complete = false;
      group.cases.back().names.push_back(case_name(broker, text));
    } else if (line.starts_with("< ")) {
      group.context.push_back(text);
    } else if (line.starts_with("> ")) {
      group.cases.back().lines.push_back(text);
    } else if (line.starts_with("= ")) {
      complete = true;
      group.cases.back().acceptable.push_back(text == kNoEvents ? Events() : split(text, " + "));
    } else {
      ADD_FAILURE() << file << ": a line without a mark: " << line;
    }
  }
  return groups;
}

/// What the profile reads from the lines, and at their end.
std::map<std::string, int> events_of(const std::shared_ptr<const Profile>& profile, SourceKind kind,
                                     const std::vector<std::string>& context,
                                     const std::vector<std::string>& lines) {
  Tally tally;
  EventLine messages;
  const auto decoder = make_decoder(profile, kind);
  for (const auto* part : {&context, &lines}) {
    for (const std::string& line : *part) {
      if (kind == SourceKind::log) {
        decoder->decode({line, {}, false}, tally);
      } else if (const auto record = messages.read(line)) {
        decoder->decode(*record, tally);
      } else {
        ADD_FAILURE() << "not a recorded message: " << line;
      }
    }
  }
  decoder->settle(tally);
  return tally.counts;
}

/// The events of `all` that `before` does not have.
Events added(std::map<std::string, int> all, const std::map<std::string, int>& before) {
  Events events;
  for (const auto& [text, count] : before) all[text] -= count;
  for (const auto& [text, count] : all)
    for (int i = 0; i < count; ++i) events.push_back(text);
  return events;
}

/// "a|b" is met by either.
bool meets(const std::string& event, const std::string& patterns) {
  return std::ranges::any_of(split(patterns, "|"), [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), event.c_str(), FNM_NOESCAPE) == 0;
  });
}

bool meets_all(Events events, const Events& wanted) {
  for (const std::string& patterns : wanted) {
    const auto hit = std::ranges::find_if(events, [&](const auto& event) { return meets(event, patterns); });
    if (hit == events.end()) return false;
    events.erase(hit);
  }
  return events.empty();
}

std::string to_text(const Events& events) {
  std::string text;
  for (const std::string& event : events) text += (text.empty() ? "" : " + ") + event;
  return text.empty() ? kNoEvents : text;
}

/// What became of all cases.
struct Measured {
  struct Score {
    int right = 0;
    int all = 0;
  };
  std::map<std::string, std::string> wrong;  ///< By name: what was expected and what was read.
  std::set<std::string> right;
  std::map<std::string, Score> emitting;  ///< By "BROKER | RELEASE | FORMAT": the cases that emit events.
  std::map<std::string, Score> silent;    ///< Those that emit none.
};

void measure(const DriftCase& drift, const Events& events, Measured& measured) {
  const bool right =
      std::ranges::any_of(drift.acceptable, [&](const Events& wanted) { return meets_all(events, wanted); });
  const bool emits =
      std::ranges::any_of(drift.acceptable, [](const Events& wanted) { return !wanted.empty(); });
  std::string difference;
  for (const Events& wanted : drift.acceptable) difference += "\n  expected: " + to_text(wanted);
  difference += "\n  read:     " + to_text(events) + "\n  line:     " + drift.lines.back() + "\n";
  for (const std::string& name : drift.names) {
    const auto parts = split(name, " | ");
    const std::string row = parts[0] + " | " + parts[1] + " | " + parts[2];
    auto& score = (emits ? measured.emitting : measured.silent)[row];
    ++score.all;
    score.right += right ? 1 : 0;
    if (right) {
      measured.right.insert(name);
    } else {
      measured.wrong.emplace(name, difference);
    }
  }
}

const Measured& measured_cases() {
  static const Measured all = [] {
    Measured measured;
    for (const auto& [file, yaml] : test::profile_files()) {
      const fs::path cases = kCases / (fs::path(file).stem().string() + ".txt");
      if (!fs::exists(cases)) continue;
      const auto profile = load_profile(yaml, file);
      if (!profile) continue;
      for (const DriftGroup& group : read_cases(cases)) {
        const auto before = events_of(*profile, group.kind, group.context, {});
        for (const DriftCase& drift : group.cases)
          measure(drift, added(events_of(*profile, group.kind, group.context, drift.lines), before),
                  measured);
      }
    }
    return measured;
  }();
  return all;
}

/// The lines of misses.txt: "# REASON", then the names of the cases that have it.
std::vector<std::string> split_lines(const std::string& text) {
  auto lines = split(text, "\n");
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

/// Without the misses that are right now, and without reasons that no case has.
std::string shrunk(const std::string& misses, const std::set<std::string>& right) {
  std::string text;
  std::string reason;
  for (const std::string& line : split_lines(misses)) {
    if (line.starts_with("# ")) {
      reason = line + "\n";
    } else if (!right.contains(line)) {
      text += reason + line + "\n";
      reason.clear();
    }
  }
  return text;
}

// The list of misses can only become shorter: a miss that has become right must leave it.
TEST(Recordings, EveryReleaseIsReadExceptTheListedMisses) {
  const Measured& measured = measured_cases();
  ASSERT_GE(measured.right.size(), 4000U);
  if (std::getenv("MRE_UPDATE_GOLDEN") != nullptr) {
    const std::string text = shrunk(file_text(kMisses), measured.right);
    std::ofstream(kMisses, std::ios::binary) << text;
  }
  const std::string misses = file_text(kMisses);
  ASSERT_TRUE(misses.starts_with("# ")) << "each miss needs a reason before it";
  std::set<std::string> listed;
  for (const std::string& line : split_lines(misses)) {
    if (line.starts_with("# ")) continue;
    EXPECT_TRUE(listed.insert(line).second) << "listed more than once: " << line;
    EXPECT_FALSE(measured.right.contains(line)) << "right now, so remove it from " << kMisses << ": " << line;
    EXPECT_TRUE(measured.right.contains(line) || measured.wrong.contains(line)) << "no such case: " << line;
  }
  for (const auto& [name, difference] : measured.wrong)
    EXPECT_TRUE(listed.contains(name)) << "wrong, and not listed: " << name << difference;
}

std::string table(const Measured& measured) {
  std::string text = "| broker | release | format | right |\n| --- | --- | --- | --- |\n";
  Measured::Score sum;
  int invented = 0;
  for (const auto& [row, score] : measured.emitting) {
    text += "| " + row + " | " + std::to_string(score.right) + " of " + std::to_string(score.all) + " |\n";
    sum.right += score.right;
    sum.all += score.all;
  }
  Measured::Score silent;
  for (const auto& [row, score] : measured.silent) {
    silent.all += score.all;
    invented += score.all - score.right;
  }
  return text + "\n" + std::to_string(sum.right) + " of " + std::to_string(sum.all) +
         " cases that report something are read right; " + std::to_string(invented) + " of " +
         std::to_string(silent.all) + " that report nothing emit an event.\n";
}

TEST(Recordings, TheDriftPageHasTheMeasuredTable) {
  const std::string begin = "<!-- drift begin: a test writes and compares this -->\n";
  const std::string end = "<!-- drift end -->";
  std::string page = file_text(kPage);
  const std::size_t from = page.find(begin);
  const std::size_t to = page.find(end);
  ASSERT_TRUE(from < to && to != std::string::npos) << kPage << " does not have the markers of its table";
  const std::string is = page.substr(from + begin.size(), to - from - begin.size());
  const std::string text = table(measured_cases());
  if (std::getenv("MRE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(kPage, std::ios::binary) << page.replace(from + begin.size(), is.size(), text);
  } else {
    EXPECT_EQ(is, text);
  }
}

}  // namespace
}  // namespace mre
