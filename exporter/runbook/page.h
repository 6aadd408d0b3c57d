// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace mre {

/// A part of dashboards/RUNBOOK.md as HTML. Its anchors are those of GitHub. Made by runbook_main.cc when the
/// exporter is built.
struct RunbookPart {
  std::string_view reason;  ///< The `reason` label that the chapter is about; empty for all other parts.
  std::string_view alert;   ///< The alert that the chapter is about; empty for all other parts.
  std::string_view title;   ///< HTML of a chapter: up to the end of its heading. Empty for other parts.
  std::string_view text;    ///< HTML: the rest.
  std::string_view causes;  ///< Of a chapter: the list of causes by broker, in `text`. Empty if it has none.
};

/// All parts, in order: together they are the whole text.
std::span<const RunbookPart> runbook();

/// The chapter about a reason; null if there is none.
const RunbookPart* runbook_chapter(std::string_view reason);

}  // namespace mre
