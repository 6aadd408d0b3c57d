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

/// One command line, checked against the tables of commands and flags, but with the flags' values not read
/// yet.
struct Invocation {
  struct Given {
    const FlagRow* flag;
    std::vector<std::string>
        values;  ///< As written, in order; one unless the flag is repeatable; none for a switch.
  };

  Command command = Command::serve;
  bool help = false;     ///< --help: everything else is left unchecked.
  bool version = false;  ///< --version: likewise.
  std::vector<Given> flags;
  std::vector<std::string> arguments;  ///< What is neither the command nor a flag.

  bool has(std::string_view flag) const;
};

/// Reads a command line without the program's name. The command may stand anywhere; what follows "--" is no
/// flag. Errors: invalid_config, with what to do; the program then ends with 2.
Result<Invocation> parse_command_line(std::span<const std::string_view> words);

/// The values of the flags, read over the defaults; the config file first, if one is given.
Result<Settings> read_settings(const Invocation& invocation);

/// What `--help` prints.
std::string help_text(const Invocation& invocation);

}  // namespace mre
