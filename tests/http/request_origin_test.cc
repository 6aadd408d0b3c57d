// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/request_origin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/http/server.h"
#include "tests/http/raw_connection.h"

namespace mre {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(RequestOrigin, KnowsHostsThatAStrangerMayHave) {
  const struct {
    const char* host;
    bool is_public;
  } cases[] = {
      {"", false},
      {"127.0.0.1:10883", false},
      {"[::1]:10883", false},
      {"localhost", false},
      {"LOCALHOST:10883", false},
      {"exporter.localhost:10883", false},
      {"broker-1:10883", false},
      {"evil.example", true},
      {"evil.example:10883", true},
      {"Evil.Example.:10883", true},
      {"127.0.0.1.evil.example", true},
      {"localhost.evil.example", true},
      {"notlocalhost.example", true},
  };
  for (const auto& c : cases) {
    RequestHead head;
    head.headers = {{"host", c.host}};
    EXPECT_EQ(names_public_host(head), c.is_public) << c.host;
  }
}

TEST(RequestOrigin, KnowsRequestsOfAnotherSite) {
  const struct {
    const char* why;
    HttpHeaders headers;
    bool is_cross_site;
  } cases[] = {
      {"not a browser", {{"Host", "localhost:1"}}, false},
      {"its own page", {{"Host", "localhost:1"}, {"Origin", "http://LOCALHOST:1"}}, false},
      {"another host", {{"Host", "localhost:1"}, {"Origin", "https://evil.example"}}, true},
      {"another port", {{"Host", "localhost:1"}, {"Origin", "http://localhost:2"}}, true},
      {"a page without an origin", {{"Host", "localhost:1"}, {"Origin", "null"}}, true},
  };
  for (const auto& c : cases) {
    RequestHead head;
    head.headers = c.headers;
    EXPECT_EQ(is_cross_site(head), c.is_cross_site) << c.why;
  }
}

/// The answer to a request of a page that a browser of this machine has opened.
std::string ask(const Server& server, const std::string& request, const std::string& host) {
  const std::string address = server.addresses().at(0);
  test::RawConnection connection("127.0.0.1" + address.substr(address.rfind(':')));
  connection.send(request + " HTTP/1.1\r\nHost: " + host +
                  "\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n");
  return connection.receive_all();
}

Pages pages() {
  return {.metrics = [](bool) { return "mqtt_up 1\n"; },
          .page = [](const PageRequest&) { return Page{.body = "names"}; },
          .ready = [] { return true; },
          .reload = [] { return Result<void>{}; },
          .quit = [] {}};
}

TEST(RequestOrigin, PagesOfThisMachineAreNotReadUnderAStrangersName) {
  const auto local = Server::listen({.listen_addresses = {"127.0.0.1:0"}}, pages());
  ASSERT_TRUE(local);
  for (const char* path : {"GET /", "GET /events", "GET /api/v1/clients", "POST /-/quit"}) {
    EXPECT_THAT(ask(**local, path, "evil.example"), StartsWith("HTTP/1.1 421")) << path;
  }
  EXPECT_THAT(ask(**local, "GET /events", "evil.example"), HasSubstr("use the host localhost"));
  EXPECT_THAT(ask(**local, "GET /events", "localhost"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(**local, "GET /metrics", "exporter.example"), StartsWith("HTTP/1.1 200"))
      << "behind a proxy";
  EXPECT_THAT(ask(**local, "GET /-/ready", "exporter.example"), StartsWith("HTTP/1.1 200"));

  const auto open = Server::listen({.listen_addresses = {"0.0.0.0:0"}}, pages());
  ASSERT_TRUE(open);
  EXPECT_THAT(ask(**open, "GET /events", "exporter.example"), StartsWith("HTTP/1.1 200")) << "served to all";

  const auto authorized = Server::bind({.listen_addresses = {"127.0.0.1:0"}});
  ASSERT_TRUE(authorized);
  WebPolicy policy;
  policy.authorize = [](const RequestHead&, std::string_view) { return Verdict{}; };
  (*authorized)->start(pages(), [shared = std::make_shared<const WebPolicy>(policy)] { return shared; });
  EXPECT_THAT(ask(**authorized, "GET /events", "exporter.example"), StartsWith("HTTP/1.1 200"))
      << "a page of a stranger has no password";
}

TEST(RequestOrigin, AnotherSiteCannotStopTheExporter) {
  const auto server = Server::listen({.listen_addresses = {"127.0.0.1:0"}}, pages());
  ASSERT_TRUE(server);
  for (const char* path : {"POST /-/quit", "PUT /-/reload"}) {
    EXPECT_THAT(ask(**server, path, "127.0.0.1"), StartsWith("HTTP/1.1 403")) << path;
    EXPECT_THAT(ask(**server, path, "evil.example"), StartsWith("HTTP/1.1 421")) << path;
  }
}

}  // namespace
}  // namespace mre
