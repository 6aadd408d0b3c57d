// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/config_from_flags.h"

#include <algorithm>
#include <cctype>
#include <span>

#include "exporter/config/auto_profile.h"
#include "exporter/config/values.h"
#include "exporter/http/server.h"
#include "exporter/profile/detect.h"

namespace mre {
namespace {

constexpr std::string_view kNothingToRead =
    "no source is configured: name the broker's log, its MQTT address, a network interface, or a "
    "configuration "
    "file\n"
    "\n"
    "  mqtt-reason-exporter --log.path /var/log/mosquitto/mosquitto.log\n"
    "  mqtt-reason-exporter --mqtt.url mqtt://127.0.0.1:1883\n"
    "  mqtt-reason-exporter --capture.interface any\n"
    "\n"
    "See --help. \"list brokers\" prints the kinds of broker and the settings that each needs";

tl::unexpected<Error> refuse_flags(std::string what) { return fail(Errc::invalid_config, std::move(what)); }

bool is_key_character(char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// The flag of a configuration key: "password_file" of the group mqtt is --mqtt.password-file. Nothing: none.
std::string_view flag_of_key(FlagGroup group, std::string_view key) {
  std::string dashed(key);
  std::ranges::replace(dashed, '_', '-');
  for (const FlagRow& row : flag_rows()) {
    const std::string_view own = row.name.substr(row.name.find('.') + 1);
    // A list has a plural: "topics" is filled by --mqtt.topic.
    if (row.group == group && (own == dashed || (row.repeatable && dashed.starts_with(own)))) return row.name;
  }
  return {};
}

/// `profile` is null if the records are to choose it from the broker's candidates.
Result<void> add_log(BrokerConfig& broker, const std::shared_ptr<const Profile>& profile,
                     LogOptions options) {
  if (profile != nullptr && !profile->log.supported) {
    return refuse_flags("--log.path: the profile \"" + profile->name +
                        "\" cannot read a log: use --mqtt.url");
  }
  broker.sources.push_back({"log", profile, std::move(options), false});
  return {};
}

Result<void> add_mqtt(BrokerConfig& broker, const std::shared_ptr<const Profile>& profile,
                      MqttOptions options) {
  if (profile != nullptr && !profile->mqtt.supported) {
    return refuse_flags("--mqtt.url: the profile \"" + profile->name +
                        "\" cannot read events: use --log.path");
  }
  const bool topics_of_profile = options.topics.empty();
  if (topics_of_profile)
    options.topics = profile == nullptr ? topics_of(broker.candidates) : profile->mqtt.topics;
  if (auto valid = validate(options); !valid)
    return refuse_flags(with_flags(FlagGroup::mqtt, valid.error().what));
  broker.sources.push_back({"mqtt", profile, std::move(options), topics_of_profile});
  return {};
}

Result<void> add_capture(BrokerConfig& broker, CaptureOptions options) {
  if (options.ports.empty()) options.ports = CaptureOptions().ports;
  if (auto valid = validate(options); !valid)
    return refuse_flags(with_flags(FlagGroup::capture, valid.error().what));
  broker.sources.push_back({"capture", nullptr, std::move(options), false});
  // The capture counts before the records of other sources choose a profile, so the broker needs a name now.
  if (broker.name.empty()) broker.name = kUnprofiledBroker;
  return {};
}

/// The profile that the flags name. Null: the records choose one of the candidates, which the broker then has.
Result<std::shared_ptr<const Profile>> set_profile(BrokerConfig& broker, const Settings& settings) {
  std::shared_ptr<const Profile> profile;
  broker.name = settings.broker_name;
  if (settings.profile == kAutoProfile && (!settings.log.path.empty() || !settings.mqtt.url.empty())) {
    const auto detectable = detectable_profiles({});
    if (!detectable) return tl::make_unexpected(detectable.error());
    const std::span urls(&settings.mqtt.url, settings.mqtt.url.empty() ? 0 : 1);
    broker.candidates = candidates_for(*detectable, !settings.log.path.empty(), urls);
  } else if (settings.profile != kAutoProfile) {
    auto found = profile_by_name_or_file(settings.profile);
    if (!found) return refuse_flags("--broker.profile: " + found.error().what);
    profile = std::move(*found);
    if (broker.name.empty()) broker.name = profile->name;
  }
  if (broker.name.empty()) return profile;
  if (auto valid = check_name(broker.name); !valid)
    return refuse_flags("--broker.name: " + valid.error().what);
  return profile;
}

}  // namespace

std::string with_flags(FlagGroup group, std::string_view what) {
  std::string text;
  for (std::size_t at = 0; at < what.size();) {
    const std::string_view rest = what.substr(at);
    const auto length =
        static_cast<std::size_t>(std::ranges::find_if_not(rest, is_key_character) - rest.begin());
    if (length == 0) {
      text += what[at++];
      continue;
    }
    const std::string_view word = rest.substr(0, length);
    const bool quoted = text.ends_with('"') && rest.substr(length).starts_with('"');
    const bool first = at == 0 && rest.substr(length).starts_with(':');
    const std::string_view flag =
        quoted || first || word == "username" || word.find('_') != word.npos ? flag_of_key(group, word) : "";
    at += length;
    if (flag.empty()) {
      text += word;
      continue;
    }
    if (quoted) {
      text.pop_back();
      ++at;
    }
    text += flag;
  }
  return text;
}

Result<std::shared_ptr<const Profile>> profile_by_name_or_file(const std::string& text) {
  if (!text.ends_with(".yaml") && !text.ends_with(".yml") && text.find('/') == std::string::npos) {
    return find_profile(text, {});
  }
  return load_profile_file(text);
}

Result<Config> config_to_serve(Settings settings) {
  Config config{std::move(settings.web),
                settings.logging,
                std::move(settings.state),
                std::move(settings.brokers),
                std::move(settings.profile_files),
                std::move(settings.process),
                settings.clients,
                std::move(settings.events)};
  if (!settings.config_file.empty()) return config;
  if (auto valid = validate(config.web); !valid) {
    constexpr std::string_view listen_address = "listen address ";
    const std::string what = with_flags(FlagGroup::web, valid.error().what);
    return refuse_flags(what.starts_with(listen_address)
                            ? "--web.listen-address " + what.substr(listen_address.size())
                            : what);
  }
  if (settings.log.path.empty() && settings.mqtt.url.empty() && settings.capture.interface.empty())
    return refuse_flags(std::string(kNothingToRead));
  BrokerConfig broker;
  const auto profile = set_profile(broker, settings);
  if (!profile) return tl::make_unexpected(profile.error());
  if (!settings.log.path.empty()) {
    if (auto added = add_log(broker, *profile, std::move(settings.log)); !added)
      return tl::make_unexpected(added.error());
  }
  if (!settings.mqtt.url.empty()) {
    if (auto added = add_mqtt(broker, *profile, std::move(settings.mqtt)); !added)
      return tl::make_unexpected(added.error());
  }
  if (!settings.capture.interface.empty()) {
    if (auto added = add_capture(broker, std::move(settings.capture)); !added)
      return tl::make_unexpected(added.error());
  }
  config.brokers.push_back(std::move(broker));
  return config;
}

}  // namespace mre
