// SPDX-License-Identifier: Apache-2.0
// Envelopes over any bytes. The first byte chooses. Even: the rest are the lines of a log in one of the
// envelopes: no more may come out than went in. Odd: the rest is one inner line, which is put into an
// envelope in two pieces and must come out again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/envelope/unwrap.h"

namespace {

using namespace mre;

class Inner final : public StatelessDecoder {
 public:
  explicit Inner(std::vector<std::string>& lines) : lines_(lines) {}
  Decoded decode(const Record& record, EventSink&) override {
    lines_.emplace_back(record.payload);
    return {};
  }

 private:
  std::vector<std::string>& lines_;
};

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<std::string> open(Envelope envelope, std::string_view log) {
  std::vector<std::string> lines;
  const auto decoder = unwrap(envelope, std::make_unique<Inner>(lines));
  NullSink sink;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    const std::string line(log.substr(0, end));  // on the heap, so that a read beyond it is seen
    const Decoded decoded = decoder->decode({line, {}, false}, sink);
    require(decoded.error == RecordError::none
                ? decoded.outcome == Outcome::matched || decoded.outcome == Outcome::ignored
                : decoded.outcome == outcome_of(decoded.error));
    log.remove_prefix(std::min(end + 1, log.size()));
  }
  return lines;
}

void check_any(Envelope envelope, std::string_view log) {
  std::size_t bytes = 0;
  for (const std::string& line : open(envelope, log)) bytes += line.size();
  require(bytes <= log.size());
}

std::string cri(std::string_view text, std::size_t cut) {
  constexpr std::string_view kBegin = "2026-11-22T04:32:40Z stdout ";
  return std::string(kBegin) + "P " + std::string(text.substr(0, cut)) + "\n" + std::string(kBegin) + "F " +
         std::string(text.substr(cut)) + "\n";
}

std::string journal(std::string_view text) {
  std::string log = "__CURSOR=s=1;b=2\nMESSAGE\n";
  for (unsigned i = 0; i < 8; ++i) log += static_cast<char>((text.size() >> (8 * i)) & 0xFF);
  return log + std::string(text) + "\n\n";
}

void check_round_trip(std::string text, std::uint8_t choice) {
  std::erase(text, '\x1b');
  std::erase(text, '\r');
  text.resize(std::min(text.size(), kMaxJoinedBytes));
  if (text.find("__CURSOR=") == std::string::npos)  // the fuzzer, unlike an attacker, knows the journal's ids
    require(open(Envelope::journald_export, journal(text)) == std::vector<std::string>{text});
  std::erase(text, '\n');
  const std::size_t cut = text.empty() ? 0 : choice % text.size();
  require(open(Envelope::cri, cri(text, cut)) == std::vector<std::string>{text});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    check_any(static_cast<Envelope>(data[0] / 2 % kEnvelopeNames.size()), rest);
  } else {
    check_round_trip(std::string(rest), data[0]);
  }
  return 0;
}
