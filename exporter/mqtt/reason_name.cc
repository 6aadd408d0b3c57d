// SPDX-License-Identifier: Apache-2.0
// Maps names to bytes. A name is reduced to its letters and digits in lower case, so that "Keep Alive
// timeout", KEEP_ALIVE_TIMEOUT, keep-alive-timeout and KeepAliveTimeout have the same key. The key is searched
// in one sorted table, which is built at compile time from the reason table and the aliases below.
#include <algorithm>

#include "exporter/mqtt/reason_table.h"

namespace mre::mqtt {
namespace {

/// Longer than any known name with a prefix; a longer text is not a name.
constexpr std::size_t kMaxKey = 64;

struct Key {
  std::array<char, kMaxKey> chars{};
  std::size_t size = 0;
  constexpr std::string_view view() const { return {chars.data(), size}; }
};

/// nullopt if the reduced name is empty or too long.
constexpr std::optional<Key> squeeze(std::string_view name) {
  Key key;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (!upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) continue;
    if (key.size == kMaxKey) return std::nullopt;
    key.chars[key.size++] = upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (key.size == 0) return std::nullopt;
  return key;
}

struct Alias {
  std::string_view name;
  std::uint8_t code;
};

/// Names that brokers use in addition to the standard's, with the broker that uses them.
constexpr Alias kAliases[] = {
    {"connection_accepted", 0x00},             // 3.1.1, Netty
    {"normal_disconnect", 0x00},               // VerneMQ, Netty
    {"disconnected", 0x00},                    // mochi
    {"disconnect_with_will_msg", 0x04},        // VerneMQ
    {"disconnect_with_will", 0x04},            // FlashMQ
    {"no_subscriptions_existed", 0x11},        // HiveMQ
    {"continue", 0x18},                        // BifroMQ
    {"impl_specific_error", 0x83},             // VerneMQ
    {"implementation_specific", 0x83},         // Netty
    {"packet_rejected", 0x83},                 // mochi
    {"protocol_violation", 0x82},              // mochi
    {"unacceptable_protocol_version", 0x84},   // 3.1.1, EMQX
    {"identifier_rejected", 0x85},             // 3.1.1
    {"client_identifier_too_long", 0x85},      // mochi
    {"malformed_username_or_password", 0x86},  // EMQX
    {"unauthorized_client", 0x87},             // EMQX
    {"not_authorised", 0x87},                  // Mosquitto
    {"not_authorized_5", 0x87},                // Netty
    {"server_unavailable_5", 0x88},            // Netty
    {"server_unavaliable", 0x88},              // EMQX 4, misspelt there
    {"session_takeover", 0x8E},                // mochi
    {"packet_id_in_use", 0x91},                // VerneMQ
    {"packet_id_not_found", 0x92},             // VerneMQ
    {"receive_max_exceeded", 0x93},            // VerneMQ
    {"message_rate_to_high", 0x96},            // BifroMQ, misspelt there
    {"too_many_pending_writes", 0x97},         // mochi
    {"shared_subs_not_supported", 0x9E},       // VerneMQ
    {"shared_sub_not_supported", 0x9E},
    {"shared_subscription_not_supported", 0x9E},  // HiveMQ
    {"max_connect_time", 0xA0},                   // VerneMQ
    {"subscription_ids_not_supported", 0xA1},     // VerneMQ
    {"subscription_id_not_supported", 0xA1},
    {"subscription_identifier_not_supported", 0xA1},  // HiveMQ
    {"wildcard_subs_not_supported", 0xA2},            // VerneMQ
    {"wildcard_sub_not_supported", 0xA2},
    {"wildcard_subscription_not_supported", 0xA2},  // HiveMQ
};

struct Entry {
  Key key;
  std::uint8_t code = 0;
};

constexpr std::size_t kNames5 = static_cast<std::size_t>(
    std::count_if(table::kReasons.begin(), table::kReasons.end(),
                  [](const Reason& reason) { return reason.protocol == Protocol::v5; }));

constexpr auto kEntries = [] {
  std::array<Entry, kNames5 + std::size(kAliases)> entries{};
  std::size_t n = 0;
  for (const Reason& reason : table::kReasons) {
    if (reason.protocol == Protocol::v5) entries[n++] = {squeeze(reason.name).value(), reason.code};
  }
  for (const Alias& alias : kAliases) entries[n++] = {squeeze(alias.name).value(), alias.code};
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key.view() < b.key.view(); });
  return entries;
}();

static_assert(std::adjacent_find(kEntries.begin(), kEntries.end(),
                                 [](const Entry& a, const Entry& b) {
                                   return a.key.view() == b.key.view();
                                 }) == kEntries.end(),
              "an alias is already a name of the standard");

std::optional<std::uint8_t> code_of(std::string_view key) {
  const auto* end = kEntries.data() + kEntries.size();
  const auto* at = std::lower_bound(
      kEntries.data(), end, key, [](const Entry& entry, std::string_view k) { return entry.key.view() < k; });
  if (at == end || at->key.view() != key) return std::nullopt;
  return at->code;
}

std::string_view without_qualifier(std::string_view name) {
  while (!name.empty() && (name.back() == '.' || name.back() == ' '))
    name.remove_suffix(1);  // end of a sentence
  if (const auto dot = name.rfind('.'); dot != name.npos) name.remove_prefix(dot + 1);
  if (const auto colons = name.rfind("::"); colons != name.npos) name.remove_prefix(colons + 2);
  return name;
}

/// The constants of Netty's MqttConnectReturnCode whose byte is that of MQTT 3.1.1. Compared before the
/// name is reduced: CONNECTION_REFUSED_BAD_USERNAME_OR_PASSWORD, one underscore less, is 0x86.
constexpr std::string_view kNetty3[] = {
    "CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION",
    "CONNECTION_REFUSED_IDENTIFIER_REJECTED",
    "CONNECTION_REFUSED_SERVER_UNAVAILABLE",
    "CONNECTION_REFUSED_BAD_USER_NAME_OR_PASSWORD",
    "CONNECTION_REFUSED_NOT_AUTHORIZED",
};

}  // namespace

std::optional<std::uint8_t> code_from_name(std::string_view name) {
  name = without_qualifier(name);
  if (std::find(std::begin(kNetty3), std::end(kNetty3), name) != std::end(kNetty3)) return std::nullopt;
  const std::optional<Key> key = squeeze(name);
  if (!key) return std::nullopt;
  constexpr std::string_view kRefused = "connectionrefused";  // 3.1.1, Netty
  const std::string_view squeezed = key->view();
  return code_of(squeezed.starts_with(kRefused) ? squeezed.substr(kRefused.size()) : squeezed);
}

}  // namespace mre::mqtt
