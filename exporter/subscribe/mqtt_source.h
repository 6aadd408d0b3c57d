// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/input/source.h"
#include "exporter/subscribe/mqtt_options.h"

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
/// broker is a state (`status`), not an error. It subscribes after every connect, and has the broker keep its
/// session for session_expiry (mqtt_session.h), so that what is sent meanwhile with QoS 1 comes afterwards.
///
/// What is lost, and where that is counted:
/// - messages that find the queue full, the newest first (records_dropped). They are acknowledged: the broker
///   would otherwise keep them until it drops others, and tell nobody;
/// - messages longer than max_packet_bytes (records_oversized; with MQTT 5.0 the broker drops them itself,
///   unseen);
/// - a session with a message longer than queue_bytes, or with more of QoS 2 than fit in queue_bytes (MQTT
///   3.1.1) or than 1,024, which the broker does not release: the connection is ended (records_oversized),
///   because its library would hold all of it in memory, and the next begins without the session
///   (sessions_lost);
/// - what the broker does not keep while we are away: messages of QoS 0, those beyond its own limit, and all
///   if it has lost the session (sessions_lost);
/// - if the process is killed: what was acknowledged and not yet counted and saved, at most a queue of it.
///   `finish` is for an end in good order.
///
/// A message that was taken in, and whose acknowledgement the broker had not read when the connection ended,
/// is sent again. At QoS 1 it is marked and counted (redelivered), and recognised by its packet identifier
/// and content (MqttTaken), by the process that goes on with its place too. Handed out again is only what was
/// taken after that place, and at QoS 2, where the library hides the mark, all.
///
/// `place` is what `Source::save` of an earlier one wrote; empty or not readable: none.
///
/// Errors: invalid_config as `validate` says.
Result<std::unique_ptr<MqttSubscriber>> make_mqtt_source(const MqttOptions& options,
                                                         std::string_view place = {});

}  // namespace mre
