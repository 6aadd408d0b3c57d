// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "exporter/capture/capture_options.h"
#include "exporter/capture/connection/connection_tracker.h"
#include "exporter/capture/frame/frame_input.h"
#include "exporter/event/decoder.h"
#include "exporter/input/source.h"

/// The packets themselves as a source: no profile is needed, because MQTT says what they mean.
///
/// A record is what one frame completed: the reason codes of the control packets that end in it, and the ends
/// of connections, as bytes (event_bytes.h) that the decoder made here reads. A frame that tells nothing is
/// no record.
namespace mre {

/// Which connections a recording's records name: for people who look at each.
enum class NamePeers : std::uint8_t { no, yes };

/// The source over any input of frames. `options` are valid. With NamePeers::yes the topic of a record is
/// "192.0.2.7:49152 > 192.0.2.1:1883".
///
/// It keeps no place: what passes while it does not run, nobody sees.
std::unique_ptr<Source> make_capture_source(const CaptureOptions& options, std::unique_ptr<FrameInput> input,
                                            NamePeers names = NamePeers::no);

/// The packets that pass an interface from now on. An interface that is not there, or that may not be read,
/// is no error here: `status` says why, and the source tries again.
///
/// Needs CAP_NET_RAW. Lost, and counted: what finds the kernel's ring full (frames_dropped_kernel).
std::unique_ptr<Source> make_live_capture_source(const CaptureOptions& options);

/// Reads the records of these sources. Its coverage is all that the standard allows.
std::unique_ptr<Decoder> make_capture_decoder();

}  // namespace mre
