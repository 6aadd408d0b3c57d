#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/source/mqtt_options.h"
#include "exporter/source/source.h"

namespace mre {

class MqttSubscriber : public Source {
 public:
  /// Goes on with these topic filters alone, which are some of those it has. The connection stays: nothing
  /// of what they match is missed. Messages of the others may still come for a moment. Not empty; any thread.
  virtual void narrow(std::vector<std::string> topics) = 0;
};

/// Messages of a broker, as its client: subscribes to the topics of `options` and hands out what arrives.
///
/// It connects, subscribes and starts again after any loss by itself, on a thread of its own; an absent
/// broker is a state (`status`), not an error. Subscribes after every connect, with a clean start.
///
/// What is lost, and where that is counted: messages that find the queue full, the newest first
/// (records_dropped); messages longer than max_packet_bytes (records_oversized; with MQTT 5.0 the broker
/// drops them itself, unseen); what the broker sends while we are not connected (seen as status().up).
///
/// `place` is what `Source::save` of an earlier one wrote; empty or not readable: none.
///
/// Errors: invalid_config as `validate` says.
Result<std::unique_ptr<MqttSubscriber>> make_mqtt_source(const MqttOptions& options,
                                                         std::string_view place = {});

}  // namespace mre
