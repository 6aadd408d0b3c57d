// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "exporter/checkpoint/state_options.h"
#include "exporter/clients/client_options.h"
#include "exporter/config/values.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/tail/log_options.h"

/// The names of the enumerations in the options of sources.
namespace mre {

inline constexpr ValueName<LogOptions::From> kLogFromNames[] = {{LogOptions::From::checkpoint, "checkpoint"},
                                                                {LogOptions::From::end, "end"},
                                                                {LogOptions::From::beginning, "beginning"}};
inline std::span<const ValueName<LogOptions::From>> value_names(LogOptions::From) { return kLogFromNames; }

inline constexpr ValueName<StateOptions::Counters> kStateCounters[] = {{StateOptions::Counters::on, "on"},
                                                                       {StateOptions::Counters::off, "off"}};
inline std::span<const ValueName<StateOptions::Counters>> value_names(StateOptions::Counters) {
  return kStateCounters;
}

inline constexpr ValueName<ClientOptions::Remember> kRememberNames[] = {
    {ClientOptions::Remember::automatic, "auto"},
    {ClientOptions::Remember::on, "on"},
    {ClientOptions::Remember::off, "off"}};
inline std::span<const ValueName<ClientOptions::Remember>> value_names(ClientOptions::Remember) {
  return kRememberNames;
}

inline constexpr ValueName<ClientOptions::Identity> kIdentityNames[] = {
    {ClientOptions::Identity::full, "full"},
    {ClientOptions::Identity::hash, "hash"},
    {ClientOptions::Identity::address, "address"}};
inline std::span<const ValueName<ClientOptions::Identity>> value_names(ClientOptions::Identity) {
  return kIdentityNames;
}

inline constexpr auto kEnvelopeValues = [] {
  std::array<ValueName<Envelope>, kEnvelopeNames.size()> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = {static_cast<Envelope>(i), kEnvelopeNames[i]};
  return values;
}();
inline std::span<const ValueName<Envelope>> value_names(Envelope) { return kEnvelopeValues; }

namespace mqtt {

inline constexpr ValueName<Protocol> kClientProtocols[] = {{Protocol::v5, "5.0"},
                                                           {Protocol::v3_1_1, "3.1.1"}};
/// The versions with which the exporter can connect.
inline std::span<const ValueName<Protocol>> value_names(Protocol) { return kClientProtocols; }

}  // namespace mqtt
}  // namespace mre
