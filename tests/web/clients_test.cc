// SPDX-License-Identifier: Apache-2.0
// The pages and JSON about recent events and top clients, on a real history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/base/text.h"
#include "exporter/metrics/counted_kind.h"
#include "exporter/metrics/series_labels.h"
#include "exporter/web/clients_page.h"
#include "exporter/web/events_page.h"
#include "exporter/web/runbook_page.h"
#include "tests/web/balanced.h"
#include "tests/web/samples.h"

namespace mre {
namespace {

using mqtt::Packet;
using mqtt::Protocol;
using test::kNow;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr ReasonEvent kDenied{Packet::puback, mqtt::Direction::sent, Protocol::v5, 0x87,
                              Evidence::code_in_record};
constexpr ReasonEvent kBanned{Packet::connack, mqtt::Direction::sent, Protocol::v5, 0x8A, Evidence::inferred};

class ClientPages : public testing::Test {
 protected:
  ClientPages() { history_->remember(true); }

  void add(const AnyEvent& event, const Subject& subject, double age = 10) {
    history_->add("log", event, subject, kNow - age);
  }
  Remembered remembered() const { return {true, "loopback", {{"hall", history_}}}; }
  std::string events(std::string_view query = {}) const {
    std::string html = events_html(remembered(), Query::parse(query).value(), kNow);
    test::expect_balanced(html);
    return html;
  }
  std::string clients(std::string_view query = {}) const {
    std::string html = clients_html(remembered(), Query::parse(query).value(), kNow);
    test::expect_balanced(html);
    return html;
  }

  std::shared_ptr<EventHistory> history_ =
      std::make_shared<EventHistory>(IdentityFilter(ClientOptions::Identity::full, {}), kNow - 100);
};

TEST_F(ClientPages, EachEventSaysWhatHappenedToWhomAndWhy) {
  add(kDenied,
      {.client = "pump", .user = "bob", .peer = "192.0.2.7:49152", .topic = "a/b", .reason_string = "no"});
  add(CloseEvent{Protocol::v3_1_1, test::reason("keep_alive_timeout"), mqtt::Initiator::broker},
      {.client = "valve"}, 5);
  const std::string html = events();
  for (const char* part :
       {"PUBACK sent 0x87", "MQTT 5.0, explicit", "<span class=\"error\">not_authorized</span>",
        "<a href=\"/events?client=pump\"><code>pump</code></a>", "<code>bob</code>",
        "<code>192.0.2.7:49152</code>", "<code>a/b</code>", "<code>no</code>",
        "The client is not permitted to connect, or to publish",
        "<a href=\"/codes#0x87\">0x87</a> · <a href=\"/runbook#not_authorized\">",
        "connection ended by broker", "one and a half times its keep alive", "2 of 2 events"})
    EXPECT_THAT(html, HasSubstr(part));
  EXPECT_LT(html.find("valve"), html.find("pump")) << "newest first";
}

TEST_F(ClientPages, AreFilteredByBrokerPacketReasonClientAndAddress) {
  add(kDenied, {.client = "pump-1", .user = "bob", .peer = "192.0.2.7:1"});
  add(kBanned, {.client = "valve-2", .peer = "198.51.100.1:1"});
  const struct {
    const char* query;
    bool pump;
    bool valve;
  } cases[] = {
      {"", true, true},
      {"?packet=puback", true, false},
      {"?packet=CONNACK", false, true},
      {"?packet=end", false, false},
      {"?reason=banned", false, true},
      {"?client=pump", true, false},
      {"?client=bob", true, false},
      {"?client=-2", false, true},
      {"?peer=192.0.2", true, false},
      {"?broker=hall", true, true},
      {"?broker=yard", false, false},
      {"?broker=hall&reason=banned&packet=connack&client=valve", false, true},
  };
  for (const auto& c : cases) {
    const std::string html = events(c.query);
    EXPECT_EQ(html.find("<code>pump-1</code>") != html.npos, c.pump) << c.query;
    EXPECT_EQ(html.find("<code>valve-2</code>") != html.npos, c.valve) << c.query;
  }
  EXPECT_THAT(clients("?client=valve"), AllOf(HasSubstr("<code>valve-2</code>"), Not(HasSubstr("pump-1"))));
  EXPECT_THAT(clients("?reason=not_authorized"),
              AllOf(HasSubstr("<code>pump-1</code>"), Not(HasSubstr("valve-2"))));
}

TEST_F(ClientPages, ShowTheClientsWithTheMostEventsAndWhereTheyWereSeen) {
  for (int i = 0; i < 30; ++i)
    add(kDenied, {.client = "pump", .user = "bob", .peer = "192.0.2.7:1", .topic = "a/b"}, 60 - i);
  for (int i = 0; i < 10; ++i) add(kDenied, {.client = "valve"}, 20);
  const std::string html = clients();
  for (const char* part :
       {"PUBACK: not_authorized", "<code>pump</code>",
        "data-value=\"30\" data-label=\"events\">30</td><td class=\"number\" data-label=\"share\">75 %</td>",
        "data-value=\"10\" data-label=\"events\">10</td>", "(60 s ago)", "(31 s ago)", "<code>bob</code>",
        "<code>a/b</code>", "40 events of all clients", "The counts are exact.",
        "<a href=\"/events?broker=hall&amp;reason=not_authorized&amp;client=pump\">"})
    EXPECT_THAT(html, HasSubstr(part));
  EXPECT_THAT(top_clients_summary(remembered(), "hall", kNow), HasSubstr("<code>pump</code>"));
  EXPECT_EQ(top_clients_summary(remembered(), "yard", kNow), "");
  EXPECT_THAT(runbook_html({}, remembered(), kNow),
              HasSubstr("Top clients in the last hour: <code>pump</code> (30), <code>valve</code> (10). "
                        "<a href=\"/events?reason=not_authorized\">events</a>"));
}

TEST(ReasonNames, OfPagesAreThoseOfTheMetrics) {
  for (std::size_t packet = 0; packet < mqtt::kPackets; ++packet) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      const auto series = test::code(static_cast<Packet>(packet), mqtt::Direction::sent, Protocol::v5,
                                     static_cast<std::uint8_t>(byte), 1);
      const std::string reason(group_of(series.event).reason);
      EXPECT_EQ(kind_of(series).reason, reason);
      EXPECT_THAT(std::string(labels_of(series.event, series.cls, false)),
                  HasSubstr(",reason=\"" + reason + "\","));
    }
  }
  EXPECT_EQ(kind_of(test::code(Packet::puback, mqtt::Direction::sent, Protocol::v5, 0x95, 1)).reason,
            "packet_too_large")
      << "the standard does not define it there";
  EXPECT_EQ(kind_of(test::code(Packet::puback, mqtt::Direction::sent, Protocol::v5, 0xC0, 1)).reason,
            "unknown");
}

