// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/input/source.h"
#include "exporter/subscribe/mqtt_options.h"

namespace mre {

/// Makes a source that subscribes to the topics of `options` at a broker and returns the messages.
///
/// It connects, subscribes and reconnects by itself on a thread of its own; a missing broker is a state
/// (`status`), not an error. It subscribes after each connect, and asks the broker to keep the session for
/// session_expiry (broker_session.h), so that messages of QoS 1 that are sent in between arrive later.
/// `next` returns a message that it has waited for up to 10 ms later, together with those that follow it.
///
/// What can be lost, and where it is counted:
/// - messages that arrive while the queue is full (records_dropped). They are acknowledged: otherwise the
///   broker would store them until it drops other messages without a trace;
/// - messages longer than max_packet_bytes (records_oversized; with MQTT 5.0 the broker drops them itself,
///   and they are not counted);
/// - a session with a packet longer than max_packet_bytes (MQTT 5.0) or queue_bytes (3.1.1), or with more
///   unreleased messages of QoS 2 than fit into queue_bytes (3.1.1) or than 1,024. Because the library would
///   hold all of them in memory, the connection is ended (records_oversized), and the next one starts without
///   the session (sessions_lost);
/// - messages that the broker does not store while the exporter is disconnected: those of QoS 0, those above
///   the broker's own limit, and all of them if it has lost the session (sessions_lost);
/// - if the process is killed: messages that were acknowledged but not yet counted and saved, at most those
///   in the queue. `finish` prevents this when the process stops.
///
/// A received message whose acknowledgement the broker did not get before the connection ended is sent again.
/// At QoS 1 it has the DUP flag and is counted (redelivered), and RedeliveryFilter recognises it by its
/// packet identifier and content, also in a process that resumes from the checkpoint. Returned twice are only
/// messages that were received after that checkpoint, and at QoS 2, where the library hides the flag, all of
/// them.
///
/// `saved` is what `Source::save` of an earlier source wrote; if it is empty or not readable, a new session
/// starts. Errors: invalid_config, as for `validate`.
Result<std::unique_ptr<Source>> make_mqtt_source(const MqttOptions& options, std::string_view saved = {});

}  // namespace mre
