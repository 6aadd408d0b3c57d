#include "exporter/profile/json_members.h"

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

std::string_view plain_text(simdjson::ondemand::value& value, json_type type) {
  if (type == json_type::string) return value.get_string();
  std::string_view text = value.raw_json_token();
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
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
      values += plain_text(value, type);
    }
    if (found == 0) return false;
  }
  if (values.size() > at) values += ']';
  return values.size() > at;
}

/// Takes the wanted members of one object into fields.
class Taker {
 public:
  /// `values` has room for all texts of the object: no captured view may move.
  Taker(const std::vector<std::pair<Field, std::string>>& wanted, std::string& values, std::string& identity,
        Captures& captures)
      : wanted_(wanted), values_(values), identity_(identity), captures_(captures) {}

  /// One member of the object. False if it makes the object unreadable.
  bool take(std::string_view key, simdjson::ondemand::value value) {
    std::optional<std::string_view> text;  // a value can be read once only
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      const auto& [field, name] = wanted_[i];
      const std::string_view path = name;
      const std::size_t first = field == Field::codes ? std::min(path.find('/'), path.size()) : path.size();
      if (key != path.substr(0, first)) continue;
      if (field == Field::identity ? is_identified(i) : captures_.has(field)) return false;
      if (!text) {
        const std::size_t at = values_.size();
        const Read read = read_value(value, field, path.substr(std::min(first + 1, path.size())));
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

  /// All members were taken.
  void finish() {
    for (std::size_t i = 0; i < wanted_.size(); ++i) {
      if (wanted_[i].first == Field::identity && !is_identified(i)) return;
    }
    if (!identity_.empty()) captures_.set(Field::identity, identity_);
  }

 private:
  enum class Read : std::uint8_t { text, nothing, unreadable };

  /// Appends the value as the field wants it. `member`: of the objects in a list of codes, or empty.
  Read read_value(simdjson::ondemand::value& value, Field field, std::string_view member) {
    const json_type type = value.type();
    if (is_plain(type)) {
      values_ += plain_text(value, type);
      return Read::text;
    }
    if (type != json_type::array || (field != Field::codes && field != Field::event)) return Read::nothing;
    if (!member.empty()) return gather(value, member, values_) ? Read::text : Read::unreadable;
    values_ += std::string_view(simdjson::to_json_string(value));
    return Read::text;
  }

  bool is_identified(std::size_t number) const { return ((identified_ >> number) & 1U) != 0; }

  void identify(std::size_t number, std::string_view text) {
    identified_ |= std::uint64_t{1} << number;
    identity_.append(wanted_[number].second).append("=").append(std::to_string(text.size())).append(":");
    identity_.append(text);
  }

  const std::vector<std::pair<Field, std::string>>& wanted_;
  std::string& values_;
  std::string& identity_;
  Captures& captures_;
  std::uint64_t identified_ = 0;  // bit set of the identity members that were found, by their place
};

}  // namespace

JsonMembers::JsonMembers() : parser_(std::make_unique<Parser>()) {}
JsonMembers::~JsonMembers() = default;

bool JsonMembers::read(std::string_view payload, const std::vector<std::pair<Field, std::string>>& wanted,
                       Captures& captures) {
  if (payload.starts_with('\0')) payload.remove_prefix(1);
  captures.clear();
  std::string& buffer = parser_->buffer;
  buffer.assign(payload);
  buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
  parser_->values.clear();
  parser_->values.reserve(buffer.size() + 1);
  parser_->identity.clear();
  Taker taker(wanted, parser_->values, parser_->identity, captures);
  try {
    auto document = parser_->parser.iterate(
        simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity()));
    for (auto member : document.get_object()) {
      const std::string_view key = member.unescaped_key();
      if (!taker.take(key, member.value())) return false;
    }
    taker.finish();
    const char* rest = nullptr;  // anything after the object makes it none
    return document.current_location().get(rest) != simdjson::SUCCESS;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

}  // namespace mre
