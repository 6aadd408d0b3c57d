// SPDX-License-Identifier: Apache-2.0
// Markdown files: every relative link leads to a file, and its anchor to a heading of that file; every table has a
// header, and every code block an end; every test that SECURITY.md names exists.
#include <gtest/gtest.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace mre {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = MRE_SOURCE_DIR;

std::vector<fs::path> documents() {
  std::vector<fs::path> found;
  for (auto entry = fs::recursive_directory_iterator(kRoot); entry != fs::recursive_directory_iterator();
       ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory() && (name == "build" || name.starts_with('.')))
      entry.disable_recursion_pending();
    if (entry->path().extension() == ".md") found.push_back(entry->path());
  }
  return found;
}

/// The lines that are not in a code block.
std::vector<std::string> prose(const fs::path& document) {
  std::vector<std::string> lines;
  std::ifstream stream(document);
  bool in_code = false;
  for (std::string line; std::getline(stream, line);) {
    const std::size_t begin = line.find_first_not_of(" -*0123456789.");
    const bool is_fence = begin != std::string::npos && line.compare(begin, 3, "```") == 0;
    if (is_fence) in_code = !in_code;
    if (!in_code && !is_fence) lines.push_back(line);
  }
  return lines;
}

/// As GitHub makes it: lower case, blanks become hyphens, punctuation is left out.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : std::regex_replace(heading, std::regex(R"(\[([^\]]*)\]\([^)]*\))"), "$1")) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || byte >= 0x80)
      anchor += static_cast<char>(std::tolower(byte));
    if (c == ' ') anchor += '-';
  }
  return anchor;
}

std::set<std::string> anchors(const fs::path& document) {
  std::set<std::string> all;
  std::map<std::string, int> seen;
  const std::regex heading("^#+ +(.*?) *$");
  const std::regex named(R"re(<a (?:name|id)="([^"]*)")re");
  for (const std::string& line : prose(document)) {
    std::smatch match;
    if (std::regex_match(line, match, heading)) {
      const std::string anchor = anchor_of(match[1]);
      const int before = seen[anchor]++;
      all.insert(before == 0 ? anchor : anchor + "-" + std::to_string(before));
    }
    if (std::regex_search(line, match, named)) all.insert(match[1]);
  }
  return all;
}

TEST(DocumentLinks, EachLeadsToAFileAndToAHeadingOfIt) {
  const std::regex link(R"(\]\(([^)\s]+)\))");
  const std::regex elsewhere("^[a-z]+:.*");
  std::size_t followed = 0;
  for (const fs::path& document : documents()) {
    for (const std::string& line : prose(document)) {
      for (std::sregex_iterator match(line.begin(), line.end(), link), end; match != end; ++match) {
        const std::string target = (*match)[1];
        if (std::regex_match(target, elsewhere)) continue;
        const std::size_t hash = target.find('#');
        const std::string name = target.substr(0, hash);
        const fs::path file = name.empty() ? document : document.parent_path() / name;
        ++followed;
        EXPECT_TRUE(fs::exists(file)) << document.string() << ": no such file: " << target;
        if (hash == std::string::npos || !fs::exists(file)) continue;
        EXPECT_TRUE(anchors(file).contains(target.substr(hash + 1)))
            << document.string() << ": no such heading: " << target;
      }
    }
  }
  EXPECT_GT(followed, 80U);
}

TEST(DocumentTables, EachHasAHeader) {
  const std::regex separator(R"(\|( *:?-+:? *\|)+)");
  std::size_t tables = 0;
  for (const fs::path& document : documents()) {
    std::size_t row = 0;  // of the table; 0 outside of one
    for (const std::string& line : prose(document)) {
      row = line.starts_with('|') ? row + 1 : 0;
      if (row != 2) continue;
      ++tables;
      EXPECT_TRUE(std::regex_match(line, separator)) << document.string() << ": no header above: " << line;
    }
  }
  EXPECT_GT(tables, 80U);
}

/// The names between backticks in the last cells of the tables whose last column is "test".
std::vector<std::string> tests_named_in(const fs::path& document) {
  std::vector<std::string> names;
  bool has_tests = false;
  for (const std::string& line : prose(document)) {
    if (!line.starts_with('|')) has_tests = false;
    if (line.ends_with("| test |")) has_tests = true;
    if (!has_tests) continue;
    const std::string cell = line.substr(line.rfind('|', line.size() - 2));
    const std::regex quoted("`([^`]+)`");
    for (std::sregex_iterator match(cell.begin(), cell.end(), quoted), end; match != end; ++match)
      names.push_back((*match)[1]);
  }
  return names;
}

TEST(Security, EachTestThatItNamesExists) {
  std::string sources;
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "tests")) {
    if (!entry.is_regular_file()) continue;
    files.insert(entry.path().filename().string());
    std::ifstream stream(entry.path());
    if (entry.path().extension() == ".cc") sources.append(std::istreambuf_iterator<char>(stream), {});
  }
  const std::vector<std::string> names = tests_named_in(kRoot / "SECURITY.md");
  for (const std::string& name : names) {
    std::string wanted = fs::path(name).filename().string();  // "Flood/BytesOfQos2"
    if (wanted.ends_with("...")) wanted.resize(wanted.size() - 3);
    const bool found = name.starts_with("tests/")
                           ? fs::exists(kRoot / name)
                           : files.contains(wanted) || files.contains(wanted + ".cc") ||
                                 sources.find(wanted) != std::string::npos;
    EXPECT_TRUE(found) << name;
  }
  EXPECT_GT(names.size(), 60U);
}

TEST(DocumentCode, EachFenceIsALineOfItsOwn) {
  const std::regex fence("^[ >]*```[a-z]*$");
  for (const fs::path& document : documents()) {
    std::ifstream stream(document);
    std::size_t fences = 0;
    for (std::string line; std::getline(stream, line);) {
      if (line.find("```") == std::string::npos) continue;
      ++fences;
      EXPECT_TRUE(std::regex_match(line, fence)) << document.string() << ": " << line;
    }
    EXPECT_EQ(fences % 2, 0U) << document.string() << ": a code block has no end";
  }
}

}  // namespace
}  // namespace mre
