// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/temp_dir.h"
#include "tests/web_config/handshake.h"

namespace mre {
namespace {

using test::certificate_text;
using test::kTls;
using test::shake_hands;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// "dave123" with a cost of 4.
const std::string kDave =
    "basic_auth_users:\n  dave: $2b$04$abcdefghijklmnopqrstuuT.VdioudKiCP.wBnKnIyRNAu9yUSXv2\n";

class WebConfigTest : public testing::Test {
 protected:
  void use_certificate(const std::string& name) {
    directory_.write("server.pem", certificate_text(name + ".pem"), 0644);
    directory_.write("server.key", certificate_text(name + ".key"));
  }
  std::string write(const std::string& text, mode_t mode = 0600) {
    return directory_.write("web.yml", text, mode);
  }

  Result<WebSettings> read(const std::string& text, mode_t mode = 0600) {
    ReadFiles files;
    return read_web_config(write(text, mode), std::make_shared<PastSuccesses>(), files);
  }
  /// The error of a file with this text, without the directory.
  std::string refusal(const std::string& text, mode_t mode = 0600) {
    const auto settings = read(text, mode);
    return settings ? "" : without_directory(settings.error().what);
  }
  std::string without_directory(std::string text) const {
    for (std::size_t at; (at = text.find(directory_.path() + "/")) != std::string::npos;)
      text.erase(at, directory_.path().size() + 1);
    return text;
  }

  const TempDir directory_;
};

/// A request as the server passes it.
RequestHead request(const std::string& authorization) {
  RequestHead head{"GET", "/metrics", {}, false};
  if (!authorization.empty()) head.headers.emplace_back("authorization", authorization);
  return head;
}

TEST_F(WebConfigTest, ReadsTheFilesThatItRefersTo) {
  use_certificate("server");
  directory_.write("ca.pem", certificate_text("ca.pem"), 0644);
  const auto settings = read(kTls +
                             "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n"
                             "http_server_config: {headers: {X-Frame-Options: deny}}\n"
                             "rate_limit: {interval: 250ms, burst: 3}\n" +
                             kDave);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_THAT(settings->findings, IsEmpty());
  EXPECT_TRUE(settings->authenticates);
  EXPECT_TRUE(shake_hands(settings->policy->tls.get(), {.certificate = "client"}).done);
  EXPECT_EQ(settings->policy->headers, (HttpHeaders{{"X-Frame-Options", "deny"}}));
  EXPECT_EQ(settings->policy->rate_interval, std::chrono::milliseconds(250));
  EXPECT_EQ(settings->policy->rate_burst, 3U);
  const std::string until = settings->summary.substr(settings->summary.find("until"), 26);
  EXPECT_EQ(settings->summary,
            "  TLS: certificate /O=mqtt-reason-exporter tests/CN=localhost, valid " + until +
                "\n"
                "  clients: RequireAndVerifyClientCert\n"
                "  basic authentication: 1 user\n"
                "  rate limit: one request per 250ms from each address, in bursts of up to 3\n"
                "  headers: X-Frame-Options\n");
}

TEST_F(WebConfigTest, AnEmptyFileEnablesNothing) {
  const auto settings = read("");
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->policy->tls, nullptr);
  EXPECT_EQ(settings->policy->recall, nullptr);
  EXPECT_EQ(settings->policy->authorize, nullptr);
  EXPECT_EQ(settings->policy->rate_interval.count(), 0);
  EXPECT_FALSE(settings->authenticates);
  EXPECT_EQ(settings->summary, "  TLS: off\n  basic authentication: off\n");
}

TEST_F(WebConfigTest, AcceptsCertificateAndKeyInTheFile) {
  const auto indented = [](std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos && at + 1 < text.size(); at += 5)
      text.insert(at + 1, "    ");
    return "    " + text;
  };
  const std::string text = "tls_server_config:\n  cert: |\n" + indented(certificate_text("server.pem")) +
                           "  key: |\n" + indented(certificate_text("server.key"));
  const auto settings = read(text);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_TRUE(shake_hands(settings->policy->tls.get(), {}).done);
  EXPECT_EQ(refusal(text, 0644),
            "web.yml:21:8: the file contains a private key, but others may read or change it; chmod o-rw it "
            "(Kubernetes: "
            "defaultMode 0440)");
}

