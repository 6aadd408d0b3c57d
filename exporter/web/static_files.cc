// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/static_files.h"

#include <algorithm>

namespace mre {

const StaticFile* static_file(std::string_view name) {
  const auto files = static_files();
  const auto at = std::ranges::find(files, name, &StaticFile::name);
  return at == files.end() ? nullptr : &*at;
}

}  // namespace mre
