// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "exporter/cli/columns.h"
#include "exporter/cli/command_line.h"

namespace mre {
namespace {

constexpr std::size_t kHelpWidth = 100;

std::string flag_help(const FlagRow& row, Settings& defaults) {
  std::string left = "  " + std::string(row.name);
  if (!row.value_name.empty()) left += "=" + std::string(row.value_name);
  std::string right(row.help);
  if (const std::string value = row.show(defaults); !row.value_name.empty() && !value.empty()) {
    right += " (default: " + value + ")";
  }
  constexpr std::size_t kColumn = 34;
  left += left.size() < kColumn ? std::string(kColumn - left.size(), ' ') : "\n" + std::string(kColumn, ' ');
  return left + wrapped(right, kColumn, kHelpWidth) + "\n";
}

std::string flags_help(Command command) {
  Settings defaults;
  std::string text;
  for (const auto& [group, heading] : heading_rows()) {
    bool first = true;
    for (const FlagRow& row : flag_rows()) {
      if (row.group != group || !row.applies_to(command)) continue;
      if (std::exchange(first, false)) text += "\n" + std::string(heading) + ":\n";
      text += flag_help(row, defaults);
    }
  }
  return text;
}

std::string commands_help() {
  std::string text = "\nCommands:\n";
  for (const CommandRow& row : command_rows()) {
    constexpr std::size_t kColumn = 34;
    std::string left =
        "  " + std::string(row.name) + (row.arguments.empty() ? "" : " ") + std::string(row.arguments);
    left +=
        left.size() < kColumn ? std::string(kColumn - left.size(), ' ') : "\n" + std::string(kColumn, ' ');
    text += left + wrapped(row.summary, kColumn, kHelpWidth) + "\n";
  }
  return text +
         "  help [COMMAND]                  Show the flags of a command, with examples.\n"
         "  version                         Show the version.\n";
}

std::string indented(std::string_view lines) {
  std::string text = "  ";
  for (const char c : lines) {
    text += c;
    if (c == '\n') text += "  ";
  }
  text.resize(text.size() - 2);
  return text;
}

}  // namespace

std::string help_text(const Invocation& invocation) {
  const CommandRow& row = row_of(invocation.command);
  const bool serve = invocation.command == Command::serve;
  std::string text = "Usage: mqtt-reason-exporter " + (serve ? "[COMMAND]" : std::string(row.name)) +
                     " [FLAGS]" + (row.arguments.empty() ? "" : " ") + std::string(row.arguments) + "\n\n";
  text += serve ? "Counts the reason codes of MQTT brokers and serves them to Prometheus.\n"
                : wrapped(row.summary, 0, kHelpWidth) + "\n";
  if (serve) text += commands_help();
  text += flags_help(invocation.command);
  text +=
      "\nOther:\n  --help, -h                      Show this text.\n  --version, -V, -v               Show "
      "the "
      "version.\n";
  return text + "\nExample:\n" + indented(row.example);
}

}  // namespace mre
