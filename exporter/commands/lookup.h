// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/list_format.h"
#include "exporter/mqtt/reason_code.h"

/// The output of the commands `lookup QUERY` and `list codes`: pure functions of the reason code table.
namespace mre {

struct LookupAnswer {
  std::string text;  ///< What to print; ends with a newline.
  bool found;        ///< False: nothing matches, and `text` explains how to search. The command exits with 1.
};

/// Searches the reason codes. Each word of `query` narrows the answer: a code ("0x87", "135"), a packet
/// ("UNSUBACK"), a version ("3.1.1"), a class ("error"), a name or part of it in any spelling, or a word of
/// the meaning. Words of the name come before words of the meaning. Reasons of ends and denials that no code has
/// come last. Any bytes are allowed. As JSON or Markdown, the answer is the codes alone, as of render_codes; an
/// empty list if nothing matches.
LookupAnswer render_lookup(std::string_view query, ListFormat format = ListFormat::text);

/// All reason codes: for people (88 columns), as a JSON array of objects (UTF-8, one object a line), or as
/// one Markdown table. Ends with a newline.
std::string render_codes(ListFormat format);

/// Some of them, as JSON or Markdown.
std::string render_codes(ListFormat format, const std::vector<const mqtt::Reason*>& rows);

}  // namespace mre
