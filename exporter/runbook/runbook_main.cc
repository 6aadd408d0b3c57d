// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "exporter/base/page_style.h"
#include "exporter/runbook/markdown.h"

// runbook RUNBOOK.md: writes the C++ source of runbook_page() to standard output. Only the build runs it.
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
      "std::string_view mre::runbook_page() {\n  using namespace std::string_view_literals;\n"
      "  return R\"RUNBOOK(<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>Runbook: MQTT reason exporter</title>\n<style>\n";
  text += mre::kPageStyle;
  text +=
      "pre { overflow-x: auto; padding: .5rem .8rem; border: 1px solid var(--line); }\n"
      "code { font: .9em ui-monospace, monospace; }\n"
      "h3 { margin-top: 2.5rem; }\n"
      ":target { outline: 2px solid var(--line); outline-offset: .3rem; }\n"
      "</style>\n</head>\n<body>\n";
  text += *html + "</body>\n</html>\n)RUNBOOK\"sv;\n}\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 2;
}
