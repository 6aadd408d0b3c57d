// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/case_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mre {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Case lists(std::vector<std::string> why, std::vector<std::string> event) {
  Case one;
  one.when.why = std::move(why);
  one.when.event = std::move(event);
  return one;
}

Captures with(Field field, std::string_view text) {
  Captures captures;
  captures.set(field, text);
  return captures;
}

TEST(CaseTable, FindsTheCasesThatListTheTextOrNoneInTheirOrder) {
  const std::vector<Case> cases = {lists({"timeout", "kicked"}, {}), lists({}, {}), lists({"kicked"}, {"x"}),
                                   lists({"time"}, {})};
  const CaseTable table(cases);
  EXPECT_EQ(table.field(), Field::why);
  EXPECT_THAT(table.find(with(Field::why, "kicked")), ElementsAre(0, 1, 2));
  EXPECT_THAT(table.find(with(Field::why, "timeout")), ElementsAre(0, 1));
  EXPECT_THAT(table.find(with(Field::why, "time")), ElementsAre(1, 3));
  EXPECT_THAT(table.find(with(Field::why, "kicke")), ElementsAre(1));
  EXPECT_THAT(table.find(with(Field::why, "")), ElementsAre(1));
  EXPECT_THAT(table.find(with(Field::event, "x")), ElementsAre(1));
}

TEST(CaseTable, IsOfTheFieldThatMoreCasesList) {
  const std::vector<Case> cases = {lists({"a"}, {"CONNACK"}), lists({}, {"PUBACK"}), lists({}, {"CONNACK"})};
  const CaseTable table(cases);
  EXPECT_EQ(table.field(), Field::event);
  EXPECT_THAT(table.find(with(Field::event, "CONNACK")), ElementsAre(0, 2));
  EXPECT_THAT(table.find(with(Field::event, "PUBREC")), IsEmpty());
  EXPECT_THAT(table.find(with(Field::why, "a")), IsEmpty());
}

TEST(CaseTable, TakesAnAmbiguousFieldForNoneOfTheTexts) {
  const std::vector<Case> cases = {lists({"kicked"}, {}), lists({}, {})};
  Captures captures = with(Field::why, "kicked");
  captures.set_ambiguous(Field::why);
  EXPECT_THAT(CaseTable(cases).find(captures), ElementsAre(1));
}

TEST(CaseTable, OfCasesWithoutTextsFindsAll) {
  const std::vector<Case> cases(3);
  EXPECT_THAT(CaseTable(cases).find(with(Field::why, "a")), ElementsAre(0, 1, 2));
  EXPECT_THAT(CaseTable().find(Captures()), IsEmpty());
}

}  // namespace
}  // namespace mre
