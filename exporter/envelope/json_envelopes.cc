// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/json_envelopes.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "exporter/envelope/times.h"

namespace mre {
namespace {

namespace json = simdjson::ondemand;

constexpr int kAllDepths = 2;  // a list of messages, each a list of bytes

/// How many strings of one object are tried as the broker's line.
constexpr std::size_t kMaxCandidates = 64;

/// Names of the line's member in log collectors: Filebeat, Vector, Logstash, rsyslog and stern "message",
/// Fluent Bit "log", GELF "short_message", logcli "line", Google Cloud "textPayload", Elastic's copy
/// "event.original".
constexpr std::string_view kLineMembers[] = {"message",  "log",        "msg",           "line",
                                             "MESSAGE",  "text",       "short_message", "full_message",
                                             "original", "textPayload"};

/// The object of a line: the whole line, or the part after Fluentd's TIME<tab>TAG<tab>, or inside Fluent
/// Bit's TAG: [TIME, …]. Empty if there is none.
std::string_view object_in(std::string_view line) {
  if (line.starts_with('{')) return line;
  const auto in_tag = [](char c) { return c > ' ' && c <= '~'; };
  TextCursor cursor(line);
  if (consume_time(cursor)) {
    if (!cursor.consume("\t") || cursor.consume_while(in_tag).empty() || !cursor.consume("\t{")) return {};
    return line.substr(line.size() - cursor.rest().size() - 1);
  }
  cursor = TextCursor(line);
  const std::string_view tag = cursor.consume_while(in_tag);
  if (!tag.ends_with(':') || !cursor.consume(" [") || !line.ends_with("}]")) return {};
  if (cursor.consume_while([](char c) { return is_digit(c) || c == '.'; }).empty() || !cursor.consume(", {"))
    return {};
  return line.substr(line.size() - cursor.rest().size() - 1, cursor.rest().size());
}

bool is_true(std::string_view text) { return text == "true"; }

}  // namespace

struct JsonEnvelopes::Parser {
  json::parser parser;
  std::string buffer;  // the line, with the padding that simdjson reads beyond it
  std::string bytes;   // messages that were lists of bytes, one after another
  std::vector<std::string_view> messages;

  /// Calls `visit(key, value)` for each member. False if the line is not an object, or `visit` returned false.
  bool each_member(std::string_view line, auto visit) {
    buffer.assign(line);
    buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
    try {
      auto document =
          parser.iterate(simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity()));
      for (auto member : document.get_object()) {
        const std::string_view key = member.unescaped_key();
        json::value value = member.value();
        if (!visit(key, value)) return false;
      }
      const char* rest = nullptr;  // anything after the object makes it invalid
      return document.current_location().get(rest) != simdjson::SUCCESS;
    } catch (const simdjson::simdjson_error&) {
      return false;
    }
  }

  /// Follows the path as far as the keys match. False if the member at its end is not a string, or is a
  /// duplicate. Throws simdjson_error.
  bool follow(std::string_view key, json::value value, const JsonPath& path, std::size_t depth,
              Opened& opened) {
    if (key != path[depth]) return true;
    if (depth + 1 == path.size()) {
      if (opened.kind == Opened::Kind::line) return false;
      opened.kind = Opened::Kind::line;
      opened.text = value.get_string();
      return true;
    }
    if (json::json_type(value.type()) != json::json_type::object) return true;
    for (auto member : value.get_object()) {
      const std::string_view inner = member.unescaped_key();
      if (!follow(inner, member.value(), path, depth + 1, opened)) return false;
    }
    return true;
  }

  struct Candidate {
    JsonPath path;
    std::string_view text;
  };

