// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The keys of a profile, by the map that contains them. The loader refuses all others. A test checks that
// config/profiles/README.md explains each.
namespace mre::profile_keys {

inline constexpr std::string_view kProfile[] = {
    "profile",   "title",       "versions",       "checked",      "sources", "prefix", "json",
    "protocols", "echo_window", "unknown_client", "placeholders", "parts",   "rules"};
inline constexpr std::string_view kPrefix[] = {"line",    "releases", "fields",         "foreign",
                                               "repeats", "examples", "counterexamples"};
inline constexpr std::string_view kSources[] = {"log", "mqtt"};
inline constexpr std::string_view kSource[] = {"setting", "levels",         "topics",
                                               "cut_at",  "cut_message_at", "cut_message_until"};
inline constexpr std::string_view kProtocol[] = {"is", "since"};
inline constexpr std::string_view kRule[] = {
    "id",        "why",       "seen_in",     "line",     "topic",
    "object",    "members",   "sources",     "level",    "code",
    "separator", "subscribe", "repeated_as", "since",    "echo",
    "waits",     "announces", "answers",     "connects", "ends",
    "identity",  "ignore",    "cases",       "examples", "counterexamples",
    "until",     "restarts",  "parts",       "payload"};
inline constexpr std::string_view kCase[] = {"when",     "packet",  "direction", "protocol", "code",
                                             "evidence", "bytes",   "close",     "by",       "denied",
                                             "reason",   "or_code", "ignore",    "connects"};
inline constexpr std::string_view kWhen[] = {"why",    "why_begins", "event",   "event_begins", "protocol",
                                             "client", "code",       "version", "follows"};
inline constexpr std::string_view kExample[] = {"why", "after", "record", "topic", "payload", "gives"};

}  // namespace mre::profile_keys
