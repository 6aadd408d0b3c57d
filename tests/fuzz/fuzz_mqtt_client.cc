// SPDX-License-Identifier: Apache-2.0
// The client's side of MQTT: a broker answers each packet of the client with the next piece of the input.
// What the library and our handlers make of it must not crash, whatever it is.
//
// Input: one byte for the protocol, then pieces: one byte of flags (1: the answer gets the packet identifier
// of what it answers, 2: the broker closes after it), one byte of length, the bytes. After the last piece the
// broker closes.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "exporter/subscribe/mqtt_client.h"
#include "tests/support/scripted_broker.h"

namespace {

using namespace mre;

class Observer final : public MqttObserver {
 public:
  void on_event(MqttEvent event) override {
    const std::lock_guard lock(mutex_);
    last_ = event.kind;
    ++events_;
    changed_.notify_all();
  }
  void on_message(const MqttDelivery& message) override {
    bytes_ += message.topic.size() + message.payload.size();
  }
  void on_callback_failure() noexcept override {}

  /// The next event; closed if none comes in time.
  MqttEvent::Kind next() {
    std::unique_lock lock(mutex_);
    const bool came =
        changed_.wait_for(lock, std::chrono::milliseconds(300), [this] { return events_ > taken_; });
    ++taken_;
    return came ? last_ : MqttEvent::Kind::closed;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  MqttEvent::Kind last_{};
  unsigned events_ = 0;
  unsigned taken_ = 0;
  std::size_t bytes_ = 0;
};

std::uint8_t take(std::string_view& input) {
  if (input.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(input.front());
  input.remove_prefix(1);
  return byte;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const bool v5 = (take(input) & 1U) != 0;
  bool closes = false;
  test::ScriptedBroker broker([&](std::string_view packet) -> std::optional<std::string> {
    if (closes || input.empty()) return {};
    const unsigned flags = take(input);
    const std::size_t length = take(input);
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
  const MqttUrl url = *parse_mqtt_url(options.url);
  Observer observer;
  {
    MqttClient client(observer, options, url);
    if (client.connect("fuzz", "", false) && observer.next() == MqttEvent::Kind::connected &&
        client.subscribe(true) && observer.next() == MqttEvent::Kind::subscribed)
      observer.next();
    client.close();
  }
  return 0;
}
