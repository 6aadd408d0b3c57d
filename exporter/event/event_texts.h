// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/event/decoder.h"
#include "exporter/event/event_text.h"

namespace mre {

/// Collects events as texts, in the order of emission.
class EventTexts final : public EventSink {
 public:
  void on_code(const ReasonEvent& event) override { texts.push_back(to_text(event)); }
  void on_close(const CloseEvent& event) override { texts.push_back(to_text(event)); }
  void on_denial(const DenialEvent& event) override { texts.push_back(to_text(event)); }

  std::vector<std::string> texts;
};

}  // namespace mre
