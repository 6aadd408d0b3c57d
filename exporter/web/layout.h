// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mre {

/// What all pages have in common.
struct Layout {
  std::string version;         ///< Of the exporter.
  std::string revision;        ///< Of its source.
  std::string telemetry_path;  ///< Where the navigation leads to the metrics.

  /// A whole HTML document. `path` is that of the page, which the navigation marks; `title` is plain text.
  /// `main` is HTML. The document refers to the exporter's own style sheet and script and to nothing else.
  std::string document(std::string_view path, std::string_view title, std::string_view main) const;
};

}  // namespace mre
