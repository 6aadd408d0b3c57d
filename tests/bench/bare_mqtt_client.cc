// SPDX-License-Identifier: Apache-2.0
// The least that a client of Paho's C++ library can do: it counts the messages of a filter in the library's callback, with
// MQTT 5.0 as the exporter. Row 8 of bench/compare is what the exporter costs over it.
//
//   bare_mqtt_client URL FILTER    prints "ready"; after the message "end" how many it counted; ends with its input
#include <mqtt/async_client.h>

#include <cstdio>
#include <iostream>
#include <string>

namespace {

class Counter final : public mqtt::callback {
 public:
  void message_arrived(mqtt::const_message_ptr message) override {
    if (message->get_payload_str() != "end") {
      ++count_;
    } else {
      std::printf("%llu\n", count_);
      std::fflush(stdout);
    }
  }

 private:
  unsigned long long count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  Counter counter;
  mqtt::async_client client(argv[1], "bare", mqtt::create_options(MQTTVERSION_5));
  client.set_callback(counter);
  client.connect(mqtt::connect_options_builder().mqtt_version(MQTTVERSION_5).finalize())->wait();
  client.subscribe(argv[2], 0)->wait();
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  client.disconnect()->wait();
}
