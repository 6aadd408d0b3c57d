// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace mre {

/// Health and losses of one source, kept by the source and read on the feed's thread. All numbers only rise,
/// but `up`, `unread`, `watching`, `silent`, `unreadable`, `lag_bytes`, `files_open` and `connections`.
struct SourceStatus {
  bool up = false;  ///< The file is open, or the broker has granted the subscriptions.
  std::string
      state;  ///< One line for people: what it does now, or why it cannot. No secrets, no control characters.

  bool unread = false;  ///< `next` returned nothing after it had read for long and found no end of a record.

  std::uint64_t record_bytes = 0;       ///< Bytes of the records handed out, line ends not included.
  std::uint64_t records_oversized = 0;  ///< Records longer than the limit, skipped.
  std::uint64_t records_malformed =
      0;  ///< Lines of a recording that are no recorded message, skipped: cause invalid_json.
  std::uint64_t records_dropped = 0;  ///< Records that found the queue full.
  std::uint64_t records_invalid = 0;  ///< PUBLISH packets that no broker may send: before its CONNACK, or
                                      ///< with an invalid topic name.
  std::uint64_t failures = 0;         ///< Attempts to open or to connect that failed.

  // Log files.
  std::uint64_t lag_bytes = 0;   ///< Bytes written by the broker and not yet read.
  std::uint64_t files_open = 0;  ///< Log files that are open: those with a name and those that had it before.
  std::uint64_t renames = 0;     ///< Files that came after another one under the same name.
  std::uint64_t truncations = 0;  ///< The file was written anew: went on from its start.
  std::uint64_t lost_bytes = 0;   ///< Bytes known to be lost: unread ones of files that were truncated or
                                  ///< deleted meanwhile, and half lines at the end of files that were left.
  std::uint64_t nul_bytes_skipped =
      0;  ///< NULs at the start of a line: holes, and blocks that were never written.
  std::uint64_t files_ignored = 0;    ///< Names of a pattern that were not followed: more than the limit.
  std::uint64_t read_errors = 0;      ///< Reads of an open file that failed, and .gz files that are damaged.
  std::uint64_t watch_overflows = 0;  ///< Events that the kernel dropped, answered with a full look.
  bool watching = false;              ///< inotify tells about changes; else a look each 250 ms finds them.

  // MQTT.
  std::uint64_t connects = 0;      ///< CONNACKs that accepted us.
  std::uint64_t resubscribes = 0;  ///< SUBACKs that granted everything.
  std::uint64_t retained_skipped =
      0;                            ///< Retained messages handed out; the feed does not count them as events.
  std::uint64_t sessions_lost = 0;  ///< Connects at which the broker no longer had the session that it was to
                                    ///< keep: messages may be missing.
  std::uint64_t redelivered = 0;    ///< Messages that the broker marked as sent before (DUP); those that were
                                    ///< taken are not handed out again.
  bool silent = false;  ///< Subscribed for MqttOptions::silent_after, and nothing at all has come since.

  // Capture.
  bool unreadable = false;              ///< What passes is TLS only: no code can be read.
  std::uint64_t connections = 0;        ///< TCP connections that are followed now.
  std::uint64_t frames = 0;             ///< Frames seen.
  std::uint64_t frames_unreadable = 0;  ///< Cut short, IP fragments, unknown link layers; or their receiver
                                        ///< drops them: wrong checksums, no acknowledgement.
  std::uint64_t frames_dropped_kernel = 0;     ///< Frames that found the kernel's ring full.
  std::uint64_t frames_dropped_interface = 0;  ///< Frames that the network interface dropped.
  std::uint64_t connections_mqtt = 0;          ///< Followed connections by what they turned out to be.
  std::uint64_t connections_websocket = 0;
  std::uint64_t connections_tls = 0;
  std::uint64_t connections_other = 0;  ///< Neither; not followed any further.
  std::uint64_t connections_mirrored =
      0;  ///< The same as another one, seen once more behind a translation of addresses; not followed.
  std::uint64_t connections_joined = 0;  ///< Of those of MQTT: open before the first frame of them was seen.
  std::uint64_t connections_evicted =
      0;  ///< No longer followed, because there were more than max_connections.
  std::uint64_t connections_expired = 0;  ///< No longer followed, because nothing was seen of them for long.
  std::uint64_t directions_given_up =
      0;  ///< One direction of a connection that could not be read any further.
  std::uint64_t resynchronisations = 0;  ///< Times reading went on at a later packet, after missing bytes.
  std::uint64_t missing_bytes =
      0;  ///< Bytes that passed unseen and held, or may have held, more than payload.
  std::uint64_t packets_ambiguous = 0;  ///< Packets that say success in MQTT 5.0 and nothing in MQTT 3, of
                                        ///< connections whose version is not known. Not counted as codes.
  std::uint64_t ends_unknown = 0;       ///< Connections that ended after bytes that passed unseen: not known
                                        ///< whether a packet gave the reason. Not counted as closes.
  std::uint64_t events_unproven = 0;    ///< Codes and ends of connections of which one side alone was heard.
  std::uint64_t packets_malformed = 0;  ///< Packets too short for what they must hold; their code is unknown.
};

/// The members of SourceStatus that only rise. Their order is that on disk: what is new comes last.
inline constexpr std::uint64_t SourceStatus::* kSourceCounters[] = {
    &SourceStatus::record_bytes,
    &SourceStatus::records_oversized,
    &SourceStatus::records_malformed,
    &SourceStatus::records_dropped,
    &SourceStatus::failures,
    &SourceStatus::renames,
    &SourceStatus::truncations,
    &SourceStatus::lost_bytes,
    &SourceStatus::connects,
    &SourceStatus::resubscribes,
    &SourceStatus::retained_skipped,
    &SourceStatus::nul_bytes_skipped,
    &SourceStatus::files_ignored,
    &SourceStatus::read_errors,
    &SourceStatus::watch_overflows,
    &SourceStatus::sessions_lost,
    &SourceStatus::redelivered,
    &SourceStatus::frames,
    &SourceStatus::frames_unreadable,
    &SourceStatus::frames_dropped_kernel,
    &SourceStatus::frames_dropped_interface,
    &SourceStatus::connections_mqtt,
    &SourceStatus::connections_websocket,
    &SourceStatus::connections_tls,
    &SourceStatus::connections_other,
    &SourceStatus::connections_joined,
    &SourceStatus::connections_evicted,
    &SourceStatus::connections_expired,
    &SourceStatus::directions_given_up,
    &SourceStatus::resynchronisations,
    &SourceStatus::missing_bytes,
    &SourceStatus::packets_ambiguous,
    &SourceStatus::connections_mirrored,
    &SourceStatus::packets_malformed,
    &SourceStatus::ends_unknown,
    &SourceStatus::records_invalid,
    &SourceStatus::events_unproven,
};

}  // namespace mre
