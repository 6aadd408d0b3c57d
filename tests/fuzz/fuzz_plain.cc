// SPDX-License-Identifier: Apache-2.0
// The engine against a plain interpreter of the same profile, over any records: the same events, outcomes and
// rules. The first byte chooses the profile, the second the kind of source and the topic; the rest are lines.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "tests/support/plain/same_as_plain.h"

namespace {

using namespace mre;

const std::vector<std::shared_ptr<const Profile>>& profiles() {
  static const auto all = [] {
    std::vector<std::shared_ptr<const Profile>> made;
    for (const EmbeddedProfile& embedded : embedded_profiles())
      made.push_back(load_embedded_profile(embedded).value());
    return made;
  }();
  return all;
}

/// The first is that of log lines.
constexpr std::string_view kTopics[] = {"",
                                        "$SYS/broker/log/N",
                                        "$SYS/brokers/n/clients/a/disconnected",
                                        "exporter/x",
                                        "$SYS/brokers/disconnected",
                                        "$SYS/brokers/client_status/a",
                                        "$aws/events/presence/disconnected/a"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t max_bytes = 64 * 1024;  // the interpreter is slow
  if (size < 2 || size > max_bytes) return 0;
  const auto& profile = profiles()[data[0] % profiles().size()];
  const std::string_view topic = kTopics[data[1] % std::size(kTopics)];
  std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::vector<test::PlainRecord> records;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    records.push_back({std::string(text.substr(0, end)), std::string(topic)});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  const std::string found =
      test::difference(profile, topic.empty() ? SourceKind::log : SourceKind::mqtt, records);
  if (found.empty()) return 0;
  std::fprintf(stderr, "%s\n", found.c_str());
  std::abort();
}
