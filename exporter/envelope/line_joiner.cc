// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/line_joiner.h"

#include <utility>

#include "exporter/envelope/unwrap.h"

namespace mre {

Opened LineJoiner::join(const Opened& opened) {
  Half& half = halves_[static_cast<std::size_t>(opened.stream)];
  const bool ends = opened.kind == Opened::Kind::line;
  if (half.skipping) {
    half.skipping = !ends;
    return {Opened::Kind::nothing};
  }
  if (std::exchange(half.handed_out, false)) half.text.clear();
  if (ends && half.text.empty()) return opened;
  if (half.text.size() + opened.text.size() > kMaxJoinedBytes) {
    half.text.clear();
    half.skipping = !ends;
    return {Opened::Kind::too_long};
  }
  half.text.append(opened.text);
  half.handed_out = ends;
  return ends ? Opened{Opened::Kind::line, half.text} : Opened{Opened::Kind::nothing};
}

void LineJoiner::save(ByteWriter& out) const {
  for (const Half& half : halves_) {
    out.flag(half.skipping);
    out.text(half.handed_out ? std::string_view{} : half.text);
  }
}

void LineJoiner::restore(ByteReader& in) {
  for (Half& half : halves_) {
    half = {};
    half.skipping = in.flag();
    const std::string_view text = in.text();
    if (text.size() > kMaxJoinedBytes || (half.skipping && !text.empty())) return in.fail();
    half.text = text;
  }
}

}  // namespace mre
