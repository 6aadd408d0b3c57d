// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace mre {

/// A file of exporter/web/static. It is part of the program; embed_static_main.cc puts it there when the
/// exporter is built.
struct StaticFile {
  std::string_view name;  ///< "page.css"
  std::string_view content;
  std::string_view version;  ///< Differs if the content differs: 16 hex digits.
};

/// All of them.
std::span<const StaticFile> static_files();

/// The one with this name; null if there is none.
const StaticFile* static_file(std::string_view name);

}  // namespace mre
