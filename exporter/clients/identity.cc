// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/identity.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <stdexcept>

#include "exporter/base/text.h"

namespace mre {

IdentityKey random_identity_key() {
  IdentityKey key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1)
    throw std::runtime_error("OpenSSL has no random bytes");
  return key;
}

OwnedSubject IdentityFilter::apply(const Subject& subject) const {
  OwnedSubject kept;
  switch (identity_) {
    case ClientOptions::Identity::full:
      kept.client = printable(subject.client, kMaxTextBytes);
      kept.user = printable(subject.user, kMaxTextBytes);
      kept.peer = printable(subject.peer, kMaxTextBytes);
      kept.topic = printable(subject.topic, kMaxTextBytes);
      kept.reason_string = printable(subject.reason_string, kMaxTextBytes);
      break;
    case ClientOptions::Identity::hash:
      if (!subject.client.empty()) {
        kept.client = hashed(subject.client);
      } else if (!subject.peer.empty()) {
        kept.peer = hashed(address_of(subject.peer));
      }
      break;
    case ClientOptions::Identity::address:
      kept.peer = printable(address_of(subject.peer), kMaxTextBytes);
      break;
  }
  return kept;
}

std::string_view IdentityFilter::name_of(const OwnedSubject& subject) {
  return subject.client.empty() ? address_of(subject.peer) : std::string_view(subject.client);
}

/// 64 bits of HMAC-SHA-256: enough that no two of a million clients are likely to share them.
std::string IdentityFilter::hashed(std::string_view text) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  std::string hex;
  for (std::size_t i = 0; i < 8; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[digest[i] >> 4U];
    hex += digits[digest[i] & 0xFU];
  }
  return hex;
}

}  // namespace mre
