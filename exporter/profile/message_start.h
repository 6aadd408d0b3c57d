#pragma once

#include <string_view>

namespace mre {

/// How many bytes of time stamp stand before the message of a log line: 0 if it begins with none.
///
/// A time stamp is what a broker's own clock prints before ": ": seconds ("1795322239: "), ISO 8601, or any
/// strftime form with at least four digits ("22/Nov/2026 04:59:25: ", "[2026-11-22 04:59:26+0000]: "), at
/// most 64 bytes. Looks no further than the first ": ", so that the text of a client is never taken for the
/// message.
std::size_t time_stamp_length(std::string_view line);

}  // namespace mre
