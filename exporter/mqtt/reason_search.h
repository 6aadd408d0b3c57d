// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "exporter/mqtt/close_reason.h"
#include "exporter/mqtt/reason_code.h"

namespace mre::mqtt {

/// How well a row answers a query.
enum class Match {
  none,
  weak,   ///< A word is only in the meaning or in the first step.
  strong  ///< Each word is in the name, or is the code, a packet, the version or the class.
};

/// The words of a query, separated by blanks.
std::vector<std::string_view> words_of(std::string_view query);

/// "0x87" or "135"; more than a byte can hold is 256, which no code is. nullopt if it is not a number.
std::optional<unsigned> code_number(std::string_view word);

/// The match of one word.
Match match_word(const Reason& reason, std::string_view word);

struct ReasonMatches {
  std::vector<const Reason*> strong;  ///< What was asked for. Weak matches if there is no strong one.
  std::vector<const Reason*> weak;    ///< What may interest, too.
};

/// Searches the reason codes. Each word of `query` narrows the answer: a code ("0x87", "135"), a packet
/// ("UNSUBACK"), a version ("3.1.1"), a class ("error"), a name or part of it in any spelling, or a word of
/// the meaning. The words together may also be a part of a name ("not auth") or an alias that some broker
/// uses. Any bytes are allowed. Both lists are in the order of reasons(), and empty if nothing matches.
ReasonMatches find_reasons(std::string_view query);

/// The reasons of ends and denials that no code has (close_reasons() without those of the standard) and that
/// match each word of `query`: by a part of the label, the class, or a word of the meaning. All of them if
/// `query` has no word.
std::vector<const CloseReasonRow*> find_reasons_without_code(std::string_view query);

}  // namespace mre::mqtt
