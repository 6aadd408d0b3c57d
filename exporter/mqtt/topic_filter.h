// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mre::mqtt {

/// Whether a topic filter matches a topic name. OASIS MQTT 5.0 section 4.7: "+" matches one level, "#" at the
/// end matches the rest; neither matches a first level that begins with "$".
bool matches(std::string_view filter, std::string_view topic);

/// Whether `topic` is a valid topic name of a PUBLISH (MQTT 5.0 sections 1.5.4, 3.3.2.1 and 4.7): at least
/// one character, valid UTF-8, no U+0000, no wildcard.
bool is_topic_name(std::string_view topic);

}  // namespace mre::mqtt
