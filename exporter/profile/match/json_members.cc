// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/json_members.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace mre {

struct JsonMembers::Parser {
  simdjson::ondemand::parser parser;
  std::string buffer;    // the payload, with the padding that simdjson reads beyond it
  std::string values;    // the captured values, one after another
  std::string identity;  // the values of all identity members, each with its name and length
};

namespace {

using simdjson::ondemand::json_type;

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
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
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

/// A number, a boolean or null as written; simdjson decides which it is by its first character alone.
std::string_view token_of(simdjson::ondemand::value& value) {
  std::string_view text = value.raw_json_token();
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

/// Appends an unescaped string, or a number or boolean as written. False if it is none of these.
bool append_plain(simdjson::ondemand::value& value, json_type type, std::string& values) {
  const std::string_view text =
      type == json_type::string ? std::string_view(value.get_string()) : token_of(value);
  values += text;
  return type == json_type::string || text == "true" || text == "false" || is_number(text);
}

bool is_plain(json_type type) {
  return type == json_type::string || type == json_type::number || type == json_type::boolean;
}

/// Appends the member `name` of each object in a list: "[128,1]". False if an object has it twice or not at
/// all.
bool gather(simdjson::ondemand::value& list, std::string_view name, std::string& values) {
  const std::size_t at = values.size();
  for (auto item : list.get_array()) {
    std::size_t found = 0;
    for (auto member : item.get_object()) {
      if (std::string_view(member.unescaped_key()) != name) continue;
      simdjson::ondemand::value value = member.value();
      const json_type type = value.type();
      if (!is_plain(type) || ++found > 1) return false;
      values += values.size() == at ? '[' : ',';
      if (!append_plain(value, type, values)) return false;
    }
    if (found == 0) return false;
  }
  if (values.size() > at) values += ']';
  return values.size() > at;
}

/// Reads the wanted members of one object into fields.
class MemberReader {
 public:
  /// `values` must have capacity for all texts of the object, because captured views point into it.
  MemberReader(const std::vector<std::pair<Field, std::string>>& wanted, std::string& values,
               std::string& identity, Captures& captures)
      : wanted_(wanted), values_(values), identity_(identity), captures_(captures) {
    for (const auto& [field, name] : wanted_) {
      if (field == Field::who || field == Field::address) captures_.set(field, {});
    }
  }

  /// Adds one member. False if it makes the object invalid.
  bool add(std::string_view key, simdjson::ondemand::value value) {
    std::optional<std::string_view> text;  // simdjson can read a value only once
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const auto& [field, name] = wanted_[i];
      const std::string_view path = name;
      const std::size_t first = field == Field::codes ? std::min(path.find('/'), path.size()) : path.size();
      if (key != path.substr(0, first)) continue;
      if (contains(seen_, i) && !is_for_subject(field)) return false;
      if (contains(seen_, i)) captures_.set_ambiguous(field);
      seen_ |= bit(i);
      if (!text) {  // a member for a subject alone must not make the object invalid
        const std::size_t at = values_.size();
        const Read read = is_for_subject(field)
                              ? read_text(value)
                              : read_value(value, field, path.substr(std::min(first + 1, path.size())));
        if (read == Read::unreadable) return false;
        if (read == Read::nothing) continue;
        text = std::string_view(values_).substr(at);
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
    if (!identity_.empty()) captures_.set(Field::identity, identity_);
  }

 private:
  enum class Read : std::uint8_t { text, nothing, unreadable };

  /// Appends the value as the field requires. `member`: the member of the objects in a list of codes, or
  /// empty.
  Read read_value(simdjson::ondemand::value& value, Field field, std::string_view member) {
    const json_type type = value.type();
    if (is_plain(type)) return append_plain(value, type, values_) ? Read::text : Read::unreadable;
    if (type == json_type::null) return token_of(value) == "null" ? Read::nothing : Read::unreadable;
    const bool is_list = type == json_type::array;
    if (!is_list && type != json_type::object) return Read::unreadable;
    if (!is_list || (field != Field::codes && field != Field::event)) return Read::nothing;
    if (!member.empty()) return gather(value, member, values_) ? Read::text : Read::unreadable;
    values_ += std::string_view(simdjson::to_json_string(value));
    return Read::text;
  }

  /// Appends a string. Anything else, and a string that is not valid JSON, is nothing.
  Read read_text(simdjson::ondemand::value& value) {
    json_type type{};
    std::string_view text;
    if (value.type().get(type) != simdjson::SUCCESS || type != json_type::string ||
        value.get_string().get(text) != simdjson::SUCCESS)
      return Read::nothing;
    values_ += text;
    return Read::text;
  }

  static std::uint64_t bit(std::size_t number) { return std::uint64_t{1} << number; }
  static bool contains(std::uint64_t set, std::size_t number) { return (set & bit(number)) != 0; }

  void identify(std::size_t number, std::string_view text) {
    identified_ |= bit(number);
    identity_.append(wanted_[number].second).append("=").append(std::to_string(text.size())).append(":");
    identity_.append(text);
  }

  const std::vector<std::pair<Field, std::string>>& wanted_;
  std::string& values_;
  std::string& identity_;
  Captures& captures_;
  std::uint64_t seen_ = 0;        // bit set of the wanted members that occurred, by index
  std::uint64_t identified_ = 0;  // of these, the identity members with a value
};

}  // namespace

JsonMembers::JsonMembers() : parser_(std::make_unique<Parser>()) {}
JsonMembers::~JsonMembers() = default;

bool JsonMembers::read(std::string_view payload, const std::vector<std::pair<Field, std::string>>& wanted,
                       Captures& captures) {
  if (payload.starts_with('\0')) payload.remove_prefix(1);
  captures.clear();
  if (is_too_deep(payload)) return false;
  std::string& buffer = parser_->buffer;
  buffer.assign(payload);
  buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
  parser_->values.clear();
  parser_->values.reserve(buffer.size() + 1);
  parser_->identity.clear();
  MemberReader reader(wanted, parser_->values, parser_->identity, captures);
  try {
    auto document = parser_->parser.iterate(
        simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity()));
    for (auto member : document.get_object()) {
      const std::string_view key = member.unescaped_key();
      if (!reader.add(key, member.value())) return false;
    }
    reader.finish();
    const char* rest = nullptr;  // anything after the object makes it invalid
    return document.current_location().get(rest) != simdjson::SUCCESS;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

}  // namespace mre
