// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "exporter/subscribe/mqtt_source.h"
#include "tests/support/poll.h"

/// Shared by the tests of the MQTT source.
namespace mre::test {

inline constexpr auto kEndless = Deadline::max();

inline MqttOptions options_for(const std::string& url) {
  MqttOptions options;
  options.url = url;
  options.topics = {"events/#"};
  options.backoff_min = std::chrono::milliseconds(10);
  options.backoff_max = std::chrono::milliseconds(200);
  return options;
}

inline std::unique_ptr<Source> make(const MqttOptions& options, std::string_view saved = {}) {
  auto source = make_mqtt_source(options, saved);
  EXPECT_TRUE(source) << (source ? "" : source.error().what);
  return source ? std::move(*source) : nullptr;
}

inline testing::AssertionResult is_up(Source& source) {
  if (eventually([&] { return source.status().up; })) return testing::AssertionSuccess();
  return testing::AssertionFailure() << source.status().state;
}

inline testing::AssertionResult reports(Source& source, const std::string& text) {
  const auto found = [&] { return source.status().state.find(text) != std::string::npos; };
  if (eventually(found)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << source.status().state << "\" does not contain \"" << text
                                     << "\"";
}

/// The next record, as "topic payload".
inline std::string receive(Source& source) {
  const auto record = source.next(std::chrono::steady_clock::now() + std::chrono::seconds(30));
  if (!record || !*record) return "(nothing)";
  return std::string((*record)->topic) + " " + std::string((*record)->payload) +
         ((*record)->retained ? " retained" : "");
}

/// Receives `expected` records, whose payloads are the numbers from `first`, each once and in order.
inline testing::AssertionResult receives_numbers(Source& source, std::uint64_t first,
                                                 std::uint64_t expected) {
  for (std::uint64_t i = first; i < first + expected; ++i) {
    const auto record = source.next(std::chrono::steady_clock::now() + std::chrono::seconds(30));
    const std::string got = record && *record ? std::string((*record)->payload) : "(nothing)";
    if (got != std::to_string(i)) {
      return testing::AssertionFailure() << got << " instead of " << i << "; " << source.status().state;
    }
  }
  return testing::AssertionSuccess();
}

/// The numbers received as payloads.
class Numbers {
 public:
  /// Returns whether a record was received.
  bool take(Source& source, Deadline deadline) {
    const auto record = source.next(deadline);
    if (!record || !*record) return false;
    if (!seen_.insert(std::stoull(std::string((*record)->payload))).second) ++repeated_;
    return true;
  }
  std::uint64_t different() const { return seen_.size(); }
  std::uint64_t repeated() const { return repeated_; }

 private:
  std::set<std::uint64_t> seen_;
  std::uint64_t repeated_ = 0;
};

/// Stops a source as the exporter does, and returns what it saves. Its queue must be empty.
inline std::string stop_and_save(std::unique_ptr<Source> source) {
  source->finish();
  const auto left = source->next(std::chrono::steady_clock::now());
  EXPECT_TRUE(left && !*left) << "the queue is not empty";
  ByteWriter saved;
  EXPECT_TRUE(source->save(saved));
  return std::move(saved).take();
}

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

}  // namespace mre::test
