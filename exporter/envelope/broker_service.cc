// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/broker_service.h"

#include <algorithm>

namespace mre {
namespace {

constexpr unsigned kRecognisedLines = 3;
constexpr unsigned kLinesOfOthers = 1000;
constexpr std::size_t kMaxNameBytes = 256;

/// A Docker container id is 64 hexadecimal digits, or the first 12 of them. It changes when the container is
/// created again.
bool is_container_id(std::string_view name) {
  return (name.size() == 12 || name.size() == 64) &&
         std::ranges::all_of(name, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool names_service(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && !is_container_id(name);
}

}  // namespace

bool BrokerService::reads(std::string_view service) {
  if (broker_.empty() || !names_service(service)) return true;
  if (service == broker_) {
    others_ = 0;
    return true;
  }
  if (++others_ < kLinesOfOthers) return false;
  clear();
  return true;
}

bool BrokerService::note(std::string_view service, bool recognised) {
  if (!recognised || !broker_.empty() || !names_service(service)) return false;
  for (Candidate& candidate : candidates_) {
    if (candidate.name.empty()) candidate.name = service;
    if (candidate.name != service) continue;
    if (++candidate.recognised < kRecognisedLines) return false;
    broker_ = service;
    candidates_ = {};
    return true;
  }
  return false;
}

void BrokerService::save(ByteWriter& out) const {
  out.text(broker_);
  out.number(others_);
  for (const Candidate& candidate : candidates_) {
    out.text(candidate.name);
    out.number(candidate.recognised);
  }
}

void BrokerService::restore(ByteReader& in) {
  broker_ = in.text();
  others_ = static_cast<unsigned>(in.number_up_to(kLinesOfOthers));
  for (Candidate& candidate : candidates_) {
    candidate.name = in.text();
    candidate.recognised = static_cast<unsigned>(in.number_up_to(kRecognisedLines));
    if (candidate.name.size() > kMaxNameBytes) in.fail();
  }
  if (broker_.size() > kMaxNameBytes) in.fail();
}

}  // namespace mre
