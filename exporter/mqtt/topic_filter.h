#pragma once

#include <string_view>

namespace mre::mqtt {

/// Whether a topic filter matches a topic name. OASIS MQTT 5.0 section 4.7: "+" is one level, "#" at the end
/// the rest; neither matches a first level that begins with "$".
bool matches(std::string_view filter, std::string_view topic);

}  // namespace mre::mqtt
