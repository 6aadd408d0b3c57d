// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/http/web_policy.h"

namespace mre {

/// Whether the host that the request names can be one that a stranger has in the DNS: a domain name with a dot. A
/// page of theirs, opened in a browser of this machine, could then read the answer, although only this machine is
/// served (DNS rebinding). Addresses, names without a dot, and those below "localhost" are not theirs.
bool names_public_host(const RequestHead& head);

/// Whether a browser sent the request for a page of another site: its Origin (RFC 6454) is not the Host.
bool is_cross_site(const RequestHead& head);

}  // namespace mre
