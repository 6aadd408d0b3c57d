// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/runbook_page.h"

#include "exporter/runbook/page.h"

namespace mre {

std::string runbook_html() {
  std::string html;
  for (const RunbookPart& part : runbook()) html.append(part.title).append(part.text);
  return html;
}

}  // namespace mre
