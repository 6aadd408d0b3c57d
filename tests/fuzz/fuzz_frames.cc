// SPDX-License-Identifier: Apache-2.0
// Frames into ConnectionTracker. The first byte of the input chooses the options; then each frame is a link
// type, two bytes of length, one of time that passes, one that says how much the capture cut, and the bytes.
// A frame that begins with 0xFF is made: two bytes of sequence and acknowledgement, flags and payload of one
// of a few connections, so that the fuzzer need not invent headers.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/capture/connection/connection_tracker.h"

namespace {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  unsigned number(std::size_t bytes) {
    unsigned value = 0;
    for (const char byte : take(bytes)) value = value << 8U | static_cast<std::uint8_t>(byte);
    return value;
  }
  std::string_view take(std::size_t bytes) {
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

void put(std::string& bytes, std::uint64_t value, unsigned count) {
  for (unsigned i = count; i > 0; --i) bytes += static_cast<char>(value >> (8 * (i - 1)));
}

/// Raw IPv4 with TCP, between a client of four and a broker.
std::string made_frame(Input& input, std::string_view payload) {
  const unsigned who = input.number(1);
  const bool from_broker = (who & 1U) != 0;
  const unsigned client_port = 50000 + (who >> 1U & 3U);
  std::string tcp;
  put(tcp, from_broker ? 1883 : client_port, 2);
  put(tcp, from_broker ? client_port : 1883, 2);
  put(tcp, 0xFFFFFF00U + input.number(2), 4);
  put(tcp, 0xFFFFFF00U + input.number(2), 4);
  put(tcp, 0x5000U | (input.number(1) & 0x37U), 2);
  put(tcp, 0, 4);
  put(tcp, who >> 3U, 2);  // the urgent pointer
  std::string ip;
  put(ip, 0x4500, 2);
  put(ip, static_cast<unsigned>(40 + payload.size()), 2);
  put(ip, 0, 4);
  put(ip, 0x40060000, 4);
  put(ip, from_broker ? 1 : 2, 4);
  put(ip, from_broker ? 2 : 1, 4);
  return ip + tcp + std::string(payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const unsigned how = input.number(1);
  mre::CaptureOptions options;
  if ((how & 1U) != 0) options.ports.clear();
  options.max_connections = (how & 2U) != 0 ? 2 : 256;
  mre::SourceStatus status;
  mre::NullSink sink;
  const bool live = (how & 4U) != 0;
  static mre::LocalAddresses own;
  if (live) options.addresses = {"0.0.0.1"};
  mre::ConnectionTracker tracker(options, status, live ? &own : nullptr);
  std::int64_t now = 1'700'000'000'000'000;
  while (!input.empty()) {
    const unsigned link_type = input.number(1);
    const unsigned length = input.number(2);
    now += std::int64_t{input.number(1)} * 50'000;
    const unsigned cut = input.number(1);
    std::string bytes(input.take(length));
    const bool made = link_type == 0xFF;
    if (made) bytes = made_frame(input, bytes);
    mre::Frame frame{.time_us = now,
                     .link_type = made ? 101 : link_type,
                     .length = static_cast<std::uint32_t>(bytes.size()),
                     .bytes = bytes,
                     .direction = (how & 8U) != 0 ? mre::FrameDirection::sent : mre::FrameDirection::unknown};
    frame.bytes.remove_suffix(std::min<std::size_t>(cut, bytes.size()));
    tracker.process(frame, sink);
  }
  tracker.finish(sink);
  if (status.connections > options.max_connections) std::abort();
  return 0;
}
