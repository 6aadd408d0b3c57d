// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/web_access.h"

#include <gtest/gtest.h>

#include "exporter/runtime/lifecycle.h"

namespace mre {
namespace {

TEST(Remembering, IsOnWhereOnlyFewCanReadTheNames) {
  using enum ClientOptions::Remember;
  const WebSettings open{std::make_shared<const WebPolicy>(), false, "", {}};
  const WebSettings passwords{std::make_shared<const WebPolicy>(), true, "", {}};
  EXPECT_TRUE(remembering(automatic, {"127.0.0.1:1", "[::1]:1"}, nullptr).on);
  EXPECT_TRUE(remembering(automatic, {"0.0.0.0:1"}, &passwords).on);
  EXPECT_FALSE(remembering(automatic, {"127.0.0.1:1", "192.0.2.1:1"}, &open).on);
  const auto exposed = remembering(automatic, {"192.0.2.1:1"}, nullptr);
  EXPECT_FALSE(exposed.on);
  EXPECT_NE(exposed.why.find("everyone who can connect to 192.0.2.1:1"), std::string::npos) << exposed.why;
  EXPECT_TRUE(remembering(on, {"0.0.0.0:1"}, nullptr).on);
  EXPECT_FALSE(remembering(off, {"127.0.0.1:1"}, nullptr).on);
}

TEST(Exposure, IsOneWarningWithTheRemedy) {
  const std::string open =
      " can read the metrics: set basic_auth_users or client certificates in --web.config.file, or listen on "
      "127.0.0.1 (docs/web-configuration.md)";
  const std::string clear =
      " cross the network in clear text: add tls_server_config to the web configuration "
      "(docs/web-configuration.md)";
  const auto policy = std::make_shared<const WebPolicy>();
  WebPolicy with_tls;
  with_tls.tls.reset(reinterpret_cast<SSL_CTX*>(&with_tls), [](SSL_CTX*) {});  // never polled into
  const auto tls_policy = std::make_shared<const WebPolicy>(with_tls);
  const WebSettings nothing{policy, false, "", {}};
  const WebSettings tls{tls_policy, false, "", {}};
  const WebSettings passwords{policy, true, "", {}};
  const WebSettings both{tls_policy, true, "", {}};
  const struct {
    const char* why;
    std::vector<std::string> addresses;
    const WebSettings* settings;
    bool lifecycle;
    std::string text;
  } cases[] = {
      {"only this machine",
       {"127.0.0.1:1", "[::1]:1", "127.8.0.1:2", "[::ffff:127.0.0.1]:3"},
       nullptr,
       true,
       ""},
      {"every address", {"0.0.0.0:1"}, nullptr, false, "everyone who can connect to 0.0.0.0:1" + open},
      {"every address of IPv6", {"[::]:1"}, nullptr, false, "everyone who can connect to [::]:1" + open},
      {"one of two",
       {"127.0.0.1:1", "192.0.2.1:1"},
       nullptr,
       false,
       "everyone who can connect to 192.0.2.1:1" + open},
      {"a configuration without authentication",
       {"[::]:1"},
       &nothing,
       false,
       "everyone who can connect to [::]:1" + open},
      {"TLS alone", {"[::]:1"}, &tls, false, "everyone who can connect to [::]:1" + open},
      {"who can stop it",
       {"[::]:1"},
       nullptr,
       true,
       "everyone who can connect to [::]:1 can read the metrics and stop the exporter" + open.substr(21)},
      {"passwords without TLS", {"[::]:1"}, &passwords, false, "passwords sent to [::]:1" + clear},
      {"passwords without TLS on this machine", {"127.0.0.1:1"}, &passwords, false, ""},
      {"passwords and TLS", {"[::]:1"}, &both, true, ""},
  };
  for (const auto& c : cases) EXPECT_EQ(exposure(c.addresses, c.settings, c.lifecycle), c.text) << c.why;
}

TEST(Lifecycle, ARequestGetsTheOutcomeOfALaterReload) {
  Lifecycle lifecycle;
  std::atomic<int> reloads = 0;
  std::atomic<bool> stop = false;
  std::jthread main_thread([&] {
    while (!stop) {
      lifecycle.serve_reload([&]() -> Result<void> {
        if (++reloads % 2 == 0) return fail(Errc::invalid_config, "even");
        return {};
      });
      std::this_thread::yield();
    }
  });
  for (int i = 1; i <= 10; ++i) {
    const auto outcome = lifecycle.reload();
    EXPECT_EQ(outcome.has_value(), i % 2 == 1);
    EXPECT_EQ(reloads, i);
  }
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 20; ++i) {
      clients.emplace_back([&] {
        const int before = reloads;
        static_cast<void>(lifecycle.reload());
        EXPECT_GT(reloads, before);
      });
    }
  }
  stop = true;
}

TEST(Lifecycle, EachRequestWakesTheMainThread) {
  std::atomic<int> wakes = 0;
  Lifecycle lifecycle([&] { ++wakes; });
  lifecycle.quit();
  EXPECT_EQ(wakes, 1);
  lifecycle.close();
  static_cast<void>(lifecycle.reload());
  EXPECT_EQ(wakes, 2);
}

TEST(Lifecycle, RequestsFailWhenTheExporterStops) {
  Lifecycle lifecycle;
  EXPECT_FALSE(lifecycle.wants_to_quit());
  lifecycle.quit();
  EXPECT_TRUE(lifecycle.wants_to_quit());
  std::jthread client([&] { EXPECT_EQ(lifecycle.reload().error().what, "the exporter is stopping"); });
  lifecycle.close();
  client.join();
  EXPECT_EQ(lifecycle.reload().error().what, "the exporter is stopping");
}

}  // namespace
}  // namespace mre
