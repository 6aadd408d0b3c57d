#include "exporter/profile/json_members.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
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

}  // namespace

JsonMembers::JsonMembers() : parser_(std::make_unique<Parser>()) {}
JsonMembers::~JsonMembers() = default;

bool JsonMembers::read(std::string_view payload, const std::vector<std::pair<Field, std::string>>& wanted,
                       Captures& captures) {
  if (payload.starts_with('\0')) payload.remove_prefix(1);
  captures.clear();
  std::string& buffer = parser_->buffer;
  std::string& values = parser_->values;
  buffer.assign(payload);
  values.clear();
  values.reserve(buffer.size() + 1);  // no captured view may move
  buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
  parser_->identity.clear();
  std::uint64_t identified =
      0;  // bit set of the identity members that were found, by their place in `wanted`
  try {
    auto document = parser_->parser.iterate(
        simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity()));
    for (auto member : document.get_object()) {
      const std::string_view key = member.unescaped_key();
      simdjson::ondemand::value value = member.value();
      std::size_t at = std::string::npos;  // where its text begins in `values`, once it is read
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto& [field, name] = wanted[i];
        const std::size_t path = field == Field::codes ? std::min(name.find('/'), name.size()) : name.size();
        if (key != std::string_view(name).substr(0, path)) continue;
        if (field == Field::identity ? ((identified >> i) & 1U) != 0 : captures.has(field)) return false;
        if (at == std::string::npos) {
          const json_type type = value.type();
          at = values.size();
          if (is_plain(type)) {
            values += plain_text(value, type);
          } else if (type != json_type::array || (field != Field::codes && field != Field::event)) {
            break;
          } else if (path == name.size()) {
            values += std::string_view(simdjson::to_json_string(value));
          } else if (!gather(value, std::string_view(name).substr(path + 1), values)) {
            return false;
          }
        }
        const auto text = std::string_view(values).substr(at);
        if (field == Field::identity) {
          identified |= std::uint64_t{1} << i;
          parser_->identity.append(name)
              .append("=")
              .append(std::to_string(text.size()))
              .append(":")
              .append(text);
        } else {
          captures.set(field, text);
        }
      }
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].first == Field::identity && ((identified >> i) & 1U) == 0) parser_->identity.clear();
    }
    if (!parser_->identity.empty()) captures.set(Field::identity, parser_->identity);
    const char* rest = nullptr;  // anything after the object makes it none
    return document.current_location().get(rest) != simdjson::SUCCESS;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

}  // namespace mre
