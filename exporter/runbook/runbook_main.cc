// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/runbook/markdown.h"

// runbook RUNBOOK.md: writes the C++ source of runbook() to standard output. Only the build runs it.
namespace {

constexpr std::string_view kAnchor = "<a id=\"";

/// From the first `begin` to the next `end` after it, both included; empty if there is none.
std::string_view part_of(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  const auto to = from == text.npos ? from : text.find(end, from);
  return to == text.npos ? std::string_view() : text.substr(from, to + end.size() - from);
}

/// Cuts the text in front of each anchor of a reason, and where the chapters of a section end.
std::vector<std::string_view> parts_of(std::string_view html) {
  std::vector<std::string_view> parts;
  while (!html.empty()) {
    const auto end = std::min({html.find(kAnchor, 1), html.find("<h2", 1), html.size()});
    parts.push_back(html.substr(0, end));
    html.remove_prefix(end);
  }
  return parts;
}

std::string literal(std::string_view text) { return "R\"RUNBOOK(" + std::string(text) + ")RUNBOOK\"sv"; }

std::string row_of(std::string_view part) {
  if (!part.starts_with(kAnchor)) return "    {\"\", \"\", " + literal(part) + ", \"\"},\n";
  const std::string_view reason =
      part.substr(kAnchor.size(), part.find('"', kAnchor.size()) - kAnchor.size());
  const std::string_view title = part.substr(0, part.find("</h3>\n") + 6);
  const std::string_view text = part.substr(title.size());
  return "    {\"" + std::string(reason) + "\", " + literal(title) + ",\n     " + literal(text) + ",\n     " +
         literal(part_of(text, "<ul>", "</ul>")) + "},\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Usage: runbook RUNBOOK.md\n", stderr);
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string markdown{std::istreambuf_iterator<char>(file), {}};
  const auto html = mre::html_from_markdown(markdown);
  if (!file || !html) {
    const std::string why = html ? "cannot be read" : html.error().what;
    std::fprintf(stderr, "%s: %s\n", argv[1], why.c_str());
    return 2;
  }
  std::string text =
      "// Made by runbook_main.cc from dashboards/RUNBOOK.md.\n#include \"exporter/runbook/page.h\"\n\n"
      "std::span<const mre::RunbookPart> mre::runbook() {\n"
      "  using namespace std::string_view_literals;\n  static constexpr RunbookPart parts[] = {\n";
  for (const std::string_view part : parts_of(*html)) text += row_of(part);
  text += "  };\n  return parts;\n}\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 2;
}
