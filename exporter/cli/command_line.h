// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/cli/flags.h"

namespace mre {

/// One command line, checked against the tables of commands and flags. The values of the flags are not parsed yet.
struct Invocation {
  struct Given {
    const FlagRow* flag;
    std::vector<std::string>
        values;  ///< As written, in order; one unless the flag is repeatable; none for a switch.
  };

  Command command = Command::serve;
  bool help = false;     ///< --help, -h or the word help: nothing else is checked.
  bool version = false;  ///< --version, -V, -v or the word version: likewise.
  std::vector<Given> flags;
  std::vector<std::string> arguments;  ///< What is neither the command nor a flag.

  bool has(std::string_view flag) const;
};

/// Parses a command line without the program's name. The first argument that is not a flag is the command;
/// after "--" everything is an argument. Errors: invalid_config, with the remedy; the program then exits with 2.
Result<Invocation> parse_command_line(std::span<const std::string_view> words);

/// Parses the values of the flags. They override the defaults and the config file, if one is given.
Result<Settings> read_settings(const Invocation& invocation);

/// What `--help` prints.
std::string help_text(const Invocation& invocation);

}  // namespace mre
