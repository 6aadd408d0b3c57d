// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/json_members.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "exporter/base/text.h"

namespace mre {

struct JsonMembers::Parser {
  /// A member of the object: its value as written, without the blanks around it.
  struct Member {
    std::string_view key;
    std::string_view value;
  };

  simdjson::ondemand::parser parser;
  std::string buffer;           // the object, with the padding that simdjson reads beyond it
  std::vector<Member> members;  // views into the buffers of the object and of its parser
  bool is_object = false;
  simdjson::ondemand::parser list_parser;
  std::string list;      // of objects, with padding
  std::string values;    // those that are not in `buffer` as they are captured
  std::string identity;  // the values of all identity members, each with its name and length
};

namespace {

/// Whether there are more than `most` of these characters.
bool has_more(std::string_view text, char first, char second, int most) {
  for (const char c : {first, second}) {
    for (std::size_t at = text.find(c); at != text.npos; at = text.find(c, at + 1))
      if (--most < 0) return true;
  }
  return false;
}

/// Whether anything is nested deeper than `kMaxLevels`. Linear in the payload.
bool is_too_deep(std::string_view payload) {
  const auto opens = [](char c) { return c == '{' || c == '['; };
  if (!has_more(payload, '{', '[', JsonMembers::kMaxLevels)) return false;
  int levels = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    const char c = payload[i];
    if (in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      in_string = !in_string;
    } else if (!in_string && opens(c)) {
      if (++levels > JsonMembers::kMaxLevels) return true;
    } else if (!in_string && (c == '}' || c == ']')) {
      --levels;
    }
  }
  return false;
}

/// Consumes leading digits. Returns whether there were any.
bool consume_digits(std::string_view& text) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  text.remove_prefix(digits);
  return digits > 0;
}

