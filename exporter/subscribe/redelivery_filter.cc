// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/redelivery_filter.h"

#include <algorithm>
#include <limits>

#include "exporter/base/fnv1a.h"

namespace mre {
namespace {

std::uint64_t hash_of(std::string_view topic, std::string_view payload) {
  return fnv1a(payload) * 0x9E3779B97F4A7C15U ^ fnv1a(topic);
}

}  // namespace

bool RedeliveryFilter::contains(std::uint16_t packet_id, std::string_view topic,
                                std::string_view payload) const {
  const auto last = std::find_if(last_.rbegin(), last_.rend(),
                                 [&](const Message& message) { return message.packet_id == packet_id; });
  return last != last_.rend() && last->hash == hash_of(topic, payload);
}

void RedeliveryFilter::add(std::uint16_t packet_id, std::string_view topic, std::string_view payload) {
  if (packet_id != 0) add({packet_id, hash_of(topic, payload)});
}

void RedeliveryFilter::add(const Message& message) {
  last_.push_back(message);
  if (last_.size() > kRemembered) last_.pop_front();
  ++count_;
}

void RedeliveryFilter::truncate_after(std::uint64_t number) {
  if (count_ <= number) return;
  const auto later = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count_ - number, last_.size()));
  last_.erase(last_.end() - later, last_.end());
  count_ = number;
}

void RedeliveryFilter::save(ByteWriter& out) const {
  out.number(last_.size());
  for (const Message& message : last_) {
    out.number(message.packet_id);
    out.word(message.hash);
  }
}

RedeliveryFilter RedeliveryFilter::load(ByteReader& in) {
  RedeliveryFilter filter;
  for (std::uint64_t left = in.number_up_to(kRemembered); left > 0 && !in.failed(); --left) {
    const auto id = in.number_up_to(std::numeric_limits<std::uint16_t>::max());
    filter.add({static_cast<std::uint16_t>(id), in.word()});
  }
  return filter;
}

}  // namespace mre