TEST_F(WebConfigTest, RejectsUnusableFiles) {
  use_certificate("server");
  directory_.write("open.key", certificate_text("server.key"), 0644);
  directory_.write("large.key", std::string((1U << 20U) + 1, 'x'));
  std::filesystem::create_directory(directory_.file("directory"));
  const struct {
    const char* why;
    std::string yaml;
    std::string error;
  } cases[] = {
      {"no certificate", "tls_server_config: {cert_file: somefile, key_file: server.key}\n",
       "web.yml:1:32: \"cert_file\" somefile: cannot be read: No such file or directory"},
      {"no key", "tls_server_config: {cert_file: server.pem, key_file: somefile}\n",
       "web.yml:1:54: \"key_file\" somefile: cannot be read: No such file or directory"},
      {"neither", "tls_server_config: {cert_file: somefile, key_file: somefile}\n",
       "web.yml:1:32: \"cert_file\" somefile: cannot be read: No such file or directory"},
      {"no client CA", kTls + "  client_ca_file: somefile\n  client_auth_type: RequireAndVerifyClientCert\n",
       "web.yml:4:19: \"client_ca_file\" somefile: cannot be read: No such file or directory"},
      {"a directory", "tls_server_config: {cert_file: directory, key_file: server.key}\n",
       "web.yml:1:32: \"cert_file\" directory: not a regular file"},
      {"a key that others may read", "tls_server_config: {cert_file: server.pem, key_file: open.key}\n",
       "web.yml:1:54: \"key_file\" open.key: others may read or change it; chmod o-rw it (Kubernetes: "
       "defaultMode "
       "0440)"},
      {"a large file", "tls_server_config: {cert_file: server.pem, key_file: large.key}\n",
       "web.yml:1:54: \"key_file\" large.key: larger than 1 MiB"},
      {"a cost that is too high",
       "basic_auth_users: {a: $2y$19$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq}\n",
       "web.yml:1:23: a bcrypt cost of 19 takes minutes per check: use a hash with a cost of 10 to 14"},
  };
  for (const auto& c : cases) EXPECT_EQ(refusal(c.yaml), c.error) << c.why;
  EXPECT_EQ(refusal("", 0602), "web.yml: others can change the file, and so who has access; chmod o-w it");
  ReadFiles files;
  const auto missing = read_web_config(directory_.file("none.yml"), std::make_shared<PastSuccesses>(), files);
  ASSERT_FALSE(missing);
  EXPECT_EQ(without_directory(missing.error().what), "none.yml: cannot be read: No such file or directory");
}

TEST_F(WebConfigTest, WarnsAboutUnsafeSettings) {
  auto settings = read(kDave, 0644);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_THAT(settings->findings,
              ElementsAre(directory_.file("web.yml") +
                          ":2:3: others can read the password hashes and try to crack them; "
                          "chmod o-r the file"));
  settings = read("basic_auth_users: {bob: $2y$18$4VeFDzXIoPHKnKTU3O3GH.N.vZu06CVqczYZ8WvfzrddFU6tGqjR.}\n");
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_THAT(settings->findings,
              ElementsAre(directory_.file("web.yml") +
                          ":1:25: a bcrypt cost of 18 takes seconds per check, and delays "
                          "other clients: use a cost of 10 to 14"));
}

