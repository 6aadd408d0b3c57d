#include "exporter/envelope/json_envelopes.h"

#include <simdjson.h>

#include <string>
#include <utility>
#include <vector>

namespace mre {
namespace {

namespace json = simdjson::ondemand;

constexpr int kAllDepths = 2;  // a list of messages, each a list of bytes

}  // namespace

struct JsonEnvelopes::Parser {
  json::parser parser;
  std::string buffer;  // the line, with the padding that simdjson reads beyond it
  std::string bytes;   // messages that were lists of bytes, one after another
  std::vector<std::string_view> messages;

  /// Calls `take(key, value)` for each member; false if the line is no object, or `take` says so.
  bool each_member(std::string_view line, auto take) {
    buffer.assign(line);
    buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
    try {
      auto document =
          parser.iterate(simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity()));
      for (auto member : document.get_object()) {
        const std::string_view key = member.unescaped_key();
        json::value value = member.value();
        if (!take(key, value)) return false;
      }
      const char* rest = nullptr;  // anything after the object makes it none
      return document.current_location().get(rest) != simdjson::SUCCESS;
    } catch (const simdjson::simdjson_error&) {
      return false;
    }
  }

  /// Reads MESSAGE; throws simdjson_error.
  bool read_message(json::value value, int depth, bool& too_long) {
    switch (json::json_type(value.type())) {
      case json::json_type::string:
        messages.push_back(value.get_string());
        return true;
      case json::json_type::null:
        return too_long = value.is_null();
      case json::json_type::array:
        return depth > 0 && read_list(value.get_array(), depth, too_long);
      default:
        return false;
    }
  }

  bool read_list(json::array list, int depth, bool& too_long) {
    const std::size_t begin = bytes.size();
    bool numbers = false;
    for (auto item : list) {
      json::value value = item.value();
      if (json::json_type(value.type()) == json::json_type::number) {
        const std::uint64_t byte = value.get_uint64();
        if (byte > 255) return false;
        bytes.push_back(static_cast<char>(byte));
        numbers = true;
      } else if (numbers || !read_message(value, depth - 1, too_long)) {
        return false;
      }
    }
    if (numbers) messages.push_back(std::string_view(bytes).substr(begin));
    return true;
  }
};

JsonEnvelopes::JsonEnvelopes() : parser_(std::make_unique<Parser>()) {}
JsonEnvelopes::~JsonEnvelopes() = default;

Opened JsonEnvelopes::open_docker(std::string_view line) {
  Opened opened;
  bool has_log = false;
  bool has_stream = false;
  bool has_time = false;
  const bool read = parser_->each_member(line, [&](std::string_view key, json::value value) {
    if (key == "log") {
      opened.text = value.get_string();
      return !std::exchange(has_log, true);
    }
    if (key == "stream")
      return !std::exchange(has_stream, true) && read_stream(value.get_string(), opened.stream);
    if (key == "time") {
      const std::string_view time = value.get_string();
      return !std::exchange(has_time, true) && !time.empty();
    }
    return true;
  });
  if (!read || !has_log || !has_stream || !has_time) return {};
  opened.kind = opened.text.ends_with('\n') ? Opened::Kind::line : Opened::Kind::piece;
  if (opened.kind == Opened::Kind::line) opened.text.remove_suffix(1);
  return opened;
}

Opened JsonEnvelopes::open_journald(std::string_view line) {
  Parser& parser = *parser_;
  parser.messages.clear();
  parser.bytes.clear();
  parser.bytes.reserve(line.size());  // no message may move
  bool has_message = false;
  bool has_time = false;
  bool too_long = false;
  const bool read = parser.each_member(line, [&](std::string_view key, json::value value) {
    if (key == "MESSAGE") {
      return !std::exchange(has_message, true) && parser.read_message(value, kAllDepths, too_long);
    }
    if (key == "__REALTIME_TIMESTAMP") {
      const std::string_view time = value.get_string();
      return !std::exchange(has_time, true) && !time.empty();
    }
    return true;
  });
  if (!read || !has_time) return {};
  if (too_long) return {Opened::Kind::too_long};
  if (parser.messages.empty()) return {Opened::Kind::nothing};
  return {Opened::Kind::line, parser.messages.front(), Opened::Stream::out,
          std::span(parser.messages).subspan(1)};
}

}  // namespace mre