bool consume(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// RFC 8259, section 6; of any size.
bool is_number(std::string_view text) {
  consume(text, "-");
  if (!consume(text, "0") && !consume_digits(text)) return false;
  if (consume(text, ".") && !consume_digits(text)) return false;
  if (consume(text, "eE")) {
    consume(text, "+-");
    if (!consume_digits(text)) return false;
  }
  return text.empty();
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

/// The value as written. simdjson decides by its first character alone what it is, and has not validated it. Consumes
/// it, unless it is a scalar.
std::string_view raw(simdjson::ondemand::value value) {
  std::string_view text = value.raw_json_token();
  if (text.starts_with('{')) {
    simdjson::ondemand::object object = value.get_object();
    text = object.raw_json();
  } else if (text.starts_with('[')) {
    simdjson::ondemand::array array = value.get_array();
    text = array.raw_json();
  }
  return without_blanks(text);
}

/// The buffer with the padding that simdjson reads beyond it.
simdjson::padded_string_view padded(std::string& buffer, std::string_view text) {
  buffer.assign(text);
  buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
  return simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity());
}

bool is_string(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"';
}

/// Whether it is a number or boolean.
bool is_plain(std::string_view value) { return is_number(value) || value == "true" || value == "false"; }

/// Reads the wanted members of one object into fields.
class MemberReader {
 public:
  MemberReader(const std::vector<std::pair<Field, std::string>>& wanted, JsonMembers::Parser& parser,
               Captures& captures)
      : wanted_(wanted), parser_(parser), captures_(captures) {
    // Captured views point into it: it has capacity for all texts of the object, and what simdjson writes after one.
    parser_.values.clear();
    parser_.values.reserve(parser_.buffer.size() + 1 + simdjson::SIMDJSON_PADDING);
    parser_.identity.clear();
    for (const auto& [field, path] : wanted_) {
      if (field == Field::who || field == Field::address) captures_.set(field, {});
      lengths_ |= bit_of_length(first_bytes(field, path));
    }
  }

  /// Adds one member. False if it makes the object invalid.
  bool add(std::string_view key, std::string_view value) {
    if ((lengths_ & bit_of_length(key.size())) == 0) return true;  // most members are not wanted
    std::optional<std::string_view> text;
    std::size_t number = 0;
    for (const auto& [field, path] : wanted_) {
      const std::size_t i = number++;
      const std::size_t first = first_bytes(field, path);
      if (key.size() != first || !path.starts_with(key)) continue;
      if (contains(seen_, i) && !is_for_subject(field)) return false;
      if (contains(seen_, i)) captures_.set_ambiguous(field);
      seen_ |= bit(i);
      if (!text) {  // a member for a subject alone must not make the object invalid
        const Read read =
            is_for_subject(field)
                ? read_text(value, text)
                : read_value(value, field, std::string_view(path).substr(std::min(first + 1, path.size())),
                             text);
        if (read == Read::unreadable) return false;
        if (read == Read::nothing) continue;
      }
      if (field == Field::identity) {
        identify(i, *text);
      } else {
        captures_.set(field, *text);
      }
    }
    return true;
  }

  /// Call after the last member.
  void finish() {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i].first == Field::identity && !contains(identified_, i)) return;
    }
    if (!parser_.identity.empty()) captures_.set(Field::identity, parser_.identity);
  }

 private:
  enum class Read : std::uint8_t { text, nothing, unreadable };

  /// The length of the member's own name in a path.
  static std::size_t first_bytes(Field field, const std::string& path) {
    return field == Field::codes ? std::min(path.find('/'), path.size()) : path.size();
  }
  static std::uint64_t bit_of_length(std::size_t length) { return bit(length % 64); }

  /// Reads the value as the field requires. `member`: the member of the objects in a list of codes, or empty.
  Read read_value(std::string_view value, Field field, std::string_view member,
                  std::optional<std::string_view>& text) {
    if (is_string(value)) {
      text = unescaped(value);
      return text ? Read::text : Read::unreadable;
    }
    const bool is_list = value.starts_with('[');
    if (value == "null" || value.starts_with('{')) return Read::nothing;
    if (is_list && field != Field::codes && field != Field::event) return Read::nothing;
    if (is_list && !member.empty()) {
      text = gather(value, member);
      return text ? Read::text : Read::unreadable;
    }
    text = value;
    return is_list || is_plain(value) ? Read::text : Read::unreadable;
  }

  /// Reads a string. Anything else, and a string that is not valid JSON, is nothing.
  Read read_text(std::string_view value, std::optional<std::string_view>& text) {
    if (is_string(value)) text = unescaped(value);
    return text ? Read::text : Read::nothing;
  }

  /// The characters of a string; nullopt if an escape is invalid.
  std::optional<std::string_view> unescaped(std::string_view value) {
    const std::string_view characters = value.substr(1, value.size() - 2);
    if (characters.find('\\') == characters.npos) return characters;
    const std::size_t at = parser_.values.size();
    if (!append(value)) return std::nullopt;
    return std::string_view(parser_.values).substr(at);
  }

  /// Appends the characters of a string, or a number or boolean as written. False if it is none of these.
  bool append(std::string_view value) {
    std::string& values = parser_.values;
    if (!is_string(value)) {
      values += value;
      return is_plain(value);
    }
    const std::size_t at = values.size();
    values.resize(at + value.size() + simdjson::SIMDJSON_PADDING);
    auto* end = reinterpret_cast<std::uint8_t*>(values.data() + at);
    const simdjson::ondemand::raw_json_string characters(
        reinterpret_cast<const std::uint8_t*>(value.data() + 1));
    std::string_view text;
    const bool is_valid = parser_.parser.unescape(characters, end).get(text) == simdjson::SUCCESS;
    values.resize(at + text.size());
    return is_valid;
  }

  /// The member `name` of each object in a list: "[128,1]". nullopt if an object has it twice or not at all.
  std::optional<std::string_view> gather(std::string_view list, std::string_view name) {
    std::string& values = parser_.values;
    const std::size_t at = values.size();
    auto document = parser_.list_parser.iterate(padded(parser_.list, list));
    for (auto item : document.get_array()) {
      std::size_t found = 0;
      for (auto member : item.get_object()) {
        if (std::string_view(member.unescaped_key()) != name) continue;
        values += values.size() == at ? '[' : ',';
        if (++found > 1 || !append(raw(member.value()))) return std::nullopt;
      }
      if (found == 0) return std::nullopt;
    }
    if (values.size() == at) return std::nullopt;
    values += ']';
    return std::string_view(values).substr(at);
  }

  static std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << number; }
  static bool contains(std::uint64_t set, std::size_t number) { return (set & bit(number)) != 0; }

  void identify(std::size_t number, std::string_view text) {
    identified_ |= bit(number);
    std::string& identity = parser_.identity;
    identity.append(wanted_[number].second).append("=").append(std::to_string(text.size())).append(":");
    identity.append(text);
  }

  const std::vector<std::pair<Field, std::string>>& wanted_;
  JsonMembers::Parser& parser_;
  Captures& captures_;
  std::uint64_t lengths_ = 0;     // of the names that are wanted, modulo 64
  std::uint64_t seen_ = 0;        // bit set of the wanted members that occurred, by index
  std::uint64_t identified_ = 0;  // of these, the identity members with a value
};

}  // namespace

JsonMembers::JsonMembers() : parser_(std::make_unique<Parser>()) {}
JsonMembers::~JsonMembers() = default;

bool JsonMembers::scan(std::string_view payload) {
  Parser& parser = *parser_;
  parser.members.clear();
  parser.is_object = false;
  if (payload.starts_with('\0')) payload.remove_prefix(1);
  if (is_too_deep(payload)) return false;
  try {
    auto document = parser.parser.iterate(padded(parser.buffer, payload));
    for (auto member : document.get_object()) {
      const std::string_view key = member.unescaped_key();
      parser.members.push_back({key, raw(member.value())});
    }
    const char* rest = nullptr;  // anything after the object makes it invalid
    parser.is_object = document.current_location().get(rest) != simdjson::SUCCESS;
  } catch (const simdjson::simdjson_error&) {
  }
  return parser.is_object;
}

bool JsonMembers::read(const std::vector<std::pair<Field, std::string>>& wanted, Captures& captures) {
  captures.clear();
  if (!parser_->is_object) return false;
  MemberReader reader(wanted, *parser_, captures);
  try {
    for (const auto& [key, value] : parser_->members) {
      if (!reader.add(key, value)) return false;
    }
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
  reader.finish();
  return true;
}

}  // namespace mre