TEST_F(ClientPages, SayWhyThereAreAddressesOnly) {
  add(kDenied, {.peer = "192.0.2.7:1"});
  add(kDenied, {.client = "192.0.2.8"});
  EXPECT_THAT(clients(),
              AllOf(HasSubstr("1 kind of events"), HasSubstr("These events have addresses only.")));
  add(kDenied, {.client = "pump", .peer = "192.0.2.7:1"});
  EXPECT_THAT(clients(), Not(HasSubstr("addresses only")));
}

TEST_F(ClientPages, TheChapterOfAnAlertLeadsToTheClientsOfWhatItWatches) {
  FeedSample sample = test::feed("hall", "log");
  sample.counts.codes = {test::code(Packet::connack, mqtt::Direction::sent, Protocol::v5, 0x87, 3),
                         test::code(Packet::connack, mqtt::Direction::sent, Protocol::v5, 0x8A, 1200),
                         test::code(Packet::puback, mqtt::Direction::sent, Protocol::v5, 0x87, 7)};
  const std::string html = runbook_html(std::span(&sample, 1), remembered(), kNow);
  test::expect_balanced(html);
  EXPECT_THAT(
      html,
      HasSubstr("MqttReasonAuthenticationBurst</h3>\n<p class=\"live\"><strong>Here:</strong> CONNACK "
                "sent banned 1,200 (<a href=\"/clients?packet=CONNACK&amp;reason=banned\">clients</a> · "
                "<a href=\"/events?packet=CONNACK&amp;reason=banned\">events</a>); CONNACK sent "
                "not_authorized 3 ("));
  EXPECT_THAT(
      html,
      HasSubstr("MqttReasonTlsErrors</h3>\n<p class=\"live\"><strong>Here:</strong> none counted.</p>"));
  EXPECT_THAT(html, HasSubstr("MqttReasonSourceDown</h3>\n<p><strong>Meaning"));
}

