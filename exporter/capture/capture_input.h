// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "exporter/capture/capture_options.h"
#include "exporter/capture/frame/frame_input.h"
#include "exporter/input/input.h"

/// Packets as an input. It needs no profile, because MQTT defines what they mean.
///
/// A frame that completes events (reason codes of control packets, ends of connections) is a record, after its events;
/// other frames are none. Its connection is "192.0.2.7:49152 > 192.0.2.1:1883". The input names clients to a sink that
/// wants them: their addresses, and client id and user name in CONNECT, if that packet is in one segment.
namespace mre {

/// Makes an input over any source of frames. `options` are valid. It has no position to store: packets that pass while
/// it does not run are lost.
std::unique_ptr<Input> make_capture_input(const CaptureOptions& options, std::unique_ptr<FrameInput> frames);

/// Makes an input of the packets that pass an interface from now on. An interface that is missing or that the exporter
/// may not capture is not an error here: `status` has the reason, and the input retries.
///
/// Needs CAP_NET_RAW. Lost, and counted as frames_dropped_kernel: frames that do not fit into the kernel's ring.
std::unique_ptr<Input> make_live_capture_input(const CaptureOptions& options);

/// Everything that the standard allows, which packets can show.
const Coverage& capture_coverage();

}  // namespace mre
