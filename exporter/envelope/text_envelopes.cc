// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/text_envelopes.h"

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/envelope/times.h"
#include "exporter/envelope/words.h"

namespace mre {
namespace {

constexpr bool is_name(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_' || c == ':';
}
constexpr bool is_tag(char c) {
  return is_digit(c) || is_letter(c) || std::string_view(".-_/@\\").find(c) != std::string_view::npos;
}
/// Of a name in Kubernetes (RFC 1123).
constexpr bool is_label(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.'; }
constexpr bool is_space(char c) { return c == ' '; }

/// The space before the text; a line without text may end before it.
bool take_gap(Words& words) { return words.take(" ") || words.rest().empty(); }

Opened line_of(std::string_view text, std::string_view service, bool certain) {
  return {.kind = Opened::Kind::line, .text = text, .certain = certain, .service = service};
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

/// Consumes "[pid]". False: there are brackets, and not that.
bool take_pid(Words& words, bool& has_pid) {
  has_pid = words.take("[");
  return !has_pid || (!words.take_while(is_digit).empty() && words.take("]"));
}

/// Consumes the word and the space before a tag: the host, or busybox' "daemon.notice" after it.
bool take_before_tag(Words& words, bool is_first) {
  constexpr std::string_view kSeverities[] = {"emerg", "alert",  "crit", "err",
                                              "warn",  "notice", "info", "debug"};
  const std::string_view word = words.take_while(is_name);
  if (word.empty() || !words.take(" ")) return false;
  const std::string_view severity = word.substr(std::min(word.find('.'), word.size() - 1) + 1);
  return is_first || std::ranges::find(kSeverities, severity) != std::end(kSeverities);
}

/// Consumes "tag[pid]:" or "tag:". Otherwise nothing.
bool take_tag(Words& words, std::string_view& tag, bool& has_pid) {
  Words tried = words;
  tag = tried.take_while(is_tag);
  if (tag.empty() || !take_pid(tried, has_pid) || !tried.take(":")) return false;
  if (!take_gap(tried)) return false;
  words = tried;
  return true;
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

Opened open_syslog_3164(std::string_view line) {
  Words words(line);
  const bool has_priority = line.starts_with('<');
  if (has_priority && !take_priority(words)) return {};
  if (!take_syslog_time(words) || !words.take(" ")) return {};
  std::string_view tag;
  bool has_pid = false;
  // Without a host only a process id makes the first word a tag.
  for (int before = 0; !take_tag(words, tag, has_pid) || (before == 0 && !has_pid); ++before) {
    if (before == 2 || !take_before_tag(words, before == 0)) return {};
  }
  return line_of(words.rest(), tag, has_priority || has_pid);
}

Opened open_syslog_5424(std::string_view line) {
  Words words(line);
  if (!take_priority(words) || !words.take("1 ")) return {};
  if (!(words.take("-") || take_time(words)) || !words.take(" ")) return {};
  if (!take_field(words)) return {};  // host
  const std::string_view application = words.rest().substr(0, words.rest().find(' '));
  for (int field = 0; field < 3; ++field) {  // application, process, message id
    if (!take_field(words)) return {};
  }
  if (!take_structured_data(words)) return {};
  if (words.take(" ")) {
    words.take("\xEF\xBB\xBF");
  } else if (!words.rest().empty()) {
    return {};
  }
  return line_of(words.rest(), application == "-" ? std::string_view{} : application, true);
}

Opened open_compose(std::string_view line) {
  Words words(line);
  if (words.take_shape("99:99:99")) {  // foreman
    if (!words.take(" ")) return {};
  }
  const bool brackets = words.take("[");
  const std::string_view name = words.take_while(is_tag);
  if (std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; })) return {};
  if (brackets && !words.take("]")) return {};
  if (words.take_while(is_space).empty() || !words.take("|")) return {};
  words.take(" ");  // not from nerdctl
  // "service.1.taskid@node", "service-1", "project_service_1": all are one service.
  std::string_view service = name.substr(0, name.find('.'));
  const std::size_t end = service.find_last_not_of("0123456789");
  if (end != std::string_view::npos && end > 0 && end + 1 < service.size() &&
      (service[end] == '-' || service[end] == '_'))
    service = service.substr(0, end);
  return line_of(words.rest(), service, true);
}

Opened open_kubectl(std::string_view line) {
  Words words(line);
  if (!words.take("[")) return {};
  const bool certain = words.take("pod/");
  const std::string_view separator = certain ? "/" : " ";
  std::string_view container = words.take_while(is_label);
  if (container.empty()) return {};
  if (words.take(separator)) {
    container = words.take_while(is_label);
    if (container.empty()) return {};
  } else if (certain) {
    return {};
  }
  if (!words.take("]") || !take_gap(words)) return {};
  return line_of(words.rest(), container, certain);
}

Opened open_logcli(std::string_view line) {
  Words words(line);
  if (!take_time(words) || !words.take(" {")) return {};
  std::string_view service;
  for (bool first = true; !words.take("}"); first = false) {
    if (!first && !words.take(", ")) return {};
    const std::string_view name =
        words.take_while([](char c) { return is_digit(c) || is_letter(c) || c == '_'; });
    if (name.empty() || !words.take("=\"")) return {};
    const std::string_view rest = words.rest();
    while (!words.take("\"")) {
      words.take_while([](char c) { return c != '"' && c != '\\'; });
      if (words.take("\\")) words.skip(std::min<std::size_t>(1, words.rest().size()));
      if (words.rest().empty()) return {};
    }
    if (name == "container" || name == "container_name")
      service = rest.substr(0, rest.size() - words.rest().size() - 1);
  }
  if (words.take_while(is_space).empty() && !words.rest().empty()) return {};
  return line_of(words.rest(), service, true);
}

Opened open_timestamp(std::string_view line) {
  Words words(line);
  const bool certain = take_nanosecond_time(words);
  if (!certain && !take_time(words) && !words.take_shape("99-99 99:99:99")) {  // that is stern's short time
    words = Words(line);
    if (!words.take_shape("9999-99-99T99:99:99")) return {};
  }
  if (!take_gap(words)) return {};
  return line_of(words.rest(), {}, certain);
}

Opened open_aws_logs(std::string_view line) {
  Words words(line);
  if (!take_time(words) || !words.take(" ")) return {};
  if (words.take_while([](char c) { return c > ' ' && c <= '~' && c != ':' && c != '*'; }).empty()) return {};
  if (!take_gap(words)) return {};
  return line_of(words.rest(), {}, false);
}

Opened open_fluent_bit(std::string_view line) {
  const auto in_tag = [](char c) { return c > ' ' && c <= '~'; };
  const auto in_time = [](char c) { return is_digit(c) || c == '.'; };
  const auto in_key = [](char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '.' || c == '-'; };
  Words words(line);
  if (!words.take("[") || words.take_while(is_digit).empty() || !words.take("] ")) return {};
  if (!words.take_while(in_tag).ends_with(':') || !words.take(" [")) return {};
  const bool has_metadata = words.take("[");
  if (words.take_while(in_time).empty() || !words.take(has_metadata ? ", {}], {\"" : ", {\"")) return {};
  if (words.take_while(in_key).empty() || !words.take("\"=>\"")) return {};
  std::string_view text = words.rest();
  if (!text.ends_with("\"}]") || text.find("\"=>") != std::string_view::npos) return {};
  text.remove_suffix(3);
  Opened opened = line_of(text, {}, true);
  opened.coloured = true;
  return opened;
}

namespace {

/// So many names, the last of which is the container's, and the text.
Opened open_pod(std::string_view line, int names) {
  Words words(line);
  std::string_view container;
  for (int name = 0; name < names; ++name) {
    container = words.take_while(is_label);
    if (container.empty() || !words.take(" ")) return {};
  }
  return line_of(words.rest(), container, false);
}

}  // namespace

Opened open_stern(std::string_view line) { return open_pod(line, 2); }
Opened open_stern_namespaces(std::string_view line) { return open_pod(line, 3); }

std::span<const TextEnvelope> text_envelopes() {
  static constexpr TextEnvelope kAll[] = {
      {Envelope::cri, open_cri},
      {Envelope::syslog_5424, open_syslog_5424},
      {Envelope::syslog_3164, open_syslog_3164},
      {Envelope::compose, open_compose},
      {Envelope::kubectl, open_kubectl},
      {Envelope::logcli, open_logcli},
      {Envelope::fluent_bit, open_fluent_bit},
      {Envelope::timestamp, open_timestamp},
      {Envelope::aws_logs, open_aws_logs},
      {Envelope::stern, open_stern},
      {Envelope::stern_namespaces, open_stern_namespaces},
  };
  return kAll;
}

}  // namespace mre
