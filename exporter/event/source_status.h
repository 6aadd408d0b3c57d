// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace mre {

/// Health and losses of one source, updated by the source and read on the feed's thread. All numbers are
/// counters except `up`, `unread`, `watching`, `silent`, `unreadable`, `lag_bytes`, `files_open` and
/// `connections`.
struct SourceStatus {
  bool up = false;  ///< The file is open, or the broker has granted the subscriptions.
  std::string
      state;  ///< One line for people: what the source does now, or why it fails. No secrets, no control characters.

  bool unread =
      false;  ///< `next` returned nothing because it has read for long without finding the end of a record.

  std::uint64_t record_bytes =
      0;  ///< Bytes of the records, without line ends; of a capture, of the frames with events.
  std::uint64_t records_oversized = 0;  ///< Records longer than the limit, skipped.
  std::uint64_t records_malformed = 0;  ///< Invalid lines of a recording, skipped: cause invalid_json.
  std::uint64_t records_dropped = 0;    ///< Records dropped because the queue was full.
  std::uint64_t records_invalid = 0;    ///< PUBLISH packets that no broker may send: before its CONNACK, or
                                        ///< with an invalid topic name.
  std::uint64_t failures = 0;           ///< Failed attempts to open the log or to connect.

  // Log files.
  std::uint64_t lag_bytes = 0;    ///< Bytes written by the broker and not yet read.
  std::uint64_t files_open = 0;   ///< Open log files, rotated ones included.
  std::uint64_t renames = 0;      ///< Times a new file replaced one of the same name.
  std::uint64_t truncations = 0;  ///< Times a file was truncated and reading restarted at its beginning.
  std::uint64_t lost_bytes = 0;   ///< Bytes known to be lost: unread bytes of truncated or deleted files, and
                                  ///< incomplete lines at the end of files that were closed.
  std::uint64_t nul_bytes_skipped =
      0;  ///< NULs at the start of a line: holes, and blocks that were never written.
  std::uint64_t files_ignored = 0;    ///< Files that match a pattern but exceed the limit, so not followed.
  std::uint64_t read_errors = 0;      ///< Failed reads of an open file, and damaged .gz files.
  std::uint64_t watch_overflows = 0;  ///< Times inotify dropped events; answered with a full scan.
  bool watching = false;              ///< inotify is in use; otherwise the source polls every 250 ms.

  // MQTT.
  std::uint64_t connects = 0;      ///< Accepted connects.
  std::uint64_t resubscribes = 0;  ///< SUBACKs that granted everything.
  std::uint64_t retained_skipped =
      0;  ///< Retained messages handed out; the feed does not count them as events.
  std::uint64_t sessions_lost =
      0;                          ///< Connects at which the broker had lost the persistent session: messages
                                  ///< may be missing.
  std::uint64_t redelivered = 0;  ///< Messages that the broker marked as duplicates (DUP). Messages received
                                  ///< before are not handed out again.
  bool silent = false;            ///< No message for MqttOptions::silent_after since subscribing.

  // Capture.
  bool unreadable = false;        ///< All captured traffic is TLS: no code can be read.
  std::uint64_t connections = 0;  ///< TCP connections that are followed at present.
  std::uint64_t frames = 0;       ///< Frames seen.
  std::uint64_t frames_unreadable =
      0;  ///< Truncated frames, IP fragments, unknown link layers, and frames that
          ///< the receiver drops: wrong checksums, never acknowledged.
  std::uint64_t frames_dropped_kernel = 0;     ///< Frames dropped because the kernel's ring was full.
  std::uint64_t frames_dropped_interface = 0;  ///< Frames that the network interface dropped.
  std::uint64_t connections_mqtt = 0;          ///< Followed connections by detected protocol.
  std::uint64_t connections_websocket = 0;
  std::uint64_t connections_tls = 0;
  std::uint64_t connections_other = 0;  ///< Another protocol; no longer followed.
  std::uint64_t connections_mirrored =
      0;  ///< Copies of another connection, captured again after address translation; not followed.
  std::uint64_t connections_joined = 0;  ///< MQTT connections that were opened before the capture saw them.
  std::uint64_t connections_evicted =
      0;  ///< No longer followed because there were more than max_connections.
  std::uint64_t connections_expired = 0;  ///< No longer followed because they were idle for long.
  std::uint64_t directions_given_up = 0;  ///< Directions of connections that could no longer be read.
  std::uint64_t resynchronisations = 0;   ///< Times reading resumed at a later packet after missing bytes.
  std::uint64_t missing_bytes = 0;  ///< Bytes that were not captured and may have held more than payload.
  std::uint64_t packets_ambiguous =
      0;                           ///< Packets that mean success in MQTT 5.0 and have no code in MQTT 3, on
                                   ///< connections of unknown version. Not counted as codes.
  std::uint64_t ends_unknown = 0;  ///< Connections that ended after missing bytes, which may have held a
                                   ///< DISCONNECT. Not counted as closes.
  std::uint64_t events_unproven = 0;  ///< Codes and ends of connections of which only one side was captured.
  std::uint64_t packets_malformed =
      0;  ///< Packets that are too short for their required fields; their code is unknown.
};

}  // namespace mre
