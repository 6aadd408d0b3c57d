// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/envelope/opened.h"

namespace mre {

/// The keys that lead to a member of a JSON object, from outside to inside.
using JsonPath = std::vector<std::string>;
inline constexpr std::size_t kMaxJsonDepth = 3;
inline constexpr std::size_t kMaxJsonKeyBytes = 128;

/// Envelopes that are one JSON object a line. One thread; buffers are reused. The texts stay valid until the
/// next call.
///
/// Members may stand in any order, and others beside them; one that matters and stands twice makes the line
/// refused, because first and last are both a guess.
class JsonEnvelopes {
 public:
  JsonEnvelopes();
  ~JsonEnvelopes();

  /// Docker's json-file (moby daemon/logger/jsonfilelog): {"log":"text\n","stream":"stdout","time":"…"}
  /// A log without "\n" at its end is a piece.
  Opened open_docker(std::string_view line);

  /// journalctl -o json: an object with __REALTIME_TIMESTAMP and MESSAGE, which is a string; a list of bytes,
  /// if it is not printable UTF-8; null, if it is too long; a list of those, if the entry has several; or
  /// missing. With json-seq a record separator is before the object, with json-sse "data: ", and empty lines
  /// are between them. Docker's log driver marks pieces with CONTAINER_PARTIAL_MESSAGE.
  Opened open_journald(std::string_view line);

  /// What collectors write: the broker's line is the string at `path`. Fluentd's time and tag, or Fluent
  /// Bit's tag and time, may be around the object. Docker's and Fluent Bit's marks of a piece are honoured:
  /// partial_message and partial_last, and logtag.
  Opened open_json(std::string_view line, const JsonPath& path);

  /// Where in such an object the broker's line is: in the member whose text `is_known`. If the object has
  /// members that collectors name the line by ("message", "log", …), only they count: any other may hold a
  /// text that a client chose. Members with different texts of which more than one is known decide nothing;
  /// with the same text, `preferred` is chosen, else the first.
  std::optional<JsonPath> find_line(std::string_view line,
                                    const std::function<bool(std::string_view)>& is_known,
                                    const JsonPath& preferred);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
