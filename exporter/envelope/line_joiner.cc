// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/line_joiner.h"

#include <utility>

#include "exporter/envelope/unwrap.h"

namespace mre {

Opened LineJoiner::join(const Opened& opened) {
  Partial& partial = partials_[static_cast<std::size_t>(opened.stream)];
  const bool ends = opened.kind == Opened::Kind::line;
  if (partial.skipping) {
    partial.skipping = !ends;
    return {Opened::Kind::nothing};
  }
  if (std::exchange(partial.handed_out, false)) partial.text.clear();
  if (ends && partial.text.empty()) return opened;
  if (partial.text.size() + opened.text.size() > kMaxJoinedBytes) {
    partial.text.clear();
    partial.skipping = !ends;
    return {Opened::Kind::too_long};
  }
  partial.text.append(opened.text);
  partial.handed_out = ends;
  return ends ? Opened{Opened::Kind::line, partial.text} : Opened{Opened::Kind::nothing};
}

void LineJoiner::save(ByteWriter& out) const {
  for (const Partial& partial : partials_) {
    out.flag(partial.skipping);
    out.text(partial.handed_out ? std::string_view{} : partial.text);
  }
}

void LineJoiner::restore(ByteReader& in) {
  for (Partial& partial : partials_) {
    partial = {};
    partial.skipping = in.flag();
    const std::string_view text = in.text();
    if (text.size() > kMaxJoinedBytes || (partial.skipping && !text.empty())) return in.fail();
    partial.text = text;
  }
}

}  // namespace mre
