// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/subject_reader.h"

#include <algorithm>

namespace mre {
namespace {

/// The fields of the first pattern that matches the text. Where its optional words allow several readings, the
/// fields that differ are ambiguous.
Captures parts_of(const std::vector<std::vector<Pattern>>& patterns, std::string_view text) {
  Captures parts;
  for (const std::vector<Pattern>& expansions : patterns) {
    bool found = false;
    for (const Pattern& pattern : expansions) {
      Captures reading;
      if (!pattern.match(text, reading)) continue;
      if (found) {
        parts.add_reading(reading);
      } else {
        parts = reading;
      }
      found = true;
    }
    if (found) return parts;
  }
  return parts;
}

/// The text of `one`; of `other` if the record does not have `one`.
std::string_view first_of(const Captures& captures, Field one, Field other) {
  const bool is_known = captures.has(one) || captures.ambiguous(one);
  return captures.text_or_empty(is_known ? one : other);
}

void take_apart(const FieldParts& parts, Captures& fields) {
  if (!fields.has(parts.field)) return;
  const Captures read = parts_of(parts.patterns, fields[parts.field]);
  fields.erase(parts.field);
  fields.add(read);
}

/// Mosquitto 2.1 writes the address of a client whose id it does not know yet instead of the id.
bool is_host_of(std::string_view text, std::string_view peer) {
  return !text.empty() && peer.starts_with(text) && peer.substr(text.size()).starts_with(':');
}

}  // namespace

Subject subject_of(const Profile& profile, const Rule& rule, const Captures& captures) {
  Captures fields = captures;
  for (const FieldParts& parts : rule.parts) take_apart(parts, fields);
  for (const FieldParts& parts : profile.parts) {
    if (std::ranges::find(rule.parts, parts.field, &FieldParts::field) == rule.parts.end())
      take_apart(parts, fields);
  }
  Subject subject{first_of(fields, Field::who, Field::client), fields.text_or_empty(Field::user),
                  first_of(fields, Field::address, Field::peer),
                  first_of(fields, Field::topic, Field::filter), fields.text_or_empty(Field::reason_string)};
  for (std::string_view* text :
       {&subject.client, &subject.user, &subject.peer, &subject.topic, &subject.reason_string}) {
    if (std::ranges::find(profile.placeholders, *text) != profile.placeholders.end()) *text = {};
  }
  if (subject.client == profile.unknown_client || is_host_of(subject.client, subject.peer))
    subject.client = {};
  return subject;
}

}  // namespace mre
