// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/generated_source.h"
#include "exporter/runbook/markdown.h"

// runbook RUNBOOK.md: writes the C++ source of runbook() to standard output. Only the build runs it.
namespace {

constexpr std::string_view kAnchor = "<a id=\"";
constexpr std::string_view kAlert = "<h3 id=\"mqttreason";

/// From the first `begin` to the next `end` after it, both included; empty if there is none.
std::string_view part_of(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  const auto to = from == text.npos ? from : text.find(end, from);
  return to == text.npos ? std::string_view() : text.substr(from, to + end.size() - from);
}

/// Cuts the text in front of each chapter of a reason or an alert, and where the chapters of a section end.
std::vector<std::string_view> parts_of(std::string_view html) {
  std::vector<std::string_view> parts;
  while (!html.empty()) {
    const auto end =
        std::min({html.find(kAnchor, 1), html.find(kAlert, 1), html.find("<h2", 1), html.size()});
    parts.push_back(html.substr(0, end));
    html.remove_prefix(end);
  }
  return parts;
}

std::string literal(std::string_view text) { return mre::generated::literal(text) + "sv"; }

std::string row_of(std::string_view part) {
  const bool of_alert = part.starts_with(kAlert);
  if (!part.starts_with(kAnchor) && !of_alert)
    return "    {\"\", \"\", \"\", " + literal(part) + ", \"\"},\n";
  const auto name_begin = of_alert ? part.find('>') + 1 : kAnchor.size();
  const std::string name(part.substr(name_begin, part.find(of_alert ? '<' : '"', name_begin) - name_begin));
  const std::string_view title = part.substr(0, part.find("</h3>\n") + 6);
  const std::string_view text = part.substr(title.size());
  return "    {\"" + (of_alert ? "\", \"" + name : name + "\", \"") + "\", " + literal(title) + ",\n     " +
         literal(text) + ",\n     " + literal(part_of(text, "<ul>", "</ul>")) + "},\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("Usage: runbook RUNBOOK.md\n", stderr);
    return 2;
  }
  const auto markdown = mre::generated::read_input(argv[1]);
  if (!markdown) return 1;
  const auto html = mre::html_from_markdown(*markdown);
  if (!html) {
    std::fprintf(stderr, "%s: %s\n", argv[1], html.error().what.c_str());
    return 1;
  }
  std::string rows;
  for (const std::string_view part : parts_of(*html)) rows += row_of(part);
  return mre::generated::print(
      {"dashboards/RUNBOOK.md", "exporter/runbook/page.h", "RunbookPart", "runbook", std::move(rows)});
}
