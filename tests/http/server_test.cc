// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "tests/http/raw_connection.h"

namespace mre {
namespace {

using test::RawConnection;

using std::chrono::steady_clock;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr auto kPatience = std::chrono::seconds(20);

class HttpServer : public testing::Test {
 protected:
  void start(HttpOptions options = {.listen_addresses = {"127.0.0.1:0"}}) {
    auto server = Server::listen(options, pages());
    ASSERT_TRUE(server.has_value()) << server.error().what;
    server_ = std::move(*server);
  }

  Pages pages() {
    return {.metrics = [this](bool) { return metrics_(); },
            .page = [](const PageRequest& request) { return page_at(request); },
            .ready = [this] { return ready_.load(); }};
  }

  static std::optional<Page> page_at(const PageRequest& request) {
    if (request.path == "/") return Page{.body = "<!doctype html>" + std::string(request.query.get("q"))};
    if (request.path == "/api/v1/codes") return Page{200, "application/json", "[]\n", "max-age=60"};
    return std::nullopt;
  }

  std::string address() const { return server_->addresses().at(0); }

  /// The whole answer to one request on a connection of its own.
  std::string ask(std::string_view request_line, std::string_view headers = {}) const {
    RawConnection connection(address());
    connection.send(std::string(request_line) + " HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" +
                    std::string(headers) + "\r\n");
    return connection.receive_all();
  }

