// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/known_clients.h"

#include <algorithm>
#include <cstring>

namespace mre {

std::uint64_t KnownClients::hash_at(std::uint64_t position) const {
  std::uint64_t hash = 0;
  std::memcpy(&hash, &bytes_[position % kBytes], sizeof hash);
  return hash;
}

void KnownClients::set(std::uint64_t hash, const Names& names) {
  const std::string_view client = names.client.substr(0, kMaxNameBytes);
  const std::string_view user = names.user.substr(0, kMaxNameBytes);
  if (bytes_.empty()) {
    bytes_.resize(kBytes);
    buckets_.resize(kBuckets);
  }
  const std::size_t size = kHeader + client.size() + user.size();
  if (end_ % kBytes + size > kBytes) end_ += kBytes - end_ % kBytes;
  char* const at = &bytes_[end_ % kBytes];
  std::memcpy(at, &hash, sizeof hash);
  const std::array lengths = {static_cast<std::uint16_t>(client.size()),
                              static_cast<std::uint16_t>(user.size())};
  std::memcpy(at + sizeof hash, &lengths, sizeof lengths);
  std::ranges::copy(client, at + kHeader);
  std::ranges::copy(user, at + kHeader + client.size());

  Bucket& bucket = buckets_[hash % kBuckets];
  auto* way = std::ranges::find_if(
      bucket, [&](std::uint64_t position) { return is_stored(position) && hash_at(position) == hash; });
  if (way == bucket.end()) way = std::ranges::min_element(bucket);
  *way = end_;
  end_ += size;
}

std::optional<KnownClients::Names> KnownClients::find(std::uint64_t hash) const {
  if (bytes_.empty()) return std::nullopt;
  for (const std::uint64_t position : buckets_[hash % kBuckets]) {
    if (!is_stored(position) || hash_at(position) != hash) continue;
    const char* const at = &bytes_[position % kBytes];
    std::array<std::uint16_t, 2> lengths{};
    std::memcpy(&lengths, at + sizeof hash, sizeof lengths);
    return Names{{at + kHeader, lengths[0]}, {at + kHeader + lengths[0], lengths[1]}};
  }
  return std::nullopt;
}

}  // namespace mre
