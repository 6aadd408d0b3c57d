// SPDX-License-Identifier: Apache-2.0
// Compares the events of real captures with the output of tshark: tests/testdata/capture/README.md.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>

#include "exporter/capture/file/capture_file.h"
#include "tests/capture/frame_builder.h"

namespace mre {
namespace {

std::string tally(const std::vector<std::string>& events) {
  std::map<std::string, int> counts;
  for (const std::string& event : events) {
    if (!event.starts_with("close ")) ++counts[event];
  }
  std::string all;
  for (const auto& [event, count] : counts) all += std::to_string(count) + " " + event + "\n";
  return all;
}

struct Capture {
  const char* why;
  const char* name;
  const char* truth;
  std::vector<std::uint16_t> ports;
};

const Capture kCaptures[] = {
    {"configured ports",
     "mosquitto-2.1.2.pcap.gz",
     "mosquitto-2.1.2.truth.txt",
     {21110, 21111, 21112, 21113, 21120, 21121, 21130}},
    {"no configured ports", "mosquitto-2.1.2.pcap.gz", "mosquitto-2.1.2.truth.txt", {}},
    {"without the WebSocket port", "nanomq-0.25.5.pcapng.gz", "nanomq-0.25.5.truth.txt", {22001, 22021}},
};

TEST(RecordedCaptures, GiveTheCountsOfTshark) {
  const std::string directory = std::string(MRE_TESTDATA) + "/capture/";
  for (const Capture& c : kCaptures) {
    SCOPED_TRACE(std::string(c.name) + ": " + c.why);
    auto file = CaptureFile::open(directory + c.name);
    ASSERT_TRUE(file) << file.error().what;
    CaptureOptions options;
    options.ports = c.ports;
    SourceStatus status;
    EventTexts list;
    ConnectionTracker tracker(options, status);
    for (;;) {
      const auto frame = file->next();
      ASSERT_TRUE(frame) << frame.error().what;
      if (!*frame) break;
      tracker.process(**frame, list);
    }
    tracker.finish(list);
    EXPECT_FALSE(file->cut_off());
    std::ifstream truth(directory + c.truth);
    EXPECT_EQ(tally(list.texts), std::string(std::istreambuf_iterator<char>(truth), {}));
    EXPECT_EQ(status.missing_bytes, 0U);
    EXPECT_EQ(status.frames_unreadable, 0U);
    EXPECT_EQ(status.connections, 0U);
  }
}

}  // namespace
}  // namespace mre
