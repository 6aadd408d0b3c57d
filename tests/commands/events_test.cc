// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace mre {
namespace {

TEST(Events, AskTheApiWithEncodedFilters) {
  EventQuery query;
  EXPECT_EQ(events_path(query), "/api/v1/events?limit=20");
  query.reason = "not_authorized";
  query.client = "a b&c=\xFF";
  query.packet = "publish denied";
  EXPECT_EQ(events_path(query),
            "/api/v1/events?limit=20&packet=publish%20denied&reason=not_authorized&client=a%20b%26c%3D%FF");
  query.follow = true;
  EXPECT_TRUE(events_path(query).starts_with("/api/v1/events?limit=1000&")) << events_path(query);
}

TEST(Events, RefuseAPasswordThatOthersCanRead) {
  const test::TempDir dir;
  EventQuery query;
  query.password_file = dir.write("password", "s3cret", 0644);
  const auto printed = print_events(query, ListFormat::text);
  ASSERT_FALSE(printed);
  EXPECT_THAT(printed.error().what,
              testing::HasSubstr("--password-file " + query.password_file + ": others may read"));
}

TEST(Events, SayWhyTheExporterRefuses) {
  EXPECT_EQ(refusal_text(400, "{\"error\":\"\\\"connak\\\" is not a value of packet\"}\n"),
            "the exporter answers 400: \"connak\" is not a value of packet");
  EXPECT_EQ(
      refusal_text(401, "Unauthorized\n"),
      "the exporter answers 401: Unauthorized: give --username and --password-file of a user of its web "
      "configuration");
  EXPECT_EQ(refusal_text(502, "<html>\x1B"), "the exporter answers 502: <html>\\x1B");
}

TEST(Events, AreOneLineEach) {
  EXPECT_EQ(
      event_line(R"({"time":"2026-11-30T05:42:46.120Z","broker":"main","kind":"code","packet":"CONNACK",)"
                 R"("code":"0x87","reason":"not_authorized","client":"pump","peer":"192.0.2.7:49152"})"),
      "2026-11-30T05:42:46.120Z  main  CONNACK 0x87 not_authorized  client=pump peer=192.0.2.7:49152");
  EXPECT_EQ(
      event_line(
          R"({"time":"T","broker":"b","kind":"end","initiator":"broker","reason":"keep_alive_timeout"})"),
      "T  b  end by broker keep_alive_timeout");
  EXPECT_EQ(
      event_line(
          R"({"time":"T","broker":"b","kind":"denial","action":"publish","reason":"r","topic":"x\u001b[2J"})"),
      "T  b  publish denied r  topic=x\\x1B[2J");
  EXPECT_EQ(event_line("[]"), "");
}

}  // namespace
}  // namespace mre
