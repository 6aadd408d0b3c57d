// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/web_config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/web_config/handshake.h"

namespace mre {
namespace {

using test::kTls;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kHash = "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq";

TEST(WebConfigFile, RefusesWithPositionAndRemedy) {
  const struct {
    std::string why;
    std::string yaml;
    std::string error;
  } cases[] = {
      // exporter-toolkit's
      {"no structure", "hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\n",
       "1:1: \"the file\" must be a map of keys"},
      {"a typo in a key", "tls_server_config:\n  cert_filse: \"server.crt\"\n",
       "2:3: unknown key \"cert_filse\" in tls_server_config: did you mean \"cert_file\"?"},
      {"an empty path of the certificate", "tls_server_config:\n  cert_file: \"\"\n  key_file: server.key\n",
       "2:3: tls_server_config requires a certificate: add \"cert_file\", or \"cert\" with its text"},
      {"an empty certificate", "tls_server_config:\n  cert: \"\"\n  key_file: server.key\n",
       "2:3: tls_server_config requires a certificate: add \"cert_file\", or \"cert\" with its text"},
      {"an empty path of the key", "tls_server_config:\n  cert_file: server.pem\n  key_file: \"\"\n",
       "2:3: tls_server_config requires the key of its certificate: add \"key_file\", or \"key\" with its "
       "text"},
      {"an empty key", "tls_server_config:\n  cert_file: server.pem\n  key: \"\"\n",
       "2:3: tls_server_config requires the key of its certificate: add \"key_file\", or \"key\" with its "
       "text"},
      {"both paths empty, and client certificates requested",
       "tls_server_config:\n  cert_file: \"\"\n  key_file: \"\"\n  client_auth_type: NoClientCert\n",
       "2:3: tls_server_config requires a certificate: add \"cert_file\", or \"cert\" with its text"},
      {"an unknown client authentication", kTls + "  client_auth_type: \"x\"\n",
       "4:21: \"client_auth_type\": unknown value \"x\": use one of: NoClientCert, RequestClientCert, "
       "RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert"},
      {"a client CA without a policy", kTls + "  client_ca_file: \"/dev/null\"\n",
       "4:19: \"client_ca_file\" has no effect without a \"client_auth_type\": add client_auth_type: "
       "RequireAndVerifyClientCert"},
      {"a user without a hash", kTls + "basic_auth_users:\n  john: doe\n",
       "5:9: the value of the user \"john\" is not a bcrypt hash ($2y$...): create one with htpasswd -nBC 10 "
       "\"\" | tr "
       "-d ':\\n'"},
      {"an invented cipher suite", kTls + "  cipher_suites:\n  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\n",
       "5:5: \"cipher_suites\": unknown value \"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\": did you mean "
       "\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\"?"},
      {"an invented curve", kTls + "  curve_preferences:\n    - CurveP257\n",
       "5:7: \"curve_preferences\": unknown value \"CurveP257\": did you mean \"CurveP256\"?"},
      {"an unknown version", kTls + "  min_version: TLS111\n",
       "4:16: \"min_version\": unknown value \"TLS111\": did you mean \"TLS11\"?"},
      {"content type options", "http_server_config:\n  headers:\n    X-Content-Type-Options: sniff\n",
       "3:29: \"X-Content-Type-Options\": unknown value \"sniff\": use one of: nosniff"},
      {"frame options", "http_server_config:\n  headers:\n    X-Frame-Options: foo\n",
       "3:22: \"X-Frame-Options\": unknown value \"foo\": use one of: deny, sameorigin"},
      {"an unsupported header", "http_server_config:\n  headers:\n    Content-Type: foo\n",
       "3:5: unknown key \"Content-Type\" in headers: use one of: Content-Security-Policy, X-Frame-Options, "
       "X-Content-Type-Options, X-XSS-Protection, Strict-Transport-Security"},
      // Our own
      {"a certificate twice", kTls + "  cert: x\n",
       "2:14: \"cert\" and \"cert_file\" are both set: remove one"},
      {"a key twice", kTls + "  key: x\n", "3:13: \"key\" and \"key_file\" are both set: remove one"},
      {"a client CA twice",
       kTls + "  client_ca: x\n  client_ca_file: x\n  client_auth_type: RequireAnyClientCert\n",
       "5:19: \"client_ca\" and \"client_ca_file\" are both set: remove one"},
      {"a client CA without client authentication",
       kTls + "  client_ca: x\n  client_auth_type: NoClientCert\n",
       "4:14: \"client_ca\" has no effect without a \"client_auth_type\": add client_auth_type: "
       "RequireAndVerifyClientCert"},
      {"allowed names without client authentication", kTls + "  client_allowed_sans: [a]\n",
       "4:25: \"client_allowed_sans\" has no effect without a \"client_auth_type\": add client_auth_type: "
       "RequireAndVerifyClientCert"},
      {"an empty list of allowed names",
       kTls + "  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: []\n",
       "2:3: \"client_allowed_sans\" is empty, so no client can connect: add a name, or remove the "
       "key"},
      {"min_version above max_version", kTls + "  min_version: TLS13\n  max_version: TLS12\n",
       "4:16: \"min_version\" is above \"max_version\": lower it"},
      {"a header of two lines",
       "http_server_config:\n  headers:\n    X-XSS-Protection: \"1\\r\\nSet-Cookie: a\"\n",
       "3:23: a header must be one line of printable ASCII"},
      {"a user name that cannot be sent", "basic_auth_users:\n  \"a:b\": " + kHash + "\n",
       "2:3: a user name must not contain \":\", which basic authentication cannot send: rename it"},
      {"a user twice", "basic_auth_users:\n  a: " + kHash + "\n  a: " + kHash + "\n",
       "3:3: duplicate key \"a\" (first defined on line 2): remove one"},
      {"an interval without unit", "rate_limit: {interval: 5}\n",
       "1:24: \"interval\": \"5\" is not a duration: use 0, or numbers with a unit (ns, us, ms, s, m, h), "
       "such as "
       "500ms or 1m30s"},
      {"a negative burst", "rate_limit: {burst: -1}\n",
       "1:21: \"burst\": \"-1\" is not a whole number from 0 to 2147483647"},
      {"an unknown section", "tls: {}\n",
       "1:1: unknown key \"tls\" in the file: use one of: tls_server_config, http_server_config, "
       "basic_auth_users, "
       "rate_limit"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto file = parse_web_config(c.yaml, "web.yml");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().what, "web.yml:" + c.error);
    EXPECT_EQ(file.error().code, Errc::invalid_config);
  }
}

TEST(WebConfigFile, NeverShowsAPasswordThatWasConfiguredAsAHash) {
  const auto file = parse_web_config("basic_auth_users: {john: correct horse}\n", "web.yml");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().what, Not(HasSubstr("horse")));
}

TEST(WebConfigFile, EnablesTlsLikeExporterToolkit) {
  const struct {
    std::string why;
    std::string yaml;
    bool enabled;
  } cases[] = {
      {"an empty file", "", false},
      {"an empty section", "tls_server_config:\n", false},
      {"versions alone", "tls_server_config: {min_version: TLS12, prefer_server_cipher_suites: true}\n",
       false},
      {"certificate and key in files", kTls, true},
      {"certificate and key in the file", "tls_server_config: {cert: cert, key: key}\n", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto file = parse_web_config(c.yaml, "web.yml");
    ASSERT_TRUE(file) << file.error().what;
    EXPECT_EQ(file->tls_server_config.value.enabled(), c.enabled);
  }
}

TEST(WebConfigFile, ResolvesPathsFromItsOwnDirectory) {
  const auto file = parse_web_config(
      "tls_server_config: {cert_file: a.pem, key_file: /k/a.key, client_ca_file: ../ca.pem, "
      "client_auth_type: "
      "RequireAndVerifyClientCert}\n",
      "/etc/mre/web.yml");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->tls_server_config.value.cert_file.value, "/etc/mre/a.pem");
  EXPECT_EQ(file->tls_server_config.value.key_file.value, "/k/a.key");
  EXPECT_EQ(file->tls_server_config.value.client_ca_file.value, "/etc/mre/../ca.pem");
}

TEST(WebConfigFile, ReturnsTheConfiguredHeaders) {
  const auto file = parse_web_config(
      "http_server_config:\n"
      "  headers:\n"
      "    X-Frame-Options: deny\n"
      "    Strict-Transport-Security: max-age=31536000; includeSubDomains\n"
      "    X-Content-Type-Options: nosniff\n"
      "    X-XSS-Protection: 1\n"
      "    Content-Security-Policy: \"\"\n",
      "web.yml");
  ASSERT_TRUE(file) << file.error().what;
  using Headers = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(response_headers(file->http_server_config.headers),
            (Headers{{"X-Frame-Options", "deny"},
                     {"X-Content-Type-Options", "nosniff"},
                     {"X-XSS-Protection", "1"},
                     {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"}}));
}

TEST(WebConfigFile, ParsesDurationsOfGo) {
  using namespace std::chrono_literals;
  const struct {
    const char* text;
    std::optional<std::chrono::nanoseconds> value;
  } cases[] = {
      {"0", 0ns},       {"0s", 0ns},       {"1s", 1s},       {"1.5h", 90min},   {"1m30s", 90s},
      {"250us", 250us}, {"3\u00b5s", 3us}, {"100ms", 100ms}, {"1h1m1s", 3661s}, {"7ns", 7ns},
      {"", {}},         {"1", {}},         {"s", {}},        {"-1s", {}},       {"1 s", {}},
      {"1s ", {}},      {"1d", {}},        {"inf", {}},      {"9000h", {}},     {"1e3s", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    GoDuration read;
    EXPECT_EQ(read_value(c.text, read).has_value(), c.value.has_value());
    if (c.value) {
      EXPECT_EQ(read.value, *c.value);
    }
  }
}

}  // namespace
}  // namespace mre
