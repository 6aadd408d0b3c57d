// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/clients/identity.h"

namespace mre {

/// Which client has which address, as far as a capture has read it in a CONNECT: so that an event that names only the
/// address can be given a name. Fixed memory, 1.25 MiB once it is used; the newest clients replace the oldest, after
/// about 30,000 with names of usual length. One thread.
class KnownClients {
 public:
  static constexpr std::size_t kMaxNameBytes = IdentityFilter::kMaxTextBytes;

  struct Names {
    std::string_view client;
    std::string_view user;
  };

  /// The client at the address is called this from here on. `hash`: of the address, not predictable by clients. The names
  /// are those that an IdentityFilter has made; longer ones are cut to kMaxNameBytes.
  void set(std::uint64_t hash, const Names& names);

  /// nullopt if the address is not known (any more). Valid until the next `set`.
  std::optional<Names> find(std::uint64_t hash) const;

  void clear() { *this = KnownClients(); }

 private:
  static constexpr std::size_t kBytes = 1U << 20U;
  static constexpr std::size_t kBuckets = 1U << 14U;
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kHeader = 12;  // hash and two lengths

  /// Positions count all bytes ever written; 0 is none.
  using Bucket = std::array<std::uint64_t, kWays>;

  bool is_stored(std::uint64_t position) const {
    return position != 0 && end_ - position <= kBytes - kHeader - 2 * kMaxNameBytes;
  }
  std::uint64_t hash_at(std::uint64_t position) const;

  std::vector<char> bytes_;  // a ring; an entry does not wrap around
  std::vector<Bucket> buckets_;
  std::uint64_t end_ = kBytes;
};

}  // namespace mre
