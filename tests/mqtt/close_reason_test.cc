// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/close_reason.h"

#include <gtest/gtest.h>

namespace mre::mqtt {
namespace {

TEST(CloseReason, EveryLabelIsUniqueAndCanBeParsed) {
  for (std::size_t i = 0; i < close_reasons().size(); ++i) {
    const CloseReasonRow& row = close_reasons()[i];
    EXPECT_EQ(close_reason_from(row.label), i) << row.label;
    EXPECT_FALSE(row.meaning.empty()) << row.label;
  }
  EXPECT_EQ(close_reason_from(""), std::nullopt);
  EXPECT_EQ(close_reason_from("granted_qos_0"), std::nullopt) << "no end of a connection";
}

TEST(CloseReason, HasTheErrorsOfTheStandardWithTheirClass) {
  for (const Reason& reason : reasons()) {
    if (reason.protocol != Protocol::v5) continue;
    const bool wanted = reason.cls == Class::error || reason.label == "normal_disconnection" ||
                        reason.label == "disconnect_with_will_message";
    const auto index = close_reason_from(reason.label);
    ASSERT_EQ(index.has_value(), wanted) << reason.label;
    if (wanted) {
      EXPECT_EQ(close_reasons()[*index].cls, reason.cls) << reason.label;
    }
  }
}

TEST(CloseReason, AdditionalReasonsHaveNoCode) {
  struct Case {
    std::string_view label;
    Class cls;
  };
  for (const Case& c : {Case{"connection_closed", Class::informational},
                        Case{"session_expired", Class::informational}, Case{"tls_error", Class::error},
                        Case{"connect_timeout", Class::error}, Case{"network_error", Class::error}}) {
    const auto index = close_reason_from(c.label);
    ASSERT_TRUE(index) << c.label;
    EXPECT_EQ(close_reasons()[*index].cls, c.cls) << c.label;
    EXPECT_EQ(code_from_name(c.label), std::nullopt) << c.label;
  }
}

TEST(CloseReason, InitiatorNamesCanBeParsed) {
  for (std::size_t i = 0; i < kInitiators; ++i) {
    EXPECT_EQ(initiator_from(to_string(static_cast<Initiator>(i))), static_cast<Initiator>(i));
  }
  EXPECT_EQ(initiator_from("server"), std::nullopt);
}

}  // namespace
}  // namespace mre::mqtt
