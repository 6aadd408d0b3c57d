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
constexpr ValueName<ExplainOnly> kExplainOnly[] = {{ExplainOnly::all, "all"},
                                                   {ExplainOnly::matched, "matched"},
                                                   {ExplainOnly::error, "error"},
                                                   {ExplainOnly::unrecognised, "unrecognised"}};
constexpr ValueName<ReplayOutput> kReplayOutputs[] = {
    {ReplayOutput::automatic, "auto"},        {ReplayOutput::table, "table"},
    {ReplayOutput::prometheus, "prometheus"}, {ReplayOutput::json, "json"},
    {ReplayOutput::jsonl, "jsonl"},           {ReplayOutput::markdown, "markdown"}};
constexpr ValueName<ListFormat> kListFormats[] = {
    {ListFormat::text, "text"}, {ListFormat::json, "json"}, {ListFormat::markdown, "markdown"}};

}  // namespace

static std::span<const ValueName<ReplayFormat>> value_names(ReplayFormat) { return kReplayFormats; }
static std::span<const ValueName<ExplainOnly>> value_names(ExplainOnly) { return kExplainOnly; }
static std::span<const ValueName<ReplayOutput>> value_names(ReplayOutput) { return kReplayOutputs; }
static std::span<const ValueName<ListFormat>> value_names(ListFormat) { return kListFormats; }

