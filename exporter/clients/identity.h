// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/clients/client_options.h"
#include "exporter/event/subject.h"

namespace mre {

/// A secret of the exporter, equal across restarts where it has a state directory.
using IdentityKey = std::array<unsigned char, 32>;

/// Random bytes of the system.
IdentityKey random_identity_key();

/// What is kept of a subject: the parts that the identity allows, as valid UTF-8 without control characters, each cut
/// to kMaxTextBytes. Any thread.
class IdentityFilter {
 public:
  static constexpr std::size_t kMaxTextBytes = 256;

  IdentityFilter(ClientOptions::Identity identity, const IdentityKey& key) : identity_(identity), key_(key) {}

  OwnedSubject apply(const Subject& subject) const;

  /// Whether an event with a client id shows no address.
  bool hides_address() const { return identity_ == ClientOptions::Identity::hash; }

  /// The name of a client in lists: of `subject` as `apply` returned it, the client id, or else the address. Empty if it
  /// has neither.
  static std::string_view name_of(const OwnedSubject& subject);

 private:
  std::string hashed(std::string_view text) const;

  ClientOptions::Identity identity_;
  IdentityKey key_;
};

}  // namespace mre
