// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mre {

/// The page /runbook as HTML, to be put into the Layout.
std::string runbook_html();

}  // namespace mre
