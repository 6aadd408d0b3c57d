// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/capture/frame/segment.h"

namespace mre {

/// Verifies the checksums of a segment whose payload is still a view into its frame: IPv4's header, and TCP
/// with its pseudo-header (RFC 791, 9293 section 3.1, 8200 section 8.1). A receiver drops a segment with an
/// invalid one. Segments that the capturing machine itself sends have no valid checksum yet if its network
/// card computes it, because the capture sees the frame first.
Checksum checksum_of(const Segment& segment);

}  // namespace mre
