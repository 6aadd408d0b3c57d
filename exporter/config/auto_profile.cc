// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/auto_profile.h"

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/subscribe/broker_url.h"

namespace mre {

namespace {

/// An endpoint of AWS IoT, such as PREFIX-ats.iot.REGION.amazonaws.com. Other hosts of that domain belong to customers
/// of AWS.
bool is_aws_iot(std::string host) {
  host = lower_case(host);
  if (host.ends_with('.')) host.pop_back();
  const bool is_of_aws = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
  return is_of_aws &&
         (host.find(".iot.") != std::string::npos || host.find(".iot-fips.") != std::string::npos);
}

bool reads_reserved_topics(const Profile& profile, const std::string& url) {
  const auto broker = parse_broker_url(url);
  const std::string_view reserved = broker && is_aws_iot(broker->host) ? "$aws/" : "$SYS/";
  return profile.mqtt.supported && std::ranges::any_of(profile.mqtt.topics, [&](std::string_view topic) {
           return topic.starts_with(reserved);
         });
}

}  // namespace

std::vector<std::shared_ptr<const Profile>> candidates_for(
    std::span<const std::shared_ptr<const Profile>> profiles, bool has_log,
    std::span<const std::string> urls) {
  std::vector<std::shared_ptr<const Profile>> candidates;
  for (const auto& profile : profiles) {
    const auto reads = [&](const std::string& url) { return reads_reserved_topics(*profile, url); };
    if ((!has_log || profile->log.supported) && std::ranges::all_of(urls, reads))
      candidates.push_back(profile);
  }
  return candidates;
}

std::vector<std::string> topics_of(std::span<const std::shared_ptr<const Profile>> profiles) {
  std::vector<std::string> topics;
  for (const auto& profile : profiles) {
    for (const std::string& topic : profile->mqtt.topics) {
      if (std::ranges::find(topics, topic) == topics.end()) topics.push_back(topic);
    }
  }
  return topics;
}

}  // namespace mre
