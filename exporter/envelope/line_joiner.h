// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/envelope/opened.h"

namespace mre {

/// Joins the pieces of a line, apart for each stream. One thread. At most kMaxJoinedBytes a stream are kept.
class LineJoiner {
 public:
  /// `opened` is a piece or a line. Returns the whole line (kind line), valid until the next call; nothing;
  /// or too_long, once for a line, whose further pieces are then nothing.
  Opened join(const Opened& opened);

  void clear() { halves_ = {}; }
  void save(ByteWriter& out) const;  ///< The pieces that wait for the end of their line.
  /// Takes over what another wrote. If the bytes are not that, `in` fails, and what is here is to be cleared.
  void restore(ByteReader& in);

 private:
  struct Half {
    std::string text;
    bool handed_out = false;  // the text is a line that is done with
    bool skipping = false;    // the line was too long; its end has not come
  };
  std::array<Half, 2> halves_;
};

}  // namespace mre
