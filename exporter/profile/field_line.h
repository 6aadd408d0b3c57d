#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/profile/pattern.h"

namespace mre {

/// The length of the key with which `key: value` begins; 0 if the text begins with none. A key is a
/// lower-case letter, then letters, digits, '_' and '@'.
std::size_t key_length(std::string_view text);

/// Reads members of a line `key: value, key: value, …` into fields: the values as written, up to the next
/// ", key: " or the end. Other keys may be between them, in any order.
///
/// Values are not escaped: a client that writes ", reason: x" into its id makes a key of its own. Returns
/// false, and the record must not be read, if that can be so:
///   - a wanted key occurs twice
///   - `first` names the keys with which the broker begins its lines, and a wanted one of them comes after
///     another key
/// The client is ambiguous if a key follows that is neither wanted nor one of `first`: it may be a part of
/// its id.
///
/// At most 64 are wanted. `captures` then holds these fields alone, also if the result is false. Linear in
/// the text; allocates nothing.
bool read_fields(std::string_view text, std::span<const std::pair<Field, std::string>> wanted,
                 std::span<const std::string> first, Captures& captures);

}  // namespace mre
