// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/metrics/feed_sample.h"

namespace mre {

/// What the sources at hand have counted and can show of each row of mqtt::reasons(): the facts of the page /codes
/// and of /api/v1/codes. The counts are those of the metrics; a withheld feed has none.
struct CodeReference {
  using PacketCounts = std::array<std::uint64_t, mqtt::kPackets>;

  /// A code in a packet in which the standard does not define it, or a code above the limit of series ("other").
  struct Outside {
    std::string code;
    mqtt::Packet packet{};
    std::uint64_t count = 0;
  };

  /// What one source can show of one row.
  struct Shown {
    mqtt::PacketSet sent = 0;      ///< Its records so far show the code in these packets, sent by the broker,
    mqtt::PacketSet received = 0;  ///< and in these, sent by clients.
    mqtt::PacketSet hidden_sent = 0;  ///< The source could show it, but its records so far do not.
    mqtt::PacketSet hidden_received = 0;
  };
  struct Source {
    std::string broker;
    std::string name;
    std::vector<Shown> rows;  ///< By row.
  };

  std::vector<PacketCounts> counts;  ///< By row.
  std::vector<Outside> outside;
  std::map<std::string_view, std::uint64_t> ends;  ///< Ends without a code, by reason.
  std::map<std::string_view, std::array<std::uint64_t, kActions>>
      denials;                  ///< Without a code, by reason and Action.
  std::vector<Source> sources;  ///< Without those whose profile is not detected yet.

  /// Whether a source shows the row in this packet at present.
  bool shows(std::size_t row, mqtt::Packet packet) const;
};

CodeReference code_reference(std::span<const FeedSample> feeds);

/// The row of mqtt::reasons() as an index.
std::size_t row_of(const mqtt::Reason& reason);

/// The rows of the other protocol version that mean the same: those with the same label, and for a CONNACK code of MQTT
/// 5.0 the return code that a broker sends to a client of MQTT 3.1.1 instead.
std::vector<const mqtt::Reason*> equivalents(const mqtt::Reason& reason);

/// PromQL for the reason, one query a line: for its codes, if MQTT has one, and for its ends and denials without a code,
/// if there can be some.
std::string queries_of(std::string_view reason_label);

}  // namespace mre
