// SPDX-License-Identifier: Apache-2.0
// The MQTT source over TLS, with a real mosquitto and certificates made by openssl.
#include <gtest/gtest.h>
#include <netdb.h>

#include "exporter/subscribe/mqtt_source.h"
#include "tests/support/mosquitto.h"
#include "tests/support/poll.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using test::eventually;
using test::Mosquitto;

/// A certificate authority in a directory of its own.
class Authority {
 public:
  Authority() {
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=Test Authority", "-keyout", dir_.file("ca.key"), "-out", dir_.file("ca.crt")});
    dir_.write("index", "");
    dir_.write("config", "[ca]\ndefault_ca=x\n[x]\ndatabase=" + dir_.file("index") +
                             "\nnew_certs_dir=" + dir_.path() +
                             "\npolicy=p\ndefault_md=sha256\nrand_serial=yes\ncopy_extensions=copy\n"
                             "unique_subject=no\n[p]\ncommonName=supplied\n");
  }

  /// Issues NAME.crt with NAME.key for `subject_alt_name`, valid until `end` (YYYYMMDDHHMMSSZ).
  void issue(const std::string& name, const std::string& subject_alt_name,
             const std::string& end = "20491231000000Z") {
    openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
             "/CN=" + name, "-addext", "subjectAltName=" + subject_alt_name, "-keyout",
             dir_.file(name + ".key"), "-out", dir_.file(name + ".csr")});
    openssl({"ca", "-batch", "-config", dir_.file("config"), "-cert", dir_.file("ca.crt"), "-keyfile",
             dir_.file("ca.key"), "-in", dir_.file(name + ".csr"), "-out", dir_.file(name + ".crt"),
             "-notext", "-startdate", "20200101000000Z", "-enddate", end});
  }

  std::string file(const std::string& name) const { return dir_.file(name); }

 private:
  void openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    EXPECT_EQ(test::run(arguments, dir_.file("log")), 0) << dir_.read("log");
  }
  test::TempDir dir_;
};

/// A bare root file system has no /etc/hosts.
bool resolves(const char* host) {
  addrinfo* found = nullptr;
  if (::getaddrinfo(host, nullptr, nullptr, &found) != 0) return false;
  ::freeaddrinfo(found);
  return true;
}

class Tls : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority_ = std::make_unique<Authority>();
    authority_->issue("right", "DNS:localhost,IP:127.0.0.1");
    authority_->issue("other", "DNS:wrong.example,IP:192.0.2.1");
    authority_->issue("expired", "DNS:localhost,IP:127.0.0.1", "20210101000000Z");
    authority_->issue("client", "DNS:exporter");
    other_authority_ = std::make_unique<Authority>();
  }
  static void TearDownTestSuite() {
    authority_.reset();
    other_authority_.reset();
  }

  static std::string server_config(const std::string& certificate) {
    return "cafile " + authority_->file("ca.crt") + "\ncertfile " + authority_->file(certificate + ".crt") +
           "\nkeyfile " + authority_->file(certificate + ".key") + "\n";
  }
  static MqttOptions options_for(const std::string& url) {
    MqttOptions options;
    options.url = url;
    options.topics = {"events/#"};
    options.ca_file = authority_->file("ca.crt");
    options.backoff_min = options.backoff_max = std::chrono::milliseconds(100);
    return options;
  }

  /// Whether a source with these options subscribes; false when its state contains `failure`.
  static bool connects(const MqttOptions& options, const std::string& failure = "TLS handshake failed") {
    auto source = make_mqtt_source(options);
    if (!source) {
      ADD_FAILURE() << source.error().what;
      return false;
    }
    const auto failed = [&] { return (*source)->status().state.find(failure) != std::string::npos; };
    EXPECT_TRUE(eventually([&] { return (*source)->status().up || failed(); })) << (*source)->status().state;
    return (*source)->status().up;
  }

  static std::unique_ptr<Authority> authority_;
  static std::unique_ptr<Authority> other_authority_;
};
std::unique_ptr<Authority> Tls::authority_;
std::unique_ptr<Authority> Tls::other_authority_;

TEST_F(Tls, AcceptsTheRightHost) {
  Mosquitto broker("allow_anonymous true\n" + server_config("right"));
  broker.start();
  EXPECT_TRUE(connects(options_for(broker.url("mqtts"))));
  if (resolves("localhost")) {
    EXPECT_TRUE(connects(options_for(broker.url("mqtts", "localhost")))) << "a host name";
  }
  MqttOptions old = options_for(broker.url("mqtts"));
  old.protocol = mqtt::Protocol::v3_1_1;
  EXPECT_TRUE(connects(old));
}

