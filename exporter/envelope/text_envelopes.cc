#include "exporter/envelope/text_envelopes.h"

#include <algorithm>
#include <array>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr bool is_name(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_' || c == ':';
}
constexpr bool is_tag(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_' || c == '/' || c == '@';
}

/// What is left of a line, taken from the left. A `take` that returns false has taken nothing that matters:
/// the line is refused.
class Words {
 public:
  explicit Words(std::string_view line) : rest_(line) {}

  std::string_view rest() const { return rest_; }

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  std::string_view take_while(auto in_class) {
    const auto end = std::ranges::find_if_not(rest_, in_class);
    const auto taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  /// 9 is a digit and other characters are themselves: "9999-99-99T99:99:99".
  bool take_shape(std::string_view shape) {
    if (rest_.size() < shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == '9' ? !is_digit(rest_[i]) : rest_[i] != shape[i]) return false;
    }
    rest_.remove_prefix(shape.size());
    return true;
  }

 private:
  std::string_view rest_;
};

/// RFC 3339 with a zone, which journalctl -o short-iso writes without its colon.
bool take_time(Words& words) {
  if (!words.take_shape("9999-99-99T99:99:99")) return false;
  if (words.take(".") && words.take_while(is_digit).empty()) return false;
  if (words.take("Z")) return true;
  return (words.take("+") || words.take("-")) && (words.take_shape("99:99") || words.take_shape("9999"));
}

/// "Nov 22 05:08:45"; a day of one digit stands behind two spaces.
bool take_bsd_time(Words& words) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (std::ranges::none_of(kMonths, [&](std::string_view month) { return words.take(month); })) return false;
  return words.take_shape(" 99 99:99:99") || words.take_shape("  9 99:99:99");
}

/// "<0>" to "<191>".
bool take_priority(Words& words) {
  if (!words.take("<")) return false;
  const std::string_view digits = words.take_while(is_digit);
  if (digits.empty() || digits.size() > 3) return false;
  int value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value <= 191 && words.take(">");
}

/// One field of an RFC 5424 header and the space behind it.
bool take_field(Words& words) {
  return !words.take_while([](char c) { return c > ' ' && c <= '~'; }).empty() && words.take(" ");
}

/// key="value", whose quotes, backslashes and closing brackets are escaped.
bool take_parameter(Words& words) {
  const auto in_name = [](char c) { return c > ' ' && c <= '~' && c != '=' && c != ']' && c != '"'; };
  if (words.take_while(in_name).empty() || !words.take("=\"")) return false;
  for (;;) {
    words.take_while([](char c) { return c != '"' && c != '\\' && c != ']'; });
    if (words.take("\"")) return true;
    if (!words.take("\\")) return false;
    if (!words.take("\"") && !words.take("]")) words.take("\\");  // any other pair is the two as they stand
  }
}

bool take_structured_data(Words& words) {
  if (words.take("-")) return true;
  std::size_t elements = 0;
  for (; words.take("["); ++elements) {
    const auto in_name = [](char c) { return c > ' ' && c <= '~' && c != '=' && c != ']' && c != '"'; };
    if (words.take_while(in_name).empty()) return false;
    while (words.take(" ")) {
      if (!take_parameter(words)) return false;
    }
    if (!words.take("]")) return false;
  }
  return elements > 0;
}

}  // namespace

Opened open_cri(std::string_view line) {
  Words words(line);
  if (!take_time(words) || !words.take(" ")) return {};
  Opened opened;
  if (!read_stream(words.take_while(is_letter), opened.stream) || !words.take(" ")) return {};
  if (words.take("F")) {
    opened.kind = Opened::Kind::line;
  } else if (words.take("P")) {
    opened.kind = Opened::Kind::piece;
  } else {
    return {};
  }
  if (words.take(":")) words.take_while([](char c) { return c != ' '; });
  if (!words.take(" ") && !words.rest().empty()) return {};
  opened.text = words.rest();
  return opened;
}

Opened open_syslog_3164(std::string_view line, Syslog3164 which) {
  Words words(line);
  const bool has_priority = line.starts_with('<');
  if (has_priority && !take_priority(words)) return {};
  if (!(take_bsd_time(words) || take_time(words)) || !words.take(" ")) return {};
  if (words.take_while(is_name).empty() || !words.take(" ")) return {};
  if (words.take_while(is_tag).empty()) return {};
  const bool has_pid = words.take("[");
  if (has_pid && (words.take_while(is_digit).empty() || !words.take("]"))) return {};
  if (!words.take(":")) return {};
  if (!words.take(" ") && !words.rest().empty()) return {};
  if (which == Syslog3164::certain && !has_priority && !has_pid) return {};
  return {Opened::Kind::line, words.rest()};
}

Opened open_syslog_5424(std::string_view line) {
  Words words(line);
  if (!take_priority(words) || !words.take("1 ")) return {};
  if (!(words.take("-") || take_time(words)) || !words.take(" ")) return {};
  for (int field = 0; field < 4; ++field) {  // host, application, process, message id
    if (!take_field(words)) return {};
  }
  if (!take_structured_data(words)) return {};
  if (words.take(" ")) {
    words.take("\xEF\xBB\xBF");
  } else if (!words.rest().empty()) {
    return {};
  }
  return {Opened::Kind::line, words.rest()};
}

}  // namespace mre
