// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "exporter/capture/capture_options.h"
#include "exporter/checkpoint/state_options.h"
#include "exporter/config/logging_options.h"
#include "exporter/config/process_options.h"
#include "exporter/event/source_kind.h"
#include "exporter/http/server.h"
#include "exporter/mqtt/reason_code.h"
#include "exporter/profile/profile.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/tail/log_options.h"

namespace mre {

/// Whether two profiles read records alike: they have the same name and text. Both may be null.
bool same_profile(const std::shared_ptr<const Profile>& a, const std::shared_ptr<const Profile>& b);

/// One source of one broker, with the profile that reads it.
struct SourceConfig {
  std::string name;
  /// Null while BrokerConfig::candidates is to be chosen from, and of a capture, which needs none.
  std::shared_ptr<const Profile> profile;
  std::variant<LogOptions, MqttOptions, CaptureOptions> options;  // in the order of SourceKind
  /// mqtt: the topics are those of the profile; before it is chosen, of all candidates.
  bool topics_of_profile = false;

  SourceKind kind() const { return static_cast<SourceKind>(options.index()); }
  bool needs_profile() const { return kind() != SourceKind::capture; }
  /// What stands for the profile of a capture: the standard itself.
  std::string profile_name() const { return needs_profile() ? profile->name : std::string(kNoProfile); }
  static constexpr std::string_view kNoProfile = "mqtt packets";

  bool operator==(const SourceConfig& other) const;
};

/// "This source counts these packets", where the operator does not want the order capture, log, mqtt.
struct AuthorityConfig {
  std::string source;
  std::optional<mqtt::Packet> packet;        ///< Nothing: what has no code, as `denials` says.
  std::optional<mqtt::Direction> direction;  ///< Nothing: all directions.
  bool denials = false;                      ///< The denials without a code, not the ends of connections.

  bool operator==(const AuthorityConfig&) const = default;
};

struct BrokerConfig {
  std::string name;  ///< Empty: that of its profile, once it is chosen.
  std::string
      place;  ///< "file:line:column: " of its map in the file, to put before an error; empty without a file.
  std::vector<SourceConfig> sources;
  std::vector<AuthorityConfig> authority;
  /// `profile: auto`: the profiles that its first records choose from; each can read all its sources but a
  /// capture. Empty: each source has its profile.
  std::vector<std::shared_ptr<const Profile>> candidates = {};

  /// Whether they mean the same, wherever in the file they stand.
  bool operator==(const BrokerConfig& other) const;
};

/// What the exporter does, checked: names are valid and unique, every profile is loaded and can read its
/// source. Defaults stand in the structs of the floors that use them.
struct Config {
  HttpOptions web;
  LoggingOptions log;
  StateOptions state;
  std::vector<BrokerConfig> brokers;
  std::vector<std::string> profile_files = {};  ///< Those that a reload reads again.
  ProcessOptions process = {};
};

}  // namespace mre