namespace {

constexpr CommandRow kCommands[] = {
    {Command::serve, "serve", "", 0, 0,
     "Read the configured sources and serve /metrics. This is the default command.",
     "mqtt-reason-exporter --log.path /var/log/mosquitto/mosquitto.log\n"
     "mqtt-reason-exporter --config.file /etc/mqtt-reason-exporter/exporter.yaml\n"},
    {Command::replay, "replay", "FILE...", 1, 1000,
     "Read logs, recorded events (JSON lines from mosquitto_sub -F %j) or packet captures (pcap, pcapng) to "
     "their end, print the counts and exit. The file - is standard input; gzip files are unpacked.",
     "mqtt-reason-exporter replay /var/log/mosquitto/mosquitto.log\n"
     "mqtt-reason-exporter replay --explain --only error --since 2h /var/log/mosquitto/mosquitto.log\n"
     "mqtt-reason-exporter replay --compare mosquitto.log --broker.profile mosquitto incident.pcap\n"},
    {Command::check, "check", "config|web-config|profile FILE", 2, 2,
     "Check a configuration file, a web configuration file, or a profile and its examples.",
     "mqtt-reason-exporter check config /etc/mqtt-reason-exporter/exporter.yaml\n"
     "mqtt-reason-exporter check config --probe /etc/mqtt-reason-exporter/exporter.yaml\n"
     "mqtt-reason-exporter check web-config /etc/mqtt-reason-exporter/web.yml\n"
     "mqtt-reason-exporter check profile my-broker.yaml\n"},
    {Command::lookup, "lookup", "QUERY", 1, 100,
     "Explain reason codes. QUERY is a code (0x87, 135), a name, a packet, or words of the meaning.",
     "mqtt-reason-exporter lookup 0x87\n"
     "mqtt-reason-exporter lookup not authorized\n"},
    {Command::list, "list", "brokers [NAME]|metrics|codes", 1, 2,
     "List what each kind of broker reveals, the details of one kind, all metrics, or all reason codes.",
     "mqtt-reason-exporter list brokers\n"
     "mqtt-reason-exporter list brokers mosquitto\n"
     "mqtt-reason-exporter list codes --format json\n"},
    {Command::events, "events", "", 0, 0,
     "Print the last errors and ends of connections that a running exporter keeps, with their clients.",
     "mqtt-reason-exporter events --follow --reason not_authorized\n"
     "mqtt-reason-exporter events --url https://exporter.example:10883 --username admin --password-file "
     "pw\n"},
};

constexpr HeadingRow kHeadings[] = {
    {FlagGroup::general, "Configuration"},
    {FlagGroup::web, "HTTP server"},
    {FlagGroup::logging, "Logging (to standard error)"},
    {FlagGroup::clients, "Clients behind the events"},
    {FlagGroup::state, "Persistent state"},
    {FlagGroup::process, "Process privileges"},
    {FlagGroup::broker, "One broker, without a configuration file"},
    {FlagGroup::log, "Source: the broker's log"},
    {FlagGroup::mqtt, "Source: events published by the broker"},
    {FlagGroup::capture, "Source: captured packets"},
    {FlagGroup::check, "Check"},
    {FlagGroup::replay, "Replay"},
    {FlagGroup::explain, "Replay with --explain"},
    {FlagGroup::query, "Events of a running exporter"},
    {FlagGroup::output, "Output"},
};

constexpr std::uint8_t on(auto... commands) {
  return static_cast<std::uint8_t>(((1U << static_cast<unsigned>(commands)) | ...));
}
constexpr std::uint8_t kServe = on(Command::serve);
constexpr std::uint8_t kReplay = on(Command::replay);
constexpr std::uint8_t kCheck = on(Command::check);
constexpr std::uint8_t kList = on(Command::list);
constexpr std::uint8_t kEvents = on(Command::events);
constexpr std::uint8_t kPrinting = kList | kEvents | on(Command::lookup);
constexpr std::uint8_t kServeReplay = kServe | kReplay;

Result<void> read_flag(std::span<const std::string> values, bool& out) {
  out = values.empty();  // a switch
  return {};
}
/// "1883,8080-8083": ports and ranges of ports.
Result<void> read_flag(std::span<const std::string> values, std::vector<std::uint16_t>& out) {
  std::string_view rest = values.back();
  for (bool more = true; more;) {
    const auto comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const auto dash = item.find('-');
    std::uint16_t first = 0;
    if (auto read = read_value(item.substr(0, dash), first); !read) return read;
    std::uint16_t last = first;
    if (dash != std::string_view::npos) {
      if (auto read = read_value(item.substr(dash + 1), last); !read) return read;
    }
    if (first == 0 || last < first) {
      return fail(Errc::invalid_config,
                  "\"" + std::string(item) +
                      "\" is not a port or a range of ports: write one from 1 to 65535, "
                      "such as 1883 or 1883-1885");
    }
    if (last - first >= static_cast<int>(CaptureOptions::kMaxPorts)) {
      return fail(Errc::invalid_config, "\"" + std::string(item) + "\" has too many ports: at most " +
                                            std::to_string(CaptureOptions::kMaxPorts));
    }
    for (std::uint32_t port = first; port <= last; ++port) out.push_back(static_cast<std::uint16_t>(port));
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

// No flag contains a secret: every user of the machine can read a command line.
// clang-format off
constexpr FlagRow kFlags[] = {
  flag("--config.file", "FILE", FlagGroup::general, kServe,
       "Configuration file. config/exporter.yaml documents every key.", [](Settings& s) -> auto& { return s.config_file; }),

  flag("--web.listen-address", "ADDRESS", FlagGroup::web, kServe,
       "Address to listen on: HOST:PORT, [IPV6]:PORT or :PORT. Repeatable.", [](Settings& s) -> auto& { return s.web.listen_addresses; }),
  flag("--web.systemd-socket", "", FlagGroup::web, kServe,
       "Serve on the sockets that systemd passes; --web.listen-address is ignored.", [](Settings& s) -> auto& { return s.web.systemd_socket; }),
  flag("--web.telemetry-path", "PATH", FlagGroup::web, kServe,
       "Path of the metrics.", [](Settings& s) -> auto& { return s.web.telemetry_path; }),
  flag("--web.config.file", "FILE", FlagGroup::web, kServe,
       "TLS, passwords, response headers and a rate limit, in the format of Prometheus' exporter-toolkit. The file is reloaded when it changes.", [](Settings& s) -> auto& { return s.web.config_file; }),
  flag("--web.enable-lifecycle", "", FlagGroup::web, kServe,
       "Enable POST /-/reload (reloads the configuration) and POST /-/quit (stops the exporter).", [](Settings& s) -> auto& { return s.web.enable_lifecycle; }),

  flag("--log.level", "LEVEL", FlagGroup::logging, kServeReplay,
       "Minimum severity to log: debug, info, warn, error.", [](Settings& s) -> auto& { return s.logging.level; }),
  flag("--log.format", "FORMAT", FlagGroup::logging, kServeReplay,
       "Log format: logfmt or json.", [](Settings& s) -> auto& { return s.logging.format; }),

  flag("--clients.remember", "WHEN", FlagGroup::clients, kServe,
       "Keep the last events and the clients with the most events in memory, for the pages and the API: on, off, or auto (on if only this machine, or only users with a password or certificate, can read them).", [](Settings& s) -> auto& { return s.clients.remember; }),
  flag("--clients.identity", "WHAT", FlagGroup::clients, kServe,
       "What is kept of a client: full (client id, user name, address, topic), hash (of the client id) or address (without port).", [](Settings& s) -> auto& { return s.clients.identity; }),
  flag("--clients.exemplars", "", FlagGroup::clients, kServe,
       "Show the last client of each error series as an exemplar, to scrapers that ask for OpenMetrics.", [](Settings& s) -> auto& { return s.clients.exemplars; }),
  flag("--events.file", "FILE", FlagGroup::clients, kServe,
       "Append each error and each end of a connection as a JSON line; - is standard output. SIGHUP reopens the file.", [](Settings& s) -> auto& { return s.events.file; }),
  flag("--events.max-per-second", "N", FlagGroup::clients, kServe,
       "Events above this rate are not written, but counted.", [](Settings& s) -> auto& { return s.events.max_per_second; }),

  flag("--state.dir", "DIR", FlagGroup::state, kServe,
       "Directory for persistent state; none disables persistence. Default: $STATE_DIRECTORY, or mqtt-reason-exporter in /var/lib (root) or in $XDG_STATE_HOME or ~/.local/state (other users).", [](Settings& s) -> auto& { return s.state.dir; }),
  flag("--state.counters", "on|off", FlagGroup::state, kServe,
       "on restores counters after a restart; off starts them at 0.", [](Settings& s) -> auto& { return s.state.counters; }),

  flag("--user", "USER[:GROUP]", FlagGroup::process, kServe,
       "User to switch to when started as root, once the ports and the state directory are open; root disables the switch. Default: nobody, with the groups that may read the configured files.", [](Settings& s) -> auto& { return s.process.user; }),
  flag("--sandbox", "on|off", FlagGroup::process, kServeReplay,
       "Restrict the process to the files and system calls that it needs. Use off for debugging only.", [](Settings& s) -> auto& { return s.process.sandbox; }),

  flag("--broker.profile", "NAME", FlagGroup::broker, kServeReplay,
       "Kind of broker (list brokers prints the names), or the path of a profile file. auto detects the kind from the first records.", [](Settings& s) -> auto& { return s.profile; }),
  flag("--broker.name", "NAME", FlagGroup::broker, kServeReplay,
       "Value of the label broker. Default: the name of the profile.", [](Settings& s) -> auto& { return s.broker_name; }),

  flag("--log.path", "PATH", FlagGroup::log, kServe,
       "The broker's log: a file, or - for standard input.", [](Settings& s) -> auto& { return s.log.path; }),
  flag("--log.from", "POSITION", FlagGroup::log, kServe,
       "Where to start in an existing log: checkpoint (where the last run stopped; the end if there is no checkpoint), end or beginning.", [](Settings& s) -> auto& { return s.log.from; }),
  flag("--log.envelope", "NAME", FlagGroup::log, kServeReplay,
       "Format that wraps each line of the broker: plain (none), docker, cri, journald_json, journald_export, syslog_3164, syslog_5424, compose, kubectl, stern, stern_namespaces, timestamp, aws_logs, logcli, json, journald_pretty, fluent_bit. detect finds it from the first lines.", [](Settings& s) -> auto& { return s.log.envelope; }),

  flag("--mqtt.url", "URL", FlagGroup::mqtt, kServe,
       "The broker: mqtt://HOST:PORT or mqtts://HOST:PORT.", [](Settings& s) -> auto& { return s.mqtt.url; }),
  flag("--mqtt.protocol", "VERSION", FlagGroup::mqtt, kServe,
       "MQTT version to connect with: 5.0 or 3.1.1.", [](Settings& s) -> auto& { return s.mqtt.protocol; }),
  flag("--mqtt.username", "NAME", FlagGroup::mqtt, kServe,
       "User name to connect with.", [](Settings& s) -> auto& { return s.mqtt.username; }),
  flag("--mqtt.password-file", "FILE", FlagGroup::mqtt, kServe,
       "File that contains the password.", [](Settings& s) -> auto& { return s.mqtt.password_file; }),
  flag("--mqtt.topic", "FILTER", FlagGroup::mqtt, kServe,
       "Topic filter to subscribe to instead of the profile's. Repeatable.", [](Settings& s) -> auto& { return s.mqtt.topics; }),
  flag("--mqtt.ca-file", "FILE", FlagGroup::mqtt, kServe,
       "CA certificates that may sign the broker's certificate. Default: those of the system.", [](Settings& s) -> auto& { return s.mqtt.ca_file; }),
  flag("--mqtt.cert-file", "FILE", FlagGroup::mqtt, kServe,
       "Client certificate.", [](Settings& s) -> auto& { return s.mqtt.cert_file; }),
  flag("--mqtt.key-file", "FILE", FlagGroup::mqtt, kServe,
       "Private key of the client certificate.", [](Settings& s) -> auto& { return s.mqtt.key_file; }),

  flag("--capture.interface", "NAME", FlagGroup::capture, kServe,
       "Network interface to capture on, or any. Needs CAP_NET_RAW.", [](Settings& s) -> auto& { return s.capture.interface; }),
  flag("--capture.ports", "PORTS", FlagGroup::capture, kServeReplay,
       "Ports of the broker without TLS (MQTT or WebSocket), such as 1883,8080-8083. Default: 1883; for replay, every port where MQTT is found.", [](Settings& s) -> auto& { return s.capture.ports; }),
  flag("--capture.address", "ADDRESS", FlagGroup::capture, kServeReplay,
       "IP address of the broker: other connections are not read. 0.0.0.0 means any. Default: the addresses of this machine. Repeatable.", [](Settings& s) -> auto& { return s.capture.addresses; }),

  flag("--probe", "", FlagGroup::check, kCheck,
       "With config: open each source as serve would, print whether it is up or why it is not, and exit with 1 if one is down. Nothing is counted or stored.", [](Settings& s) -> auto& { return s.probe; }),

  flag("--replay.format", "FORMAT", FlagGroup::replay, kReplay,
       "What the files contain: log, events or packets. detect reads the start of the first file; standard input must be named packets.", [](Settings& s) -> auto& { return s.replay_format; }),
  flag("--since", "TIME", FlagGroup::replay, kReplay,
       "Count only records from this time on: 2026-11-22T05:08:45Z, \"2026-11-22 05:08\" (local time), or 15m, 2h, 7d ago.", [](Settings& s) -> auto& { return s.since; }),
  flag("--until", "TIME", FlagGroup::replay, kReplay,
       "Count only records before this time.", [](Settings& s) -> auto& { return s.until; }),
  flag("--compare", "LOG", FlagGroup::replay, kReplay,
       "Compare the captured packets with this log, or with these recorded events, and print the difference per code.", [](Settings& s) -> auto& { return s.compare; }),
  flag("--explain", "", FlagGroup::replay, kReplay,
       "Print each record with its time, its rule and the events in it, instead of the counts.", [](Settings& s) -> auto& { return s.explain; }),
  flag("--only", "RECORDS", FlagGroup::explain, kReplay,
       "Records to print: all, matched (with events), error (with an event of class error) or unrecognised (that no rule reads).", [](Settings& s) -> auto& { return s.only; }),

  flag("--output", "FORMAT", FlagGroup::output, kReplay,
       "What to print: table (codes above 0x00, ends, the clients with the most, what was not recognised), prometheus (the metrics), json (one series a line), jsonl (one error or end a line) or markdown (a table of the events). auto is table on a terminal, else prometheus.", [](Settings& s) -> auto& { return s.output; }),
  flag("--url", "URL", FlagGroup::query, kEvents,
       "Where the exporter serves: http://HOST:PORT or https://HOST:PORT.", [](Settings& s) -> auto& { return s.events_query.url; }),
  flag("--username", "NAME", FlagGroup::query, kEvents,
       "User name, if the exporter demands a password.", [](Settings& s) -> auto& { return s.events_query.username; }),
  flag("--password-file", "FILE", FlagGroup::query, kEvents,
       "File that contains the password on one line. Others must not be able to read it.", [](Settings& s) -> auto& { return s.events_query.password_file; }),
  flag("--ca-file", "FILE", FlagGroup::query, kEvents,
       "CA certificates that may sign the exporter's certificate. Default: those of the system.", [](Settings& s) -> auto& { return s.events_query.ca_file; }),
  flag("--follow", "", FlagGroup::query, kEvents,
       "Print new events until Ctrl-C.", [](Settings& s) -> auto& { return s.events_query.follow; }),
  flag("--broker", "NAME", FlagGroup::query, kEvents,
       "Only events of this broker.", [](Settings& s) -> auto& { return s.events_query.broker; }),
  flag("--packet", "NAME", FlagGroup::query, kEvents,
       "Only these: CONNACK, DISCONNECT, ..., end, \"publish denied\", \"subscribe denied\" or \"connect denied\".", [](Settings& s) -> auto& { return s.events_query.packet; }),
  flag("--reason", "LABEL", FlagGroup::query, kEvents,
       "Only events with this label reason, such as not_authorized.", [](Settings& s) -> auto& { return s.events_query.reason; }),
  flag("--client", "TEXT", FlagGroup::query, kEvents,
       "Only events whose client id or user name contains this text.", [](Settings& s) -> auto& { return s.events_query.client; }),
  flag("--peer", "TEXT", FlagGroup::query, kEvents,
       "Only events whose address contains this text.", [](Settings& s) -> auto& { return s.events_query.peer; }),
  flag("--limit", "N", FlagGroup::query, kEvents,
       "Number of events, from 1 to 1000; --follow starts with up to 1000.", [](Settings& s) -> auto& { return s.events_query.limit; }),
  flag("--format", "FORMAT", FlagGroup::output, kPrinting,
       "Output format: text, json or, for list and lookup, markdown.", [](Settings& s) -> auto& { return s.list_format; }),
};
// clang-format on

}  // namespace

std::span<const CommandRow> command_rows() { return kCommands; }
std::span<const HeadingRow> heading_rows() { return kHeadings; }
std::span<const FlagRow> flag_rows() { return kFlags; }
const CommandRow& row_of(Command command) { return kCommands[static_cast<std::size_t>(command)]; }

}  // namespace mre
