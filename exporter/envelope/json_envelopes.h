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

/// Envelopes with one JSON object per line. One thread; buffers are reused. The texts are valid until the
/// next call.
///
/// Members may be in any order, with other members. A duplicate relevant member makes the line invalid,
/// because neither the first nor the last one can be trusted.
class JsonEnvelopes {
 public:
  JsonEnvelopes();
  ~JsonEnvelopes();

  /// Docker's json-file (moby daemon/logger/jsonfilelog): {"log":"text\n","stream":"stdout","time":"…"}
  /// A log without "\n" at its end is a piece.
  Opened open_docker(std::string_view line);

  /// journalctl -o json: an object with __REALTIME_TIMESTAMP and MESSAGE, which is a string; a list of bytes,
  /// if it is not printable UTF-8; null, if it is too long; a list of those, if the entry has several; or
  /// missing. json-seq writes a record separator in front of the object, json-sse "data: " and empty lines
  /// between objects. Docker's log driver marks pieces with CONTAINER_PARTIAL_MESSAGE.
  Opened open_journald(std::string_view line);

  /// Formats of log collectors: the broker's line is the string at `path`. Fluentd's time and tag, or Fluent
  /// Bit's tag and time, may surround the object. Marks of a partial line are supported: Docker's
  /// partial_message and partial_last, and Fluent Bit's logtag.
  Opened open_json(std::string_view line, const JsonPath& path);

  /// Finds the path of the broker's line in such an object: the member whose text `is_known`. If the object
  /// has members with the usual names of the line ("message", "log", …), only these are considered: others
  /// may contain a client's text. If several known members have different texts, there is no result. If they
  /// have the same text, `preferred` is chosen, otherwise the first.
  std::optional<JsonPath> find_line(std::string_view line,
                                    const std::function<bool(std::string_view)>& is_known,
                                    const JsonPath& preferred);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
