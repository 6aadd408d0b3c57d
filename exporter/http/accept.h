// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

/// What a client accepts: lists of values with weights (RFC 9110, sections 12.4 and 12.5).
namespace mre {

/// Whether the value of Accept-Encoding contains gzip with a weight above 0.
bool accepts_gzip(std::string_view accept_encoding);

/// Whether the value of Accept contains OpenMetrics 1.0 with a weight above 0 that the text format does not exceed.
bool prefers_openmetrics(std::string_view accept);

}  // namespace mre
