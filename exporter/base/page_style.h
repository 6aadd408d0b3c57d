// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mre {

/// The style sheet of all HTML pages, with a light and a dark colour scheme. It loads nothing else.
inline constexpr std::string_view kPageStyle =
    R"(:root { color-scheme: light dark; --line: #8886; --quiet: #666; --good: #176b2c; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --good: #7bd88f; --bad: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
)";

}  // namespace mre
