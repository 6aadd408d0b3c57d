// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/journal_pretty.h"

#include <simdjson.h>

#include <utility>

namespace mre {
namespace {

namespace json = simdjson::ondemand;

constexpr std::string_view kBetween = "\" : ";

}  // namespace

struct JournalPretty::Parser {
  json::parser parser;
  std::string buffer;
};

JournalPretty::JournalPretty() : parser_(std::make_unique<Parser>()) {}
JournalPretty::~JournalPretty() = default;

bool JournalPretty::is_field(std::string_view line) {
  return line.size() > 2 && line.starts_with("\t\"") && line.find(kBetween) != std::string_view::npos;
}

Opened JournalPretty::open(std::string_view line) {
  if (line == "{") {
    clear();
    return {Opened::Kind::nothing};
  }
  if (line == "}" || line == "},") return close();
  if (in_list_) {
    if (line == "\t]" || line == "\t],") in_list_ = false;
    return {!in_list_ || line.starts_with("\t\t") ? Opened::Kind::nothing : Opened::Kind::refused};
  }
  return {is_field(line) && read_field(line) ? Opened::Kind::nothing : Opened::Kind::refused};
}

bool JournalPretty::read_field(std::string_view line) {
  if (line.ends_with(',')) line.remove_suffix(1);
  const std::string_view key = line.substr(2, line.find(kBetween) - 2);
  const bool is_message = key == "MESSAGE";
  if (is_message && message_ != Message::none) {
    message_ = Message::refused;
    return true;
  }
  if (line.ends_with(": [")) {
    in_list_ = true;
    if (is_message) message_ = Message::refused;
    return true;
  }
  std::string& buffer = parser_->buffer;
  buffer.assign("{").append(line).append("}");
  buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
  try {
    auto document = parser_->parser.iterate(
        simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity()));
    for (auto member : document.get_object()) {
      json::value value = member.value();
      const json::json_type type = value.type();
      if (is_message) {
        message_ = type == json::json_type::string ? Message::text
                   : type == json::json_type::null ? Message::too_long
                                                   : Message::refused;
        if (message_ == Message::text) text_ = std::string_view(value.get_string());
      } else if (key == "SYSLOG_IDENTIFIER" && type == json::json_type::string) {
        service_ = std::string_view(value.get_string());
      }
    }
    return true;
  } catch (const simdjson::simdjson_error&) {
    if (is_message) message_ = Message::refused;
    return is_message;  // counted with the end of the entry
  }
}

Opened JournalPretty::close() {
  const Message message = message_;
  closed_text_.swap(text_);
  closed_service_.swap(service_);
  clear();
  switch (message) {
    case Message::none:
      return {Opened::Kind::nothing};
    case Message::too_long:
      return {Opened::Kind::too_long};
    case Message::refused:
      return {};
    case Message::text:
      break;
  }
  return {.kind = Opened::Kind::line,
          .text = closed_text_,
          .more = {},
          .coloured = true,
          .service = closed_service_};
}

void JournalPretty::clear() {
  message_ = Message::none;
  in_list_ = false;
  text_.clear();
  service_.clear();
}

void JournalPretty::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(message_));
  out.flag(in_list_);
  out.text(text_);
  out.text(service_);
}

void JournalPretty::restore(ByteReader& in) {
  clear();
  message_ = static_cast<Message>(in.number_up_to(static_cast<std::uint64_t>(Message::refused)));
  in_list_ = in.flag();
  text_ = in.text();
  service_ = in.text();
}

}  // namespace mre
