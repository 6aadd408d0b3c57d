// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "exporter/envelope/opened.h"
#include "exporter/event/envelope.h"

namespace mre {

/// An envelope that is words before the text. The text is a view into the line.
struct TextEnvelope {
  Envelope envelope;
  Opened (*open)(std::string_view line);  ///< A pure function.
};

/// All of them, in the order in which a line is tried.
std::span<const TextEnvelope> text_envelopes();

/// A container runtime's line (kubernetes/cri-client pkg/logs: parseCRILog):
///   2026-11-22T04:32:40.317700123Z stdout F text         P: the line continues; tags may follow, as in F:tag
Opened open_cri(std::string_view line);

/// RFC 3164 with or without its priority, as rsyslog, syslog-ng and busybox write files; journalctl in its
/// short forms and with-unit; OpenWrt's logread; snap logs. Certain with a priority or a process id,
/// because other logs also begin with a time and words.
///   <28>Nov 22 05:08:45 host tag[pid]: text
///   Sun Nov 22 05:08:45 2026 daemon.notice tag[pid]: text
Opened open_syslog_3164(std::string_view line);

/// RFC 5424, section 6: <28>1 TIME HOST APP PROCID MSGID [id key="value"] text
/// A byte order mark in front of the text is removed.
Opened open_syslog_5424(std::string_view line);

/// docker compose logs, docker service logs, and similar tools (nerdctl, podman-compose, foreman):
///   mosquitto-1  | text      service.1.taskid@node    | text      [mosquitto] | text
Opened open_compose(std::string_view line);

/// kubectl logs --prefix; and kubetail, which is not certain:
///   [pod/mosquitto-0/mosquitto] text      [mosquitto-0 mosquitto] text
Opened open_kubectl(std::string_view line);

/// logcli query: TIME {label="value", …} text
Opened open_logcli(std::string_view line);

/// Fluent Bit's output stdout: [N] TAG: [TIME, {"log"=>"text"}], since 2.1 [[TIME, {}], …]. It escapes
/// nothing: a text with "=> in it, and an object of several members, are refused, because a client could have
/// written them.
Opened open_fluent_bit(std::string_view line);

/// A time in front of each line, as docker logs and kubectl logs write it with --timestamps. Certain with
/// nine digits after the point. Other times, as of aws logs tail --format short, also begin brokers' lines.
Opened open_timestamp(std::string_view line);

/// aws logs tail: TIME STREAM text. Never certain.
Opened open_aws_logs(std::string_view line);

/// stern: POD CONTAINER text. Never certain.
Opened open_stern(std::string_view line);
/// stern of several namespaces: NAMESPACE POD CONTAINER text. Never certain.
Opened open_stern_namespaces(std::string_view line);

}  // namespace mre
