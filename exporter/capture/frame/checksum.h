// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/capture/frame/segment.h"

namespace mre {

/// Computes the checksums of a segment whose payload is still a view into its frame: IPv4's header and TCP,
/// with the pseudo-header (RFC 791, 9293 section 3.1, 8200 section 8.1). Who receives a segment with a wrong
/// one drops it. What a machine sends has none that is right, if its network card is to compute it: the
/// capture sees the frame before.
Checksum checksum_of(const Segment& segment);

}  // namespace mre