  /// Adds the strings of an object and of the objects in it. Throws simdjson_error.
  void collect(std::string_view key, json::value value, JsonPath& path, std::vector<Candidate>& found) {
    if (key.size() > kMaxJsonKeyBytes || found.size() == kMaxCandidates) return;
    path.emplace_back(key);
    const json::json_type type = value.type();
    if (type == json::json_type::string) {
      found.push_back({path, value.get_string()});
    } else if (type == json::json_type::object && path.size() < kMaxJsonDepth) {
      for (auto member : value.get_object()) {
        const std::string_view inner = member.unescaped_key();
        collect(inner, member.value(), path, found);
      }
    }
    path.pop_back();
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
  opened.coloured = true;
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
  if (line.empty()) return {Opened::Kind::nothing};
  if (line.front() == '\x1e') line.remove_prefix(1);
  if (line.starts_with("data: ")) line.remove_prefix(6);
  Parser& parser = *parser_;
  parser.messages.clear();
  parser.bytes.clear();
  parser.bytes.reserve(line.size());  // no message may move
  bool has_message = false;
  bool has_time = false;
  bool too_long = false;
  bool is_piece = false;
  std::string_view service;
  const bool read = parser.each_member(line, [&](std::string_view key, json::value value) {
    if (key == "MESSAGE") {
      return !std::exchange(has_message, true) && parser.read_message(value, kAllDepths, too_long);
    }
    if (key == "SYSLOG_IDENTIFIER" && json::json_type(value.type()) == json::json_type::string)
      service = value.get_string();
    if (key == "CONTAINER_PARTIAL_MESSAGE") is_piece = is_true(value.get_string());
    if (key == "__REALTIME_TIMESTAMP") {
      const std::string_view time = value.get_string();
      return !std::exchange(has_time, true) && !time.empty();
    }
    return true;
  });
  if (!read || !has_time) return {};
  if (too_long) return {Opened::Kind::too_long};
  if (parser.messages.empty()) return {Opened::Kind::nothing};
  return {.kind = is_piece ? Opened::Kind::piece : Opened::Kind::line,
          .text = parser.messages.front(),
          .more = std::span(parser.messages).subspan(1),
          .coloured = true,
          .service = service};
}

Opened JsonEnvelopes::open_json(std::string_view line, const JsonPath& path) {
  const std::string_view object = object_in(line);
  if (object.empty()) return {};
  Opened opened;
  opened.coloured = true;
  bool is_piece = false;
  bool is_last = false;
  const bool read = parser_->each_member(object, [&](std::string_view key, json::value value) {
    if (!path.empty() && key == path.front()) return parser_->follow(key, value, path, 0, opened);
    if (json::json_type(value.type()) != json::json_type::string) return true;
    if (key == "partial_message") is_piece = is_true(value.get_string());
    if (key == "partial_last") is_last = is_true(value.get_string());
    if (key == "logtag") is_piece = std::string_view(value.get_string()) == "P";
    if (key == "stream" || key == "source") read_stream(value.get_string(), opened.stream);
    return true;
  });
  if (!read) return {};
  if (opened.kind != Opened::Kind::line) return {Opened::Kind::foreign};
  if (is_piece && !is_last) {
    opened.kind = Opened::Kind::piece;
  } else if (opened.text.ends_with('\n')) {
    opened.text.remove_suffix(1);
  }
  return opened;
}

std::optional<JsonPath> JsonEnvelopes::find_line(std::string_view line,
                                                 const std::function<bool(std::string_view)>& is_known,
                                                 const JsonPath& preferred) {
  using Candidate = Parser::Candidate;
  const std::string_view object = object_in(line);
  if (object.empty()) return {};
  std::vector<Candidate> candidates;
  JsonPath path;
  const bool read = parser_->each_member(object, [&](std::string_view key, json::value value) {
    parser_->collect(key, value, path, candidates);
    return true;
  });
  if (!read) return {};
  const auto is_named = [](const Candidate& candidate) {
    return std::ranges::find(kLineMembers, candidate.path.back()) != std::end(kLineMembers);
  };
  if (std::ranges::any_of(candidates, is_named)) std::erase_if(candidates, std::not_fn(is_named));
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return !is_known(
        candidate.text.substr(0, candidate.text.size() - (candidate.text.ends_with('\n') ? 1 : 0)));
  });
  const Candidate* chosen = nullptr;
  for (const Candidate& candidate : candidates) {
    if (chosen != nullptr && chosen->text != candidate.text) return {};
    if (chosen == nullptr || candidate.path == preferred) chosen = &candidate;
  }
  return chosen == nullptr ? std::nullopt : std::optional(chosen->path);
}

}  // namespace mre
