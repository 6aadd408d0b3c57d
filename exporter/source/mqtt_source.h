#pragma once

#include <memory>

#include "exporter/base/error.h"
#include "exporter/source/mqtt_options.h"
#include "exporter/source/source.h"

namespace mre {

/// Messages of a broker, as its client: subscribes to the topics of `options` and hands out what arrives.
///
/// It connects, subscribes and starts again after any loss by itself, on a thread of its own; an absent
/// broker is a state (`status`), not an error. Subscribes after every connect, with a clean start.
///
/// What is lost, and where that is counted: messages that find the queue full, the newest first
/// (records_dropped); messages longer than max_packet_bytes (records_oversized; with MQTT 5.0 the broker
/// drops them itself, unseen); what the broker sends while we are not connected (seen as status().up).
///
/// Errors: invalid_config as `validate` says.
Result<std::unique_ptr<Source>> make_mqtt_source(const MqttOptions& options);

}  // namespace mre
