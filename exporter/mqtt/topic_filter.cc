// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/topic_filter.h"

#include <algorithm>

#include "exporter/base/text.h"

namespace mre::mqtt {
namespace {

/// Removes and returns the first level, with its "/"; sets `last` if no level is left.
std::string_view next_level(std::string_view& levels, bool& last) {
  const std::size_t slash = levels.find('/');
  last = slash == std::string_view::npos;
  const std::string_view level = levels.substr(0, slash);
  levels.remove_prefix(last ? levels.size() : slash + 1);
  return level;
}

}  // namespace

bool matches(std::string_view filter, std::string_view topic) {
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) return false;
  for (bool filter_ended = false, topic_ended = false;;) {
    const std::string_view wanted = next_level(filter, filter_ended);
    if (wanted == "#") return true;
    const std::string_view level = next_level(topic, topic_ended);
    if (wanted != "+" && wanted != level) return false;
    if (topic_ended) return filter_ended || filter == "#";  // "a/#" matches "a" too
    if (filter_ended) return false;
  }
}

bool is_topic_name(std::string_view topic) {
  const auto is_allowed = [](char c) { return c != '\0' && c != '+' && c != '#'; };
  return !topic.empty() && std::ranges::all_of(topic, is_allowed) && is_utf8(topic);
}

}  // namespace mre::mqtt
