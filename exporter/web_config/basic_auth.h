// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "exporter/base/guarded.h"

namespace mre {

/// Whether `text` is a bcrypt hash that crypt(3) supports: $2a$, $2b$ or $2y$, a cost from 04 to 31, and 53
/// characters.
bool is_bcrypt_hash(std::string_view text);

/// The cost of a bcrypt hash: one computation takes 2^cost steps.
int bcrypt_cost(std::string_view hash);

/// The credentials of basic authentication.
struct Credentials {
  std::string user;
  std::string password;
};

/// Parses the value of an Authorization header. Nothing if it is not basic authentication, is malformed, or
/// its password cannot be valid: longer than 512 bytes, or with a NUL, where crypt(3) would stop.
std::optional<Credentials> read_credentials(std::string_view authorization);

/// Remembers successful checks, so that a scraper costs one bcrypt computation in total and a guesser one per
/// guess.
///
/// Stores only keyed digests (HMAC-SHA-256 with a random key of this object) of user, password and hash, each
/// with its length, so that different fields cannot give the same input. Failures are not stored. Above
/// kMaxSuccesses the oldest digest is evicted, and costs a bcrypt computation when it is used again. Any
/// thread.
class PastSuccesses {
 public:
  static constexpr std::size_t kMaxSuccesses = 256;
  using Digest = std::array<unsigned char, 32>;

  PastSuccesses();
  Digest digest(const Credentials& credentials, std::string_view hash) const;
  bool contains(const Digest& digest) const;
  void add(const Digest& digest);
  std::size_t size() const;

 private:
  struct Stored {
    std::set<Digest> digests = {};
    std::deque<Digest> in_order = {};  ///< The oldest first.
  };

  std::array<unsigned char, 32> key_{};
  mutable Guarded<Stored> stored_;
};

/// The users of a web configuration. Any thread.
class BasicAuth {
 public:
  using Users = std::map<std::string, std::string, std::less<>>;

  /// Names and bcrypt hashes, at least one. `successes` may be shared with the users of a previous
  /// configuration: digests of a removed hash are never found.
  BasicAuth(Users users, std::shared_ptr<PastSuccesses> successes);

  /// Whether these credentials were verified before. Takes microseconds.
  bool recall(const Credentials& credentials) const;

  /// Computes bcrypt once. The password of an unknown user is checked against the hash of a known one and
  /// always refused, so that the answer takes as long as for a known user.
  bool verify(const Credentials& credentials) const;

 private:
  struct Entry {
    std::string_view hash;
    bool known;
  };
  /// For an unknown user, the hash of a known one that the name determines: if hashes have several costs,
  /// unknown names have the same costs.
  Entry find(const Credentials& credentials) const;

  Users users_;
  std::shared_ptr<PastSuccesses> successes_;
};

}  // namespace mre
