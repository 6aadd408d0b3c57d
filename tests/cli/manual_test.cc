// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/manual.h"

#include <gtest/gtest.h>

#include <regex>
#include <string>

#include "exporter/cli/flags.h"

// The manual page and the completions have everything that the tables of commands and flags have. Their form
// is checked in tests/package, by man and by the shells.

namespace mre {
namespace {

std::string roff(const std::string_view name) {
  return std::regex_replace(std::string(name), std::regex("-"), "\\-");
}

TEST(Manual, HasEachCommandAndFlagInEachForm) {
  const struct {
    const char* why;
    std::string text;
    bool roff;
  } forms[] = {{"manual page", manual_page("1.2"), true},
               {"completion for bash", bash_completion(), false},
               {"completion for zsh", zsh_completion(), false}};
  for (const auto& form : forms) {
    SCOPED_TRACE(form.why);
    for (const CommandRow& row : command_rows()) {
      EXPECT_NE(form.text.find(row.name), std::string::npos) << row.name;
    }
    for (const FlagRow& flag : flag_rows()) {
      EXPECT_NE(form.text.find(form.roff ? roff(flag.name) : std::string(flag.name)), std::string::npos)
          << flag.name;
    }
  }
}

TEST(Manual, HasThePurposeDefaultAndCommandsOfAFlag) {
  const std::string page = manual_page("1.2");
  EXPECT_NE(page.find("\\fB\\-\\-log.format\\fR=\\fIFORMAT\\fR\nLog format: logfmt or json.\nDefault: "
                      "\\fBlogfmt\\fR.\nCommands: "
                      "\\fBserve\\fR, \\fBreplay\\fR.\n"),
            std::string::npos);
  EXPECT_NE(page.find("\"mqtt\\-reason\\-exporter 1.2\""), std::string::npos);
}

TEST(Manual, EscapesTextForRoff) {
  // A line that begins with a dot or an apostrophe is a request, which prints nothing.
  const std::string page = manual_page("1.2");
  const std::regex request(R"((^|\n)[.'](?!\\"|TH|SH|SS|TP|EX|EE|BR|br))");
  EXPECT_FALSE(std::regex_search(page, request));
}

TEST(Completion, OffersTheValuesOfEachEnumeration) {
  const std::string bash = bash_completion();
  const std::string zsh = zsh_completion();
  int enumerations = 0;
  for (const FlagRow& flag : flag_rows()) {
    std::string words;
    for (const std::string_view choice : flag.choices())
      words += (words.empty() ? "" : " ") + std::string(choice);
    if (words.empty()) continue;
    ++enumerations;
    EXPECT_NE(bash.find(std::string(flag.name) + ") words='" + words + "'"), std::string::npos) << flag.name;
    EXPECT_NE(zsh.find("(" + words + ")"), std::string::npos) << flag.name;
  }
  EXPECT_GE(enumerations, 5);
}

}  // namespace
}  // namespace mre
