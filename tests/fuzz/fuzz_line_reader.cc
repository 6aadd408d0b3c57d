// SPDX-License-Identifier: Apache-2.0
// LineReader against a model that splits the whole input at once. The first two bytes of the input choose the
// limit and how the rest is cut into reads; what is read must not depend on the cut.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/input/line_reader.h"

namespace {

struct Lines {
  std::vector<std::string> lines;
  std::uint64_t oversized = 0;
  std::uint64_t nul_bytes = 0;

  bool operator==(const Lines&) const = default;
};

Lines model(std::string_view input, std::size_t limit) {
  Lines out;
  while (!input.empty()) {
    const std::size_t newline = input.find('\n');
    std::string_view line = input.substr(0, newline);
    input.remove_prefix(newline == std::string_view::npos ? input.size() : newline + 1);
    const std::size_t nuls = std::min(line.find_first_not_of('\0'), line.size());
    out.nul_bytes += nuls;
    line.remove_prefix(nuls);
    if (newline == std::string_view::npos && line.empty()) break;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > limit) {
      ++out.oversized;
    } else {
      out.lines.emplace_back(line);
    }
  }
  return out;
}

Lines read_in_pieces(std::string_view input, std::size_t limit, std::size_t piece) {
  mre::LineReader reader(limit);
  Lines out;
  while (!input.empty()) {
    const auto space = reader.space();
    const std::size_t count = std::min({space.size(), input.size(), piece});
    std::copy_n(input.begin(), count, space.begin());
    reader.add(count);
    input.remove_prefix(count);
    while (const auto line = reader.next()) out.lines.emplace_back(*line);
  }
  if (const auto rest = reader.finish()) out.lines.emplace_back(*rest);
  out.oversized = reader.oversized();
  out.nul_bytes = reader.nul_bytes();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t limit = data[0];
  const std::size_t piece = std::size_t{data[1]} + 1;
  std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (read_in_pieces(input, limit, piece) != model(input, limit)) std::abort();
  return 0;
}
