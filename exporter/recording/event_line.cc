// SPDX-License-Identifier: Apache-2.0
#include "exporter/recording/event_line.h"

#include <simdjson.h>

#include <string>

namespace mre {
namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::value;

/// The text of any JSON value: of a string its content, of any other value its JSON text.
bool read_text(value from, std::string& out) {
  json_type type{};
  if (from.type().get(type) != simdjson::SUCCESS) return false;
  std::string_view text;
  if (type == json_type::string) {
    if (from.get_string().get(text) != simdjson::SUCCESS) return false;
  } else if (type == json_type::object || type == json_type::array) {
    const bool object = type == json_type::object;
    simdjson::ondemand::object o;
    simdjson::ondemand::array a;
    const auto error = object ? from.get_object().get(o) : from.get_array().get(a);
    if (error != simdjson::SUCCESS) return false;
    if ((object ? o.raw_json() : a.raw_json()).get(text) != simdjson::SUCCESS) return false;
  } else {
    text = from.raw_json_token();
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    if (text == "null") text = {};
  }
  out.assign(text);
  return true;
}

bool read_flag(value from, bool& out) {
  json_type type{};
  if (from.type().get(type) != simdjson::SUCCESS) return false;
  if (type == json_type::boolean) return from.get_bool().get(out) == simdjson::SUCCESS;
  std::uint64_t number = 0;
  if (from.get_uint64().get(number) != simdjson::SUCCESS || number > 1) return false;
  out = number == 1;
  return true;
}

}  // namespace

struct EventLine::Parser {
  simdjson::ondemand::parser json;
  std::string padded;  // the line and the bytes after it that simdjson reads
  std::string topic;
  std::string payload;
  bool has_payload = false;

  /// Reads one member; false if its value is invalid.
  bool read_member(simdjson::ondemand::field& field, bool& has_topic, bool& retain) {
    std::string_view name;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    if (name == "topic") {
      std::string_view text;
      has_topic = field.value().get_string().get(text) == simdjson::SUCCESS;
      topic.assign(text);
      return has_topic;
    }
    if (name == "payload") {
      has_payload = true;
      return read_text(field.value(), payload);
    }
    if (name == "retain") return read_flag(field.value(), retain);
    return true;
  }
};

EventLine::EventLine() : parser_(std::make_unique<Parser>()) {}
EventLine::~EventLine() = default;

bool EventLine::has_payload() const { return parser_->has_payload; }

std::optional<Record> EventLine::read(std::string_view line) {
  Parser& p = *parser_;
  p.padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  p.padded.assign(line);
  p.topic.clear();
  p.payload.clear();
  p.has_payload = false;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (p.json.iterate(p.padded.data(), p.padded.size(), p.padded.capacity()).get(document) !=
          simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return {};
  }
  bool has_topic = false;
  bool retain = false;
  for (auto member : object) {
    simdjson::ondemand::field field;
    if (std::move(member).get(field) != simdjson::SUCCESS || !p.read_member(field, has_topic, retain))
      return {};
  }
  // More text after the object: two messages on one line, or not JSON.
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  if (!has_topic || !at_end) return {};
  return Record{p.payload, p.topic, retain};
}

}  // namespace mre
