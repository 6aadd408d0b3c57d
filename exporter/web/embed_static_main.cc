// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "exporter/base/fnv1a.h"
#include "exporter/base/generated_source.h"

// embed_static FILE...: writes the C++ source of static_files() to standard output. Only the build runs it.
int main(int argc, char** argv) {
  using mre::generated::literal;
  std::string rows;
  for (int i = 1; i < argc; ++i) {
    const auto content = mre::generated::read_input(argv[i]);
    if (!content) return 1;
    char version[17];
    std::snprintf(version, sizeof version, "%016llx", static_cast<unsigned long long>(mre::fnv1a(*content)));
    rows += "    {" + literal(std::filesystem::path(argv[i]).filename().string()) + ", " + literal(*content) +
            "sv, \"" + version + "\"},\n";
  }
  return mre::generated::print(
      {"exporter/web/static", "exporter/web/static_files.h", "StaticFile", "static_files", std::move(rows)});
}
