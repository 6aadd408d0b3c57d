// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"
#include "exporter/http/listen_address.h"

namespace mre {

/// A listening socket. Non-blocking, close-on-exec.
struct ListenSocket {
  Fd fd;
  ListenAddress address;  ///< Numeric, with the real port.
};

/// Listens on the first address of the host that the system allows. An empty host means all addresses: "::",
/// which also accepts IPv4, or 0.0.0.0 on a machine without IPv6. Errors: invalid_config (malformed address
/// or unknown host), unavailable (refused by the system).
Result<ListenSocket> listen_on(const std::string& address);

/// The sockets that systemd passes to this process (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, descriptors
/// from 3), in their order. Unsets the variables, so that no child process uses the sockets. Call it once,
/// before starting threads. Errors: invalid_config if there are none, or if one is not a listening TCP
/// socket.
Result<std::vector<ListenSocket>> systemd_sockets();

}  // namespace mre
