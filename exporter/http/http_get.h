// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/error.h"

namespace mre {

/// Where another exporter serves, and how to be let in.
struct HttpTarget {
  std::string url;       ///< "http://host:port" or "https://host:port".
  std::string username;  ///< Empty: no authentication.
  std::string password;
  std::string ca_file;  ///< CA certificates that may sign the server's; empty: those of the system.
};

/// The body of the answer to a GET. Waits at most ten seconds for each step; the body has at most 16 MiB. Errors:
/// unavailable, with the URL and why: no connection, or the status and the first line of the answer.
Result<std::string> http_get(const HttpTarget& target, const std::string& path);

}  // namespace mre
