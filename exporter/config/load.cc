// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/load.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/config/auto_profile.h"
#include "exporter/config/schema.h"
#include "exporter/config/schema_reader.h"
#include "exporter/http/server.h"
#include "exporter/profile/detect.h"

namespace mre {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;

/// Converts the file as written (schema::File) to the configuration (Config).
class Resolver {
 public:
  explicit Resolver(const std::string& file_name)
      : file_name_(file_name), directory_(std::filesystem::path(file_name).parent_path()) {}

  Result<Config> resolve(const schema::File& file) {
    Config config{file.web.value, file.log, file.state, {}};
    config.clients = file.clients;
    config.events = file.events;
    resolve_path(config.events.file);
    if (config.state.dir != StateOptions::kNone) resolve_path(config.state.dir);
    for (const auto& profile : file.profiles) {
      if (auto loaded = load_profile_file(profile); !loaded) return tl::make_unexpected(loaded.error());
    }
    for (const auto& broker : file.brokers) {
      if (auto added = add_broker(config, broker); !added) return tl::make_unexpected(added.error());
    }
    config.profile_files = profile_files_;
    share_capture_memory(config);
    return config;
  }

 private:
  tl::unexpected<Error> refuse(Position at, std::string_view what) const {
    return fail(Errc::invalid_config, located(file_name_, at, what));
  }

  /// Makes a path relative to the directory of the configuration file.
  void resolve_path(std::string& path) const {
    if (!path.empty() && path != "-") path = (directory_ / path).string();
  }

  Result<void> load_profile_file(const schema::At<std::string>& path);
  Result<void> check_new_name(const schema::At<std::string>& name, std::string_view what,
                              const auto& known) const;
  Result<void> add_broker(Config& config, const schema::At<schema::Broker>& at);
  Result<void> add_source(BrokerConfig& broker, const schema::Broker& written,
                          const schema::At<schema::Source>& at);
  Result<void> set_log(SourceConfig& resolved, const schema::At<LogOptions>& at, const BrokerConfig& broker);
  Result<void> set_mqtt(SourceConfig& resolved, const schema::At<MqttOptions>& at,
                        const BrokerConfig& broker);
  Result<void> add_capture(BrokerConfig& broker, const schema::Source& source);
  Result<void> add_authority(BrokerConfig& broker, const schema::Entry& entry);
  Result<void> set_candidates(BrokerConfig& broker, const schema::At<schema::Broker>& at);
  Result<void> set_profile(SourceConfig& source, const schema::At<std::string>& name);
  static void share_capture_memory(Config& config);
  Result<void> check_new_path(const std::string& path, Position at, const BrokerConfig& broker);

