#pragma once

#include <cstdint>
#include <string>

#include "exporter/capture/capture_options.h"
#include "exporter/capture/frame.h"
#include "exporter/event/decoder.h"
#include "exporter/event/source_status.h"

namespace mre {

/// Frames in, reason events out: follows the TCP connections of a broker. No input or output of its own, and
/// its only clock is the one of the frames.
class ConnectionTracker {
 public:
  /// `options` are valid. The counters of `status` are raised as things happen; it must outlive this.
  ConnectionTracker(const CaptureOptions& options, SourceStatus& status);
  ~ConnectionTracker();

  /// Reads one frame and tells what it completes. Frames come in the order of the capture, which need not be
  /// that of the network.
  void see(const Frame& frame, EventSink& sink);

  /// No frame follows: tells what waited for missing bytes. Connections that are open are not ended by it.
  void finish(EventSink& sink);

  /// While the sink is called: the connection that tells it, for people: "192.0.2.7:49152 > 192.0.2.1:1883".
  std::string peers() const;
};

}  // namespace mre
