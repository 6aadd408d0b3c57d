// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/generated_source.h"

#include <cstdio>
#include <fstream>
#include <iterator>

namespace mre::generated {

std::optional<std::string> read_input(const char* path) {
  std::ifstream stream(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(stream), {}};
  if (stream.is_open() && !stream.bad() && !content.empty()) return content;
  std::fprintf(stderr, "%s: cannot be read, or is empty\n", path);
  return std::nullopt;
}

std::string literal(std::string_view bytes) {
  std::string text = "\"";
  char escape[8];
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 100 == 0) text += "\"\n    \"";
    const auto byte = static_cast<unsigned char>(bytes[i]);
    const bool plain = byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\' && byte != '?';
    std::snprintf(escape, sizeof escape, plain ? "%c" : "\\%03o", byte);
    text += escape;
  }
  return text + "\"";
}

int print(const Source& source) {
  const std::string row(source.row_type);
  const std::string text = "// Made from " + std::string(source.made_from) +
                           " when the exporter is built.\n#include \"" + std::string(source.header) +
                           "\"\n\nstd::span<const mre::" + row + "> mre::" + std::string(source.function) +
                           "() {\n  using namespace std::string_view_literals;\n  static constexpr " + row +
                           " rows[] = {\n" + source.rows + "  };\n  return rows;\n}\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace mre::generated
