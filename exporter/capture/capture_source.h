// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "exporter/capture/capture_options.h"
#include "exporter/capture/connection/connection_tracker.h"
#include "exporter/capture/frame/frame_input.h"
#include "exporter/event/decoder.h"
#include "exporter/input/source.h"

/// Packets as a source. It needs no profile, because MQTT defines what they mean.
///
/// A record holds the events that one frame completes (reason codes of control packets, ends of connections)
/// as bytes (capture_record.h), which the decoder below reads. A frame without events gives no record.
namespace mre {

/// Whether to read who the clients are: their addresses, and client id and user name in CONNECT, if that packet is in
/// one segment. Asked at each CONNECT and event. The topic of a record is then its connection, for display:
/// "192.0.2.7:49152 > 192.0.2.1:1883". Null: never.
using ReadClients = std::function<bool()>;

/// Makes a source over any input of frames. `options` are valid. The source has no position to store: packets
/// that pass while it does not run are lost.
std::unique_ptr<Source> make_capture_source(const CaptureOptions& options, std::unique_ptr<FrameInput> input,
                                            ReadClients read_clients = nullptr);

/// Makes a source of the packets that pass an interface from now on. An interface that is missing or that the
/// exporter may not capture is not an error here: `status` has the reason, and the source retries.
///
/// Needs CAP_NET_RAW. Lost, and counted as frames_dropped_kernel: frames that do not fit into the kernel's
/// ring.
std::unique_ptr<Source> make_live_capture_source(const CaptureOptions& options,
                                                 ReadClients read_clients = nullptr);

/// Reads the records of these sources. Covers everything that the standard allows.
std::unique_ptr<Decoder> make_capture_decoder();

}  // namespace mre
