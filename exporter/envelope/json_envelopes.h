#pragma once

#include <memory>
#include <string_view>

#include "exporter/envelope/opened.h"

namespace mre {

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
  /// missing.
  Opened open_journald(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
