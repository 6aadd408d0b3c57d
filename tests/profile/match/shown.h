// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/profile/match/pattern.h"

namespace mre::test {

/// What was captured for the field: "-" if nothing, "?" if two different texts.
inline std::string shown(const Captures& captures, Field field) {
  if (captures.ambiguous(field)) return "?";
  return captures.has(field) ? std::string(captures[field]) : "-";
}

}  // namespace mre::test
