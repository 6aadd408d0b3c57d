// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/base/error.h"

namespace mre {

/// Markdown as HTML, for the runbook: headings (their ids are those that GitHub makes), paragraphs, flat
/// lists, fenced code, `code`, **bold**, *italic*, [links](#anchor) within the page or to http(s), and
/// <a id="NAME"></a> on a line of its own. A link to a file becomes its text, a comment becomes nothing.
/// Everything else is escaped.
/// Errors: invalid_config with the line, for what GitHub would show in another way: tables, quotes, pictures,
/// numbered or nested lists, other HTML, code without an end, and links to an anchor that does not exist.
Result<std::string> html_from_markdown(std::string_view markdown);

}  // namespace mre
