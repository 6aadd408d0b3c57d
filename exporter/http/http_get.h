// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/error.h"

namespace mre {

/// Where another exporter serves, and how to be let in.
struct HttpTarget {
  std::string url;            ///< "http://host:port" or "https://host:port".
  std::string username = {};  ///< Empty: no authentication.
  std::string password = {};
  std::string ca_file = {};  ///< CA certificates that may sign the server's; empty: those of the system.
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

/// The answer to a GET, whatever its status. Waits at most ten seconds for each step; the body has at most 16 MiB.
/// Errors: unavailable, with the URL and why there is no answer.
Result<HttpAnswer> http_get(const HttpTarget& target, const std::string& path);

}  // namespace mre
