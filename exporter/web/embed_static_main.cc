// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "exporter/base/fnv1a.h"

// embed_static FILE...: writes the C++ source of static_files() to standard output. Only the build runs it.
int main(int argc, char** argv) {
  std::string rows;
  for (int i = 1; i < argc; ++i) {
    std::ifstream stream(argv[i], std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(stream), {}};
    if (!stream.is_open() || content.empty() || content.find(")STATIC\"") != std::string::npos) {
      std::fprintf(stderr, "%s: cannot be embedded\n", argv[i]);
      return 2;
    }
    char version[17];
    std::snprintf(version, sizeof version, "%016llx", static_cast<unsigned long long>(mre::fnv1a(content)));
    rows += "    {\"" + std::filesystem::path(argv[i]).filename().string() + "\", R\"STATIC(" + content +
            ")STATIC\"sv, \"" + version + "\"},\n";
  }
  const std::string text =
      "// Made by embed_static_main.cc from exporter/web/static.\n#include "
      "\"exporter/web/static_files.h\"\n\n"
      "std::span<const mre::StaticFile> mre::static_files() {\n"
      "  using namespace std::string_view_literals;\n  static constexpr StaticFile files[] = {\n" +
      rows + "  };\n  return files;\n}\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 2;
}
