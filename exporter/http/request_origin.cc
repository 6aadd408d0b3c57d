// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/request_origin.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "exporter/base/text.h"

namespace mre {

bool names_public_host(const RequestHead& head) {
  std::string host = lower_case(head.header("Host"));
  if (host.starts_with('[')) return false;
  host.resize(std::min(host.find(':'), host.size()));
  if (host.ends_with('.')) host.pop_back();
  const bool is_address = std::ranges::all_of(host, [](char c) { return is_digit(c) || c == '.'; });
  return !is_address && host.find('.') != std::string::npos && !host.ends_with(".localhost");
}

bool is_cross_site(const RequestHead& head) {
  const std::string origin = lower_case(head.header("Origin"));
  const std::size_t scheme = origin.find("://");
  return !origin.empty() &&
         (scheme == std::string::npos || origin.substr(scheme + 3) != lower_case(head.header("Host")));
}

}  // namespace mre
