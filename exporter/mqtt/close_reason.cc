// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/close_reason.h"

#include <algorithm>
#include <array>

#include "exporter/mqtt/reason_table.h"

namespace mre::mqtt {
namespace {

constexpr std::array<std::string_view, kInitiators> kInitiatorNames = {"broker", "client", "network",
                                                                       "unknown"};

/// Reasons for which MQTT has no code.
constexpr CloseReasonRow kOurs[] = {
    {"connect_timeout", Class::error, "The client opened a connection but sent no CONNECT in time."},
    {"connection_closed", Class::informational, "The connection was closed without a DISCONNECT."},
    {"network_error", Class::error,
     "The network broke the connection: it was reset, unreachable or timed out."},
    {"session_expired", Class::informational,
     "The broker discarded the session of a client that did not reconnect in time."},
    {"tls_error", Class::error, "TLS failed because of the certificate, version or cipher."},
};

constexpr bool ends_a_connection(const Reason& reason) {
  if (reason.protocol != Protocol::v5) return false;
  return reason.cls == Class::error || reason.packets == set_of(Packet::disconnect);
}

constexpr auto kOfTheStandard = static_cast<std::size_t>(
    std::count_if(table::kReasons.begin(), table::kReasons.end(), ends_a_connection));

constexpr auto kRows = [] {
  std::array<CloseReasonRow, kOfTheStandard + std::size(kOurs)> rows{};
  std::size_t n = 0;
  for (const Reason& reason : table::kReasons) {
    if (ends_a_connection(reason)) rows[n++] = {reason.label, reason.cls, reason.meaning};
  }
  for (const CloseReasonRow& ours : kOurs) rows[n++] = ours;
  return rows;
}();
static_assert(kRows.size() < 256, "CloseReason is one byte");

}  // namespace

std::string_view to_string(Initiator initiator) {
  return kInitiatorNames[static_cast<std::size_t>(initiator)];
}

std::optional<Initiator> initiator_from(std::string_view text) {
  const auto* at = std::find(kInitiatorNames.begin(), kInitiatorNames.end(), text);
  if (at == kInitiatorNames.end()) return std::nullopt;
  return static_cast<Initiator>(at - kInitiatorNames.begin());
}

std::span<const CloseReasonRow> close_reasons() { return kRows; }

std::optional<CloseReason> close_reason_from(std::string_view label) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].label == label) return static_cast<CloseReason>(i);
  }
  return std::nullopt;
}

bool has_code(std::string_view label) {
  return std::ranges::any_of(reasons(), [&](const Reason& reason) { return reason.label == label; });
}

}  // namespace mre::mqtt
