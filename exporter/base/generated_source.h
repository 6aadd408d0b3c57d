// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// For the programs of the build that turn files into C++ sources.
namespace mre::generated {

/// The whole file. If it cannot be read or is empty: nothing, and a line on standard error.
std::optional<std::string> read_input(const char* path);

/// A C++ string literal with these bytes; a new one after each 100 bytes.
std::string literal(std::string_view bytes);

/// The source of a function that returns a span of rows.
struct Source {
  std::string_view made_from;  ///< "dashboards/RUNBOOK.md"
  std::string_view header;     ///< That declares the function: "exporter/runbook/page.h"
  std::string_view row_type;   ///< In namespace mre: "RunbookPart"
  std::string_view function;   ///< In namespace mre, without parameters: "runbook"
  std::string rows;            ///< Initializers, each with its comma. They may use ""sv.
};

/// Writes the source to standard output. Returns the status for main().
int print(const Source& source);

}  // namespace mre::generated
