// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "exporter/event/record.h"

namespace mre {

/// Parses recorded MQTT messages, one JSON object per line: {"topic":…,"payload":…,"retain":…}, as mosquitto_sub
/// prints them with -F %j and -F %J. The payload is a string; of any other JSON value its text is the payload.
/// `retain` is 0, 1, true or false. A missing payload is empty, a missing `retain` is false. Other members are
/// ignored.
class EventLine {
 public:
  EventLine();
  ~EventLine();

  /// The message of one line; nothing if the line is not a message. Its views stay valid until the next call.
  std::optional<Record> read(std::string_view line);
  /// Whether the last line has a payload. A line with a topic only may be a JSON log line of a broker.
  bool has_payload() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
