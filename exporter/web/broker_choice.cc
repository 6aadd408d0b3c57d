// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/broker_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "exporter/web/html.h"

namespace mre {

std::vector<std::string> broker_names(std::span<const FeedSample> feeds) {
  std::vector<std::string> names;
  for (const FeedSample& feed : feeds) {
    if (std::ranges::find(names, feed.broker) == names.end()) names.push_back(feed.broker);
  }
  return names;
}

std::vector<FeedSample> of_broker(std::span<const FeedSample> feeds, std::string_view broker) {
  std::vector<FeedSample> chosen;
  std::ranges::copy_if(feeds, std::back_inserter(chosen),
                       [&](const FeedSample& feed) { return broker.empty() || feed.broker == broker; });
  return chosen;
}

std::string broker_choice(std::span<const FeedSample> feeds, std::string_view chosen) {
  std::vector<std::string> names = broker_names(feeds);
  if (names.size() < 2 && chosen.empty()) return {};
  if (!chosen.empty() && std::ranges::find(names, chosen) == names.end()) names.emplace_back(chosen);
  std::string options = "<option value=\"\">all</option>";
  for (const std::string& name : names) {
    options += fmt::format("<option value=\"{0}\"{1}>{0}</option>", html::text(name),
                           name == chosen ? " selected" : "");
  }
  return fmt::format("<label>Broker <select name=\"broker\">{}</select></label>\n", options);
}

}  // namespace mre
