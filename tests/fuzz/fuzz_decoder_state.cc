// SPDX-License-Identifier: Apache-2.0
// Any bytes as the state of a decoder: refused, and then it is as new; or taken over, and then it reads on,
// and what it saves is taken over by the next. The form of the input: tests/support/state_subject.h.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/support/state_subject.h"

namespace {

using namespace mre;

class Count final : public EventSink {
 public:
  void on_code(const ReasonEvent&) override { ++events; }
  void on_close(const CloseEvent&) override { ++events; }
  void on_denial(const DenialEvent&) override { ++events; }
  std::uint64_t events = 0;
};

void require(bool holds) {
  if (!holds) std::abort();
}

struct Prepared {
  test::StateSubject subject;
  std::vector<Example::Input> records;
};

const Prepared& prepared(std::uint8_t choice) {
  static const std::vector<Prepared> all = [] {
    std::vector<Prepared> made;
    for (std::size_t i = 0; i < test::StateSubject::kCount; ++i) {
      test::StateSubject subject(i);
      auto records = subject.records();
      made.push_back({std::move(subject), std::move(records)});
    }
    return made;
  }();
  return all[choice % all.size()];
}

void check_resumes(const test::StateSubject& subject, const Decoder& decoder) {
  const std::string bytes = test::saved(decoder);
  const auto next = subject.decoder();
  ByteReader in(bytes);
  require(next->restore(in) && in.finished());
  require(test::saved(*next) == bytes);
  require(next->stats().clients_remembered == decoder.stats().clients_remembered);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto& [subject, records] = prepared(data[0]);
  const std::string state = subject.head() + std::string(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto decoder = subject.decoder();
  ByteReader in(state);
  if (!decoder->restore(in)) require(decoder->stats().clients_remembered == 0);
  check_resumes(subject, *decoder);
  Count count;
  for (const auto& record : records) decoder->decode({record.payload, record.topic, false}, count);
  check_resumes(subject, *decoder);
  decoder->settle(count);
  return 0;
}
