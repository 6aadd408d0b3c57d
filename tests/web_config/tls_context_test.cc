// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/tls_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/web_config/handshake.h"

namespace mre {
namespace {

using test::certificate_text;
using test::Handshake;
using test::shake_hands;
using test::TlsClient;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The context of a server whose section tls_server_config has these further lines.
Result<TlsContext> context(const std::string& lines, const std::string& client_ca = {},
                           const std::string& server = "server") {
  const auto file =
      parse_web_config("tls_server_config:\n  cert_file: c\n  key_file: k\n" + lines, "web.yml");
  EXPECT_TRUE(file) << file.error().what;
  if (!file) return tl::make_unexpected(file.error());
  return make_tls_context(file->tls_server_config.value,
                          {certificate_text(server + ".pem"), certificate_text(server + ".key"),
                           client_ca.empty() ? "" : certificate_text(client_ca)},
                          "web.yml");
}

TEST(TlsContext, HandshakesLikeExporterToolkit) {
  const std::string if_given = "  client_auth_type: VerifyClientCertIfGiven\n";
  const std::string some = if_given +
                           "  cipher_suites:\n"
                           "  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
                           "  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"
                           "  min_version: TLS12\n"
                           "  max_version: TLS12\n";
  const std::string other_order = if_given +
                                  "  cipher_suites:\n"
                                  "  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"
                                  "  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
                                  "  min_version: TLS12\n"
                                  "  max_version: TLS12\n";
  std::string all = if_given + "  cipher_suites:\n";
  for (const CipherSuite suite : all_cipher_suites()) all += "  - " + std::string(go_name(suite)) + "\n";
  const std::string both = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384";
  const std::string curve = if_given + "  min_version: TLS13\n  curve_preferences: [CurveP521]\n";
  const std::string any = "  client_auth_type: RequireAnyClientCert\n";
  const std::string verify = "  client_auth_type: RequireAndVerifyClientCert\n";
  const std::string ca = "  client_ca_file: ca\n";

  struct Case {
    std::string why;
    std::string server;
    TlsClient client;
    std::string error;  ///< Part of it; empty: success.
    std::string cipher = {};
    std::string client_ca = {};
  };
  const Case cases[] = {
      // exporter-toolkit's
      {"a default client", if_given, {}, ""},
      {"a client of TLS 1.1", if_given, {.max_version = TLS1_1_VERSION}, "protocol version"},
      {"all cipher suites", all, {}, ""},
      {"some cipher suites", some, {.ciphers = "ECDHE-RSA-AES128-GCM-SHA256"}, ""},
      {"no common cipher suite", some, {.ciphers = "ECDHE-RSA-AES256-SHA"}, "handshake failure"},
      {"several of the client's", some, {.ciphers = both}, "", "ECDHE-RSA-AES128-GCM-SHA256"},
      {"the client chooses",
       other_order + "  prefer_server_cipher_suites: false\n",
       {.ciphers = both},
       "",
       "ECDHE-RSA-AES128-GCM-SHA256"},
      {"all curves", if_given + "  curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]\n", {}, ""},
      {"some curves", curve, {.groups = "P-521"}, ""},
      {"no common curve", curve, {.groups = "P-384"}, "handshake failure"},
      {"a cipher suite that HTTP/2 does not allow",
       if_given + "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n  max_version: TLS12\n",
       {},
       "",
       "ECDHE-RSA-AES256-GCM-SHA384"},
      {"any certificate, and one is sent", any, {.certificate = "client_selfsigned"}, ""},
      {"a certificate that is its own authority",
       verify + ca,
       {.certificate = "client_selfsigned"},
       "",
       "",
       "client_selfsigned.pem"},
      {"a name that is allowed",
       verify + ca + "  client_allowed_sans: [one, test3, two]\n",
       {.certificate = "client2_selfsigned"},
       "",
       "",
       "client2_selfsigned.pem"},
      {"no name that is allowed",
       verify + ca + "  client_allowed_sans: [bad]\n",
       {.certificate = "client2_selfsigned"},
       "bad certificate",
       "",
       "client2_selfsigned.pem"},
      {"no certificate for verification, and an authority that does not matter",
       verify,
       {},
       "certificate required"},

      // Versions
      {"TLS 1.2", "", {.max_version = TLS1_2_VERSION}, ""},
      {"TLS 1.2 to a server of 1.3",
       "  min_version: TLS13\n",
       {.max_version = TLS1_2_VERSION},
       "protocol version"},
      {"TLS 1.0 to a server that allows it", "  min_version: TLS10\n", {.max_version = TLS1_VERSION}, ""},
      {"TLS 1.1 to a server that allows it", "  min_version: TLS11\n", {.max_version = TLS1_1_VERSION}, ""},
      {"TLS 1.0 to a server of 1.1",
       "  min_version: TLS11\n",
       {.max_version = TLS1_VERSION},
       "protocol version"},
      // Cipher suites
      {"the server chooses", other_order, {.ciphers = both}, "", "ECDHE-RSA-AES256-GCM-SHA384"},
      {"the server chooses without a list",
       "  max_version: TLS12\n",
       {.ciphers = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"},
       "",
       "ECDHE-RSA-AES128-GCM-SHA256"},
      {"without forward secrecy",
       "  max_version: TLS12\n",
       {.ciphers = "AES128-SHA:AES256-GCM-SHA384"},
       "handshake failure"},
      {"those of TLS 1.3 cannot be chosen, as in Go", "  cipher_suites: [TLS_AES_256_GCM_SHA384]\n", {}, ""},
      {"those of TLS 1.3 alone leave nothing for 1.2",
       "  cipher_suites: [TLS_AES_256_GCM_SHA384]\n",
       {.max_version = TLS1_2_VERSION},
       "protocol version"},
      // Client certificates
      {"not requested", "", {.certificate = "client_selfsigned"}, ""},
      {"requested and not sent", "  client_auth_type: RequestClientCert\n", {}, ""},
      {"requested, any certificate",
       "  client_auth_type: RequestClientCert\n",
       {.certificate = "client_selfsigned"},
       ""},
      {"required and not given", any, {}, "certificate required"},
      {"required under the older name",
       "  client_auth_type: RequireClientCert\n",
       {},
       "certificate required"},
      {"required and not given, TLS 1.2", any, {.max_version = TLS1_2_VERSION}, "handshake failure"},
      {"verified if given, and not given", if_given + ca, {}, "", "", "ca.pem"},
      {"verified if given, of the authority", if_given + ca, {.certificate = "client"}, "", "", "ca.pem"},
      {"verified if given, of another",
       if_given + ca,
       {.certificate = "client_selfsigned"},
       "unknown ca",
       "",
       "ca.pem"},
      {"verified, of the authority", verify + ca, {.certificate = "client"}, "", "", "ca.pem"},
      {"verified, of the authority, TLS 1.2",
       verify + ca,
       {.max_version = TLS1_2_VERSION, .certificate = "client"},
       "",
       "",
       "ca.pem"},
      {"verified, of another", verify + ca, {.certificate = "client_selfsigned"}, "unknown ca", "", "ca.pem"},
      {"verified, a self-signed one",
       verify + ca,
       {.certificate = "client2_selfsigned"},
       "unknown ca",
       "",
       "client_selfsigned.pem"},
      {"verified by the system's authorities", verify, {.certificate = "client"}, "unknown ca"},
      {"verified, a certificate for servers only",
       verify + ca,
       {.certificate = "client_for_servers"},
       "unsupported certificate",
       "",
       "ca.pem"},
      // Names
      {"a DNS name",
       verify + ca + "  client_allowed_sans: [scraper.example]\n",
       {.certificate = "client"},
       "",
       "",
       "ca.pem"},
      {"an IPv4 address",
       verify + ca + "  client_allowed_sans: [192.0.2.7]\n",
       {.certificate = "client"},
       "",
       "",
       "ca.pem"},
      {"an IPv6 address",
       verify + ca + "  client_allowed_sans: [\"2001:db8::7\"]\n",
       {.certificate = "client"},
       "",
       "",
       "ca.pem"},
      {"an e-mail address",
       verify + ca + "  client_allowed_sans: [scraper@example.org]\n",
       {.certificate = "client"},
       "",
       "",
       "ca.pem"},
      {"a URI",
       verify + ca + "  client_allowed_sans: [\"spiffe://example.org/scraper\"]\n",
       {.certificate = "client"},
       "",
       "",
       "ca.pem"},
      {"the common name is not an alternative name",
       verify + ca + "  client_allowed_sans: [scraper]\n",
       {.certificate = "client"},
       "bad certificate",
       "",
       "ca.pem"},
      {"the beginning of a name",
       verify + ca + "  client_allowed_sans: [scraper.exampl]\n",
       {.certificate = "client"},
       "bad certificate",
       "",
       "ca.pem"},
      {"a certificate without names",
       verify + ca + "  client_allowed_sans: [test]\n",
       {.certificate = "client_selfsigned"},
       "bad certificate",
       "",
       "client_selfsigned.pem"},
      {"an allowed name of an authority that is not trusted",
       verify + ca + "  client_allowed_sans: [test1]\n",
       {.certificate = "client2_selfsigned"},
       "unknown ca",
       "",
       "ca.pem"},
      {"an allowed name, TLS 1.2",
       verify + ca + "  client_allowed_sans: [scraper.example]\n",
       {.max_version = TLS1_2_VERSION, .certificate = "client"},
       "",
       "",
       "ca.pem"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    const auto made = context(c.server, c.client_ca);
    ASSERT_TRUE(made) << made.error().what;
    const Handshake shaken = shake_hands(made->context.get(), c.client);
    EXPECT_EQ(shaken.done, c.error.empty()) << shaken.error;
    EXPECT_THAT(shaken.error, HasSubstr(c.error));
    if (!c.cipher.empty()) {
      EXPECT_EQ(shaken.cipher, c.cipher);
    }
    EXPECT_FALSE(shaken.session_resumable) << "a resumed session would not be verified again";
  }
}

TEST(TlsContext, SupportsEcdsaCertificates) {
  const auto made =
      context("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]\n  max_version: TLS12\n", "",
              "server_ec");
  ASSERT_TRUE(made) << made.error().what;
  const Handshake shaken = shake_hands(made->context.get(), {});
  EXPECT_TRUE(shaken.done) << shaken.error;
  EXPECT_EQ(shaken.cipher, "ECDHE-ECDSA-CHACHA20-POLY1305");
}

TEST(TlsContext, AConnectionMayOutliveTheContext) {
  auto made = context(
      "  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: [scraper.example]\n"
      "  client_ca_file: ca\n",
      "ca.pem");
  ASSERT_TRUE(made) << made.error().what;
  SSL_CTX* kept = made->context.get();
  SSL_CTX_up_ref(kept);  // as its connections do
  made->context.reset();
  EXPECT_TRUE(shake_hands(kept, {.certificate = "client"}).done);
  SSL_CTX_free(kept);
}

TEST(TlsContext, RejectsUnusableFiles) {
  const auto server = certificate_text("server.pem");
  const auto key = certificate_text("server.key");
  const struct {
    const char* why;
    std::string lines;
    PemTexts texts;
    const char* error;
  } cases[] = {
      {"no certificate",
       "",
       {"hello", key, ""},
       "2:14: \"cert_file\" c contains no PEM certificate: no start line"},
      {"an empty certificate",
       "",
       {"", key, ""},
       "2:14: \"cert_file\" c contains no PEM certificate: no start line"},
      {"a key instead of a certificate",
       "",
       {key, key, ""},
       "2:14: \"cert_file\" c contains no PEM certificate: no start line"},
      {"a damaged certificate",
       "",
       {server.substr(0, 300) + server.substr(400), key, ""},
       "2:14: \"cert_file\" c contains no PEM certificate: "},
      {"a damaged certificate after a good one",
       "",
       {server + server.substr(0, 300) + server.substr(400), key, ""},
       "2:14: \"cert_file\" c contains no PEM certificate: "},
      {"no key", "", {server, "hello", ""}, "3:13: \"key_file\" k contains no PEM private key: "},
      {"an empty key", "", {server, "", ""}, "3:13: \"key_file\" k contains no PEM private key: "},
      {"the key of another certificate",
       "",
       {server, certificate_text("client_selfsigned.key"), ""},
       "3:13: \"key_file\" k does not match the certificate: use the key that the certificate was made for"},
      {"a key of another kind",
       "",
       {server, certificate_text("client.key"), ""},
       "3:13: \"key_file\" k does not match the certificate: use the key that the certificate was made for"},
      {"an encrypted key",
       "",
       {server, certificate_text("encrypted.key"), ""},
       "3:13: \"key_file\" k is encrypted, and the exporter cannot ask for a pass phrase: decrypt it "
       "with openssl pkey"},
      {"an authority without a certificate",
       "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: /dev/null\n",
       {server, key, ""},
       "5:19: \"client_ca_file\" /dev/null contains no PEM certificate: no start line"},
      {"cipher suites of another version",
       "  max_version: TLS12\n  cipher_suites: [TLS_AES_128_GCM_SHA256]\n",
       {server, key, ""},
       "5:19: \"cipher_suites\" has no suite that \"max_version\" allows: add one"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto file =
        parse_web_config("tls_server_config:\n  cert_file: c\n  key_file: k\n" + c.lines, "web.yml");
    ASSERT_TRUE(file) << file.error().what;
    const auto made = make_tls_context(file->tls_server_config.value, c.texts, "web.yml");
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().what, HasSubstr(std::string("web.yml:") + c.error));
    EXPECT_EQ(made.error().code, Errc::invalid_config);
    EXPECT_EQ(ERR_peek_error(), 0U) << "the error queue is empty";
  }
}

TEST(TlsContext, WarnsAboutUnsafeSettings) {
  const std::string ca = "  client_ca_file: ca\n";
  const struct {
    const char* why;
    std::string lines;
    std::string finding;
  } cases[] = {
      {"safe", "", ""},
      {"verified clients", ca + "  client_auth_type: RequireAndVerifyClientCert\n", ""},
      {"an old version", "  min_version: TLS11\n",
       "web.yml:4:16: TLS 1.0 and 1.1 are insecure: set min_version: TLS12 unless a client needs them"},
      {"any certificate", "  client_auth_type: RequireAnyClientCert\n",
       "web.yml:4:21: \"client_auth_type\": with RequireAnyClientCert any certificate is accepted: set "
       "RequireAndVerifyClientCert to verify clients"},
      {"the system's authorities", "  client_auth_type: RequireAndVerifyClientCert\n",
       "web.yml:4:21: without \"client_ca_file\" certificates of all authorities of the system are accepted: "
       "add your own authority"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto made = context(c.lines, c.lines.starts_with(ca) ? "ca.pem" : "");
    ASSERT_TRUE(made) << made.error().what;
    using Findings = std::vector<std::string>;
    EXPECT_EQ(made->findings, c.finding.empty() ? Findings{} : Findings{c.finding});
  }
  const auto file = parse_web_config("tls_server_config:\n  cert_file: c\n  key_file: k\n", "web.yml");
  const auto expired =
      make_tls_context(file->tls_server_config.value,
                       {certificate_text("expired.pem"), certificate_text("server.key"), ""}, "web.yml");
  ASSERT_TRUE(expired) << expired.error().what;
  EXPECT_THAT(expired->findings,
              ElementsAre("web.yml:2:14: \"cert_file\" c expired on 2021-01-01 00:00 UTC: renew it"));
  EXPECT_EQ(expired->certificate,
            "certificate /O=mqtt-reason-exporter tests/CN=localhost, valid until 2021-01-01 00:00 UTC");
}

}  // namespace
}  // namespace mre
