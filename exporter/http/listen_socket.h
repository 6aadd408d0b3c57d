// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"
#include "exporter/http/listen_address.h"

namespace mre {

/// A socket that listens. Non-blocking, closed on exec.
struct ListenSocket {
  Fd fd;
  ListenAddress address;  ///< Numeric, with the real port.
};

/// Listens on the first address of the host that the system allows. An empty host is every address: "::"
/// takes IPv4 connections too, where the machine has IPv6 at all. Errors: invalid_config (malformed, or an
/// unknown host), unavailable (the system refuses).
Result<ListenSocket> listen_on(const std::string& address);

/// The sockets that systemd passes to this process (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, descriptors
/// from 3 on), in their order. Removes the variables, so that no child takes the sockets for its own. Call it
/// once, before there are threads. Errors: invalid_config if there are none, or one is not a listening TCP
/// socket.
Result<std::vector<ListenSocket>> take_systemd_sockets();

}  // namespace mre
