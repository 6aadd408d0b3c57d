#include "exporter/quick_start.h"

#include <fstream>
#include <iterator>

#include "exporter/base/text.h"
#include "exporter/config/values.h"

namespace mre {
namespace {

constexpr std::size_t kMaxProfileBytes = 1024 * 1024;

constexpr std::string_view kNothingToRead =
    "nothing to read: name the kind of broker and its log or its address, or a configuration file\n"
    "\n"
    "  mqtt-reason-exporter --broker.profile mosquitto --log.path /var/log/mosquitto/mosquitto.log\n"
    "  mqtt-reason-exporter --broker.profile nanomq --mqtt.url mqtt://127.0.0.1:1883\n"
    "\n"
    "See --help, and list brokers for the kinds of broker";

tl::unexpected<Error> refuse(std::string what) { return fail(Errc::invalid_config, std::move(what)); }

Result<void> add_log(BrokerConfig& broker, const std::shared_ptr<const Profile>& profile,
                     LogOptions options) {
  if (!profile->log.supported) {
    return refuse("--log.path: the profile \"" + profile->name + "\" cannot read a log: use --mqtt.url");
  }
  broker.sources.push_back({"log", profile, std::move(options)});
  return {};
}

Result<void> add_mqtt(BrokerConfig& broker, const std::shared_ptr<const Profile>& profile,
                      MqttOptions options) {
  if (!profile->mqtt.supported) {
    return refuse("--mqtt.url: the profile \"" + profile->name + "\" cannot read events: use --log.path");
  }
  if (options.topics.empty()) options.topics = profile->mqtt.topics;
  if (auto valid = validate(options); !valid) return refuse("--mqtt: " + valid.error().what);
  broker.sources.push_back({"mqtt", profile, std::move(options)});
  return {};
}

}  // namespace

Result<std::shared_ptr<const Profile>> profile_by_name_or_file(const std::string& text) {
  if (!text.ends_with(".yaml") && !text.ends_with(".yml") && text.find('/') == std::string::npos) {
    return find_profile(text, {});
  }
  std::ifstream stream(text, std::ios::binary);
  std::string yaml(kMaxProfileBytes + 1, '\0');
  stream.read(yaml.data(), static_cast<std::streamsize>(yaml.size()));
  if (!stream.is_open() || stream.bad()) {
    return refuse(printable(text, 4096) + ": cannot read the profile: correct the path or its permissions");
  }
  yaml.resize(static_cast<std::size_t>(stream.gcount()));
  return load_profile(yaml, text);
}

Result<Config> config_to_serve(Settings settings) {
  Config config{std::move(settings.web), settings.own_log, std::move(settings.brokers)};
  if (!settings.config_file.empty()) return config;
  if (settings.log.path.empty() && settings.mqtt.url.empty()) return refuse(std::string(kNothingToRead));
  if (settings.profile.empty()) {
    return refuse("--broker.profile is missing: add the kind of broker; list brokers prints them");
  }
  const auto profile = profile_by_name_or_file(settings.profile);
  if (!profile) return refuse("--broker.profile: " + profile.error().what);
  BrokerConfig broker;
  broker.name = settings.broker_name.empty() ? (*profile)->name : settings.broker_name;
  if (auto valid = check_name(broker.name); !valid) return refuse("--broker.name: " + valid.error().what);
  if (!settings.log.path.empty()) {
    if (auto added = add_log(broker, *profile, std::move(settings.log)); !added)
      return tl::make_unexpected(added.error());
  }
  if (!settings.mqtt.url.empty()) {
    if (auto added = add_mqtt(broker, *profile, std::move(settings.mqtt)); !added)
      return tl::make_unexpected(added.error());
  }
  config.brokers.push_back(std::move(broker));
  return config;
}

}  // namespace mre
