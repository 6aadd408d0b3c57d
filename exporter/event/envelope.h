// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mre {

/// What a container engine, a log service or a collector adds around each line of a broker's log. The order
/// is that of kEnvelopeNames; saved state depends on it.
enum class Envelope : std::uint8_t {
  detect,  ///< Detected from the first lines.
  plain,   ///< Nothing: the lines are as the broker wrote them.
  docker,  ///< Docker's json-file.
  cri,     ///< The files of the Kubernetes container runtimes: containerd, CRI-O; and podman's k8s-file.
  journald_json,     ///< journalctl -o json, json-seq and json-sse.
  journald_export,   ///< journalctl -o export.
  syslog_3164,       ///< RFC 3164, as sent and as stored in files; the short formats of journalctl.
  syslog_5424,       ///< RFC 5424.
  compose,           ///< docker compose logs, docker service logs.
  kubectl,           ///< kubectl logs --prefix.
  stern,             ///< stern.
  stern_namespaces,  ///< stern for several namespaces.
  timestamp,         ///< A time in front of each line: docker logs --timestamps, kubectl logs --timestamps.
  aws_logs,          ///< aws logs tail.
  logcli,            ///< logcli query.
  json,  ///< A JSON object a line, with the broker's line in one of its members: Filebeat, Fluent Bit,
         ///< Vector, GELF.
  journald_pretty,  ///< journalctl -o json-pretty.
  fluent_bit,       ///< Fluent Bit's output stdout in its own format.
};
inline constexpr std::array<std::string_view, 18> kEnvelopeNames = {
    "detect",      "plain",       "docker",  "cri",     "journald_json",   "journald_export",
    "syslog_3164", "syslog_5424", "compose", "kubectl", "stern",           "stern_namespaces",
    "timestamp",   "aws_logs",    "logcli",  "json",    "journald_pretty", "fluent_bit"};
constexpr std::string_view to_string(Envelope envelope) {
  return kEnvelopeNames[static_cast<std::size_t>(envelope)];
}

}  // namespace mre