TEST_F(ClientPages, TheRunbookNamesTheClientsOfEachBroker) {
  const auto history = [] {
    auto made = std::make_shared<EventHistory>(IdentityFilter(ClientOptions::Identity::full, {}), kNow - 100);
    made->remember(true);
    return made;
  };
  const auto fail = [](EventHistory& at, const char* client) {
    at.add("log", kDenied, {.client = client}, kNow - 10);
  };
  Remembered several{true, "loopback", {{"<hall>", history_}, {"quiet", history()}}};
  fail(*history_, "pump");
  fail(*history_, "pump");
  fail(*history_, "valve");
  for (const char* name : {"b1", "b2", "b3", "b4", "b5", "b6"}) {
    const auto one = history();
    fail(*one, "valve");
    several.histories.push_back({name, one});
  }
  EXPECT_EQ(
      top_clients_of(several, "not_authorized", kNow),
      "Top clients in the last hour: broker &lt;hall&gt;: <code>pump</code> (2), <code>valve</code> (1); "
      "broker b1: <code>valve</code> (1); broker b2: <code>valve</code> (1); broker b3: "
      "<code>valve</code> (1); broker b4: <code>valve</code> (1); and 2 more brokers. ");
  EXPECT_EQ(top_clients_of(several, "banned", kNow), "");
}

TEST_F(ClientPages, HostileTextsChangeNothing) {
  const std::string script = "<script>alert('1')</script>\"&";
  const std::string controls(64 * 1024, '\x1b');
  add(kDenied, {.client = script, .user = script, .peer = script, .topic = script, .reason_string = script});
  add(kDenied, {.client = controls, .user = "\xff\xfe", .topic = controls});
  for (const std::string& html :
       {events(), clients(), events("?client=%3Cscript%3E"), clients("?client=%3Cscript%3E"),
        top_clients_summary(remembered(), "hall", kNow)}) {
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_EQ(html.find('\x1b'), html.npos);
    EXPECT_TRUE(is_utf8(html));
    EXPECT_LT(html.size(), 40'000U);
  }
  for (const std::string& json : {events_json(remembered(), {}), clients_json(remembered(), {}, kNow)}) {
    EXPECT_TRUE(is_utf8(json));
    EXPECT_EQ(json.find('\x1b'), json.npos);
    EXPECT_THAT(json, HasSubstr("<script>alert('1')</script>\\\"&"));
  }
}

TEST_F(ClientPages, StayBoundedWithManyClients) {
  for (int i = 0; i < 100'000; ++i) {
    const std::string id = "client-" + std::to_string(i) + std::string(40, '<');
    add(kDenied, {.client = id, .peer = "192.0.2.7:1"});
  }
  EXPECT_LT(events("?limit=1000").size(), 2'000'000U);
  EXPECT_LT(clients().size(), 20'000U);
  EXPECT_LT(clients("?reason=not_authorized").size(), 200'000U);
  EXPECT_LT(events_json(remembered(), Query::parse("?limit=1000").value()).size(), 600'000U);
  EXPECT_THAT(clients(), HasSubstr("100,000 events of all clients"));
  EXPECT_THAT(clients(), HasSubstr("A client without a counter had at most"));
}

TEST_F(ClientPages, SayWhyNothingIsRemembered) {
  const Remembered off{false, "it listens on 0.0.0.0:10883", {}};
  for (const std::string& html : {events_html(off, {}, kNow), clients_html(off, {}, kNow)})
    EXPECT_THAT(html, AllOf(HasSubstr("it listens on 0.0.0.0:10883"), HasSubstr("clients: {remember: on}"),
                            Not(HasSubstr("<form"))));
  EXPECT_THAT(events_json(off, {}),
              HasSubstr("{\"remembered\":false,\"why\":\"it listens on 0.0.0.0:10883\""));
}

TEST_F(ClientPages, AreJsonForPrograms) {
  add(kDenied, {.client = "pump", .peer = "192.0.2.7:1"});
  EXPECT_THAT(
      events_json(remembered(), {}),
      AllOf(
          HasSubstr(
              "\"matching\":1,\"added\":1,\"dropped\":0,\"events\":[{\"time\":\"2001-09-09T01:46:30.000Z\""),
          HasSubstr("\"client\":\"pump\"")));
  EXPECT_THAT(
      clients_json(remembered(), Query::parse("?period=start").value(), kNow),
      HasSubstr(
          "\"period\":\"start\",\"more_groups\":0,\"groups\":[{\"broker\":\"hall\",\"packet\":\"PUBACK\","
          "\"reason\":"
          "\"not_authorized\",\"since\":999999900,\"events\":1,\"other_at_most\":0,\"clients\":[{\"client\":"
          "\"pump\",\"at_least\":1,\"at_most\":1}]}]}"));
}

}  // namespace
}  // namespace mre
