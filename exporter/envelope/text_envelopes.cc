// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/text_envelopes.h"

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/envelope/text_cursor.h"
#include "exporter/envelope/times.h"

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

/// The space in front of the text; a line without text may end before it.
bool consume_gap(TextCursor& cursor) { return cursor.consume(" ") || cursor.rest().empty(); }

Opened line_of(std::string_view text, std::string_view service, bool certain) {
  return {.kind = Opened::Kind::line, .text = text, .certain = certain, .service = service};
}

/// "<0>" to "<191>".
bool consume_priority(TextCursor& cursor) {
  if (!cursor.consume("<")) return false;
  const std::string_view digits = cursor.consume_while(is_digit);
  if (digits.empty() || digits.size() > 3) return false;
  int value = 0;
  for (const char digit : digits) value = 10 * value + (digit - '0');
  return value <= 191 && cursor.consume(">");
}

/// One field of an RFC 5424 header and the following space.
bool consume_field(TextCursor& cursor) {
  return !cursor.consume_while([](char c) { return c > ' ' && c <= '~'; }).empty() && cursor.consume(" ");
}

/// key="value", whose quotes, backslashes and closing brackets are escaped.
bool consume_parameter(TextCursor& cursor) {
  const auto in_name = [](char c) { return c > ' ' && c <= '~' && c != '=' && c != ']' && c != '"'; };
  if (cursor.consume_while(in_name).empty() || !cursor.consume("=\"")) return false;
  for (;;) {
    cursor.consume_while([](char c) { return c != '"' && c != '\\' && c != ']'; });
    if (cursor.consume("\"")) return true;
    if (!cursor.consume("\\")) return false;
    if (!cursor.consume("\"") && !cursor.consume("]")) cursor.consume("\\");  // any other pair is literal
  }
}

bool consume_structured_data(TextCursor& cursor) {
  if (cursor.consume("-")) return true;
  std::size_t elements = 0;
  for (; cursor.consume("["); ++elements) {
    const auto in_name = [](char c) { return c > ' ' && c <= '~' && c != '=' && c != ']' && c != '"'; };
    if (cursor.consume_while(in_name).empty()) return false;
    while (cursor.consume(" ")) {
      if (!consume_parameter(cursor)) return false;
    }
    if (!cursor.consume("]")) return false;
  }
  return elements > 0;
}

/// Consumes "[pid]". False if there are brackets with other content.
bool consume_pid(TextCursor& cursor, bool& has_pid) {
  has_pid = cursor.consume("[");
  return !has_pid || (!cursor.consume_while(is_digit).empty() && cursor.consume("]"));
}

/// Consumes the word and the space before a tag: the host, or busybox' "daemon.notice" after it.
bool consume_before_tag(TextCursor& cursor, bool is_first) {
  constexpr std::string_view kSeverities[] = {"emerg", "alert",  "crit", "err",
                                              "warn",  "notice", "info", "debug"};
  const std::string_view word = cursor.consume_while(is_name);
  if (word.empty() || !cursor.consume(" ")) return false;
  const std::string_view severity = word.substr(std::min(word.find('.'), word.size() - 1) + 1);
  return is_first || std::ranges::find(kSeverities, severity) != std::end(kSeverities);
}

/// Consumes "tag[pid]:" or "tag:". Otherwise nothing.
bool consume_tag(TextCursor& cursor, std::string_view& tag, bool& has_pid) {
  TextCursor tried = cursor;
  tag = tried.consume_while(is_tag);
  if (tag.empty() || !consume_pid(tried, has_pid) || !tried.consume(":")) return false;
  if (!consume_gap(tried)) return false;
  cursor = tried;
  return true;
}

}  // namespace

Opened open_cri(std::string_view line) {
  TextCursor cursor(line);
  if (!consume_time(cursor) || !cursor.consume(" ")) return {};
  Opened opened;
  if (!read_stream(cursor.consume_while(is_letter), opened.stream) || !cursor.consume(" ")) return {};
  if (cursor.consume("F")) {
    opened.kind = Opened::Kind::line;
  } else if (cursor.consume("P")) {
    opened.kind = Opened::Kind::piece;
  } else {
    return {};
  }
  if (cursor.consume(":")) cursor.consume_while([](char c) { return c != ' '; });
  if (!cursor.consume(" ") && !cursor.rest().empty()) return {};
  opened.text = cursor.rest();
  return opened;
}

Opened open_syslog_3164(std::string_view line) {
  TextCursor cursor(line);
  const bool has_priority = line.starts_with('<');
  if (has_priority && !consume_priority(cursor)) return {};
  if (!consume_syslog_time(cursor) || !cursor.consume(" ")) return {};
  std::string_view tag;
  bool has_pid = false;
  // Without a host only a process id makes the first word a tag.
  for (int before = 0; !consume_tag(cursor, tag, has_pid) || (before == 0 && !has_pid); ++before) {
    if (before == 2 || !consume_before_tag(cursor, before == 0)) return {};
  }
  return line_of(cursor.rest(), tag, has_priority || has_pid);
}

Opened open_syslog_5424(std::string_view line) {
  TextCursor cursor(line);
  if (!consume_priority(cursor) || !cursor.consume("1 ")) return {};
  if (!(cursor.consume("-") || consume_time(cursor)) || !cursor.consume(" ")) return {};
  if (!consume_field(cursor)) return {};  // host
  const std::string_view application = cursor.rest().substr(0, cursor.rest().find(' '));
  for (int field = 0; field < 3; ++field) {  // application, process, message id
    if (!consume_field(cursor)) return {};
  }
  if (!consume_structured_data(cursor)) return {};
  if (cursor.consume(" ")) {
    cursor.consume("\xEF\xBB\xBF");
  } else if (!cursor.rest().empty()) {
    return {};
  }
  return line_of(cursor.rest(), application == "-" ? std::string_view{} : application, true);
}

