// SPDX-License-Identifier: Apache-2.0
// Every profile over any bytes: as a line, and as a payload on one of the topics it reads. The first byte
// chooses. The decoder must neither crash nor emit more events than a record can hold.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string_view>

#include "exporter/profile/profile.h"

namespace {

class Count final : public mre::EventSink {
 public:
  void on_code(const mre::ReasonEvent&) override { ++events; }
  void on_close(const mre::CloseEvent&) override { ++events; }
  void on_denial(const mre::DenialEvent&) override { ++events; }
  int events = 0;
};

struct Subject {
  std::unique_ptr<mre::Decoder> log;
  std::unique_ptr<mre::Decoder> mqtt;
};

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = [] {
    std::vector<Subject> made;
    for (const mre::EmbeddedProfile& embedded : mre::embedded_profiles()) {
      auto profile = mre::load_embedded_profile(embedded);
      if (!profile) std::abort();
      made.push_back(
          {make_decoder(*profile, mre::SourceKind::log), make_decoder(*profile, mre::SourceKind::mqtt)});
    }
    return made;
  }();
  return all;
}

constexpr std::string_view kTopics[] = {"$SYS/broker/log/N", "$SYS/brokers/n/clients/a/disconnected",
                                        "exporter/x", "$SYS/brokers/disconnected",
                                        "$SYS/brokers/client_status/a"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto& subject = subjects()[data[0] % subjects().size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Count count;
  std::size_t records = 0;
  for (std::size_t at = 0; at < text.size(); ++records) {  // several records: state is part of the subject
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view record = text.substr(at, end - at);
    subject.log->decode({record, {}, false}, count);
    subject.mqtt->decode({record, kTopics[(data[0] / 16) % std::size(kTopics)], false}, count);
    at = end + 1;
  }
  subject.log->settle(count);
  subject.mqtt->settle(count);
  if (count.events > static_cast<int>(2 * records)) std::abort();
  return 0;
}
