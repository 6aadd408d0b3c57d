#pragma once

#include <string_view>

#include "exporter/envelope/opened.h"

/// Envelopes that stand as words before the text. The text is a view into the line. Pure functions.
namespace mre {

/// A container runtime's line (kubernetes/cri-client pkg/logs: parseCRILog):
///   2026-11-22T04:32:40.317700123Z stdout F text         P: the line goes on; tags may follow, as in F:tag
Opened open_cri(std::string_view line);

enum class Syslog3164 {
  any,
  certain,  ///< Only with a priority or a process id: other logs begin with a time and words, too.
};

/// RFC 3164 with or without its priority, as rsyslog and syslog-ng write files, journalctl -o short and
/// -o short-iso as well:
///   <28>Nov 22 05:08:45 host tag[pid]: text
///   2026-11-22T05:08:45.860015+00:00 host tag[pid]: text
Opened open_syslog_3164(std::string_view line, Syslog3164 which = Syslog3164::any);

/// RFC 5424, section 6: <28>1 TIME HOST APP PROCID MSGID [id key="value"] text
/// A byte order mark before the text is not part of it.
Opened open_syslog_5424(std::string_view line);

}  // namespace mre
