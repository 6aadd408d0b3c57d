// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/flags.h"

#include "exporter/base/join.h"
#include "exporter/config/option_values.h"
#include "exporter/config/values.h"

namespace mre {
namespace {

constexpr ValueName<ReplayFormat> kReplayFormats[] = {{ReplayFormat::detect, "detect"},
                                                      {ReplayFormat::log, "log"},
                                                      {ReplayFormat::events, "events"},
                                                      {ReplayFormat::packets, "packets"}};
constexpr ValueName<ListFormat> kListFormats[] = {
    {ListFormat::text, "text"}, {ListFormat::json, "json"}, {ListFormat::markdown, "markdown"}};

}  // namespace

static std::span<const ValueName<ReplayFormat>> value_names(ReplayFormat) { return kReplayFormats; }
static std::span<const ValueName<ListFormat>> value_names(ListFormat) { return kListFormats; }

namespace {

constexpr CommandRow kCommands[] = {
    {Command::serve, "serve", "", 0, 0, "Read the sources and serve /metrics. This is the default command.",
     "mqtt-reason-exporter --log.path /var/log/mosquitto/mosquitto.log\n"
     "mqtt-reason-exporter --config.file /etc/mqtt-reason-exporter/exporter.yaml\n"},
    {Command::replay, "replay", "FILE...", 1, 1000,
     "Read logs, recorded events (JSON lines, as mosquitto_sub -F %j prints them) or captured packets (pcap, "
     "pcapng) to their end, print the metrics, and exit. The file - is standard input.",
     "mqtt-reason-exporter replay /var/log/mosquitto/mosquitto.log\n"
     "mqtt-reason-exporter replay --broker.profile mosquitto --explain yesterday.log | less\n"
     "mqtt-reason-exporter replay --compare mosquitto.log --broker.profile mosquitto incident.pcap\n"},
    {Command::check, "check", "config|web-config|profile FILE", 2, 2,
     "Check a configuration file, a web configuration, or a profile with its own examples.",
     "mqtt-reason-exporter check config /etc/mqtt-reason-exporter/exporter.yaml\n"
     "mqtt-reason-exporter check web-config /etc/mqtt-reason-exporter/web.yml\n"
     "mqtt-reason-exporter check profile my-broker.yaml\n"},
    {Command::lookup, "lookup", "QUERY", 1, 100,
     "Explain a reason code: by its byte (0x87, 135), name, packet, or words of its meaning.",
     "mqtt-reason-exporter lookup 0x87\n"
     "mqtt-reason-exporter lookup not authorized\n"},
    {Command::list, "list", "brokers [NAME]|metrics|codes", 1, 2,
     "Print what each broker reveals, one of them in full, all metrics, or all reason codes.",
     "mqtt-reason-exporter list brokers\n"
     "mqtt-reason-exporter list brokers mosquitto\n"
     "mqtt-reason-exporter list codes --format json\n"},
};

constexpr HeadingRow kHeadings[] = {
    {FlagGroup::general, "Configuration"},
    {FlagGroup::web, "HTTP server"},
    {FlagGroup::logging, "The exporter's own log, on standard error"},
    {FlagGroup::state, "What survives a restart"},
    {FlagGroup::process, "What the process may do"},
    {FlagGroup::broker, "One broker, without a configuration file"},
    {FlagGroup::log, "Read that broker's log"},
    {FlagGroup::mqtt, "Subscribe to that broker's events"},
    {FlagGroup::capture, "Read that broker's packets"},
    {FlagGroup::replay, "Replay"},
    {FlagGroup::list, "Output"},
};

constexpr std::uint8_t on(auto... commands) {
  return static_cast<std::uint8_t>(((1U << static_cast<unsigned>(commands)) | ...));
}
constexpr std::uint8_t kServe = on(Command::serve);
constexpr std::uint8_t kReplay = on(Command::replay);
constexpr std::uint8_t kList = on(Command::list);
constexpr std::uint8_t kServeReplay = kServe | kReplay;

Result<void> read_flag(std::span<const std::string> values, bool& out) {
  out = values.empty();  // a switch
  return {};
}
Result<void> read_flag(std::span<const std::string> values, std::vector<std::uint16_t>& out) {
  std::string_view rest = values.back();
  for (bool more = true; more;) {
    const auto comma = rest.find(',');
    if (auto read = read_value(rest.substr(0, comma), out.emplace_back()); !read) return read;
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
  }
  return {};
}
Result<void> read_flag(std::span<const std::string> values, std::vector<std::string>& out) {
  out.assign(values.begin(), values.end());
  return {};
}
template <class T>
Result<void> read_flag(std::span<const std::string> values, T& out) {
  return read_value(values.back(), out);
}

std::string show_flag(const std::vector<std::string>& values) { return join(values, ", "); }
std::string show_flag(const std::vector<std::uint16_t>& values) {
  return join(values, ",", [](std::uint16_t value) { return write_value(value); });
}
template <class T>
std::string show_flag(const T& value) {
  return write_value(value);
}

template <class T>
std::vector<std::string_view> choices_of() {
  std::vector<std::string_view> names;
  if constexpr (requires { value_names(T{}); }) {
    for (const auto& row : value_names(T{})) names.push_back(row.name);
  }
  return names;
}

/// A row whose member of Settings is what `Get`, a lambda without state, returns.
template <class Get>
constexpr FlagRow flag(std::string_view name, std::string_view value_name, FlagGroup group,
                       std::uint8_t commands, std::string_view help, Get) {
  using Member = std::remove_reference_t<std::invoke_result_t<Get, Settings&>>;
  return {name,
          value_name,
          group,
          commands,
          std::is_same_v<Member, std::vector<std::string>>,
          help,
          [](std::span<const std::string> values, Settings& s) { return read_flag(values, Get{}(s)); },
          [](Settings& s) { return show_flag(Get{}(s)); },
          choices_of<Member>};
}

// No flag takes a secret: a command line can be read by every user of the machine.
// clang-format off
constexpr FlagRow kFlags[] = {
  flag("--config.file", "FILE", FlagGroup::general, kServe,
       "Configuration file; its complete reference is config/exporter.yaml.", [](Settings& s) -> auto& { return s.config_file; }),

  flag("--web.listen-address", "ADDRESS", FlagGroup::web, kServe,
       "HOST:PORT, [IPV6]:PORT or :PORT to serve on. Repeatable.", [](Settings& s) -> auto& { return s.web.listen_addresses; }),
  flag("--web.systemd-socket", "", FlagGroup::web, kServe,
       "Serve on the sockets that systemd passes, instead of the listen addresses.", [](Settings& s) -> auto& { return s.web.systemd_socket; }),
  flag("--web.telemetry-path", "PATH", FlagGroup::web, kServe,
       "Path of the metrics.", [](Settings& s) -> auto& { return s.web.telemetry_path; }),
  flag("--web.config.file", "FILE", FlagGroup::web, kServe,
       "TLS, passwords, headers and a rate limit, in the format of Prometheus' exporter-toolkit. Read again when it changes.", [](Settings& s) -> auto& { return s.web.config_file; }),
  flag("--web.enable-lifecycle", "", FlagGroup::web, kServe,
       "POST /-/reload reads the configuration again, POST /-/quit stops the exporter.", [](Settings& s) -> auto& { return s.web.enable_lifecycle; }),

  flag("--log.level", "LEVEL", FlagGroup::logging, kServeReplay,
       "Least severe messages to print: debug, info, warn or error.", [](Settings& s) -> auto& { return s.logging.level; }),
  flag("--log.format", "FORMAT", FlagGroup::logging, kServeReplay,
       "logfmt or json.", [](Settings& s) -> auto& { return s.logging.format; }),

  flag("--state.dir", "DIR", FlagGroup::state, kServe,
       "Folder for what survives a restart; none: keep nothing. Without it STATE_DIRECTORY, or mqtt-reason-exporter in /var/lib for root, else in XDG_STATE_HOME or ~/.local/state.", [](Settings& s) -> auto& { return s.state.dir; }),
  flag("--state.counters", "on|off", FlagGroup::state, kServe,
       "Whether counters go on where they were, or begin at 0 with each start.", [](Settings& s) -> auto& { return s.state.counters; }),

  flag("--user", "USER[:GROUP]", FlagGroup::process, kServe,
       "User to become when started as root, after the ports and the state directory are open; root stays root. Without it nobody, with the groups that may read the configured files.", [](Settings& s) -> auto& { return s.process.user; }),
  flag("--sandbox", "on|off", FlagGroup::process, kServeReplay,
       "Whether the system lets it open no other files and make no other system calls than it needs. Off is for debuggers.", [](Settings& s) -> auto& { return s.process.sandbox; }),

  flag("--broker.profile", "NAME", FlagGroup::broker, kServeReplay,
       "Kind of broker (see list brokers), or the path of a profile file; auto: told by the first records.", [](Settings& s) -> auto& { return s.profile; }),
  flag("--broker.name", "NAME", FlagGroup::broker, kServeReplay,
       "Value of the label broker; without it, the name of the profile.", [](Settings& s) -> auto& { return s.broker_name; }),

  flag("--log.path", "PATH", FlagGroup::log, kServe,
       "The broker's log: a file, or - for standard input.", [](Settings& s) -> auto& { return s.log.path; }),
  flag("--log.from", "PLACE", FlagGroup::log, kServe,
       "Where to start in a log that exists: checkpoint (where reading had come to, or else the end), end or beginning.", [](Settings& s) -> auto& { return s.log.from; }),
  flag("--log.envelope", "NAME", FlagGroup::log, kServeReplay,
       "What is written around each line: plain, docker, cri, journald_json, journald_export, syslog_3164, syslog_5424, compose, kubectl, stern, stern_namespaces, timestamp, aws_logs, logcli, json, journald_pretty, fluent_bit, or detect.", [](Settings& s) -> auto& { return s.log.envelope; }),

  flag("--mqtt.url", "URL", FlagGroup::mqtt, kServe,
       "The broker: mqtt://HOST:PORT or mqtts://HOST:PORT.", [](Settings& s) -> auto& { return s.mqtt.url; }),
  flag("--mqtt.protocol", "VERSION", FlagGroup::mqtt, kServe,
       "Protocol to speak: 5.0 or 3.1.1.", [](Settings& s) -> auto& { return s.mqtt.protocol; }),
  flag("--mqtt.username", "NAME", FlagGroup::mqtt, kServe,
       "User name to connect with.", [](Settings& s) -> auto& { return s.mqtt.username; }),
  flag("--mqtt.password-file", "FILE", FlagGroup::mqtt, kServe,
       "File that holds the password.", [](Settings& s) -> auto& { return s.mqtt.password_file; }),
  flag("--mqtt.topic", "FILTER", FlagGroup::mqtt, kServe,
       "Topic filter to subscribe to instead of the profile's. Repeatable.", [](Settings& s) -> auto& { return s.mqtt.topics; }),
  flag("--mqtt.ca-file", "FILE", FlagGroup::mqtt, kServe,
       "Certificate authorities that may sign the broker's certificate; without it, the system's.", [](Settings& s) -> auto& { return s.mqtt.ca_file; }),
  flag("--mqtt.cert-file", "FILE", FlagGroup::mqtt, kServe,
       "Client certificate.", [](Settings& s) -> auto& { return s.mqtt.cert_file; }),
  flag("--mqtt.key-file", "FILE", FlagGroup::mqtt, kServe,
       "Key of the client certificate.", [](Settings& s) -> auto& { return s.mqtt.key_file; }),

  flag("--capture.interface", "NAME", FlagGroup::capture, kServe,
       "Read the packets themselves on this interface, or on any; needs CAP_NET_RAW.", [](Settings& s) -> auto& { return s.capture.interface; }),
  flag("--capture.ports", "PORT,PORT", FlagGroup::capture, kServeReplay,
       "Where clients connect to without TLS, MQTT or WebSocket. Without it 1883; for replay every port where MQTT begins.", [](Settings& s) -> auto& { return s.capture.ports; }),
  flag("--capture.address", "ADDRESS", FlagGroup::capture, kServeReplay,
       "Only connections to this address of the broker, 0.0.0.0: any; default: those of this machine. Repeatable.", [](Settings& s) -> auto& { return s.capture.addresses; }),

  flag("--replay.format", "FORMAT", FlagGroup::replay, kReplay,
       "What the files hold: log, events, packets, or detect. Standard input is packets only if it is said.", [](Settings& s) -> auto& { return s.replay_format; }),
  flag("--explain", "", FlagGroup::replay, kReplay,
       "Print each record, its rule and the events read from it, instead of the metrics.", [](Settings& s) -> auto& { return s.explain; }),

  flag("--compare", "LOG", FlagGroup::replay, kReplay,
       "Print what the captured packets say beside what this log, or these recorded events, told.", [](Settings& s) -> auto& { return s.compare; }),

  flag("--format", "FORMAT", FlagGroup::list, kList,
       "text, json or markdown.", [](Settings& s) -> auto& { return s.list_format; }),
};
// clang-format on

}  // namespace

std::span<const CommandRow> command_rows() { return kCommands; }
std::span<const HeadingRow> heading_rows() { return kHeadings; }
std::span<const FlagRow> flag_rows() { return kFlags; }
const CommandRow& row_of(Command command) { return kCommands[static_cast<std::size_t>(command)]; }

}  // namespace mre
