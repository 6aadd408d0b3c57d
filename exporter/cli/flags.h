// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/base/list_format.h"
#include "exporter/config/auto_profile.h"
#include "exporter/config/config.h"

/// The table of commands and the table of flags. Parsing, --help, the manual page and the completions read them; nothing
/// else contains the name of a flag.
namespace mre {

enum class Command : std::uint8_t { serve, replay, check, lookup, list, events };

struct CommandRow {
  Command command;
  std::string_view name;
  std::string_view arguments;  ///< As --help shows them.
  std::size_t min_arguments;
  std::size_t max_arguments;
  std::string_view summary;
  std::string_view example;  ///< Complete lines.
};

enum class ReplayFormat : std::uint8_t { detect, log, events, packets };

/// Which records --explain prints.
enum class ExplainOnly : std::uint8_t {
  all,
  matched,       ///< Those with events.
  error,         ///< Those with an event of the class error.
  unrecognised,  ///< Those that no rule reads, malformed ones included.
};

/// What `replay` prints of the counts.
enum class ReplayOutput : std::uint8_t {
  automatic,   ///< table on a terminal, else prometheus.
  table,       ///< For people: codes above 0x00, ends, top clients, and what was not recognised.
  prometheus,  ///< The text format.
  json,        ///< One series a line.
  jsonl,       ///< One event a line, errors and ends only.
  markdown,    ///< The events as a table.
};

/// What the command `events` asks a running exporter for. Empty filters: everything.
struct EventQuery {
  std::string url = "http://127.0.0.1:10883";
  std::string username;
  std::string password_file;
  std::string ca_file;
  bool follow = false;
  std::string broker;
  std::string packet;
  std::string reason;
  std::string client;  ///< A part of the client id or user name.
  std::string peer;    ///< A part of the address.
  std::uint32_t limit = 20;
};

/// The values of the flags.
struct Settings {
  std::string config_file;
  HttpOptions web;
  LoggingOptions logging;
  ClientOptions clients;
  EventLogOptions events;
  StateOptions state;
  ProcessOptions process;
  std::string profile{kAutoProfile};  ///< Name of a profile, the path of its file, or kAutoProfile.
  std::string broker_name;            ///< Empty: the profile's name.
  LogOptions log;                     ///< Its path is empty unless it is given.
  MqttOptions mqtt;                   ///< Its url is empty unless it is given.
  /// Its interface is empty unless it is given, and so are its ports.
  CaptureOptions capture{.interface = "", .ports = {}};
  ReplayFormat replay_format = ReplayFormat::detect;
  bool explain = false;
  ExplainOnly only = ExplainOnly::all;
  std::string since;    ///< As written; empty: from the first record on.
  std::string until;    ///< As written; empty: up to the last record.
  std::string compare;  ///< A log or recorded events to compare captures with; empty: none.
  bool probe = false;   ///< check config opens the sources.
  ListFormat list_format = ListFormat::text;
  ReplayOutput output = ReplayOutput::automatic;
  EventQuery events_query;

  std::vector<BrokerConfig> brokers;       ///< Of the config file.
  std::vector<std::string> profile_files;  ///< Likewise.
};

/// Groups of flags, each with a heading in --help.
enum class FlagGroup : std::uint8_t {
  general,
  web,
  logging,
  clients,
  state,
  process,
  broker,   ///< One broker without a config file; conflicts with --config.file.
  log,      ///< Likewise, and needs --log.path.
  mqtt,     ///< Likewise, and needs --mqtt.url.
  capture,  ///< Likewise, and needs --capture.interface.
  check,
  replay,
  explain,  ///< Needs --explain.
  query,
  output,
};

struct FlagRow {
  std::string_view name;        ///< With its dashes.
  std::string_view value_name;  ///< As --help shows it; empty for a switch, which has no value.
  FlagGroup group;
  std::uint8_t commands;  ///< One bit for each command that has the flag.
  bool repeatable;
  std::string_view help;

  Result<void> (*read)(std::span<const std::string> values, Settings& settings);
  std::string (*show)(Settings& settings);     ///< The current value; --help shows it as the default.
  std::vector<std::string_view> (*choices)();  ///< All valid values; empty: any text, number or path.

  bool applies_to(Command command) const { return (commands >> static_cast<unsigned>(command) & 1U) != 0; }
};

/// The headings of the groups, in the order in which help and manual list them.
struct HeadingRow {
  FlagGroup group;
  std::string_view heading;
};

std::span<const CommandRow> command_rows();
std::span<const HeadingRow> heading_rows();
std::span<const FlagRow> flag_rows();
const CommandRow& row_of(Command command);

}  // namespace mre
