// SPDX-License-Identifier: Apache-2.0
// Fuzzes the MQTT client: a broker answers each packet of the client with
// the next piece of the input. No input may crash the library or our handlers.
//
// Input: one byte for the protocol, then pieces: one byte of flags (1: the answer gets the packet identifier
// of the packet that it answers, 2: the broker closes afterwards), one byte of length, the bytes. After the
// last piece the broker closes.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/subscribe/paho_client.h"
#include "tests/support/scripted_broker.h"

namespace {

using namespace mre;

class Observer final : public ClientObserver {
 public:
  void on_event(BrokerEvent event) override {
    const std::lock_guard lock(mutex_);
    last_ = event.kind;
    ++events_;
    changed_.notify_all();
  }
  void on_message(const ReceivedMessage& message) override {
    bytes_ += message.topic.size() + message.payload.size();
  }
  void on_callback_failure() noexcept override {}

  /// The next event; closed if none arrives in time.
  BrokerEvent::Kind next() {
    std::unique_lock lock(mutex_);
    const bool arrived =
        changed_.wait_for(lock, std::chrono::milliseconds(300), [this] { return events_ > seen_; });
    ++seen_;
    return arrived ? last_ : BrokerEvent::Kind::closed;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  BrokerEvent::Kind last_{};
  unsigned events_ = 0;
  unsigned seen_ = 0;
  std::size_t bytes_ = 0;
};

std::uint8_t read_byte(std::string_view& input) {
  if (input.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(input.front());
  input.remove_prefix(1);
  return byte;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const bool v5 = (read_byte(input) & 1U) != 0;
  bool closes = false;
  test::ScriptedBroker broker([&](std::string_view packet) -> std::optional<std::string> {
    if (closes || input.empty()) return {};
    const unsigned flags = read_byte(input);
    const std::size_t length = read_byte(input);
    std::string answer(input.substr(0, length));
    input.remove_prefix(answer.size());
    closes = (flags & 2U) != 0;
    return (flags & 1U) != 0 ? test::answer_to(packet, std::move(answer)) : answer;
  });
  MqttOptions options;
  options.url = broker.url();
  options.protocol = v5 ? mqtt::Protocol::v5 : mqtt::Protocol::v3_1_1;
  options.topics = {"a/#", "b/+"};
  options.connect_timeout = std::chrono::seconds(1);
  const BrokerUrl url = *parse_broker_url(options.url);
  Observer observer;
  {
    PahoClient client(observer, options, url);
    if (client.connect("fuzz", "", false) && observer.next() == BrokerEvent::Kind::connected &&
        client.subscribe(true) && observer.next() == BrokerEvent::Kind::subscribed)
      observer.next();
    client.close();
  }
  return 0;
}
