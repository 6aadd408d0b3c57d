// SPDX-License-Identifier: Apache-2.0
// A listening server with hostile and unusual clients: limits, timeouts, TLS and the policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/http/server.h"
#include "tests/http/raw_connection.h"
#include "tests/support/poll.h"

namespace mre {
namespace {

using namespace std::chrono_literals;
using test::RawConnection;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// A context with a new self-signed certificate.
std::shared_ptr<SSL_CTX> server_context() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  EXPECT_EQ(SSL_CTX_use_certificate(context.get(), certificate.get()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key.get()), 1);
  return context;
}

class TlsConnection {
 public:
  explicit TlsConnection(const std::string& address, int last_byte = 1) : raw_(address, last_byte) {
    SSL_set_fd(ssl_.get(), raw_.fd());
  }
  bool connect() { return SSL_connect(ssl_.get()) == 1; }
  bool send(std::string_view bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
           static_cast<int>(bytes.size());
  }
  std::string receive_all() {
    std::string got;
    char buffer[4096];
    for (int size = 0; (size = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;)
      got.append(buffer, static_cast<std::size_t>(size));
    return got;
  }

 private:
  RawConnection raw_;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{SSL_CTX_new(TLS_client_method()),
                                                                   SSL_CTX_free};
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{SSL_new(context_.get()), SSL_free};
};

class HttpGuard : public testing::Test {
 protected:
  void start() {
    auto server = Server::bind({.listen_addresses = {"127.0.0.1:0"}}, limits_);
    ASSERT_TRUE(server.has_value()) << server.error().what;
    server_ = std::move(*server);
    server_->start(pages_, [policy = std::make_shared<const WebPolicy>(policy_)] { return policy; });
  }

  std::string address() const { return server_->addresses().at(0); }

  static std::string get(std::string_view path, std::string_view headers = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: t\r\n" + std::string(headers) + "\r\n";
  }

  /// The whole answer on a connection of its own, over TLS if the server has it.
  std::string ask(const std::string& request, int from = 1) const {
    if (policy_.tls == nullptr) {
      RawConnection connection(address(), from);
      connection.send(request);
      return connection.receive_all();
    }
    TlsConnection connection(address(), from);
    return connection.connect() && connection.send(request) ? connection.receive_all() : "";
  }

  std::string scrape(int from = 1) const { return ask(get("/metrics", "Connection: close\r\n"), from); }