Opened open_compose(std::string_view line) {
  TextCursor cursor(line);
  if (cursor.consume_shape("99:99:99")) {  // foreman
    if (!cursor.consume(" ")) return {};
  }
  const bool brackets = cursor.consume("[");
  const std::string_view name = cursor.consume_while(is_tag);
  if (std::ranges::none_of(name, [](char c) { return c >= 'a' && c <= 'z'; })) return {};
  if (brackets && !cursor.consume("]")) return {};
  if (cursor.consume_while(is_space).empty() || !cursor.consume("|")) return {};
  cursor.consume(" ");  // not from nerdctl
  // "service.1.taskid@node", "service-1", "project_service_1": all are one service.
  std::string_view service = name.substr(0, name.find('.'));
  const std::size_t end = service.find_last_not_of("0123456789");
  if (end != std::string_view::npos && end > 0 && end + 1 < service.size() &&
      (service[end] == '-' || service[end] == '_'))
    service = service.substr(0, end);
  return line_of(cursor.rest(), service, true);
}

Opened open_kubectl(std::string_view line) {
  TextCursor cursor(line);
  if (!cursor.consume("[")) return {};
  const bool certain = cursor.consume("pod/");
  const std::string_view separator = certain ? "/" : " ";
  std::string_view container = cursor.consume_while(is_label);
  if (container.empty()) return {};
  if (cursor.consume(separator)) {
    container = cursor.consume_while(is_label);
    if (container.empty()) return {};
  } else if (certain) {
    return {};
  }
  if (!cursor.consume("]") || !consume_gap(cursor)) return {};
  return line_of(cursor.rest(), container, certain);
}

Opened open_logcli(std::string_view line) {
  TextCursor cursor(line);
  if (!consume_time(cursor) || !cursor.consume(" {")) return {};
  std::string_view service;
  for (bool first = true; !cursor.consume("}"); first = false) {
    if (!first && !cursor.consume(", ")) return {};
    const std::string_view name =
        cursor.consume_while([](char c) { return is_digit(c) || is_letter(c) || c == '_'; });
    if (name.empty() || !cursor.consume("=\"")) return {};
    const std::string_view rest = cursor.rest();
    while (!cursor.consume("\"")) {
      cursor.consume_while([](char c) { return c != '"' && c != '\\'; });
      if (cursor.consume("\\")) cursor.skip(std::min<std::size_t>(1, cursor.rest().size()));
      if (cursor.rest().empty()) return {};
    }
    if (name == "container" || name == "container_name")
      service = rest.substr(0, rest.size() - cursor.rest().size() - 1);
  }
  if (cursor.consume_while(is_space).empty() && !cursor.rest().empty()) return {};
  return line_of(cursor.rest(), service, true);
}

Opened open_timestamp(std::string_view line) {
  TextCursor cursor(line);
  const bool certain = consume_nanosecond_time(cursor);
  if (!certain && !consume_time(cursor) &&
      !cursor.consume_shape("99-99 99:99:99")) {  // that is stern's short time
    cursor = TextCursor(line);
    if (!cursor.consume_shape("9999-99-99T99:99:99")) return {};
  }
  if (!consume_gap(cursor)) return {};
  return line_of(cursor.rest(), {}, certain);
}

Opened open_aws_logs(std::string_view line) {
  TextCursor cursor(line);
  if (!consume_time(cursor) || !cursor.consume(" ")) return {};
  if (cursor.consume_while([](char c) { return c > ' ' && c <= '~' && c != ':' && c != '*'; }).empty())
    return {};
  if (!consume_gap(cursor)) return {};
  return line_of(cursor.rest(), {}, false);
}

Opened open_fluent_bit(std::string_view line) {
  const auto in_tag = [](char c) { return c > ' ' && c <= '~'; };
  const auto in_time = [](char c) { return is_digit(c) || c == '.'; };
  const auto in_key = [](char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '.' || c == '-'; };
  TextCursor cursor(line);
  if (!cursor.consume("[") || cursor.consume_while(is_digit).empty() || !cursor.consume("] ")) return {};
  if (!cursor.consume_while(in_tag).ends_with(':') || !cursor.consume(" [")) return {};
  const bool has_metadata = cursor.consume("[");
  if (cursor.consume_while(in_time).empty() || !cursor.consume(has_metadata ? ", {}], {\"" : ", {\""))
    return {};
  if (cursor.consume_while(in_key).empty() || !cursor.consume("\"=>\"")) return {};
  std::string_view text = cursor.rest();
  if (!text.ends_with("\"}]") || text.find("\"=>") != std::string_view::npos) return {};
  text.remove_suffix(3);
  Opened opened = line_of(text, {}, true);
  opened.coloured = true;
  return opened;
}

namespace {

/// So many names, the last of which is the container's, and the text.
Opened open_pod(std::string_view line, int names) {
  TextCursor cursor(line);
  std::string_view container;
  for (int name = 0; name < names; ++name) {
    container = cursor.consume_while(is_label);
    if (container.empty() || !cursor.consume(" ")) return {};
  }
  return line_of(cursor.rest(), container, false);
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
