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

/// The error of a "repeated_as" text; empty if it is valid.
std::string error_of(const Rule& rule) {
  const std::string_view words = rule.repeated_as;
  for (std::size_t open = words.find('{'); open != std::string_view::npos; open = words.find('{', open + 1)) {
    const std::string_view name = words.substr(open + 1, words.find('}', open) - open - 1);
    const bool known = name == "client" || (name == "code" && rule.reads_field(Field::code)) ||
                       (name == "filter" && rule.reads_field(Field::filter));
    if (!known)
      return "{" + std::string(name) +
             "} is not available here: use {client}, and {code} or {filter} if the line has them";
  }
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
  rule.repeated_as = read.text(*repeated);
  if (const auto wrong = error_of(rule); !wrong.empty()) read.refuse(repeated->at, wrong);
}

}  // namespace mre