TEST_F(Tls, ATooLongPacketEndsTheConnection) {
  Mosquitto broker("allow_anonymous true\n" + server_config("right"));
  broker.start();
  MqttOptions options = options_for(broker.url("mqtts"));
  options.protocol = mqtt::Protocol::v3_1_1;  // in 5.0 the broker drops the message
  options.queue_bytes = 2'000'000;
  const auto source = make_mqtt_source(options);
  ASSERT_TRUE(source);
  ASSERT_TRUE(eventually([&] { return (*source)->status().up; })) << (*source)->status().state;
  const std::string file = broker.dir().write("huge", std::string(4'000'000, 'x'));
  ASSERT_EQ(test::run({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "--cafile",
                       authority_->file("ca.crt"), "-t", "events/huge", "-f", file}),
            0);
  EXPECT_TRUE(eventually([&] { return (*source)->status().records_oversized == 1; }));
  EXPECT_TRUE(eventually([&] { return (*source)->status().resubscribes == 2; })) << (*source)->status().state;
}

TEST_F(Tls, RejectsAnUnknownAuthority) {
  Mosquitto broker("allow_anonymous true\n" + server_config("right"));
  broker.start();
  MqttOptions options = options_for(broker.url("mqtts"));
  options.ca_file = other_authority_->file("ca.crt");
  EXPECT_FALSE(connects(options));
  options.verify_host_name = false;
  EXPECT_FALSE(connects(options)) << "the chain is verified also without the host name";
  options.ca_file.clear();
  EXPECT_FALSE(connects(options)) << "the system does not know it either";
}

TEST_F(Tls, RejectsTheCertificateOfAnotherHost) {
  Mosquitto broker("allow_anonymous true\n" + server_config("other"));
  broker.start();
  std::size_t connects_expected = 0;
  for (const char* host : {"127.0.0.1", "localhost"}) {
    if (!resolves(host)) continue;
    ++connects_expected;
    MqttOptions options = options_for(broker.url("mqtts", host));
    EXPECT_FALSE(connects(options)) << host;
    options.verify_host_name = false;
    EXPECT_TRUE(connects(options)) << "host names are not verified";
  }
  std::size_t connects_seen = 0;
  for (std::size_t at = 0; (at = broker.log().find("New client connected", at)) != std::string::npos; ++at) {
    ++connects_seen;
  }
  EXPECT_EQ(connects_seen, connects_expected)
      << "only the requested connections: no credentials are sent to another host\n"
      << broker.log();
}

TEST_F(Tls, RejectsAnExpiredCertificate) {
  Mosquitto broker("allow_anonymous true\n" + server_config("expired"));
  broker.start();
  MqttOptions options = options_for(broker.url("mqtts"));
  EXPECT_FALSE(connects(options));
  options.verify_host_name = false;
  EXPECT_FALSE(connects(options));
}

TEST_F(Tls, SendsItsClientCertificate) {
  Mosquitto broker("allow_anonymous true\nrequire_certificate true\nuse_identity_as_username true\n" +
                   server_config("right"));
  broker.start();
  MqttOptions options = options_for(broker.url("mqtts"));
  // With TLS 1.3 the client may see the broker's refusal only after its own handshake has succeeded, so the
  // state depends on timing.
  EXPECT_FALSE(connects(options, broker.url("mqtts")));
  options.cert_file = authority_->file("client.crt");
  options.key_file = authority_->file("client.key");
  EXPECT_TRUE(connects(options));
  EXPECT_NE(broker.log().find("u'client'"), std::string::npos) << broker.log();
}

TEST_F(Tls, RejectsPlainTextForTlsAndTlsForPlainText) {
  Mosquitto plain;
  plain.start();
  EXPECT_FALSE(connects(options_for(plain.url("mqtts"))));
  Mosquitto tls("allow_anonymous true\n" + server_config("right"));
  tls.start();
  MqttOptions options = options_for(tls.url("mqtt"));
  options.ca_file.clear();
  EXPECT_FALSE(connects(options, "cannot connect"));
}

TEST_F(Tls, ReportsAMissingFile) {
  MqttOptions options = options_for("mqtts://localhost:1");
  options.cert_file = authority_->file("client.crt");
  options.key_file = authority_->file("missing.key");
  EXPECT_FALSE(connects(options, "key_file " + options.key_file + ": No such file or directory"));
}

}  // namespace
}  // namespace mre
