// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace mre {

/// Whether `text` is a bcrypt hash that crypt(3) can check: $2a$, $2b$ or $2y$, a cost of 04 to 31, and 53
/// characters.
bool is_bcrypt_hash(std::string_view text);

/// Of a bcrypt hash: one run takes 2^cost steps.
int bcrypt_cost(std::string_view hash);

/// What a client sends in basic authentication.
struct Credentials {
  std::string user;
  std::string password;
};

/// Reads the value of an Authorization header. Nothing if it is not basic authentication, or malformed, or if
/// no password can be like this one: longer than 512 bytes, or with a NUL, at which crypt(3) would stop.
std::optional<Credentials> read_credentials(std::string_view authorization);

/// Remembers which checks have succeeded, so that a scraper costs one run of bcrypt and a guesser one each
/// time.
///
/// Only keyed digests (HMAC-SHA-256 under a random key of this object) of user, password and hash are stored,
/// each with its length, so that no user can be written as another. Failures are not remembered. Bounded:
/// beyond kMaxSuccesses the oldest is dropped, and costs a run of bcrypt when it comes again. Any thread.
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
  std::array<unsigned char, 32> key_{};
  mutable std::mutex mutex_;
  std::set<Digest> digests_;     // guarded by mutex_
  std::deque<Digest> in_order_;  // guarded by mutex_; the oldest first
};

/// The users of one web configuration. Any thread.
class BasicAuth {
 public:
  using Users = std::map<std::string, std::string, std::less<>>;

  /// Names and bcrypt hashes, at least one. `successes` may be shared with the users of an earlier
  /// configuration: what was remembered for a hash that has gone is never found.
  BasicAuth(Users users, std::shared_ptr<PastSuccesses> successes);

  /// Whether these credentials have been verified before. Some microseconds.
  bool recall(const Credentials& credentials) const;

  /// Runs bcrypt, once. The password of an unknown user is checked against the hash of a known one and
  /// refused whatever the result, so that an answer takes as long as that of a known user.
  bool verify(const Credentials& credentials) const;

 private:
  struct Entry {
    std::string_view hash;
    bool known;
  };
  /// An unknown user gets the hash of a known one, chosen by the name alone: where hashes have several costs,
  /// unknown names have those same costs.
  Entry find(const Credentials& credentials) const;

  Users users_;
  std::shared_ptr<PastSuccesses> successes_;
};

}  // namespace mre
