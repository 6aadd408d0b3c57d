// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/envelope/opened.h"

namespace mre {

/// Joins the pieces of a line, separately for each stream. One thread. Stores at most kMaxJoinedBytes per
/// stream.
class LineJoiner {
 public:
  /// `opened` is a piece or a line. Returns kind `line` with the whole line, valid until the next call;
  /// `nothing` while pieces are missing; or `too_long` once for a line, whose further pieces return
  /// `nothing`.
  Opened join(const Opened& opened);

  void clear() { partials_ = {}; }
  void save(ByteWriter& out) const;  ///< The pieces of incomplete lines.
  /// Restores what `save` wrote. If the bytes are invalid, `in` fails and the caller must call `clear`.
  void restore(ByteReader& in);

 private:
  struct Partial {
    std::string text;
    bool handed_out = false;  // the text is a line that was returned
    bool skipping = false;    // skipping the rest of a line that was too long
  };
  std::array<Partial, 2> partials_;
};

}  // namespace mre
