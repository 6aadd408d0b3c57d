// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/clients/event_history.h"

namespace mre {

/// What is remembered about the clients behind events, for pages and the API.
struct Remembered {
  bool on = false;  ///< Whether histories keep events.
  std::string why;  ///< Why they do or do not, for people.
  std::vector<NamedHistory> histories;
};

/// HTML: why nothing is remembered, and how to turn it on; empty if `remembered.on`.
std::string why_nothing_is_remembered(const Remembered& remembered);

/// How the answers of the API about events and clients begin: `{"remembered":true,"why":"…"`.
std::string remembered_json(const Remembered& remembered);

}  // namespace mre