  std::function<std::string()> metrics_ = [] { return "mqtt_up 1\n"; };
  std::atomic<bool> ready_ = true;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServer, AnswersEachPathWithItsStatusAndContentType) {
  start();
  const struct {
    const char* why;
    const char* request;
    const char* status;
    const char* type;
    const char* body;
  } cases[] = {
      {"exposition", "GET /metrics", "200", "text/plain; version=0.0.4; charset=utf-8", "mqtt_up 1\n"},
      {"query string does not matter", "GET /metrics?x=1", "200", "text/plain; version=0.0.4; charset=utf-8",
       "mqtt_up 1\n"},
      {"landing page", "GET /", "200", "text/html; charset=utf-8", "<!doctype html>"},
      {"a query", "GET /?x=1&q=%3Cnot+auth", "200", "text/html; charset=utf-8", "<!doctype html><not auth"},
      {"a malformed query", "GET /?q=%4", "400", "text/plain; charset=utf-8", "Bad Request\n"},
      {"JSON", "GET /api/v1/codes", "200", "application/json", "[]\n"},
      {"errors of the API are JSON", "GET /api/v1/code", "404", "application/json",
       "{\"error\":\"Not Found\"}\n"},
      {"its methods too", "DELETE /api/v1/codes", "405", "application/json",
       "{\"error\":\"Method Not Allowed\"}\n"},
      {"a path that has no page", "GET /runbook/", "404", "text/plain; charset=utf-8", "Not Found\n"},
      {"healthy", "GET /-/healthy", "200", "text/plain; charset=utf-8", "Healthy\n"},
      {"ready", "GET /-/ready", "200", "text/plain; charset=utf-8", "Ready\n"},
      {"unknown path", "GET /metric", "404", "text/plain; charset=utf-8", "Not Found\n"},
      {"paths are not patterns", "GET /metrics.", "404", "text/plain; charset=utf-8", "Not Found\n"},
      {"a path out of the root", "GET /../../etc/passwd", "404", "text/plain; charset=utf-8", "Not Found\n"},
      {"method", "DELETE /metrics", "405", "text/plain; charset=utf-8", "Method Not Allowed\n"},
      {"method with an unknown path", "OPTIONS /x", "405", "text/plain; charset=utf-8",
       "Method Not Allowed\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const std::string answer = ask(c.request);
    EXPECT_THAT(answer, StartsWith(std::string("HTTP/1.1 ") + c.status));
    EXPECT_THAT(answer, HasSubstr(std::string("\r\nContent-Type: ") + c.type + "\r\n"));
    EXPECT_THAT(answer, EndsWith(std::string("\r\n\r\n") + c.body));
  }
}

TEST_F(HttpServer, PagesMayLoadNothingFromElsewhereAndAreNotStored) {
  start();
  for (const char* path : {"GET /", "GET /metrics", "GET /nothing", "GET /api/v1/codes"}) {
    const std::string answer = ask(path);
    EXPECT_THAT(
        answer,
        HasSubstr("\r\nContent-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; "
                  "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"))
        << path;
    EXPECT_THAT(answer, HasSubstr("\r\nReferrer-Policy: no-referrer\r\n")) << path;
  }
  EXPECT_THAT(ask("GET /"), HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(ask("GET /api/v1/codes"), HasSubstr("\r\nCache-Control: max-age=60\r\n"));
  EXPECT_THAT(ask("GET /metrics"), Not(HasSubstr("Cache-Control")));
}

TEST_F(HttpServer, AnswersHeadLikeGetWithoutABody) {
  start();
  const std::string answer = ask("HEAD /metrics");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 10\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpServer, RefusesABodyWithoutReadingIt) {
  start();
  const struct {
    const char* why;
    std::string headers;
    const char* status;
    std::string body;
  } cases[] = {
      {"sized", "Content-Length: 1048576\r\n", "413", std::string(1048576, 'x')},
      {"chunked", "Transfer-Encoding: chunked\r\n", "501",
       "100000\r\n" + std::string(0x100000, 'x') + "\r\n0\r\n\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    RawConnection connection(address());
    connection.send("POST /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" + c.headers + "\r\n");
    EXPECT_THAT(connection.receive_until("\r\n\r\n"), StartsWith(std::string("HTTP/1.1 ") + c.status));
    connection.send(c.body);
    EXPECT_THAT(ask("GET /-/healthy"), EndsWith("Healthy\n"));
  }
}

TEST_F(HttpServer, IsReadyWhenThePageSaysSo) {
  ready_ = false;
  start();
  EXPECT_THAT(ask("GET /-/ready"), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask("GET /-/healthy"), StartsWith("HTTP/1.1 200"));
  ready_ = true;
  EXPECT_THAT(ask("GET /-/ready"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServer, AnswersSeveralRequestsOnOneConnection) {
  start();
  RawConnection connection(address());
  for (int request = 0; request < 3; ++request) {
    SCOPED_TRACE(request);
    connection.send("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_THAT(connection.receive_until("mqtt_up 1\n"), EndsWith("mqtt_up 1\n"));
  }
}

TEST_F(HttpServer, ServesTheConfiguredTelemetryPath) {
  start({.listen_addresses = {"127.0.0.1:0"}, .telemetry_path = "/a(b|c)*"});
  EXPECT_THAT(ask("GET /a(b|c)*"), EndsWith("mqtt_up 1\n"));
  EXPECT_THAT(ask("GET /abc"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("GET /metrics"), StartsWith("HTTP/1.1 404"));
}

TEST_F(HttpServer, IgnoresRanges) {
  metrics_ = [] { return std::string(1000, 'm'); };
  start();
  std::string many = "Range: bytes=0-";
  for (int range = 0; range < 500; ++range) many += ",0-";
  const struct {
    const char* why;
    std::string header;
  } cases[] = {{"one range", "Range: bytes=0-9\r\n"}, {"many overlapping ranges", many + "\r\n"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const std::string answer = ask("GET /metrics", c.header);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 1000\r\n"));
  }
  for (const char* request : {"GET /metrics", "HEAD /metrics"})
    EXPECT_THAT(ask(request), HasSubstr("\r\nAccept-Ranges: none\r\n")) << request;
}

TEST_F(HttpServer, DoesNotSendTheTextOfAnException) {
  const struct {
    const char* why;
    std::function<std::string()> page;
  } cases[] = {
      {"a standard exception", []() -> std::string { throw std::runtime_error("secret"); }},
      {"another type", []() -> std::string { throw 42; }},
  };
  start();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    metrics_ = c.page;
    const std::string answer = ask("GET /metrics");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
    EXPECT_THAT(answer, Not(HasSubstr("secret")));
    EXPECT_THAT(ask("GET /-/healthy"), StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(HttpServer, SurvivesHostileRequests) {
  start();
  const struct {
    const char* why;
    std::string request;
  } cases[] = {
      {"no request line", "\r\n\r\n"},
      {"not HTTP", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9) + "\r\n\r\n"},
      {"a NUL in the path", std::string("GET /me\0trics HTTP/1.1\r\n\r\n", 26)},
      {"header without a colon", "GET / HTTP/1.1\r\nnonsense\r\n\r\n"},
      {"malformed range", "GET /metrics HTTP/1.1\r\nRange: bytes=9-0,x\r\n\r\n"},
      {"invalid length", "GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n"},
      {"length beyond 64 bits", "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"},
      {"long path", "GET /" + std::string(100000, 'a') + " HTTP/1.1\r\n\r\n"},
      {"percent signs without digits", "GET /%%%zz%u00e9 HTTP/1.1\r\n\r\n"},
      {"long header", "GET / HTTP/1.1\r\nA: " + std::string(100000, 'a') + "\r\n\r\n"},
      {"multipart without a boundary", "POST / HTTP/1.1\r\nContent-Type: multipart/form-data\r\n\r\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    RawConnection connection(address());
    connection.send(c.request);
    connection.receive_until("\r\n\r\n");
    EXPECT_THAT(ask("GET /-/healthy"), StartsWith("HTTP/1.1 200"));
  }
}

TEST_F(HttpServer, ListensOnSeveralAddresses) {
  start({.listen_addresses = {"127.0.0.1:0", "127.0.0.1:0", ":0"}});
  const auto addresses = server_->addresses();
  ASSERT_EQ(addresses.size(), 3U);
  for (const auto& address : addresses) {
    SCOPED_TRACE(address);
    EXPECT_THAT(address, Not(EndsWith(":0")));
  }
  for (const auto& address : {addresses.front(), addresses.back()}) {
    SCOPED_TRACE(address);
    RawConnection connection(address);
    connection.send("GET /-/healthy HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(connection.receive_all(), EndsWith("Healthy\n"));
  }
}

TEST_F(HttpServer, RefusesAPortThatIsInUse) {
  start();
  const auto second = Server::listen({.listen_addresses = {address()}}, pages());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::unavailable);
  EXPECT_THAT(second.error().what, HasSubstr(address()));
  EXPECT_THAT(second.error().what, HasSubstr("Address already in use"));
}

TEST_F(HttpServer, FreesItsPortsOnFailureAndOnStop) {
  start();
  const std::string freed = address();
  server_.reset();
  start();
  const auto half = Server::listen({.listen_addresses = {freed, address()}}, pages());
  ASSERT_FALSE(half.has_value());
  const auto again = Server::listen({.listen_addresses = {freed}}, pages());
  EXPECT_TRUE(again.has_value()) << again.error().what;
}

TEST_F(HttpServer, RejectsInvalidOptions) {
  const struct {
    const char* why;
    HttpOptions options;
  } cases[] = {
      {"malformed address", {.listen_addresses = {"127.0.0.1"}}},
      {"unknown host", {.listen_addresses = {"no_such_host.invalid:0"}}},
      {"no address", {.listen_addresses = {}}},
      {"path without a slash", {.listen_addresses = {"127.0.0.1:0"}, .telemetry_path = "metrics"}},
      {"the path of another page", {.listen_addresses = {"127.0.0.1:0"}, .telemetry_path = "/runbook"}},
      {"a path of the API", {.listen_addresses = {"127.0.0.1:0"}, .telemetry_path = "/api/v1/codes"}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto server = Server::listen(c.options, pages());
    ASSERT_FALSE(server.has_value());
    EXPECT_EQ(server.error().code, Errc::invalid_config);
  }
}

TEST_F(HttpServer, StopsPromptlyAndCanBeStoppedTwice) {
  start();
  RawConnection idle(address());
  idle.send("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
  idle.receive_until("mqtt_up 1\n");
  const auto begin = steady_clock::now();
  server_->stop();
  EXPECT_LT(steady_clock::now() - begin, kPatience);
  server_->stop();
  EXPECT_EQ(idle.receive_all(), "");
}

TEST_F(HttpServer, ServesConcurrentScrapes) {
  start();
  std::atomic<int> good = 0;
  std::vector<std::thread> scrapers;
  for (int scraper = 0; scraper < 4; ++scraper) {
    scrapers.emplace_back([&] {
      for (int scrape = 0; scrape < 25; ++scrape)
        good += ask("GET /metrics").ends_with("mqtt_up 1\n") ? 1 : 0;
    });
  }
  for (auto& scraper : scrapers) scraper.join();
  EXPECT_EQ(good, 100);
}

}  // namespace
}  // namespace mre