  ServerLimits limits_;
  WebPolicy policy_;
  std::string page_ = "mqtt_up 1\n";
  Pages pages_{.metrics = [this](bool) { return page_; },
               .page = [](const PageRequest& request) -> std::optional<Page> {
                 if (request.path != "/") return std::nullopt;
                 return Page{.body = "<p>"};
               },
               .ready = [] { return true; }};
  std::unique_ptr<Server> server_;
};

std::size_t count_open(const std::vector<RawConnection>& connections) {
  return static_cast<std::size_t>(
      std::count_if(connections.begin(), connections.end(),
                    [](const auto& connection) { return !connection.is_closed(); }));
}

TEST_F(HttpGuard, SlowClientsDoNotDelayOthers) {
  page_ = std::string(8 << 20, 'm');
  const struct {
    const char* why;
    bool tls;
    std::string sends;
  } cases[] = {
      {"sends nothing", false, ""},
      {"sends half a head", false, "GET /metrics HTTP/1.1\r\nHost"},
      {"does not read a large answer", false, get("/metrics")},
      {"keeps its connection open", false, get("/-/healthy")},
      {"sends no TLS handshake", true, ""},
      {"sends half of a TLS hello", true, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    policy_.tls = c.tls ? server_context() : nullptr;
    start();
    std::vector<RawConnection> slow;
    for (int i = 0; i < 200; ++i) slow.emplace_back(address(), 2, 4096).send(c.sends);
    EXPECT_THAT(scrape(), EndsWith("mmm"));
    EXPECT_THAT(scrape(2), EndsWith("mmm")) << "from the address of the slow clients";
    EXPECT_TRUE(test::eventually([&] { return count_open(slow) <= limits_.connections_per_group; }));
  }
}

TEST_F(HttpGuard, ManySlowAddressesLeaveRoomForAnother) {
  limits_.connections = 16;
  start();
  std::vector<RawConnection> idle;
  for (int i = 0; i < 100; ++i) idle.emplace_back(address(), 2 + i % 20);
  EXPECT_THAT(scrape(), EndsWith("mqtt_up 1\n"));
  EXPECT_TRUE(test::eventually([&] { return count_open(idle) <= limits_.connections; }));
}

TEST_F(HttpGuard, ClientsThatDoNotReadLeaveRoomForAnother) {
  page_ = std::string(100'000, 'm');
  limits_.answer_time = 10min;
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += get("/metrics");  // more than the buffers of the kernel take
  const auto has_received = [](const RawConnection& connection) {
    char byte = 0;
    return ::recv(connection.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
  };
  for (const bool own_address : {false, true}) {
    SCOPED_TRACE(own_address ? "each of its own address" : "all of the address of the other client");
    start();
    std::vector<RawConnection> slow;
    const std::size_t count = own_address ? limits_.connections : limits_.connections_per_group;
    for (std::size_t i = 0; i < count; ++i) {
      slow.emplace_back(address(), own_address ? static_cast<int>(3 + i) : 2, 4096).send(requests);
      ASSERT_TRUE(test::eventually([&] { return has_received(slow.back()); }));
    }
    EXPECT_TRUE(test::eventually([&] { return scrape(2).ends_with("mmm"); })) << "they have stalled by now";
    // The one that made room may not know it yet: the end is behind what it does not read.
    EXPECT_GE(count_open(slow), count - 1) << "none has ended by itself";
  }
}

TEST_F(HttpGuard, EveryKindOfSlowClientHasATimeLimit) {
  limits_.head_time = 50ms;
  limits_.answer_time = 50ms;
  limits_.idle_time = 1s;
  limits_.linger_time = 50ms;
  page_ = std::string(8 << 20, 'm');
  const struct {
    const char* why;
    bool tls;
    std::string sends;
  } cases[] = {
      {"nothing is sent", false, ""},
      {"the head has no end", false, "GET / HTTP/1.1\r\n"},
      {"the second head has no end", false, get("/-/healthy") + "GET"},
      {"nothing follows", false, get("/-/healthy")},
      {"the answer is not read", false, get("/metrics")},
      {"the client does not close", false, get("/-/healthy", "Connection: close\r\n")},
      {"the client does not close after a refusal", false, "x\r\n"},
      {"no TLS handshake is sent", true, ""},
      {"the TLS hello has no end", true, std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
      {"plain HTTP to a TLS port", true, get("/-/healthy")},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    policy_.tls = c.tls ? server_context() : nullptr;
    start();
    RawConnection connection(address(), 2, 4096);
    connection.send(c.sends);
    pollfd closed{connection.fd(), POLLRDHUP, 0};
    EXPECT_EQ(::poll(&closed, 1, 20000), 1);
  }
}

TEST_F(HttpGuard, AnswersPipelinedRequestsInOrder) {
  start();
  const std::string answers = ask(get("/-/healthy") + get("/nothing") + get("/metrics") +
                                  get("/-/ready", "Connection: close\r\n") + get("/never"));
  const auto healthy = answers.find("Healthy\n");
  const auto missing = answers.find("Not Found\n");
  const auto metrics = answers.find("mqtt_up 1\n");
  ASSERT_NE(metrics, std::string::npos);
  EXPECT_LT(healthy, missing);
  EXPECT_LT(missing, metrics);
  EXPECT_THAT(answers, EndsWith("Ready\n"));
}

TEST_F(HttpGuard, ClosesAfterAnErrorSoThatABodyIsNotParsedAsARequest) {
  start();
  const std::string answers = ask(get("/-/healthy") + get("/", "Content-Length: 30\r\n") + get("/metrics"));
  EXPECT_THAT(answers, HasSubstr("Healthy\n"));
  EXPECT_THAT(answers, HasSubstr("HTTP/1.1 413"));
  EXPECT_THAT(answers, Not(HasSubstr("mqtt_up")));
}

TEST_F(HttpGuard, ClosesAfterTheLastRequestOfAConnection) {
  limits_.requests = 2;
  start();
  const std::string answers = ask(get("/-/healthy") + get("/-/ready") + get("/metrics"));
  EXPECT_THAT(answers, HasSubstr("Connection: close"));
  EXPECT_THAT(answers, EndsWith("Ready\n"));
}

TEST_F(HttpGuard, AnswersUnusualButValidRequests) {
  start();
  const struct {
    const char* why;
    std::string request;
    const char* status;
    const char* end;
  } cases[] = {
      {"HTTP/1.0", "GET /metrics HTTP/1.0\r\n\r\n", "200", "mqtt_up 1\n"},
      {"absolute form", "GET http://t/metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "200",
       "mqtt_up 1\n"},
      {"percent-encoded", get("/%6D%65trics", "Connection: close\r\n"), "200", "mqtt_up 1\n"},
      {"Expect: 100-continue gets the answer at once",
       get("/metrics", "Expect: 100-continue\r\nConnection: close\r\n"), "200", "mqtt_up 1\n"},
      {"an encoded slash does not escape", get("/%2e%2e%2fmetrics", "Connection: close\r\n"), "404",
       "Not Found\n"},
      {"an encoded NUL", get("/metrics%00", "Connection: close\r\n"), "404", "Not Found\n"},
      {"two slashes", get("//metrics", "Connection: close\r\n"), "404", "Not Found\n"},
      {"TRACE is not echoed", "TRACE /secret HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "405",
       "Method Not Allowed\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const std::string answer = ask(c.request);
    EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + c.status));
    EXPECT_THAT(answer, EndsWith(std::string("\r\n\r\n") + c.end));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  }
}

TEST_F(HttpGuard, CompressesOnlyWithGzipAndOnlyIfAccepted) {
  page_ = std::string(100000, 'm');
  start();
  const struct {
    const char* why;
    const char* accepts;
    bool gzip;
  } cases[] = {
      {"Prometheus", "gzip", true},
      {"a browser", "gzip, deflate, br, zstd", true},
      {"brotli costs seconds", "br", false},
      {"excluded", "gzip;q=0, identity", false},
      {"excluded at length", "gzip; q=0.000", false},
      {"with a weight", "br;q=1.0, gzip;q=0.8", true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const std::string answer =
        ask(get("/metrics", "Connection: close\r\nAccept-Encoding: " + std::string(c.accepts) + "\r\n"));
    EXPECT_EQ(answer.find("\r\nContent-Encoding: gzip\r\n") != std::string::npos, c.gzip);
    EXPECT_EQ(answer.size() > 100000, !c.gzip);
  }
}

TEST_F(HttpGuard, SendsALargeAnswerCompletely) {
  page_ = std::string(20 << 20, 'm');
  for (const bool tls : {false, true}) {
    SCOPED_TRACE(tls);
    policy_.tls = tls ? server_context() : nullptr;
    start();
    const std::string answer = scrape();
    EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, page_.size());
  }
}

TEST_F(HttpGuard, AppliesThePolicyToEachRequest) {
  std::atomic<int> authorized = 0;
  policy_.headers = {{"Strict-Transport-Security", "max-age=1"}, {"content-security-policy", "mine"}};
  policy_.recall = [](const RequestHead& head, std::string_view) -> std::optional<Verdict> {
    if (head.header("Authorization") == "cached") return Verdict();
    if (head.header("Authorization").empty()) return Denial{401, {{"WWW-Authenticate", "Basic"}}};
    return std::nullopt;
  };
  policy_.authorize = [&](const RequestHead& head, std::string_view peer) -> Verdict {
    ++authorized;
    if (head.header("authorization") == "good" && peer == "127.0.0.1" && head.target == "/metrics?x")
      return {};
    return Denial{403, {}};
  };
  start();
  const struct {
    const char* why;
    const char* authorization;
    const char* status;
    const char* contains;
    int authorized;
  } cases[] = {
      {"no credentials", "", "401", "\r\nWWW-Authenticate: Basic\r\n", 0},
      {"cached", "Authorization: cached\r\n", "200", "mqtt_up 1", 0},
      {"verified", "Authorization: good\r\n", "200", "mqtt_up 1", 1},
      {"wrong", "Authorization: bad\r\n", "403", "Forbidden\n", 1},
      {"twice", "Authorization: cached\r\nAuthorization: cached\r\n", "401", "Unauthorized\n", 0},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    authorized = 0;
    const std::string answer = ask(get("/metrics?x", std::string("Connection: close\r\n") + c.authorization));
    EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + c.status));
    EXPECT_THAT(answer, HasSubstr(c.contains));
    EXPECT_THAT(answer, HasSubstr("\r\nStrict-Transport-Security: max-age=1\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\ncontent-security-policy: mine\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("default-src")));
    EXPECT_EQ(authorized, c.authorized);
  }
  EXPECT_THAT(ask("nonsense\r\n"), HasSubstr("content-security-policy: mine"));
}

TEST_F(HttpGuard, PasswordGuessingDoesNotDelayVerifiedClients) {
  std::promise<void> go;
  policy_.recall = [](const RequestHead& head, std::string_view) -> std::optional<Verdict> {
    return head.header("Authorization") == "cached" ? std::optional<Verdict>(Verdict()) : std::nullopt;
  };
  policy_.authorize = [wait = go.get_future().share()](const RequestHead&, std::string_view) -> Verdict {
    wait.get();  // blocks during the scrapes
    return Denial{};
  };
  start();
  std::vector<RawConnection> guessers;
  for (int i = 0; i < 200; ++i)
    guessers.emplace_back(address(), 2 + i % 20).send(get("/metrics", "Authorization: guess\r\n"));
  EXPECT_THAT(ask(get("/metrics", "Authorization: cached\r\nConnection: close\r\n")),
              EndsWith("mqtt_up 1\n"));
  EXPECT_TRUE(test::eventually([&] { return count_open(guessers) <= limits_.connections; }));
  EXPECT_THAT(ask(get("/metrics", "Authorization: cached\r\nConnection: close\r\n"), 2),
              EndsWith("mqtt_up 1\n"));
  go.set_value();
}

TEST_F(HttpGuard, AnswersRequestsAboveTheRateWith429) {
  policy_.rate_interval = 1h;
  policy_.rate_burst = 2;
  start();
  EXPECT_THAT(scrape(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(scrape(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(scrape(), StartsWith("HTTP/1.1 429"));
  EXPECT_THAT(scrape(2), StartsWith("HTTP/1.1 200")) << "another address";
}

TEST_F(HttpGuard, LifecyclePathsMustBeEnabledAndNeedPost) {
  std::atomic<int> quits = 0;
  const auto post = [](const char* path) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  };
  start();
  EXPECT_THAT(ask(post("/-/reload")), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(ask(post("/-/quit")), StartsWith("HTTP/1.1 403"));
  EXPECT_THAT(ask(post("/metrics")), StartsWith("HTTP/1.1 405"));
  pages_.reload = [] { return fail(Errc::invalid_config, "exporter.yaml:1:1: bad"); };
  pages_.quit = [&quits] { ++quits; };
  start();
  EXPECT_THAT(ask(get("/-/reload", "Connection: close\r\n")), HasSubstr("\r\nAllow: POST, PUT\r\n"));
  EXPECT_THAT(ask(post("/-/reload")), EndsWith("\r\n\r\nReload failed: exporter.yaml:1:1: bad\n"));
  pages_.reload = [] { return Result<void>(); };
  start();
  EXPECT_THAT(ask(post("/-/reload")), EndsWith("\r\n\r\nReloaded\n"));
  EXPECT_THAT(ask("PUT" + post("/-/reload").substr(4)), EndsWith("\r\n\r\nReloaded\n"));
  pages_.quit = [&quits] { ++quits; };
  EXPECT_THAT(ask(get("/-/quit", "Connection: close\r\n")), StartsWith("HTTP/1.1 405"));
  EXPECT_EQ(quits, 0);
  EXPECT_THAT(ask(post("/-/quit")), EndsWith("Stopping\n"));
  EXPECT_EQ(quits, 1);
}

TEST_F(HttpGuard, ServesTls) {
  policy_.tls = server_context();
  start();
  EXPECT_THAT(scrape(), EndsWith("mqtt_up 1\n"));
  RawConnection plain(address());
  plain.send(get("/metrics"));
  EXPECT_THAT(plain.receive_all(), EndsWith("\r\n\r\nThis port uses TLS: use https://\n"));
  RawConnection large(address());
  large.send(std::string("\x16\x03\x01\x40\x00\x01\x01\xff\xff", 9));  // a hello of 128 KiB
  while (large.send(std::string("\x16\x03\x01\x40\x00", 5) + std::string(0x4000, 'x'))) {
  }
  EXPECT_THAT(scrape(), EndsWith("mqtt_up 1\n"));
}

TEST_F(HttpGuard, ClosesConnectionsOfAReplacedTlsContext) {
  std::mutex mutex;
  auto policy = std::make_shared<const WebPolicy>();
  auto server = Server::bind({.listen_addresses = {"127.0.0.1:0"}}, limits_);
  ASSERT_TRUE(server.has_value()) << server.error().what;
  server_ = std::move(*server);
  server_->start(pages_, [&] {
    const std::lock_guard lock(mutex);
    return policy;
  });
  RawConnection kept(address());
  kept.send(get("/metrics"));
  EXPECT_THAT(kept.receive_until("mqtt_up 1\n"), EndsWith("mqtt_up 1\n"));
  kept.send(get("/metrics"));
  EXPECT_THAT(kept.receive_until("mqtt_up 1\n"), EndsWith("mqtt_up 1\n"));
  policy_.tls = server_context();
  {
    const std::lock_guard lock(mutex);
    policy = std::make_shared<const WebPolicy>(policy_);
  }
  kept.send(get("/metrics"));
  EXPECT_EQ(kept.receive_all(), "") << "it was accepted without TLS";
  EXPECT_THAT(scrape(), EndsWith("mqtt_up 1\n"));
  server_->stop();
}

TEST_F(HttpGuard, StopsDespiteSlowClientsAndPages) {
  limits_.stop_time = 50ms;
  page_ = std::string(8 << 20, 'm');
  std::promise<void> started;
  std::promise<void> go;
  pages_.page = [&started, wait = go.get_future().share()](const PageRequest&) {
    started.set_value();
    wait.get();
    return Page{.body = "<p>"};
  };
  start();
  RawConnection idle(address());
  RawConnection reading(address());
  reading.send("GET");
  RawConnection writing(address(), 1, 4096);
  writing.send(get("/metrics"));
  RawConnection working(address());
  working.send(get("/"));
  started.get_future().get();
  std::thread stopper([this] { server_->stop(); });
  EXPECT_THAT(idle.receive_all(), IsEmpty());
  EXPECT_THAT(reading.receive_all(), IsEmpty());
  go.set_value();
  stopper.join();
  EXPECT_LT(writing.receive_all().size(), page_.size());
}

}  // namespace
}  // namespace mre
