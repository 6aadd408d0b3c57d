// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/event_json.h"

#include <cmath>

#include "exporter/base/text.h"
#include "exporter/base/utc_text.h"
#include "exporter/event/event_text.h"

namespace mre {
namespace {

class Object {
 public:
  void add(std::string_view key, std::string_view text) {
    begin(key);
    text_.append("\"").append(json_escape(text)).append("\"");
  }
  void add(std::string_view key, std::uint64_t number) {
    begin(key);
    text_ += std::to_string(number);
  }
  void add_known(std::string_view key, std::string_view text) {
    if (!text.empty()) add(key, text);
  }
  std::string take() && { return std::move(text_) + "}"; }

 private:
  void begin(std::string_view key) { text_.append(text_.empty() ? "{\"" : ",\"").append(key).append("\":"); }
  std::string text_;
};

struct AddEvent {
  Object& out;

  void operator()(const ReasonEvent& event) const {
    out.add("kind", "code");
    out.add("packet", to_string(event.packet));
    out.add("direction", to_string(event.direction));
    out.add("protocol", to_string(event.protocol));
    out.add("code", code_label(event.code));
  }
  void operator()(const CloseEvent& event) const {
    out.add("kind", "end");
    out.add("initiator", to_string(event.initiator));
    out.add("protocol", to_string(event.protocol));
  }
  void operator()(const DenialEvent& event) const {
    out.add("kind", "denial");
    out.add("action", to_string(event.action));
    out.add("protocol", to_string(event.protocol));
  }
};

}  // namespace

std::string utc_time(double unix_seconds) {
  constexpr double ms_per_second = 1000;
  return utc_text(static_cast<std::int64_t>(std::floor(unix_seconds * ms_per_second)));
}

std::string event_json(std::string_view broker, const RecentEvent& event) {
  Object out;
  out.add("time", utc_time(event.time_seconds));
  if (event.observed_seconds != 0 && event.observed_seconds != event.time_seconds)
    out.add("observed", utc_time(event.observed_seconds));
  out.add("number", event.number);
  out.add("broker", broker);
  out.add("source", event.source);
  std::visit(AddEvent{out}, event.event);
  out.add("reason", group_of(event.event).reason);
  out.add("class", to_string(class_of(event.event)));
  if (const auto* code = std::get_if<ReasonEvent>(&event.event))
    out.add("evidence", to_string(code->evidence));
  out.add_known("client", event.subject.client);
  out.add_known("user", event.subject.user);
  out.add_known("peer", event.subject.peer);
  out.add_known("topic", event.subject.topic);
  out.add_known("reason_string", event.subject.reason_string);
  return std::move(out).take();
}

}  // namespace mre
