#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "exporter/source/mqtt_source.h"
#include "tests/support/poll.h"

/// What the tests of the MQTT source share: a source with a short back-off, and what it says and hands out.
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

inline std::unique_ptr<Source> make(const MqttOptions& options) {
  auto source = make_mqtt_source(options);
  EXPECT_TRUE(source) << (source ? "" : source.error().what);
  return source ? std::move(*source) : nullptr;
}

inline testing::AssertionResult comes_up(Source& source) {
  if (eventually([&] { return source.status().up; })) return testing::AssertionSuccess();
  return testing::AssertionFailure() << source.status().state;
}

inline testing::AssertionResult says(Source& source, const std::string& words) {
  const auto found = [&] { return source.status().state.find(words) != std::string::npos; };
  if (eventually(found)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "\"" << source.status().state << "\" does not say \"" << words
                                     << "\"";
}

/// The next record, as "topic payload".
inline std::string take(Source& source) {
  const auto record = source.next(std::chrono::steady_clock::now() + std::chrono::seconds(30));
  if (!record || !*record) return "(nothing)";
  return std::string((*record)->topic) + " " + std::string((*record)->payload) +
         ((*record)->retained ? " retained" : "");
}

inline std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

}  // namespace mre::test
