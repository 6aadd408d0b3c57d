// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;

/// Returns and clears the last error of OpenSSL.
std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason != nullptr ? reason : "unknown error";
  ERR_clear_error();
  return text;
}

// ---- Clients

struct ClientRules {
  bool verified = false;
  std::vector<std::string> allowed_sans;  ///< Empty: any.
};

std::string_view bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// A subject alternative name in the syntax of client_allowed_sans; empty for other kinds.
std::string written_name(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      return std::string(bytes_of(name.d.dNSName));
    case GEN_EMAIL:
      return std::string(bytes_of(name.d.rfc822Name));
    case GEN_URI:
      return std::string(bytes_of(name.d.uniformResourceIdentifier));
    case GEN_IPADD: {
      const std::string_view address = bytes_of(name.d.iPAddress);
      char text[INET6_ADDRSTRLEN];
      const int family = address.size() == 4 ? AF_INET : AF_INET6;
      if (address.size() != 4 && address.size() != 16) return {};
      return ::inet_ntop(family, address.data(), text, sizeof text) != nullptr ? text : "";
    }
    default:
      return {};
  }
}

bool has_allowed_san(const X509* certificate, const std::vector<std::string>& allowed) {
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const std::string name = written_name(*sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty() && std::ranges::find(allowed, name) != allowed.end()) return true;
  }
  return false;
}

/// Replaces OpenSSL's verification of client certificates.
int check_client(X509_STORE_CTX* store, void* rules_of_context) noexcept {
  const auto& rules = *static_cast<const ClientRules*>(rules_of_context);
  if (rules.verified && X509_verify_cert(store) != 1) return 0;
  const bool allowed =
      rules.allowed_sans.empty() || has_allowed_san(X509_STORE_CTX_get0_cert(store), rules.allowed_sans);
  X509_STORE_CTX_set_error(store, allowed ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
  return allowed ? 1 : 0;
}

/// A connection may outlive the last shared_ptr of its context, so the context owns the rules.
int rules_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* rules, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<ClientRules*>(rules); });
  return index;
}

// ---- The context

constexpr bool is_tls13(CipherSuite suite) { return static_cast<unsigned>(suite) >> 8U == 0x13; }

