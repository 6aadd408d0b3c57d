// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/subscribe/redelivery_filter.h"

namespace mre {

/// What the exporter knows of the session that the broker keeps for its client id. A process that connects
/// with the same id receives the messages that arrived in between.
struct BrokerSession {
  std::string client_id;
  /// The next process has the same client id: it is configured or stored in a checkpoint.
  bool permanent_id = false;
  /// The last connection asked the broker to keep the session.
  bool expected = false;
  /// The topic filters that the session may hold: those of the options, and those that are not unsubscribed
  /// yet.
  std::vector<std::string> topics;
  RedeliveryFilter filter;

  /// Resumes the session that `save` wrote to `saved`. Starts a new session if `saved` is not readable, or
  /// belongs to another broker, user or configured client id.
  static BrokerSession resume(const MqttOptions& options, std::string_view saved);

  void save(const MqttOptions& options, ByteWriter& out) const;

  /// Whether to ask the broker to keep the session. Not in MQTT 3.1.1 with an id that may never be used
  /// again: the broker would keep that session for ever.
  bool is_kept(const MqttOptions& options) const;
};

}  // namespace mre
