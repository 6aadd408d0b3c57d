// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/subscribe/mqtt_taken.h"

namespace mre {

/// What we know of the session that the broker keeps while we are not connected. It is the broker's, under
/// our client id: a process that goes on with the same id gets what was sent meanwhile.
struct MqttSession {
  std::string client_id;
  /// The next process will have the same client id: it is configured, or it is kept in a place.
  bool lasting_id = false;
  /// The broker was to keep the session when we were connected last.
  bool expected = false;
  /// The topic filters that the session may hold: those of the options, and those that were not ended yet.
  std::vector<std::string> topics;
  /// What was taken last, so that it is known when the broker sends it again.
  MqttTaken taken;

  /// Goes on with the session of `place`, which `save` wrote. A place that cannot be read, or that is of
  /// another broker, user or configured client id, is none.
  static MqttSession resume(const MqttOptions& options, std::string_view place);

  void save(const MqttOptions& options, ByteWriter& out) const;

  /// Whether the broker is to be asked to keep it. Not in MQTT 3.1.1 for an id that may never come back: the
  /// broker would keep that session for ever.
  bool kept(const MqttOptions& options) const;
};

}  // namespace mre
