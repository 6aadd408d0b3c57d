// SPDX-License-Identifier: Apache-2.0
#include "exporter/recording/event_line.h"

#include <simdjson.h>

#include <string>

namespace mre {
namespace {

using simdjson::ondemand::json_type;
using simdjson::ondemand::value;

/// The text of any JSON value: of a string its content, of any other value its JSON text.
bool read_text(value from, std::string_view& text) {
  json_type type{};
  if (from.type().get(type) != simdjson::SUCCESS) return false;
  if (type == json_type::string) return from.get_string().get(text) == simdjson::SUCCESS;
  const auto json_of = [&text](auto nested) {
    return nested.error() == simdjson::SUCCESS &&
           nested.value_unsafe().raw_json().get(text) == simdjson::SUCCESS;
  };
  if (type == json_type::object) return json_of(from.get_object());
  if (type == json_type::array) return json_of(from.get_array());
  text = from.raw_json_token();
  text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
  if (text == "null") text = {};
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
  Record record;       // views of `padded`, and of the parser's own buffer for strings
  bool has_topic = false;
  bool has_payload = false;

  /// Reads one member; false if its value is invalid.
  bool read_member(simdjson::ondemand::field& field) {
    std::string_view name;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    if (name == "topic") return has_topic = field.value().get_string().get(record.topic) == simdjson::SUCCESS;
    if (name == "payload") {
      has_payload = true;
      return read_text(field.value(), record.payload);
    }
    if (name == "retain") return read_flag(field.value(), record.retained);
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
  p.record = {};
  p.has_topic = p.has_payload = false;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (p.json.iterate(p.padded.data(), p.padded.size(), p.padded.capacity()).get(document) !=
          simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return {};
  }
  for (auto member : object) {
    simdjson::ondemand::field field;
    if (std::move(member).get(field) != simdjson::SUCCESS || !p.read_member(field)) return {};
  }
  // More text after the object: two messages on one line, or not JSON.
  const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
  if (!p.has_topic || !at_end) return {};
  return p.record;
}

}  // namespace mre
