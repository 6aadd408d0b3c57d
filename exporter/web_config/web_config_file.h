// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/config/schema.h"

/// The web configuration as written, in the format of prometheus/exporter-toolkit.
namespace mre {

/// Whether a client must send a certificate, and whether it is verified. Names and meaning are those of Go.
enum class ClientAuth : std::uint8_t {
  none,
  request,
  require_any,
  verify_if_given,
  require_and_verify,
};

enum class TlsVersion : std::uint8_t { tls10, tls11, tls12, tls13 };

/// The suites that Go considers secure, by their IANA number.
enum class CipherSuite : std::uint16_t {};

enum class Curve : std::uint8_t { p256, p384, p521, x25519 };

/// A duration in the syntax of Go: 0, or numbers with units, such as 1s, 1m30s or 1.5h.
struct GoDuration {
  std::chrono::nanoseconds value{0};
};
Result<void> read_value(std::string_view text, GoDuration& out);

struct WebConfigFile {
  using Text = schema::At<std::string>;

  /// Each of the first three pairs is a PEM text or the path of a PEM file; at most one of both is set.
  struct TlsServer {
    Text cert, cert_file;
    Text key, key_file;
    Text client_ca, client_ca_file;
    std::optional<schema::At<ClientAuth>> client_auth_type;  ///< Default: none.
    std::optional<std::vector<Text>> client_allowed_sans;    ///< Default: any.
    schema::At<TlsVersion> min_version{TlsVersion::tls12, {}};
    schema::At<TlsVersion> max_version{TlsVersion::tls13, {}};
    std::vector<schema::At<CipherSuite>> cipher_suites;
    std::vector<schema::At<Curve>> curve_preferences;
    bool prefer_server_cipher_suites = true;

    /// Whether TLS is enabled. Versions or ciphers alone do not enable it, as in exporter-toolkit.
    bool enabled() const;
    ClientAuth client_auth() const { return client_auth_type ? client_auth_type->value : ClientAuth::none; }
  };

  /// Empty strings are not set.
  struct Headers {
    Text content_security_policy;
    Text x_frame_options;
    Text x_content_type_options;
    Text x_xss_protection;
    Text strict_transport_security;
  };

  struct HttpServer {
    schema::At<bool> http2{true, {}};
    Headers headers;
  };

  struct RateLimit {
    GoDuration interval;  ///< 0: no limit.
    int burst = 0;
  };

  schema::At<TlsServer> tls_server_config;
  HttpServer http_server_config;
  std::vector<schema::Entry> basic_auth_users;  ///< Names and bcrypt hashes.
  RateLimit rate_limit;
};

/// Parses strictly: an unknown key, a wrong type, an invalid value or a contradiction is an error,
/// "file:line:column: what, what to do", which never contains a password, hash or key. Resolves paths
/// relative to the directory of `file_name`. Opens no file.
Result<WebConfigFile> parse_web_config(std::string_view text, const std::string& file_name);

/// The configured headers, in a fixed order.
std::vector<std::pair<std::string, std::string>> response_headers(const WebConfigFile::Headers& headers);

/// The name in the file and in Go.
std::string_view go_name(CipherSuite suite);
std::string_view go_name(ClientAuth type);

/// All cipher suites, in Go's order of preference.
std::vector<CipherSuite> all_cipher_suites();

}  // namespace mre
