// SPDX-License-Identifier: Apache-2.0
// A query is split into words, and a row must match all of them. A word that is in the name, or that is a code, packet,
// version or class, is a strong match. A word that is only in the meaning or the first step is a weak match.
#include "exporter/mqtt/reason_search.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

#include "exporter/base/text.h"

namespace mre::mqtt {
namespace {

bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }

/// Letters and digits only, in lower case: "keep-alive", "KeepAlive" and "keep_alive" are the same.
std::string squeezed(std::string_view text) {
  std::string out = lower_case(text);
  std::erase_if(out, [](char c) { return !is_alphanumeric(c); });
  return out;
}

/// Whether a word of `text` begins with `word`, which is in lower case.
bool begins_a_word(std::string_view text, std::string_view word) {
  const std::string haystack = lower_case(text);
  for (auto at = haystack.find(word); at != haystack.npos; at = haystack.find(word, at + 1)) {
    if (at == 0 || !is_alphanumeric(haystack[at - 1])) return true;
  }
  return false;
}

bool is_in_name(const Reason& reason, std::string_view wanted) {
  return squeezed(reason.name).find(wanted) != std::string::npos ||
         squeezed(reason.label).find(wanted) != std::string::npos;
}

bool matches_word(const CloseReasonRow& row, std::string_view word) {
  const std::string wanted = squeezed(word);
  if (wanted.empty() || code_number(word)) return false;
  return squeezed(row.label).find(wanted) != std::string::npos || wanted == to_string(row.cls) ||
         begins_a_word(row.meaning, lower_case(word));
}

Match match_all(const Reason& reason, const std::vector<std::string_view>& words) {
  Match all = Match::strong;
  for (const std::string_view word : words) all = std::min(all, match_word(reason, word));
  return all;
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view query) {
  constexpr std::string_view kBlanks = " \t\r\n";
  std::vector<std::string_view> words;
  for (auto at = query.find_first_not_of(kBlanks); at != query.npos; at = query.find_first_not_of(kBlanks)) {
    query.remove_prefix(at);
    words.push_back(query.substr(0, query.find_first_of(kBlanks)));
    query.remove_prefix(words.back().size());
  }
  return words;
}

std::optional<unsigned> code_number(std::string_view word) {
  const bool hex = word.size() > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
  if (hex) word.remove_prefix(2);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, hex ? 16 : 10);
  if (end != word.data() + word.size() || error == std::errc::invalid_argument) return std::nullopt;
  return error == std::errc{} ? std::min(value, 256U) : 256U;
}

Match match_word(const Reason& reason, std::string_view word) {
  const auto strong_if = [](bool yes) { return yes ? Match::strong : Match::none; };
  if (const auto code = code_number(word)) return strong_if(reason.code == *code);
  if (const auto packet = packet_from(word)) return strong_if(contains(reason.packets, *packet));
  if (const auto protocol = protocol_from(word); protocol && *protocol != Protocol::unknown) {
    return strong_if((reason.protocol == Protocol::v5) == (*protocol == Protocol::v5));
  }
  const std::string wanted = squeezed(word);
  if (wanted.empty()) return Match::none;
  if (is_in_name(reason, wanted) || wanted == to_string(reason.cls)) return Match::strong;
  const std::string as_written = lower_case(word);
  const bool described =
      begins_a_word(reason.meaning, as_written) || begins_a_word(reason.first_step, as_written);
  return described ? Match::weak : Match::none;
}

ReasonMatches find_reasons(std::string_view query) {
  ReasonMatches found;
  const std::vector<std::string_view> words = words_of(query);
  if (words.empty()) return found;
  const std::string phrase = words.size() > 1 ? squeezed(query) : std::string();
  for (const Reason& reason : reasons()) {
    const Match match =
        !phrase.empty() && is_in_name(reason, phrase) ? Match::strong : match_all(reason, words);
    if (match == Match::strong) found.strong.push_back(&reason);
    if (match == Match::weak) found.weak.push_back(&reason);
  }
  if (const auto alias = code_from_name(query);
      found.strong.empty() && alias) {  // a name that only brokers use
    for (const Reason& reason : reasons()) {
      if (reason.protocol == Protocol::v5 && reason.code == *alias) found.strong.push_back(&reason);
    }
  }
  if (found.strong.empty()) found.strong.swap(found.weak);
  return found;
}

std::vector<const CloseReasonRow*> find_reasons_without_code(std::string_view query) {
  std::vector<const CloseReasonRow*> found;
  const std::vector<std::string_view> words = words_of(query);
  for (const CloseReasonRow& row : close_reasons()) {
    const auto matches = [&](std::string_view word) { return matches_word(row, word); };
    if (!has_code(row.label) && std::ranges::all_of(words, matches)) found.push_back(&row);
  }
  return found;
}

}  // namespace mre::mqtt