  const std::string& file_name_;
  std::filesystem::path directory_;
  std::vector<std::string> profile_files_;
  std::map<std::string, std::shared_ptr<const Profile>> profiles_;  // that brokers name, by name
  std::vector<std::shared_ptr<const Profile>> detectable_;          // empty until a broker needs them
  bool reads_stdin_ = false;
};

Result<void> Resolver::load_profile_file(const schema::At<std::string>& path) {
  std::string resolved = path.value;
  resolve_path(resolved);
  if (!std::filesystem::is_regular_file(resolved)) {
    return refuse(path.at,
                  "no such profile file: \"" + printable(resolved) + "\": correct the path or remove it");
  }
  profile_files_.push_back(std::move(resolved));
  return {};
}

Result<void> Resolver::check_new_name(const schema::At<std::string>& name, std::string_view what,
                                      const auto& known) const {
  if (auto valid = check_name(name.value); !valid) return refuse(name.at, "\"name\": " + valid.error().what);
  if (std::ranges::any_of(known, [&](const auto& other) { return other.name == name.value; })) {
    return refuse(name.at, "there is another " + std::string(what) + " named \"" + name.value +
                               "\": give it a different name");
  }
  return {};
}

Result<void> Resolver::add_broker(Config& config, const schema::At<schema::Broker>& at) {
  const schema::Broker& written = at.value;
  if (auto valid = check_new_name(written.name, "broker", config.brokers); !valid) return valid;
  BrokerConfig broker{
      .name = written.name.value, .place = located(file_name_, at.at, ""), .sources = {}, .authority = {}};
  if (written.sources.empty()) {
    return refuse(at.at,
                  "the broker \"" + broker.name + "\" has no sources: add one with log, mqtt or capture");
  }
  if (auto left = set_candidates(broker, at); !left) return left;
  for (const auto& source : written.sources) {
    if (auto added = add_source(broker, written, source); !added) return added;
  }
  for (const schema::Entry& entry : written.authority) {
    if (auto added = add_authority(broker, entry); !added) return added;
  }
  config.brokers.push_back(std::move(broker));
  return {};
}

const schema::At<std::string>& profile_of(const schema::Broker& broker, const schema::Source& source) {
  return source.profile.value.empty() ? broker.profile : source.profile;
}

/// Sets the candidates if the profile of this broker is detected from its records.
Result<void> Resolver::set_candidates(BrokerConfig& broker, const schema::At<schema::Broker>& at) {
  const schema::Broker& written = at.value;
  const auto is_open = [&](const auto& source) {
    return !source.value.capture && profile_of(written, source.value).value == kAutoProfile;
  };
  const auto is_named = [&](const auto& source) { return !source.value.capture && !is_open(source); };
  const auto open = std::ranges::find_if(written.sources, is_open);
  if (open == written.sources.end()) return {};
  if (std::ranges::any_of(written.sources, is_named)) {
    return refuse(open->at, "the source \"" + open->value.name.value +
                                "\" has the profile auto, but another source of its broker has a named "
                                "profile: name it here too, or set both to auto");
  }
  if (!written.authority.empty()) {
    return refuse(
        written.authority[0].key.at,
        "authority needs a named profile, because the profile decides what a source can see: set the "
        "profile of the broker");
  }
  if (detectable_.empty()) {
    auto loaded = detectable_profiles(profile_files_);
    if (!loaded) return tl::make_unexpected(loaded.error());
    detectable_ = std::move(*loaded);
  }
  bool has_log = false;
  std::vector<std::string> urls;
  for (const auto& source : written.sources) {
    has_log = has_log || source.value.log.has_value();
    if (source.value.mqtt) urls.push_back(source.value.mqtt->value.url);
  }
  broker.candidates = candidates_for(detectable_, has_log, urls);
  if (broker.candidates.empty())
    return refuse(open->at, "no profile that can be detected reads all sources of the broker \"" +
                                broker.name + "\": name its profile");
  return {};
}

Result<void> Resolver::add_source(BrokerConfig& broker, const schema::Broker& written,
                                  const schema::At<schema::Source>& at) {
  const schema::Source& source = at.value;
  if (auto valid = check_new_name(source.name, "source", broker.sources); !valid) return valid;
  if (source.log.has_value() + source.mqtt.has_value() + source.capture.has_value() != 1) {
    return refuse(at.at, "the source \"" + source.name.value + "\" needs exactly one of: log, mqtt, capture");
  }
  SourceConfig resolved{source.name.value, nullptr, {}, false};
  if (source.mqtt) resolved.options = source.mqtt->value;
  if (source.capture) return add_capture(broker, source);
  if (broker.candidates.empty()) {
    if (auto set = set_profile(resolved, profile_of(written, source)); !set) return set;
  }
  if (auto set =
          source.log ? set_log(resolved, *source.log, broker) : set_mqtt(resolved, *source.mqtt, broker);
      !set)
    return set;
  broker.sources.push_back(std::move(resolved));
  return {};
}

Result<void> Resolver::set_log(SourceConfig& resolved, const schema::At<LogOptions>& at,
                               const BrokerConfig& broker) {
  LogOptions log = at.value;
  if (log.path.empty()) return refuse(at.at, "\"path\" is empty: write the path of the log, or \"-\"");
  if (log.max_line_bytes == 0 || log.max_line_bytes > LogOptions::kMaxLineBytes)
    return refuse(at.at, "\"max_line_bytes\": 1 to " + std::to_string(LogOptions::kMaxLineBytes));
  if (log.max_files == 0) return refuse(at.at, "\"max_files\": 1 or more");
  resolve_path(log.path);
  if (auto valid = check_new_path(log.path, at.at, broker); !valid) return valid;
  resolved.options = std::move(log);
  return {};
}

Result<void> Resolver::set_mqtt(SourceConfig& resolved, const schema::At<MqttOptions>& at,
                                const BrokerConfig& broker) {
  MqttOptions mqtt = at.value;
  schema::each_path(mqtt, [&](std::string& path) { resolve_path(path); });
  resolved.topics_of_profile = mqtt.topics.empty();
  if (resolved.topics_of_profile)
    mqtt.topics = resolved.profile == nullptr ? topics_of(broker.candidates) : resolved.profile->mqtt.topics;
  if (auto valid = validate(mqtt); !valid) return refuse(at.at, valid.error().what);
  resolved.options = std::move(mqtt);
  return {};
}

Result<void> Resolver::add_capture(BrokerConfig& broker, const schema::Source& source) {
  if (!source.profile.value.empty())
    return refuse(source.profile.at, "a capture does not use a profile: remove the key");
  if (auto valid = validate(source.capture->value); !valid)
    return refuse(source.capture->at, valid.error().what);
  const auto other = std::ranges::find(broker.sources, SourceKind::capture, &SourceConfig::kind);
  if (other != broker.sources.end()) {
    return refuse(source.capture->at,
                  "the source \"" + other->name +
                      "\" is a capture already, and a broker can have one: list all ports there, set "
                      "\"interface\" to any, and \"addresses\" to those of the broker");
  }
  broker.sources.push_back({source.name.value, nullptr, source.capture->value, false});
  return {};
}

/// Two sources of one log would count its events twice, or would split the lines of standard input.
Result<void> Resolver::check_new_path(const std::string& path, Position at, const BrokerConfig& broker) {
  if (path == "-" && std::exchange(reads_stdin_, true))
    return refuse(at, "standard input is read by another source already: only one source can read it");
  for (const SourceConfig& other : broker.sources) {
    const auto* log = std::get_if<LogOptions>(&other.options);
    if (log != nullptr && log->path == path)
      return refuse(
          at, "the source \"" + other.name +
                  "\" reads the same log, so that its events would be counted twice: remove one source");
  }
  return {};
}

Result<void> Resolver::set_profile(SourceConfig& source, const schema::At<std::string>& name) {
  std::shared_ptr<const Profile>& profile = profiles_[name.value];
  if (profile == nullptr) {
    auto found = find_profile(name.value, profile_files_);
    if (!found) {
      const bool is_file = name.value.find('/') != std::string::npos || name.value.ends_with(".yaml");
      return refuse(
          name.at,
          "\"profile\": " + found.error().what +
              (is_file ? ": list the file of a profile under \"profiles:\" and set its name here" : ""));
    }
    profile = std::move(*found);
  }
  if (!profile->source(source.kind()).supported) {
    const auto other = source.kind() == SourceKind::log ? SourceKind::mqtt : SourceKind::log;
    return refuse(name.at, "the profile \"" + profile->name + "\" cannot read a source of the kind " +
                               std::string(to_string(source.kind())) + ": use " +
                               std::string(to_string(other)));
  }
  source.profile = profile;
  return {};
}

void Resolver::share_capture_memory(Config& config) {
  std::vector<CaptureOptions*> captures;
  for (BrokerConfig& broker : config.brokers) {
    for (SourceConfig& source : broker.sources) {
      auto* capture = std::get_if<CaptureOptions>(&source.options);
      if (capture != nullptr && capture->buffer_bytes == 0) captures.push_back(capture);
    }
  }
  for (CaptureOptions* capture : captures) capture->buffer_bytes = buffer_share(captures.size());
}

Result<void> Resolver::add_authority(BrokerConfig& broker, const schema::Entry& entry) {
  const std::string& key = entry.key.value;
  AuthorityConfig row{entry.value.value, {}, {}, key == "denials"};
  if (std::ranges::find(broker.sources, row.source, &SourceConfig::name) == broker.sources.end()) {
    std::vector<std::string_view> names;
    for (const SourceConfig& source : broker.sources) names.push_back(source.name);
    return refuse(entry.value.at, "the broker \"" + broker.name + "\" has no source \"" +
                                      printable(row.source) + "\": " + suggestion(row.source, names));
  }
  if (key != "closes" && key != "denials") {
    const auto space = key.find(' ');
    row.packet = mqtt::packet_from(key.substr(0, space));
    if (space != std::string::npos) row.direction = mqtt::direction_from(key.substr(space + 1));
    if (!row.packet || (space != std::string::npos && !row.direction)) {
      return refuse(entry.key.at, "\"" + printable(key) +
                                      "\" is not a packet: use one such as CONNACK, \"CONNACK sent\" or "
                                      "\"DISCONNECT received\", or closes, or denials");
    }
  }
  broker.authority.push_back(std::move(row));
  return {};
}

}  // namespace

Result<Config> load_config(std::string_view text, const std::string& file_name) {
  const auto root = parse_yaml(text, file_name);
  if (!root) return tl::make_unexpected(root.error());
  const auto file = schema::Reader(file_name).read<schema::File>(*root);
  if (!file) return tl::make_unexpected(file.error());
  // These errors have no position within the map.
  if (auto valid = validate(file->web.value); !valid) {
    return fail(Errc::invalid_config, located(file_name, file->web.at, valid.error().what));
  }
  return Resolver(file_name).resolve(*file);
}

Result<Config> load_config_file(const std::string& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (!stream && stream.gcount() == 0 && !stream.eof())) {
    const std::string why = errno == 0 ? "" : std::generic_category().message(errno) + ": ";
    return fail(Errc::invalid_config, printable(path, 4096) + ": cannot read the configuration file: " + why +
                                          "correct the path or its permissions");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return load_config(text, path);
}

}  // namespace mre
