// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "exporter/capture/connection/conversation.h"
#include "exporter/capture/tcp/flow_table.h"

namespace mre {

/// How connections end, and what is told of ends that no packet gave a reason for.
///
/// Who sent the first FIN or RST has ended the connection. After both FINs all is said. After a RST, or one
/// FIN alone, what the other side sent at the same time may still come: kGrace is waited for that. A FIN that
/// acknowledges the other side's came second, in whatever order the capture has them.
///
/// Lost: the ends of connections of which not all was seen, as the missing part may hold the reason; also of
/// those of which the capture has one side only. They are counted as ends_unknown.
///
/// Of a connection on which no MQTT was said, only that the broker ended it without a word: "tls_error", if
/// the client wanted TLS, else "connection_closed".
///
/// "keep_alive_timeout" is what the broker's end is called if the client was silent for 1.5 times its
/// keep-alive (MQTT 5.0 section 3.1.2.10), or up to a second less. Lost: a keep-alive that the broker set
/// itself, in CONNACK, is not known; then it is "connection_closed".
class Endings {
 public:
  static constexpr std::int32_t kGrace = 2 * kTicksPerSecond;

  Endings(FlowTable& flows, Conversation& conversation, SourceStatus& status)
      : flows_(flows), conversation_(conversation), status_(status), waiting_(kMaxWaiting) {}

  /// The last byte of one direction has come, or the connection was reset; in the order of its bytes.
  void on_fin(Flow& flow, mqtt::Side side, const Segment& segment, Scene& scene);
  void on_reset(Flow& flow, mqtt::Side side, Scene& scene);

  /// Ends a connection that is ending: nothing more will come of it.
  void end(Flow& flow, Scene& scene);

  /// Ends those for which the time is over; with `all`, those that wait.
  void settle(Scene& scene, bool all);

 private:
  /// An end that is waited for.
  struct Waiting {
    FlowKey key;
    std::uint32_t flow;
    Ticks since;
    Endpoint client;
    Endpoint broker;
  };
  /// If there are more, the first of them wait no longer.
  static constexpr std::size_t kMaxWaiting = 4096;

  void begin_end(Flow& flow, mqtt::Side side, Scene& scene);
  void set_first(Flow& flow, mqtt::Side side, Ticks now);
  void end_oldest(Scene& scene);

  FlowTable& flows_;
  Conversation& conversation_;
  SourceStatus& status_;
  std::vector<Waiting> waiting_;  // a ring
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace mre
