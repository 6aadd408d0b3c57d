#include "exporter/profile/json_members.h"

#include <simdjson.h>

#include <string>

namespace mre {

struct JsonMembers::Parser {
  simdjson::ondemand::parser parser;
  std::string buffer;  // the payload, with the padding that simdjson reads beyond it
  std::string values;  // the captured values, one after another
};

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
  try {
    auto document = parser_->parser.iterate(
        simdjson::padded_string_view(buffer.data(), buffer.size(), buffer.capacity()));
    for (auto member : document.get_object()) {
      const std::string_view key = member.unescaped_key();
      simdjson::ondemand::value value = member.value();
      for (const auto& [field, name] : wanted) {
        if (name != key) continue;
        if (captures.has(field)) return false;
        const simdjson::ondemand::json_type type = value.type();
        std::string_view text;
        if (type == simdjson::ondemand::json_type::string) {
          text = value.get_string();
        } else if (type == simdjson::ondemand::json_type::number ||
                   type == simdjson::ondemand::json_type::boolean) {
          text = value.raw_json_token();
          while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
        } else if (type == simdjson::ondemand::json_type::array && field == Field::codes) {
          text = simdjson::to_json_string(value);
        } else {
          break;
        }
        const std::size_t at = values.size();
        values.append(text);
        captures.set(field, std::string_view(values).substr(at));
        break;
      }
    }
    const char* rest = nullptr;  // anything after the object makes it none
    return document.current_location().get(rest) != simdjson::SUCCESS;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

}  // namespace mre
