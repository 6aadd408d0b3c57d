#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace mre {

/// What a container engine or a log service writes around each line of a broker's log.
enum class Envelope : std::uint8_t {
  detect,  ///< Decided by the first lines.
  plain,   ///< Nothing: the lines are the broker's own.
  docker,  ///< Docker's json-file.
  cri,     ///< The files of the Kubernetes container runtimes: containerd, CRI-O; and podman's k8s-file.
  journald_json,    ///< journalctl -o json.
  journald_export,  ///< journalctl -o export.
  syslog_3164,      ///< RFC 3164, as it is sent and as it stands in files; and journalctl -o short.
  syslog_5424,      ///< RFC 5424.
};
inline constexpr std::array<std::string_view, 8> kEnvelopeNames = {
    "detect", "plain", "docker", "cri", "journald_json", "journald_export", "syslog_3164", "syslog_5424"};
constexpr std::string_view to_string(Envelope envelope) {
  return kEnvelopeNames[static_cast<std::size_t>(envelope)];
}

}  // namespace mre
