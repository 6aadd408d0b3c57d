// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/basic_auth.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::size_t kHashBytes = 60;
constexpr std::size_t kMaxPassword = 512;  // CRYPT_MAX_PASSPHRASE_SIZE
constexpr std::size_t kMaxUser = 1024;

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/// Decodes standard base64 with padding; nothing if it is malformed.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return {};
    bits = bits << 6U | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU));
  }
  return bytes;
}

/// Computes bcrypt once.
bool matches(const std::string& password, std::string_view hash) {
  const auto scratch = std::make_unique<crypt_data>();
  const char* result = ::crypt_r(password.c_str(), std::string(hash).c_str(), scratch.get());
  const bool equal = result != nullptr && std::string_view(result).size() == hash.size() &&
                     CRYPTO_memcmp(result, hash.data(), hash.size()) == 0;
  OPENSSL_cleanse(scratch.get(), sizeof(crypt_data));
  return equal;
}

void append(std::string& out, std::string_view field) {
  out += std::to_string(field.size()) + ":";
  out += field;
}

}  // namespace

bool is_bcrypt_hash(std::string_view text) {
  if (text.size() != kHashBytes || text.substr(0, 2) != "$2" || text[3] != '$' || text[6] != '$')
    return false;
  if (text[2] != 'a' && text[2] != 'b' && text[2] != 'y') return false;
  const std::string_view cost = text.substr(4, 2);
  if (!is_digit(cost[0]) || !is_digit(cost[1]) || cost < "04" || cost > "31") return false;
  const auto in_alphabet = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '/'; };
  return std::ranges::all_of(text.substr(7), in_alphabet);
}

int bcrypt_cost(std::string_view hash) { return (hash[4] - '0') * 10 + (hash[5] - '0'); }

std::optional<Credentials> read_credentials(std::string_view authorization) {
  constexpr std::string_view scheme = "basic ";
  if (authorization.size() > 2 * (kMaxUser + kMaxPassword) ||
      !equal_ignoring_case(authorization.substr(0, scheme.size()), scheme))
    return {};
  const auto decoded = decode_base64(authorization.substr(scheme.size()));
  if (!decoded) return {};
  const auto colon = decoded->find(':');
  if (colon == std::string::npos || colon > kMaxUser) return {};
  Credentials credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
  if (credentials.password.size() >= kMaxPassword || credentials.password.find('\0') != std::string::npos)
    return {};
  return credentials;
}

PastSuccesses::PastSuccesses() {
  if (RAND_bytes(key_.data(), static_cast<int>(key_.size())) != 1)
    throw std::runtime_error("OpenSSL has no random bytes");
}

PastSuccesses::Digest PastSuccesses::digest(const Credentials& credentials, std::string_view hash) const {
  std::string fields;
  append(fields, credentials.user);
  append(fields, hash);
  append(fields, credentials.password);
  Digest digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
           reinterpret_cast<const unsigned char*>(fields.data()), fields.size(), digest.data(),
           &size) == nullptr)
    throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");
  OPENSSL_cleanse(fields.data(), fields.size());
  return digest;
}

bool PastSuccesses::contains(const Digest& digest) const { return stored_.lock()->digests.contains(digest); }

void PastSuccesses::add(const Digest& digest) {
  const auto stored = stored_.lock();
  if (!stored->digests.insert(digest).second) return;
  stored->in_order.push_back(digest);
  if (stored->in_order.size() <= kMaxSuccesses) return;
  stored->digests.erase(stored->in_order.front());
  stored->in_order.pop_front();
}

std::size_t PastSuccesses::size() const { return stored_.lock()->digests.size(); }

BasicAuth::BasicAuth(Users users, std::shared_ptr<PastSuccesses> successes)
    : users_(std::move(users)), successes_(std::move(successes)) {}

bool BasicAuth::recall(const Credentials& credentials) const {
  const Entry entry = find(credentials);
  return successes_->contains(successes_->digest(credentials, entry.hash)) && entry.known;
}

bool BasicAuth::verify(const Credentials& credentials) const {
  const Entry entry = find(credentials);
  if (!matches(credentials.password, entry.hash) || !entry.known) return false;
  successes_->add(successes_->digest(credentials, entry.hash));
  return true;
}

BasicAuth::Entry BasicAuth::find(const Credentials& credentials) const {
  const auto user = users_.find(credentials.user);
  if (user != users_.end()) return {user->second, true};
  const auto digest = successes_->digest({credentials.user, {}}, {});
  const std::size_t number = (std::size_t{digest[0]} << 8U | digest[1]) % users_.size();
  return {std::next(users_.begin(), static_cast<std::ptrdiff_t>(number))->second, false};
}

}  // namespace mre