TEST_F(WebConfigTest, KnowsWhetherClientsMustAuthenticate) {
  use_certificate("server");
  directory_.write("ca.pem", certificate_text("ca.pem"), 0644);
  const struct {
    std::string yaml;
    bool authenticates;
  } cases[] = {
      {"", false},
      {kTls, false},
      {kTls + "  client_auth_type: RequestClientCert\n", false},
      {kTls + "  client_auth_type: RequireAnyClientCert\n", false},
      {kTls + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.pem\n", false},
      {kTls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n", true},
      {kDave, true},
      {kTls + kDave, true},
  };
  for (const auto& c : cases) {
    const auto settings = read(c.yaml);
    ASSERT_TRUE(settings) << settings.error().what;
    EXPECT_EQ(settings->authenticates, c.authenticates) << c.yaml;
  }
}

TEST_F(WebConfigTest, ThePolicyChecksThePassword) {
  const auto settings = read(kDave);
  ASSERT_TRUE(settings) << settings.error().what;
  const WebPolicy& policy = *settings->policy;
  const std::string good = "Basic ZGF2ZTpkYXZlMTIz";
  const std::string bad = "Basic ZGF2ZTpkYXZlMTI0";
  const struct {
    const char* why;
    RequestHead head;
  } refused_at_once[] = {
      {"no credentials", request("")},
      {"another scheme", request("Bearer ZGF2ZTpkYXZlMTIz")},
      {"two Authorization headers",
       {"GET", "/metrics", {{"Authorization", good}, {"authorization", bad}}, false}},
  };
  for (const auto& c : refused_at_once) {
    SCOPED_TRACE(c.why);
    const auto recalled = policy.recall(c.head, "192.0.2.1");
    ASSERT_TRUE(recalled && *recalled);
    EXPECT_EQ((*recalled)->status, 401);
    EXPECT_EQ((*recalled)->headers,
              (HttpHeaders{{"WWW-Authenticate", "Basic realm=\"mqtt-reason-exporter\""}}));
  }
  EXPECT_FALSE(policy.recall(request(good), "192.0.2.1")) << "not cached yet";
  EXPECT_FALSE(policy.authorize(request(good), "192.0.2.1")) << "granted";
  const auto again = policy.recall(request(good), "192.0.2.2");
  EXPECT_TRUE(again && !*again) << "granted from the cache";
  EXPECT_FALSE(policy.recall(request(bad), "192.0.2.1"));
  const auto denied = policy.authorize(request(bad), "192.0.2.1");
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->status, 401);
  EXPECT_FALSE(policy.recall(request(bad), "192.0.2.1")) << "failures are not cached";
}

/// Refreshes twice, as needed for a complete change.
std::optional<Result<void>> refresh_twice(WebConfig& config) {
  auto first = config.refresh();
  return first ? first : config.refresh();
}

TEST_F(WebConfigTest, ReloadsARotatedCertificate) {
  use_certificate("server");
  const auto config = WebConfig::open(write(kTls));
  ASSERT_TRUE(config) << config.error().what;
  const auto before = (*config)->settings();
  EXPECT_FALSE(refresh_twice(**config)) << "nothing has changed";
  EXPECT_EQ((*config)->settings(), before);
  EXPECT_EQ(shake_hands(before->policy->tls.get(), {}).server, "localhost");

  use_certificate("client_selfsigned");
  EXPECT_FALSE((*config)->refresh()) << "the change may be incomplete";
  const auto reloaded = (*config)->refresh();
  ASSERT_TRUE(reloaded && *reloaded);
  const auto after = (*config)->settings();
  EXPECT_NE(after, before);
  EXPECT_THAT(after->summary, HasSubstr("CN=test,"));
  EXPECT_FALSE(refresh_twice(**config));

  // Kubernetes and certbot rename another file to the same name.
  use_certificate("server_ec");
  std::filesystem::rename(directory_.file("server.key"), directory_.file("other"));
  std::filesystem::rename(directory_.file("other"), directory_.file("server.key"));
  const auto renamed = refresh_twice(**config);
  ASSERT_TRUE(renamed && *renamed);
  EXPECT_EQ(
      shake_hands((*config)->settings()->policy->tls.get(), {.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"})
          .server,
      "localhost");
}

TEST_F(WebConfigTest, KeepsTheConfigurationAfterAnErrorAndReportsItOnce) {
  use_certificate("server");
  const auto config = WebConfig::open(write(kTls));
  ASSERT_TRUE(config) << config.error().what;
  const auto before = (*config)->settings();
  const double read_at = (*config)->status().last_reload_success;
  EXPECT_TRUE((*config)->status().last_reload_successful);
  EXPECT_GT(read_at, 0);
  struct Step {
    const char* why;
    std::function<void()> change;
    std::string error;  ///< Its beginning; empty: success.
  };
  const Step steps[] = {
      {"a key of another certificate",
       [&] { directory_.write("server.key", certificate_text("client.key")); },
       "web.yml:3:13: \"key_file\" server.key does not match the certificate"},
      {"the right key again", [&] { use_certificate("server"); }, ""},
      {"a typo", [&] { write("tls_server_confg: {}\n"); }, "web.yml:1:1: unknown key"},
      {"another typo", [&] { write("tls_server_confgi: {}\n"); }, "web.yml:1:1: unknown key"},
      {"no file", [&] { std::filesystem::remove(directory_.file("web.yml")); },
       "web.yml: cannot be read: No such file"},
      {"a missing certificate",
       [&] { write("tls_server_config: {cert_file: new.pem, key_file: server.key}\n"); },
       "web.yml:1:32: \"cert_file\" new.pem: cannot be read"},
      {"the certificate exists now", [&] { directory_.write("new.pem", certificate_text("server.pem")); },
       ""},
      {"others may read the key", [&] { ::chmod(directory_.file("server.key").c_str(), 0644); },
       "web.yml:1:51: \"key_file\" server.key: others may read"},
      {"they may not read it any more", [&] { ::chmod(directory_.file("server.key").c_str(), 0600); }, ""},
  };
  std::shared_ptr<const WebSettings> in_use = before;
  for (const Step& step : steps) {
    SCOPED_TRACE(step.why);
    step.change();
    const auto outcome = refresh_twice(**config);
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->has_value(), step.error.empty());
    EXPECT_EQ((*config)->status().last_reload_successful, step.error.empty());
    if (step.error.empty()) {
      EXPECT_NE((*config)->settings(), in_use);
      in_use = (*config)->settings();
    } else {
      EXPECT_THAT(without_directory(outcome->error().what), StartsWith(step.error));
      EXPECT_EQ((*config)->settings(), in_use);
    }
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(refresh_twice(**config)) << "reported once";
  }
  EXPECT_GE((*config)->status().last_reload_success, read_at);
}

TEST_F(WebConfigTest, CachedSuccessesSurviveAReload) {
  const auto config = WebConfig::open(write(kDave));
  ASSERT_TRUE(config) << config.error().what;
  const RequestHead dave = request("Basic ZGF2ZTpkYXZlMTIz");
  EXPECT_FALSE((*config)->settings()->policy->authorize(dave, "192.0.2.1"));
  write(kDave + "rate_limit: {interval: 1s}\n");
  ASSERT_TRUE((*config)->reload());
  EXPECT_TRUE((*config)->settings()->policy->recall(dave, "192.0.2.1")) << "the success is still cached";
  write("basic_auth_users:\n  carol: $2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu\n");
  ASSERT_TRUE((*config)->reload());
  EXPECT_FALSE((*config)->settings()->policy->recall(dave, "192.0.2.1")) << "dave has been removed";
}

}  // namespace
}  // namespace mre
