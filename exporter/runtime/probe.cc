// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/probe.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <variant>

#include "exporter/base/deadline.h"
#include "exporter/input/record_input.h"
#include "exporter/runtime/feed_setup.h"

namespace mre {
namespace {

using std::chrono::steady_clock;

/// How long one source is waited for before it is the turn of the next.
constexpr std::chrono::milliseconds kReadTurn{50};
/// The source's thread may learn of a time-out later than this one.
constexpr std::chrono::seconds kMargin{1};

/// A source while it is probed.
class Probe {
 public:
  Probe(const BrokerConfig& broker, SourceConfig source) {
    if (auto* log = std::get_if<LogOptions>(&source.options)) {
      log->from = LogOptions::From::end;
    } else if (auto* mqtt = std::get_if<MqttOptions>(&source.options)) {
      is_mqtt_ = true;
      has_other_id_ = !mqtt->client_id.empty();
      mqtt->client_id.clear();
      mqtt->session_expiry = std::chrono::seconds(0);
    }
    auto opened = open_source(broker, source, StateStore());
    if (opened) {
      source_ = std::move(*opened);
    } else {
      result_.state = opened.error().what;
    }
  }

  /// Waits for at most kReadTurn. Whether the source is up or has failed.
  bool advance() {
    if (!source_.input) return true;
    // A log or an interface is open already, and reading a pipe would take its lines from the exporter.
    if (is_mqtt_) static_cast<void>(source_.input->records()->peek(steady_clock::now() + kReadTurn));
    const SourceStatus& status = source_.input->status();
    result_ = {status.up, status.state};
    if (has_other_id_ && status.connects == 0)
      result_.state += " (probed with a random client id instead of the configured one)";
    return !is_mqtt_ || status.up || status.failures != 0;
  }

  const ProbedSource& result() const { return result_; }

 private:
  ResumableSource source_;  ///< Without a source: it cannot be opened.
  bool is_mqtt_ = false;
  bool has_other_id_ = false;  ///< Than the configured client id.
  ProbedSource result_;
};

/// Until when an answer may come: a broker has connect_timeout for each of CONNACK and SUBACK.
Deadline last_answer(const std::vector<BrokerConfig>& brokers) {
  std::chrono::seconds longest{0};
  for (const BrokerConfig& broker : brokers)
    for (const SourceConfig& source : broker.sources)
      if (const auto* mqtt = std::get_if<MqttOptions>(&source.options))
        longest = std::max(longest, mqtt->connect_timeout);
  return steady_clock::now() + 2 * longest + kMargin;
}

}  // namespace

std::vector<ProbedSource> probe(const std::vector<BrokerConfig>& brokers) {
  std::vector<Probe> probes;
  for (const BrokerConfig& broker : brokers)
    for (const SourceConfig& source : broker.sources) probes.emplace_back(broker, source);
  std::vector<Probe*> waiting;
  for (Probe& one : probes) waiting.push_back(&one);
  const Deadline deadline = last_answer(brokers);
  do {
    std::erase_if(waiting, [](Probe* one) { return one->advance(); });
  } while (!waiting.empty() && steady_clock::now() < deadline);
  std::vector<ProbedSource> results;
  for (const Probe& one : probes) results.push_back(one.result());
  return results;
}

}  // namespace mre
