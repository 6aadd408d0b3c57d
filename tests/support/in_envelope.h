// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/event/envelope.h"

// Lines as engines and services wrap them: docker and cri in pieces and from two streams that alternate, the
// fields of journald_export sometimes binary. Bytes that are no printable ASCII are written in JSON as if
// they were Latin-1.
namespace mre::test {

class Enveloper {
 public:
  Enveloper(Envelope envelope, std::uint32_t seed) : envelope_(envelope), random_(seed) {}

  /// The lines of a log that holds these.
  std::vector<std::string> wrap(const std::vector<std::string>& lines) {
    log_.clear();
    ended_.clear();
    other_.clear();
    for (const std::string& line : lines) wrap_line(line);
    return std::move(log_);
  }

  /// The lines in that log, those of the other stream among them, in the order in which they end.
  const std::vector<std::string>& ended() const { return ended_; }

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  void wrap_line(std::string_view line) {
    if (envelope_ == Envelope::docker || envelope_ == Envelope::cri) return wrap_in_pieces(line);
    ended_.emplace_back(line);
    if (envelope_ == Envelope::journald_export) return wrap_in_fields(line);
    if (envelope_ == Envelope::journald_pretty) return wrap_in_pretty_object(line);
    const auto [before, after] = around_line();
    log_.push_back(before + (before.starts_with('{') ? escaped(line) : std::string(line)) + after);
  }

  /// What the envelope writes before and after a line.
  std::pair<std::string, std::string> around_line() const {
    switch (envelope_) {
      case Envelope::journald_json:
        return {R"({"_PID":"1","MESSAGE":")", R"(","__REALTIME_TIMESTAMP":"1790000000000000"})"};
      case Envelope::json:
        return {R"({"@timestamp":"2026-11-22T04:32:40.317Z","message":")",
                R"(","log":{"offset":7,"file":{"path":"/var/log/broker.log"}}})"};
      case Envelope::fluent_bit:
        return {"[0] tail.0: [1795324125.860015000, {\"log\"=>\"", "\"}]"};
      case Envelope::syslog_3164:
        return {"<28>Nov 22 05:08:45 vm broker[7]: ", ""};
      case Envelope::syslog_5424:
        return {"<28>1 2026-11-22T05:08:45Z vm broker 7 - - ", ""};
      case Envelope::compose:
        return {"\x1b[36mmosquitto-1  | \x1b[0m", ""};
      case Envelope::kubectl:
        return {"[pod/broker-0/broker] ", ""};
      case Envelope::stern:
        return {"broker-0 broker ", ""};
      case Envelope::stern_namespaces:
        return {"mqtt broker-0 broker ", ""};
      case Envelope::timestamp:
        return {"2026-11-22T04:32:40.317700123Z ", ""};
      case Envelope::aws_logs:
        return {"2026-11-22T04:32:40.317700+00:00 mqtt/broker/0123456789abcdef ", ""};
      case Envelope::logcli:
        return {R"(2026-11-22T04:32:40Z {container="broker", pod="broker-0"} )", ""};
      default:
        return {};
    }
  }

  void wrap_in_pretty_object(std::string_view line) {
    log_.insert(log_.end(), {"{", "\t\"__CURSOR\" : \"s=0a;i=1\",", "\t\"__REALTIME_TIMESTAMP\" : \"1\",",
                             "\t\"_BOOT_ID\" : \"b\",", "\t\"MESSAGE\" : \"" + escaped(line) + "\"", "}"});
  }

  /// Another line may come from the other stream between two pieces.
  void wrap_in_pieces(std::string_view line) {
    std::string_view rest = line;
    while (one_in(3)) {
      const std::size_t size = std::min<std::size_t>(rest.size(), random_() % 80);
      put(rest.substr(0, size), false, "stdout");
      if (one_in(2)) put_on_other_stream("lost and found", !one_in(3));
      rest.remove_prefix(size);
    }
    put(rest, true, "stdout");
    ended_.emplace_back(line);
  }

  void put_on_other_stream(std::string_view text, bool ends) {
    other_.append(text);
    put(text, ends, "stderr");
    if (ends) ended_.push_back(std::exchange(other_, {}));
  }

  void put(std::string_view text, bool ends, const std::string& stream) {
    if (envelope_ == Envelope::docker) {
      log_.push_back(R"({"log":")" + escaped(text) + (ends ? "\\n" : "") + R"(","stream":")" + stream +
                     R"(","time":"2026-11-22T04:32:42Z"})");
    } else {
      log_.push_back("2026-11-22T04:32:40Z " + stream + (ends ? " F " : " P ") + std::string(text));
    }
  }

  void wrap_in_fields(std::string_view line) {
    log_.insert(log_.end(), {"__CURSOR=s=0a1;i=1;b=0b2;m=1", "__REALTIME_TIMESTAMP=1790000000000000",
                             "__MONOTONIC_TIMESTAMP=81000000"});
    if (one_in(4)) put_binary("_CMDLINE", "a\nb");
    if (one_in(3) || line.find('\n') != std::string_view::npos) {
      put_binary("MESSAGE", line);
    } else {
      log_.push_back("MESSAGE=" + std::string(line));
    }
    if (one_in(9)) log_.insert(log_.end(), {"X", std::string(9, '\x7f')});  // a length that cannot be: lost
    log_.emplace_back();
  }

  void put_binary(const char* key, std::string_view value) {
    std::string field = std::string(key) + "\n";
    for (unsigned i = 0; i < 8; ++i) field += static_cast<char>(value.size() >> (8 * i));
    field.append(value).append("\n");
    for (std::size_t at = 0; at < field.size();) {
      const std::size_t end = field.find('\n', at);
      log_.push_back(field.substr(at, end - at));
      at = end + 1;
    }
  }

  static std::string escaped(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string json;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') json += '\\';
      if (byte >= 0x20 && byte < 0x7F) {
        json += c;
      } else {
        json.append("\\u00").append({digits[byte >> 4U], digits[byte & 0xFU]});
      }
    }
    return json;
  }

  const Envelope envelope_;
  std::mt19937 random_;
  std::vector<std::string> log_;
  std::vector<std::string> ended_;
  std::string other_;  // of the other stream, until its line ends
};

}  // namespace mre::test
