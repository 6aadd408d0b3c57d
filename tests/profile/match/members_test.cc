// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/members.h"

#include <gtest/gtest.h>

namespace mre {
namespace {

TEST(MemberNames, NumbersEachNameOnce) {
  MemberNames names;
  EXPECT_EQ(names.find("clientid"), MemberNames::kNone);
  EXPECT_EQ(names.find(""), MemberNames::kNone);
  EXPECT_EQ(names.add("clientid"), 0U);
  EXPECT_EQ(names.add("ts"), 1U);
  EXPECT_EQ(names.add("clientid"), 0U);
  EXPECT_EQ(names.find("ts"), 1U);
  EXPECT_EQ(names.find("clientId"), MemberNames::kNone);
  EXPECT_EQ(names.size(), 2U);
}

TEST(MemberNames, TellsNamesWithTheSameHashApart) {
  MemberNames names;
  EXPECT_EQ(names.add("abc"), 0U);
  EXPECT_EQ(names.add("axc"), 1U);  // the same length, first and last character
  EXPECT_EQ(names.find("abc"), 0U);
  EXPECT_EQ(names.find("axc"), 1U);
  EXPECT_EQ(names.find("ayc"), MemberNames::kNone);
}

}  // namespace
}  // namespace mre
