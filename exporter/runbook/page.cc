// SPDX-License-Identifier: Apache-2.0
#include "exporter/runbook/page.h"

#include <algorithm>

namespace mre {

const RunbookPart* runbook_chapter(std::string_view reason) {
  const auto parts = runbook();
  const auto at = std::ranges::find(parts, reason, &RunbookPart::reason);
  return reason.empty() || at == parts.end() ? nullptr : &*at;
}

}  // namespace mre
