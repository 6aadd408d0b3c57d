// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/web_config_file.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/config/schema_reader.h"
#include "exporter/web_config/basic_auth.h"

namespace mre {
namespace {

constexpr ValueName<ClientAuth> kClientAuthNames[] = {
    {ClientAuth::none, "NoClientCert"},
    {ClientAuth::request, "RequestClientCert"},
    {ClientAuth::require_any, "RequireAnyClientCert"},
    {ClientAuth::require_any, "RequireClientCert"},  // an older name
    {ClientAuth::verify_if_given, "VerifyClientCertIfGiven"},
    {ClientAuth::require_and_verify, "RequireAndVerifyClientCert"}};

constexpr ValueName<TlsVersion> kTlsVersions[] = {{TlsVersion::tls10, "TLS10"},
                                                  {TlsVersion::tls11, "TLS11"},
                                                  {TlsVersion::tls12, "TLS12"},
                                                  {TlsVersion::tls13, "TLS13"}};

// Go's crypto/tls.CipherSuites(), best first.
constexpr ValueName<CipherSuite> kCipherSuites[] = {
    {CipherSuite{0x1301}, "TLS_AES_128_GCM_SHA256"},
    {CipherSuite{0x1302}, "TLS_AES_256_GCM_SHA384"},
    {CipherSuite{0x1303}, "TLS_CHACHA20_POLY1305_SHA256"},
    {CipherSuite{0xC02B}, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite{0xC02F}, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    {CipherSuite{0xC02C}, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite{0xC030}, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    {CipherSuite{0xCCA9}, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    {CipherSuite{0xCCA8}, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    {CipherSuite{0xC009}, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    {CipherSuite{0xC013}, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {CipherSuite{0xC00A}, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    {CipherSuite{0xC014}, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"}};

constexpr ValueName<Curve> kCurves[] = {{Curve::p256, "CurveP256"},
                                        {Curve::p384, "CurveP384"},
                                        {Curve::p521, "CurveP521"},
                                        {Curve::x25519, "X25519"}};

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr Unit kGoUnits[] = {{"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3},
                             {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},      {"h", 3600e9}};
constexpr double kMaxDuration = 366 * 24 * 3600e9;

}  // namespace

// Used by read_value and by the schema reader, through argument-dependent lookup.
static std::span<const ValueName<ClientAuth>> value_names(ClientAuth) { return kClientAuthNames; }
static std::span<const ValueName<TlsVersion>> value_names(TlsVersion) { return kTlsVersions; }
static std::span<const ValueName<CipherSuite>> value_names(CipherSuite) { return kCipherSuites; }
static std::span<const ValueName<Curve>> value_names(Curve) { return kCurves; }

Result<void> read_value(std::string_view text, GoDuration& out) {
  const auto refuse = [&] {
    return fail(Errc::invalid_config,
                "\"" + printable(text) +
                    "\" is not a duration: use 0, or numbers with a unit (ns, us, ms, s, m, h), "
                    "such as 500ms or 1m30s");
  };
  double sum = 0;
  for (std::string_view rest = text; !rest.empty() && text != "0";) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    if (error != std::errc{} || !is_digit(rest.front())) return refuse();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const std::string_view name = rest.substr(0, std::min(rest.find_first_of("0123456789"), rest.size()));
    const auto unit = std::ranges::find(kGoUnits, name, &Unit::name);
    if (unit == std::end(kGoUnits)) return refuse();
    sum += number * unit->nanoseconds;
    rest.remove_prefix(name.size());
  }
  if (text.empty() || sum > kMaxDuration) return refuse();
  out.value = std::chrono::nanoseconds(static_cast<std::int64_t>(sum));
  return {};
}

template <class V>
static void visit(V& v, WebConfigFile::TlsServer& o) {
  v.optional("cert", o.cert);
  v.optional("cert_file", o.cert_file);
  v.optional("key", o.key);
  v.optional("key_file", o.key_file);
  v.optional("client_ca", o.client_ca);
  v.optional("client_ca_file", o.client_ca_file);
  v.optional("client_auth_type", o.client_auth_type);
  v.optional("client_allowed_sans", o.client_allowed_sans);
  v.optional("min_version", o.min_version);
  v.optional("max_version", o.max_version);
  v.optional("cipher_suites", o.cipher_suites);
  v.optional("curve_preferences", o.curve_preferences);
  v.optional("prefer_server_cipher_suites", o.prefer_server_cipher_suites);
}

template <class V>
static void visit(V& v, WebConfigFile::Headers& o) {
  v.optional("Content-Security-Policy", o.content_security_policy);
  v.optional("X-Frame-Options", o.x_frame_options);
  v.optional("X-Content-Type-Options", o.x_content_type_options);
  v.optional("X-XSS-Protection", o.x_xss_protection);
  v.optional("Strict-Transport-Security", o.strict_transport_security);
}

template <class V>
static void visit(V& v, WebConfigFile::HttpServer& o) {
  v.optional("http2", o.http2);
  v.optional("headers", o.headers);
}

template <class V>
static void visit(V& v, WebConfigFile::RateLimit& o) {
  v.optional("interval", o.interval);
  v.optional("burst", o.burst);
}

template <class V>
static void visit(V& v, WebConfigFile& o) {
  v.optional("tls_server_config", o.tls_server_config);
  v.optional("http_server_config", o.http_server_config);
  v.optional("basic_auth_users", o.basic_auth_users);
  v.optional("rate_limit", o.rate_limit);
}

namespace {

/// Checks what the schema cannot express: contradictions, and values that are wrong because of their content.
class Checker {
 public:
  explicit Checker(const std::string& file_name)
      : file_name_(file_name), directory_(std::filesystem::path(file_name).parent_path()) {}

  Result<void> check(WebConfigFile& file) const {
    if (auto checked = check_tls(file.tls_server_config); !checked) return checked;
    if (auto checked = check_headers(file.http_server_config.headers); !checked) return checked;
    return check_users(file.basic_auth_users);
  }

 private:
  using Text = WebConfigFile::Text;

  tl::unexpected<Error> refuse(Position at, std::string_view what) const {
    return fail(Errc::invalid_config, located(file_name_, at, what));
  }

  Result<void> check_tls(schema::At<WebConfigFile::TlsServer>& at) const {
    WebConfigFile::TlsServer& tls = at.value;
    for (const auto& [name, text, file] :
         {std::tuple{"cert", &tls.cert, &tls.cert_file}, std::tuple{"key", &tls.key, &tls.key_file},
          std::tuple{"client_ca", &tls.client_ca, &tls.client_ca_file}}) {
      const std::string key(name);
      if (!text->value.empty() && !file->value.empty())
        return refuse(file->at, "\"" + key + "\" and \"" + key + "_file\" are both set: remove one");
      if (!file->value.empty()) file->value = (directory_ / file->value).string();
    }
    if (!tls.enabled()) return {};
    if (tls.cert.value.empty() && tls.cert_file.value.empty())
      return refuse(at.at,
                    "tls_server_config requires a certificate: add \"cert_file\", or \"cert\" with its text");
    if (tls.key.value.empty() && tls.key_file.value.empty())
      return refuse(at.at,
                    "tls_server_config requires the key of its certificate: add \"key_file\", or \"key\" "
                    "with its text");
    if (tls.min_version.value > tls.max_version.value)
      return refuse(tls.min_version.at, "\"min_version\" is above \"max_version\": lower it");
    return check_client_auth(at);
  }

  Result<void> check_client_auth(const schema::At<WebConfigFile::TlsServer>& at) const {
    const WebConfigFile::TlsServer& tls = at.value;
    const auto& sans = tls.client_allowed_sans;
    if (sans && sans->empty())
      return refuse(
          at.at, "\"client_allowed_sans\" is empty, so no client can connect: add a name, or remove the key");
    if (tls.client_auth() != ClientAuth::none) return {};
    constexpr std::string_view advice =
        " has no effect without a \"client_auth_type\": add client_auth_type: RequireAndVerifyClientCert";
    if (!tls.client_ca.value.empty()) return refuse(tls.client_ca.at, "\"client_ca\"" + std::string(advice));
    if (!tls.client_ca_file.value.empty())
      return refuse(tls.client_ca_file.at, "\"client_ca_file\"" + std::string(advice));
    if (sans) return refuse((*sans)[0].at, "\"client_allowed_sans\"" + std::string(advice));
    return {};
  }

  Result<void> check_headers(const WebConfigFile::Headers& headers) const {
    if (auto checked = check_word("X-Frame-Options", headers.x_frame_options, {"deny", "sameorigin"});
        !checked)
      return checked;
    if (auto checked = check_word("X-Content-Type-Options", headers.x_content_type_options, {"nosniff"});
        !checked)
      return checked;
    const auto visible = [](char c) { return c >= ' ' && c <= '~'; };
    for (const Text* text :
         {&headers.content_security_policy, &headers.x_xss_protection, &headers.strict_transport_security}) {
      if (!std::ranges::all_of(text->value, visible))
        return refuse(text->at, "a header must be one line of printable ASCII");
    }
    return {};
  }

  Result<void> check_word(std::string_view name, const Text& text,
                          std::initializer_list<std::string_view> words) const {
    if (text.value.empty() || std::ranges::find(words, text.value) != words.end()) return {};
    return refuse(text.at, "\"" + std::string(name) + "\": unknown value \"" + printable(text.value) +
                               "\": " + suggestion(text.value, words));
  }

  Result<void> check_users(const std::vector<schema::Entry>& users) const {
    for (const schema::Entry& user : users) {
      if (user.key.value.find(':') != std::string::npos)
        return refuse(
            user.key.at,
            "a user name must not contain \":\", which basic authentication cannot send: rename it");
      if (!is_bcrypt_hash(user.value.value))  // not shown, because it may be the password
        return refuse(user.value.at, "the value of the user \"" + printable(user.key.value) +
                                         "\" is not a bcrypt hash ($2y$...): create one with "
                                         "htpasswd -nBC 10 \"\" | tr -d ':\\n'");
    }
    return {};
  }

  const std::string& file_name_;
  std::filesystem::path directory_;
};

}  // namespace

bool WebConfigFile::TlsServer::enabled() const {
  return std::ranges::any_of(std::initializer_list<const Text*>{&cert, &cert_file, &key, &key_file,
                                                                &client_ca, &client_ca_file},
                             [](const Text* text) { return !text->value.empty(); }) ||
         client_auth_type.has_value();
}

Result<WebConfigFile> parse_web_config(std::string_view text, const std::string& file_name) {
  const auto root = parse_yaml(text, file_name);
  if (!root) return tl::make_unexpected(root.error());
  auto file = schema::Reader(file_name).read<WebConfigFile>(*root);
  if (!file) return file;
  if (auto checked = Checker(file_name).check(*file); !checked) return tl::make_unexpected(checked.error());
  return file;
}

std::vector<std::pair<std::string, std::string>> response_headers(const WebConfigFile::Headers& headers) {
  std::vector<std::pair<std::string, std::string>> set;
  struct Adder {
    decltype(set)& out;
    void optional(std::string_view name, const WebConfigFile::Text& text) {
      if (!text.value.empty()) out.emplace_back(name, text.value);
    }
  } adder{set};
  auto copy = headers;
  visit(adder, copy);
  return set;
}

std::string_view go_name(CipherSuite suite) {
  return std::ranges::find(kCipherSuites, suite, &ValueName<CipherSuite>::value)->name;
}
std::string_view go_name(ClientAuth type) {
  return std::ranges::find(kClientAuthNames, type, &ValueName<ClientAuth>::value)->name;
}

std::vector<CipherSuite> all_cipher_suites() {
  std::vector<CipherSuite> all;
  for (const auto& row : kCipherSuites) all.push_back(row.value);
  return all;
}

}  // namespace mre