int number_of(TlsVersion version) {
  constexpr int numbers[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
  return numbers[static_cast<std::size_t>(version)];
}

const char* openssl_name(Curve curve) {
  constexpr const char* names[] = {"P-256", "P-384", "P-521", "X25519"};
  return names[static_cast<std::size_t>(curve)];
}

std::string date(const ASN1_TIME* time) {
  std::tm parts{};
  char text[32] = "?";
  if (ASN1_TIME_to_tm(time, &parts) == 1) std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
  return text;
}

class Builder {
 public:
  Builder(const WebConfigFile::TlsServer& tls, const PemTexts& texts, const std::string& file_name)
      : tls_(tls), texts_(texts), file_name_(file_name) {}

  Result<TlsContext> build() {
    result_.context.reset(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
    if (ctx() == nullptr) return fail(Errc::io, "OpenSSL: " + openssl_reason());
    SSL_CTX_set_options(ctx(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(ctx(), 0);
    SSL_CTX_set_session_cache_mode(ctx(), SSL_SESS_CACHE_OFF);
    for (const auto step : {&Builder::set_versions, &Builder::set_cipher_suites, &Builder::set_curves,
                            &Builder::set_certificate, &Builder::set_key, &Builder::set_clients}) {
      if (auto done = (this->*step)(); !done) return tl::make_unexpected(done.error());
    }
    return std::move(result_);
  }

 private:
  using Text = WebConfigFile::Text;

  SSL_CTX* ctx() { return result_.context.get(); }

  tl::unexpected<Error> refuse(Position at, std::string_view what) const {
    return fail(Errc::invalid_config, located(file_name_, at, what));
  }
  void find(Position at, std::string_view what) { result_.findings.push_back(located(file_name_, at, what)); }

  /// The position of a PEM text, for messages.
  static Position position(const Text& text, const Text& file) {
    return file.value.empty() ? text.at : file.at;
  }
  static std::string name(std::string_view key, const Text& file) {
    return file.value.empty() ? "\"" + std::string(key) + "\""
                              : "\"" + std::string(key) + "_file\" " + printable(file.value, 4096);
  }

  Result<void> set_versions() {
    if (tls_.min_version.value < TlsVersion::tls12) {
      SSL_CTX_set_security_level(ctx(), 0);  // OpenSSL 3 allows these versions only at this level
      find(tls_.min_version.at,
           "TLS 1.0 and 1.1 are insecure: set min_version: TLS12 unless a client needs them");
    }
    SSL_CTX_set_min_proto_version(ctx(), number_of(tls_.min_version.value));
    SSL_CTX_set_max_proto_version(ctx(), number_of(tls_.max_version.value));
    return {};
  }

  /// As in Go, the list chooses among those of TLS 1.2 and older; TLS 1.3 always has all of its three.
  Result<void> set_cipher_suites() {
    if (tls_.prefer_server_cipher_suites) SSL_CTX_set_options(ctx(), SSL_OP_CIPHER_SERVER_PREFERENCE);
    std::vector<CipherSuite> suites;
    for (const auto& suite : tls_.cipher_suites) suites.push_back(suite.value);
    if (suites.empty()) suites = all_cipher_suites();
    std::string names;
    for (const CipherSuite suite : suites) {
      if (!is_tls13(suite))
        names += (names.empty() ? "" : ":") + std::string(OPENSSL_cipher_name(go_name(suite).data()));
    }
    if (names.empty() && tls_.max_version.value < TlsVersion::tls13)
      return refuse(tls_.cipher_suites[0].at,
                    "\"cipher_suites\" has no suite that \"max_version\" allows: add one");
    if (names.empty()) return SSL_CTX_set_min_proto_version(ctx(), TLS1_3_VERSION), Result<void>();
    if (SSL_CTX_set_cipher_list(ctx(), names.c_str()) != 1)
      return fail(Errc::io, "OpenSSL: cipher suites: " + openssl_reason());
    return {};
  }

  Result<void> set_curves() {
    std::string names;
    for (const auto& curve : tls_.curve_preferences) {
      names += (names.empty() ? "" : ":") + std::string(openssl_name(curve.value));
    }
    if (!names.empty() && SSL_CTX_set1_groups_list(ctx(), names.c_str()) != 1)
      return refuse(tls_.curve_preferences[0].at, "\"curve_preferences\": " + openssl_reason());
    return {};
  }

  static std::vector<Certificate> read_certificates(const std::string& text) {
    const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    std::vector<Certificate> all;
    while (Certificate one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
      all.push_back(std::move(one));
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
      all.clear();                        // a certificate is damaged
    if (!all.empty()) ERR_clear_error();  // otherwise it is the reason
    return all;
  }

  Result<void> set_certificate() {
    const Position at = position(tls_.cert, tls_.cert_file);
    const std::string what = name("cert", tls_.cert_file);
    auto chain = read_certificates(texts_.cert);
    if (chain.empty()) return refuse(at, what + " contains no PEM certificate: " + openssl_reason());
    if (SSL_CTX_use_certificate(ctx(), chain[0].get()) != 1)
      return refuse(at, what + " cannot be used: " + openssl_reason());
    for (std::size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(ctx(), chain[i].get());
    describe(*chain[0], at, what);
    return {};
  }

  void describe(const X509& certificate, Position at, const std::string& what) {
    char subject[256] = "";
    X509_NAME_oneline(X509_get_subject_name(&certificate), subject, sizeof subject);
    const ASN1_TIME* until = X509_get0_notAfter(&certificate);
    result_.certificate = "certificate " + printable(subject) + ", valid until " + date(until);
    if (X509_cmp_current_time(until) < 0) find(at, what + " expired on " + date(until) + ": renew it");
    const ASN1_TIME* from = X509_get0_notBefore(&certificate);
    if (X509_cmp_current_time(from) > 0) find(at, what + " is not valid before " + date(from));
  }

  Result<void> set_key() {
    const Position at = position(tls_.key, tls_.key_file);
    const std::string what = name("key", tls_.key_file);
    bool asked = false;
    const Bio bio(BIO_new_mem_buf(texts_.key.data(), static_cast<int>(texts_.key.size())));
    const auto no_pass_phrase = [](char*, int, int, void* was_asked) {
      *static_cast<bool*>(was_asked) = true;
      return -1;
    };
    const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, &asked));
    if (asked) {
      ERR_clear_error();
      return refuse(
          at,
          what +
              " is encrypted, and the exporter cannot ask for a pass phrase: decrypt it with openssl pkey");
    }
    if (!key) return refuse(at, what + " contains no PEM private key: " + openssl_reason());
    if (X509_check_private_key(SSL_CTX_get0_certificate(ctx()), key.get()) != 1) {
      ERR_clear_error();
      return refuse(at,
                    what + " does not match the certificate: use the key that the certificate was made for");
    }
    if (SSL_CTX_use_PrivateKey(ctx(), key.get()) != 1)
      return refuse(at, what + " cannot be used: " + openssl_reason());
    return {};
  }

  Result<void> set_clients() {
    const ClientAuth type = tls_.client_auth();
    if (type == ClientAuth::none) return {};
    auto rules = std::make_unique<ClientRules>();
    rules->verified = type == ClientAuth::verify_if_given || type == ClientAuth::require_and_verify;
    for (const Text& name : tls_.client_allowed_sans.value_or(std::vector<Text>())) {
      rules->allowed_sans.push_back(name.value);
    }
    SSL_CTX_set_cert_verify_callback(ctx(), check_client, rules.get());
    if (SSL_CTX_set_ex_data(ctx(), rules_index(), rules.get()) != 1)
      return fail(Errc::io, "OpenSSL: " + openssl_reason());
    rules.release();  // owned by the context, NOLINT
    const bool required = type == ClientAuth::require_any || type == ClientAuth::require_and_verify;
    SSL_CTX_set_verify(ctx(), SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    if (type == ClientAuth::request || type == ClientAuth::require_any)
      find(tls_.client_auth_type->at,
           "\"client_auth_type\": with " + std::string(go_name(type)) +
               " any certificate is accepted: set RequireAndVerifyClientCert to verify clients");
    return set_client_ca(type);
  }

  Result<void> set_client_ca(ClientAuth type) {
    if (texts_.client_ca.empty() && tls_.client_ca_file.value.empty()) {
      if (type == ClientAuth::verify_if_given || type == ClientAuth::require_and_verify) {
        SSL_CTX_set_default_verify_paths(ctx());  // as in Go
        find(
            tls_.client_auth_type->at,
            "without \"client_ca_file\" certificates of all authorities of the system are accepted: add your "
            "own authority");
      }
      return {};
    }
    const auto authorities = read_certificates(texts_.client_ca);
    if (authorities.empty())
      return refuse(
          position(tls_.client_ca, tls_.client_ca_file),
          name("client_ca", tls_.client_ca_file) + " contains no PEM certificate: " + openssl_reason());
    X509_STORE* store = SSL_CTX_get_cert_store(ctx());
    X509_STORE_set_flags(store,
                         X509_V_FLAG_PARTIAL_CHAIN);  // as in Go: every configured certificate is trusted
    for (const Certificate& authority : authorities) {
      X509_STORE_add_cert(store, authority.get());
      SSL_CTX_add_client_CA(ctx(), authority.get());
    }
    return {};
  }

  const WebConfigFile::TlsServer& tls_;
  const PemTexts& texts_;
  const std::string& file_name_;
  TlsContext result_;
};

}  // namespace

Result<TlsContext> make_tls_context(const WebConfigFile::TlsServer& tls, const PemTexts& texts,
                                    const std::string& file_name) {
  ERR_clear_error();
  return Builder(tls, texts, file_name).build();
}

}  // namespace mre
