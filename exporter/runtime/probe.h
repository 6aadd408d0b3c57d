// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/config/config.h"

namespace mre {

/// What opening a source showed.
struct ProbedSource {
  bool up = false;    ///< The log is readable, the broker has granted all topics, or the capture has started.
  std::string state;  ///< One line for people: what the source reads, or why it cannot. No secrets.
};

/// Opens all sources of the brokers at the same time, as `Brokers` would, and closes them as soon as each is up or has
/// failed. One element for each source, in the order of the configuration. Takes at most twice the largest
/// connect_timeout of the brokers and a second; a source without an answer by then is not up.
///
/// Disturbs no running exporter: it stores nothing, reads no byte of a log, and connects with a random client id and
/// without a session, so that no other client is disconnected and no message is taken from its session.
std::vector<ProbedSource> probe(const std::vector<BrokerConfig>& brokers);

}  // namespace mre
