// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/read_subscribe.h"

#include <algorithm>
#include <array>

#include "exporter/base/join.h"
#include "exporter/base/text.h"
#include "exporter/profile/match/code_reader.h"

namespace mre {
namespace {

struct Row {
  std::string_view word;
  SubscribeLine line;
  std::optional<Field> needs;  // the field that its pattern must contain
};

constexpr std::array kRows = {
    Row{"subscribe-received", SubscribeLine::subscribe_received, Field::client},
    Row{"filter", SubscribeLine::filter, Field::filter},
    Row{"filter-denied", SubscribeLine::filter_denied, Field::filter},
    Row{"suback-sent", SubscribeLine::suback_sent, Field::client},
    Row{"unsubscribe-received", SubscribeLine::unsubscribe_received, Field::client},
    Row{"unsubscribe-filter", SubscribeLine::unsubscribe_filter, Field::filter},
    Row{"unsuback-sent", SubscribeLine::unsuback_sent, {}},
    Row{"log-types-change", SubscribeLine::log_types_change, {}},
};

/// Reads the "repeated_as" text of the rule. Returns the error; empty if there is none.
std::string read_repeated(std::string_view text, Rule& rule) {
  for (std::size_t open = text.find('{'); open != std::string_view::npos; open = text.find('{')) {
    const std::size_t end = text.find('}', open);
    if (end == std::string_view::npos) return "a '{' has no '}'";
    const std::string_view name = text.substr(open + 1, end - open - 1);
    const std::array fields = {Field::client, Field::code, Field::filter};
    const auto field = std::ranges::find(fields, name, [](Field one) { return to_string(one); });
    if (field == fields.end() || (*field != Field::client && !rule.reads_field(*field)))
      return "{" + std::string(name) +
             "} is not available here: use {client}, and {code} or {filter} if the line has them";
    rule.repeated_as.push_back({std::string(text.substr(0, open)), *field});
    text.remove_prefix(end + 1);
  }
  if (!text.empty()) rule.repeated_as.push_back({std::string(text), {}});
  return {};
}

}  // namespace

void read_subscribe(const YamlNode& node, ProfileReader& read, Rule& rule) {
  if (const auto* since = read.find(node, "since"))
    rule.since = read.word(*since, version_from, "a version like 2.1");
  const auto* repeated = read.find(node, "repeated_as");
  if (const auto* part = read.find(node, "subscribe")) {
    const std::string word = read.text(*part);
    const auto row = std::ranges::find(kRows, word, &Row::word);
    if (row == kRows.end()) return read.refuse_word(*part, join(kRows, " ", &Row::word));
    rule.subscribe = row->line;
    if (row->needs && !rule.reads_field(*row->needs))
      read.refuse(part->at, "the line must have {" + std::string(to_string(*row->needs)) + "}");
    if (rule.echo != kNoEcho || rule.waits)
      read.refuse(part->at,
                  "a rule with \"subscribe\" cannot have \"echo\" or \"waits\": a SUBACK is logged once");
    if (std::ranges::any_of(rule.cases,
                            [](const Case& c) { return c.emission.kind == Emission::Kind::close; }))
      read.refuse(
          part->at,
          "a rule with \"subscribe\" cannot have a \"close\" case: a SUBACK does not end the connection");
    if (std::ranges::any_of(rule.cases,
                            [](const Case& c) { return c.emission.kind == Emission::Kind::denial; }))
      read.refuse(
          part->at,
          "a rule with \"subscribe\" cannot have a \"denied\" case: a SUBACK has a code for each filter");
  }
  const bool is_filter =
      rule.subscribe == SubscribeLine::filter || rule.subscribe == SubscribeLine::unsubscribe_filter;
  if (is_filter != (repeated != nullptr))
    read.refuse(
        node.at,
        "\"repeated_as\" is required with \"subscribe: filter\" and \"subscribe: unsubscribe-filter\", and "
        "invalid otherwise");
  if (repeated == nullptr) return;
  if (const auto wrong = read_repeated(read.text(*repeated), rule); !wrong.empty())
    read.refuse(repeated->at, wrong);
}

}  // namespace mre
