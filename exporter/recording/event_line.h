// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "exporter/event/record.h"

namespace mre {

/// Reads recorded MQTT messages, one JSON object a line: {"topic":…,"payload":…,"retain":…}, as mosquitto_sub
/// -F %j and -F %J print them. The payload is a string, or any other JSON value, which then stands for its
/// own text; retain is 0, 1, true or false; a payload or retain that is missing is empty or false. Other
/// members are ignored.
class EventLine {
 public:
  EventLine();
  ~EventLine();

  /// The message of one line; nothing if it is none. Its views stay valid until the next call.
  std::optional<Record> read(std::string_view line);
  /// Whether the line that was read last has a payload. A broker's own line in JSON may have a topic, too.
  bool has_payload() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
