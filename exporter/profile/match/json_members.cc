// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/json_members.h"

#include <simdjson.h>

#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "exporter/base/text.h"
#include "exporter/base/word_at.h"

namespace mre {

/// The object that was scanned last. Captured views point into its buffers.
struct JsonMembers::Parser {
  /// What an object has of a name.
  struct Value {
    std::uint64_t scan = 0;      // of which object
    std::string_view json = {};  // as written, without the blanks around it
    std::string_view text = {};  // the characters of a string with escapes, once they were asked for
    bool is_repeated = false;    // the name occurs more than once
  };

  explicit Parser(const MemberNames& all) : names(all), values(all.size()) {}

  const MemberNames& names;
  simdjson::ondemand::parser parser;
  std::string buffer;         // the object, with the padding that simdjson reads beyond it
  std::uint64_t scan = 0;     // number of the object
  std::vector<Value> values;  // by the number of the name
  bool is_object = false;
  bool has_escapes = false;
  std::string texts;     // of all strings with escapes
  std::string identity;  // the values of all identity members, each with its name and length
  simdjson::ondemand::parser list_parser;
  std::string list;   // of objects, with padding
  std::string codes;  // of these objects
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

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

/// RFC 8259, section 6; of any size.
bool is_number(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto consume_digits = [&] {
    const char* const begin = std::exchange(at, skip_digits(at, end));
    return at != begin;
  };
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if (!consume_digits()) {
    return false;
  }
  if (at != end && *at == '.' && (++at, !consume_digits())) return false;
  if (at != end && (*at == 'e' || *at == 'E')) {
    if (++at != end && (*at == '+' || *at == '-')) ++at;
    if (!consume_digits()) return false;
  }
  return at == end;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

/// The value as written; a null view if it is not closed. simdjson decides by its first character alone what it is, and
/// has not validated it. Consumes it, unless it is a scalar.
std::string_view raw(simdjson::ondemand::value& value) {
  std::string_view text = value.raw_json_token();
  if (text.starts_with('{')) {
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return {};
    if (object.raw_json().get(text) != simdjson::SUCCESS) return {};
  } else if (text.starts_with('[')) {
    simdjson::ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) return {};
    if (array.raw_json().get(text) != simdjson::SUCCESS) return {};
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

/// The text up to the next '"', which must be in the buffer of the object.
std::string_view until_quote(const char* text) {
  constexpr std::uint64_t every = 0x0101010101010101;
  for (const char* at = text;; at += sizeof every) {
    const std::uint64_t differences = word_at(at) ^ every * '"';
    const std::uint64_t zeros = (differences - every) & ~differences & every * 0x80;
    if (zeros != 0) return {text, at + std::countr_zero(zeros) / 8};
  }
}

/// Finds the values of the names in an object. False if it is not an object.
bool find_values(std::string_view object, JsonMembers::Parser& parser) {
  auto document = parser.parser.iterate(padded(parser.buffer, object));
  auto members = document.get_object();
  if (members.error() != simdjson::SUCCESS) return false;
  for (auto next : members) {
    if (next.error() != simdjson::SUCCESS) return false;
    simdjson::ondemand::field&& member = std::move(next).value_unsafe();  // a copy stalls the processor
    std::string_view name = until_quote(member.key().raw());
    if (parser.has_escapes && name.find('\\') != name.npos &&
        member.unescaped_key().get(name) != simdjson::SUCCESS)
      return false;
    const std::uint32_t number = parser.names.find(name);
    if (number == MemberNames::kNone) continue;
    const std::string_view json = raw(member.value());
    if (json.data() == nullptr) return false;
    JsonMembers::Parser::Value& value = parser.values.data()[number];
    value.is_repeated = value.scan == parser.scan;
    value.scan = parser.scan;
    value.json = json;
    value.text = {};
  }
  const char* rest = nullptr;  // anything after the object makes it invalid
  return document.current_location().get(rest) != simdjson::SUCCESS;
}

/// Reads values into fields.
class ValueReader {
 public:
  explicit ValueReader(JsonMembers::Parser& parser) : parser_(parser) {}

  enum class Read : std::uint8_t { text, nothing, unreadable };

  /// Reads the value as the field requires.
  Read read(JsonMembers::Parser::Value& value, const Member& wanted, std::string_view& text) {
    if (is_string(value.json)) return read_string(value, text) ? Read::text : Read::unreadable;
    const bool is_list = value.json.starts_with('[');
    if (value.json == "null" || value.json.starts_with('{')) return Read::nothing;
    if (is_list && wanted.field != Field::codes && wanted.field != Field::event) return Read::nothing;
    if (is_list && !wanted.item.empty()) {
      const bool is_gathered = gather(value.json, wanted.item);
      text = parser_.codes;
      return is_gathered ? Read::text : Read::unreadable;
    }
    text = value.json;
    return is_list || is_plain(value.json) ? Read::text : Read::unreadable;
  }

  /// Reads a string. Anything else, and a string that is not valid JSON, is nothing.
  Read read_for_subject(JsonMembers::Parser::Value& value, std::string_view& text) {
    return is_string(value.json) && read_string(value, text) ? Read::text : Read::nothing;
  }

 private:
  /// The characters of a string, which are unescaped once. False, and `text` is unchanged, if an escape is invalid.
  bool read_string(JsonMembers::Parser::Value& value, std::string_view& text) {
    const std::string_view characters = value.json.substr(1, value.json.size() - 2);
    if (!parser_.has_escapes || characters.find('\\') == characters.npos) {
      text = characters;
      return true;
    }
    if (value.text.data() == nullptr) {
      // Captured views point into it: it has capacity for all texts of the object, and what simdjson writes after one.
      std::string& texts = parser_.texts;
      texts.reserve(parser_.buffer.size() + 1 + simdjson::SIMDJSON_PADDING);
      const std::size_t at = texts.size();
      if (!append(value.json, texts)) return false;
      value.text = std::string_view(texts).substr(at);
    }
    text = value.text;
    return true;
  }

  /// Appends the characters of a string, or a number or boolean as written. False if it is none of these.
  bool append(std::string_view json, std::string& to) {
    if (!is_string(json)) {
      to += json;
      return is_plain(json);
    }
    const std::size_t at = to.size();
    to.resize(at + json.size() + simdjson::SIMDJSON_PADDING);
    auto* end = reinterpret_cast<std::uint8_t*>(to.data() + at);
    const simdjson::ondemand::raw_json_string characters(
        reinterpret_cast<const std::uint8_t*>(json.data() + 1));
    std::string_view text;
    const bool is_valid = parser_.parser.unescape(characters, end).get(text) == simdjson::SUCCESS;
    to.resize(at + text.size());
    return is_valid;
  }

  /// Writes the member `name` of each object in a list to `codes`: "[128,1]". False if an object has it twice or not at
  /// all, or the list is empty.
  bool gather(std::string_view list, std::string_view name) try {
    std::string& codes = parser_.codes;
    codes.clear();
    auto document = parser_.list_parser.iterate(padded(parser_.list, list));
    for (auto item : document.get_array()) {
      std::size_t found = 0;
      for (auto member : item.get_object()) {
        if (std::string_view(member.unescaped_key()) != name) continue;
        codes += codes.empty() ? '[' : ',';
        simdjson::ondemand::value value = member.value();
        const std::string_view json = raw(value);
        if (++found > 1 || json.data() == nullptr || !append(json, codes)) return false;
      }
      if (found == 0) return false;
    }
    if (codes.empty()) return false;
    codes += ']';
    return true;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }

  JsonMembers::Parser& parser_;
};

}  // namespace

JsonMembers::JsonMembers(const MemberNames& names) : parser_(std::make_unique<Parser>(names)) {}
JsonMembers::~JsonMembers() = default;

bool JsonMembers::scan(std::string_view payload) {
  Parser& parser = *parser_;
  ++parser.scan;
  parser.texts.clear();
  if (payload.starts_with('\0')) payload.remove_prefix(1);
  parser.has_escapes = payload.find('\\') != payload.npos;
  parser.is_object = !is_too_deep(payload) && find_values(payload, parser);
  return parser.is_object;
}

bool JsonMembers::read(std::span<const Member> wanted, Captures& captures) const {
  using Read = ValueReader::Read;
  captures.clear();
  if (!parser_->is_object) return false;
  ValueReader reader(*parser_);
  std::string* identity = nullptr;
  bool is_identified = true;
  for (const Member& member : wanted) {
    Parser::Value& value = parser_->values.data()[member.number];
    const bool for_subject = is_for_subject(member.field);
    const bool is_present = value.scan == parser_->scan;
    if (is_present && value.is_repeated) {
      if (!for_subject) return false;
      captures.set_ambiguous(member.field);
    }
    std::string_view text;
    auto read = Read::nothing;
    if (is_present)
      read = for_subject ? reader.read_for_subject(value, text) : reader.read(value, member, text);
    if (read == Read::unreadable) return false;
    if (member.field == Field::identity) {
      if (identity == nullptr) identity = &parser_->identity, identity->clear();
      is_identified = is_identified && read == Read::text;
      identity->append(member.name).append("=").append(std::to_string(text.size())).append(":").append(text);
    } else if (read == Read::text || member.field == Field::who || member.field == Field::address) {
      captures.set(member.field, text);
    }
  }
  if (identity != nullptr && is_identified) captures.set(Field::identity, *identity);
  return true;
}

}  // namespace mre
