// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mre {

/// dashboards/RUNBOOK.md as one HTML document that needs nothing else: no script, no font, no picture. The
/// anchors are those of GitHub. Made by runbook_main.cc when the exporter is built.
std::string_view runbook_page();

}  // namespace mre
