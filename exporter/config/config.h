// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "exporter/capture/capture_options.h"
#include "exporter/checkpoint/state_options.h"
#include "exporter/clients/client_options.h"
#include "exporter/config/logging_options.h"
#include "exporter/config/process_options.h"
#include "exporter/event/source_kind.h"
#include "exporter/http/server.h"
#include "exporter/mqtt/reason_code.h"
#include "exporter/profile/profile.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/tail/log_options.h"

namespace mre {

/// Whether two profiles are the same: they have the same name and text. Both may be null.
bool same_profile(const std::shared_ptr<const Profile>& a, const std::shared_ptr<const Profile>& b);

/// One source of one broker, with the profile that reads it.
struct SourceConfig {
  std::string name;
  /// Null before the profile is detected, and of a capture, which does not use one.
  std::shared_ptr<const Profile> profile;
  std::variant<LogOptions, MqttOptions, CaptureOptions> options;  // in the order of SourceKind
  /// mqtt: the topics are those of the profile; before it is detected, those of all candidates.
  bool topics_of_profile = false;

  SourceKind kind() const { return static_cast<SourceKind>(options.index()); }
  bool needs_profile() const { return kind() != SourceKind::capture; }
  /// Of a capture this is kNoProfile.
  std::string profile_name() const { return needs_profile() ? profile->name : std::string(kNoProfile); }
  static constexpr std::string_view kNoProfile = "mqtt packets";

  bool operator==(const SourceConfig& other) const;
};

/// Assigns a packet to a source, instead of the default order capture, log, mqtt.
struct AuthorityConfig {
  std::string source;
  std::optional<mqtt::Packet> packet;        ///< Nothing: events without a code, see `denials`.
  std::optional<mqtt::Direction> direction;  ///< Nothing: all directions.
  bool denials = false;  ///< True: the denials without a code; false: the ends of connections.

  bool operator==(const AuthorityConfig&) const = default;
};

struct BrokerConfig {
  std::string name;  ///< Empty: the name of its profile, when that is detected.
  std::string
      place;  ///< "file:line:column: " of its map in the file, the prefix of errors; empty without a file.
  std::vector<SourceConfig> sources;
  std::vector<AuthorityConfig> authority;
  /// With `profile: auto`: the profiles that can be detected; each can read all sources except captures. Empty: each
  /// source has its profile.
  std::vector<std::shared_ptr<const Profile>> candidates = {};

  /// Whether they are the same; their position in the file does not matter.
  bool operator==(const BrokerConfig& other) const;
};

/// A validated configuration: names are valid and unique, every profile is loaded and can read its source. Defaults are
/// in the structs of the rooms that use them.
struct Config {
  HttpOptions web;
  LoggingOptions log;
  StateOptions state;
  std::vector<BrokerConfig> brokers;
  std::vector<std::string> profile_files = {};  ///< A reload reads them again.
  ProcessOptions process = {};
  ClientOptions clients = {};
  EventLogOptions events = {};
};

}  // namespace mre
