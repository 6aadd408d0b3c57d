// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/manual.h"

#include <string_view>

#include "exporter/cli/flags.h"

namespace mre {
namespace {

/// Text as roff shows it unchanged. A hyphen is written so that it can be copied as the ASCII one.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if ((c == '.' || c == '\'') && (escaped.empty() || escaped.back() == '\n')) escaped += "\\&";
    if (c == '\\') {
      escaped += "\\e";
    } else if (c == '-') {
      escaped += "\\-";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string command_list(const FlagRow& flag) {
  std::string names;
  for (const CommandRow& row : command_rows()) {
    if (flag.applies_to(row.command)) names += (names.empty() ? "" : ", ") + bold(row.name);
  }
  return names;
}

std::string commands_section() {
  std::string text = ".SH COMMANDS\n";
  for (const CommandRow& row : command_rows()) {
    text += ".TP\n" + bold(row.name);
    if (!row.arguments.empty()) text += " " + italic(row.arguments);
    text += "\n" + roff(row.summary) + "\n";
  }
  return text;
}

std::string flag_entry(const FlagRow& flag, Settings& defaults) {
  std::string text = ".TP\n" + bold(flag.name);
  if (!flag.value_name.empty()) text += "=" + italic(flag.value_name);
  text += "\n" + roff(flag.help) + "\n";
  if (const std::string value = flag.show(defaults); !flag.value_name.empty() && !value.empty()) {
    text += "Default: " + bold(value) + ".\n";
  }
  return text + "Commands: " + command_list(flag) + ".\n";
}

std::string options_section() {
  Settings defaults;
  std::string text =
      ".SH OPTIONS\nThe value of a flag follows a \"=\" or is the next argument.\nAfter \\fB\\-\\-\\fR "
      "everything is an argument.\n";
  for (const auto& [group, heading] : heading_rows()) {
    text += ".SS " + roff(heading) + "\n";
    for (const FlagRow& flag : flag_rows()) {
      if (flag.group == group) text += flag_entry(flag, defaults);
    }
  }
  return text + R"(.SS Other
.TP
\fB\-\-help\fR, \fB\-h\fR
Show the flags of a command, with examples. \fBhelp\fR \fICOMMAND\fR does the same.
.TP
\fB\-\-version\fR, \fB\-V\fR, \fB\-v\fR
Show the version. \fBversion\fR does the same.
)";
}

std::string examples_section() {
  std::string text = ".SH EXAMPLES\n.EX\n";
  for (const CommandRow& row : command_rows()) text += roff(row.example);
  return text + ".EE\n";
}

constexpr std::string_view kRest = R"(.SH EXIT STATUS
.TP
\fB0\fR
Success. \fBserve\fR exits with it after SIGTERM or SIGINT.
.TP
\fB1\fR
\fBlookup\fR found nothing, \fBcheck\fR \fBweb\-config\fR has warnings, or \fBcheck\fR \fBconfig\fR \fB\-\-probe\fR found a
source down.
.TP
\fB2\fR
Wrong usage, an invalid configuration or profile, or an input or output error.
.SH ENVIRONMENT
.TP
\fBSTATE_DIRECTORY\fR
Directory for persistent state if \fB\-\-state.dir\fR is not given. systemd sets it.
.TP
\fBXDG_STATE_HOME\fR
Used for users other than root if neither is given.
.SH FILES
.TP
\fI/etc/mqtt\-reason\-exporter/exporter.yaml\fR
Configuration of the service.
.TP
\fI/etc/default/mqtt\-reason\-exporter\fR
Flags of the service.
.TP
\fI/var/lib/mqtt\-reason\-exporter\fR
State of the service: one checkpoint for each broker, with positions and counters.
.TP
\fI/usr/share/doc/mqtt\-reason\-exporter/examples/exporter.yaml\fR
The complete reference of the configuration file.
.TP
\fI/usr/share/mqtt\-reason\-exporter/\fR
Dashboards for Grafana, rules and alerts for Prometheus, and the text of the built\-in profiles.
.SH SIGNALS
.TP
\fBSIGHUP\fR
\fBserve\fR reloads its configuration file and the profiles that it names. An invalid file changes nothing.
.TP
\fBSIGTERM\fR, \fBSIGINT\fR
\fBserve\fR writes its checkpoints and exits.
.SH SEE ALSO
.BR mosquitto (8),
.BR mosquitto.conf (5),
.BR prometheus (1),
.BR systemctl (1)
)";

}  // namespace

std::string manual_page(const std::string& version) {
  std::string text =
      ".\\\" Made from the exporter's tables of commands and flags.\n.TH MQTT\\-REASON\\-EXPORTER 1 \"\" "
      "\"mqtt\\-reason\\-exporter " +
      roff(version) + "\" \"User Commands\"\n";
  text += R"(.SH NAME
mqtt\-reason\-exporter \- Prometheus exporter for MQTT reason codes
.SH SYNOPSIS
)";
  for (const CommandRow& row : command_rows()) {
    const bool optional = row.command == Command::serve;
    text += (&row == &command_rows().front() ? "" : ".br\n") + bold("mqtt-reason-exporter") + " " +
            (optional ? "[" : "") + bold(row.name) + (optional ? "]" : "") + " [\\fIFLAGS\\fR]";
    if (!row.arguments.empty()) text += " " + italic(row.arguments);
    text += "\n";
  }
  text += R"(.SH DESCRIPTION
Counts the reason codes with which MQTT brokers refuse, drop and deny clients, per code, packet, direction and
protocol version, and serves them to Prometheus.
It reads a broker's log, subscribes to the events that it publishes, or captures the packets themselves.
Flags describe one broker; a configuration file describes several.
)";
  return text + commands_section() + options_section() + examples_section() + std::string(kRest);
}

}  // namespace mre
