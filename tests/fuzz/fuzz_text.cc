// SPDX-License-Identifier: Apache-2.0
// Any bytes: what we print of them is UTF-8, one line, within its bound; and no name lookup reads beyond
// them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/commands/lookup.h"
#include "exporter/mqtt/reason_code.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool c1 =
        c == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;  // `text` is UTF-8: there is a next byte
    if (c < 0x20 || c == 0x7F || c1) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const std::size_t max_bytes :
       {std::size_t{0}, std::size_t{2}, std::size_t{7}, std::size_t{256}, size * 8}) {
    const std::string line = mre::printable(bytes, max_bytes);
    check(line.size() <= max_bytes);
    check(mre::is_utf8(line));
    check(!has_control(line));
    check(mre::printable(line, max_bytes) == line);
  }
  if (mre::is_utf8(bytes)) {
    check(mre::is_utf8(mre::html_escape(bytes)));
    check(!has_control(mre::json_escape(bytes)) || has_control(bytes));
  }
  const auto code = mre::mqtt::code_from_name(bytes);
  check(!code || *code <= 0xA2);
  const mre::LookupAnswer answer = mre::render_lookup(bytes);
  check(mre::is_utf8(answer.text) && answer.text.ends_with('\n'));
  return 0;
}
