// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "exporter/base/yaml_tree.h"
#include "exporter/cli/columns.h"
#include "exporter/commands/broker_view.h"
#include "tests/support/profile_files.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;

std::string listed(const std::vector<std::string>& words, ListFormat format) {
  return list(words, format).value_or("(an error)");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

const YamlNode* find(const YamlNode& node, std::string_view key) {
  const auto member = std::ranges::find(node.members, key, &YamlNode::Member::key);
  return member == node.members.end() ? nullptr : &member->value;
}

TEST(ListBrokers, FitsATerminalOfAHundredColumnsAndHasARowForEachLevel) {
  const auto lines = lines_of(listed({"brokers"}, ListFormat::text));
  const auto profiles = test::profile_files();
  std::size_t rows = 0;
  for (const std::string& line : lines) {
    EXPECT_LE(columns(line), 100U) << line;
    for (const auto& [file, yaml] : profiles)
      rows += line.starts_with(std::string(file.substr(0, file.find('.'))) + " ") ? 1U : 0U;
  }
  std::size_t views = 0;
  for (const auto& [file, yaml] : profiles) views += views_of(**load_profile(yaml, file)).size();
  EXPECT_EQ(rows, views);
}

// The wire of a Mosquitto at debug was compared with its log row by row: these are the rows it shows, and
// these it does not (tests/testdata/mosquitto).
TEST(ListBrokers, ShowsTheVisibilityOfEveryPacketInBothDirections) {
  const std::string text = listed({"brokers"}, ListFormat::markdown);
  const struct {
    const char* begin;
    const char* cells;
  } rows[] = {
      {"| `mosquitto` | log, `default` |",
       " words 12/27 | blind<br>blind | blind<br>blind | blind<br>blind | blind<br>blind | blind | blind | "
       "words 10/28<br>blind | blind<br>blind |"},
      {"| `mosquitto` | log, `debug` |",
       " exact | exact<br>exact | exact<br>blind | blind<br>blind | blind<br>exact | mixed 5/12 | blind | "
       "words 10/28<br>blind | exact<br>exact |"},
      {"| `emqx` | log, `warning` |",
       " words 8/27 | blind<br>blind | blind<br>blind | words 1/2<br>blind | words 1/2<br>blind | words 7/12 "
       "| blind | words 1/28<br>blind | blind<br>blind |"},
  };
  for (const auto& row : rows)
    EXPECT_NE(text.find(std::string(row.begin) + row.cells + "\n"), std::string::npos) << row.begin;
}

TEST(ListBrokers, OfOneProfileListsTheRules) {
  const std::string text = listed({"brokers", "mosquitto"}, ListFormat::text);
  for (const std::string& line : lines_of(text)) EXPECT_LE(columns(line), 100U) << line;
  for (const char* part : {
           "log, level debug\n",
           "  CONNACK sent: exact: the code is in the record\n",
           "    rules     connack-sent; only if no record had the code: client-connected,",
           "  blind: PUBREC received, PUBREL sent, PUBREL received, PUBCOMP sent, UNSUBACK sent,",
           "  ends without a code: by broker: ",
           "  denials without a code: publish: not_authorized, packet_too_large\n",
       })
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(ListBrokers, JsonHasTheSameOfAllAndOfOne) {
  const auto all = parse_yaml(listed({"brokers"}, ListFormat::json), "json");  // JSON is YAML
  ASSERT_TRUE(all.has_value()) << all.error().what;
  EXPECT_EQ(all->items.size(), embedded_profiles().size());
  const auto one = parse_yaml(listed({"brokers", "aedes"}, ListFormat::json), "json");
  ASSERT_TRUE(one.has_value()) << one.error().what;
  ASSERT_EQ(one->items.size(), 1U);
  const YamlNode* views = find(one->items[0], "views");
  ASSERT_TRUE(views != nullptr && views->items.size() == 1);
  const YamlNode* sees = find(views->items[0], "sees");
  const YamlNode* blind = find(views->items[0], "blind");
  ASSERT_TRUE(sees != nullptr && blind != nullptr);
  EXPECT_NE(find(views->items[0], "denials_without_code"), nullptr);
  EXPECT_EQ(sees->items.size() + blind->items.size(), 15U)
      << "three packets of the broker alone, six of both";
}

TEST(ListBrokers, RefusesUnknownNames) {
  EXPECT_NE(list({"brokers", "mosqitto"}, ListFormat::text).error().what.find("mosquitto"),
            std::string::npos);
  EXPECT_NE(list({"codes", "0x87"}, ListFormat::text).error().what.find("only `list brokers`"),
            std::string::npos);
}

// What the standard lets a client send decides which cells there are.
TEST(BrokerView, HasADirectionForEachCodeOfTheStandard) {
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
    const auto packet = static_cast<Packet>(i);
    for (const Direction direction : {Direction::sent, Direction::received}) {
      const auto directions = directions_of(packet);
      const bool has = std::ranges::find(directions, direction) != directions.end();
      const ReasonEvent event{packet, direction, mqtt::Protocol::v5, 0, Evidence::code_in_record};
      const VisibleEvents visible{.packets = {{packet, direction, {event}, {}}}, .closes = {}, .denials = {}};
      EXPECT_EQ(has, cell_of(visible, packet, direction).standard > 0)
          << to_string(packet) << to_string(direction);
    }
  }
}

}  // namespace
}  // namespace mre
