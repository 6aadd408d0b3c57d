// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/events.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/base/secret_file.h"
#include "exporter/base/text.h"
#include "exporter/http/http_get.h"
#include "exporter/http/query.h"

namespace mre {
namespace {

constexpr std::uint32_t kMaxLimit = 1000;   // of the API
constexpr std::size_t kMaxPassword = 4096;  // bytes

/// The text of a member; empty if there is none.
std::string text_of(const simdjson::dom::object& event, std::string_view name) {
  std::string_view text;
  return event[name].get(text) == simdjson::SUCCESS ? printable(text) : std::string();
}

std::string line_of(const simdjson::dom::object& event) {
  const std::string kind = text_of(event, "kind");
  std::string what = text_of(event, "packet") + " " + text_of(event, "code");
  if (kind == "end") what = "end by " + text_of(event, "initiator");
  if (kind == "denial") what = text_of(event, "action") + " denied";
  std::string line = fmt::format("{}  {}  {} {}", text_of(event, "time"), text_of(event, "broker"), what,
                                 text_of(event, "reason"));
  std::string who;
  for (const std::string_view name : {"client", "user", "peer", "topic", "reason_string"}) {
    if (const std::string text = text_of(event, name); !text.empty())
      who += fmt::format("{}{}={}", who.empty() ? "  " : " ", name, text);
  }
  return line + who;
}

/// Prints the events that were not printed before.
class Printer {
 public:
  explicit Printer(ListFormat format) : format_(format) {}

  /// `answer` is that of the API. Errors: unavailable, if it is something else.
  Result<void> print(const std::string& answer) {
    simdjson::dom::element document;
    simdjson::dom::array events;
    if (parser_.parse(answer).get(document) != simdjson::SUCCESS ||
        document["events"].get(events) != simdjson::SUCCESS)
      return fail(Errc::unavailable, "the answer is not that of an exporter's /api/v1/events");
    bool remembered = true;
    std::string_view why;
    if (document["remembered"].get(remembered) == simdjson::SUCCESS && !remembered &&
        document["why"].get(why) == simdjson::SUCCESS)
      return fail(Errc::unavailable, "the exporter keeps no events: " + printable(why, kMessageBytes));
    std::vector<simdjson::dom::object> newest_first;
    for (const simdjson::dom::element event : events) {
      simdjson::dom::object object;
      if (event.get(object) == simdjson::SUCCESS && is_new(object)) newest_first.push_back(object);
    }
    for (auto event = newest_first.rbegin(); event != newest_first.rend(); ++event) print_one(*event);
    std::fflush(stdout);
    return {};
  }

 private:
  bool is_new(const simdjson::dom::object& event) const {
    const auto last = last_.find(text_of(event, "broker"));
    std::uint64_t number = 0;
    return event["number"].get(number) == simdjson::SUCCESS && (last == last_.end() || number > last->second);
  }

  void print_one(const simdjson::dom::object& event) {
    std::uint64_t number = 0;
    if (event["number"].get(number) == simdjson::SUCCESS) last_[text_of(event, "broker")] = number;
    const std::string line =
        format_ == ListFormat::json ? std::string(simdjson::minify(event)) : line_of(event);
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
  }

  const ListFormat format_;
  simdjson::dom::parser parser_;
  std::map<std::string, std::uint64_t> last_;  // number of the last printed event, by broker
};

}  // namespace

std::string events_path(const EventQuery& query) {
  std::string path = fmt::format("/api/v1/events?limit={}", query.follow ? kMaxLimit : query.limit);
  const std::pair<std::string_view, const std::string&> filters[] = {{"broker", query.broker},
                                                                     {"packet", query.packet},
                                                                     {"reason", query.reason},
                                                                     {"client", query.client},
                                                                     {"peer", query.peer}};
  for (const auto& [name, value] : filters) {
    if (!value.empty()) path += fmt::format("&{}={}", name, url_encode(value));
  }
  return path;
}

std::string event_line(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object event;
  if (parser.parse(json.data(), json.size()).get(event) != simdjson::SUCCESS) return {};
  return line_of(event);
}

std::string refusal_text(int status, std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::object answer;
  std::string_view error;
  if (parser.parse(body.data(), body.size()).get(answer) == simdjson::SUCCESS &&
      answer["error"].get(error) == simdjson::SUCCESS)
    body = error;
  while (body.ends_with('\n')) body.remove_suffix(1);
  const std::string_view remedy =
      status == 401 ? ": give --username and --password-file of a user of its web configuration" : "";
  return fmt::format("the exporter answers {}: {}{}", status, printable(body, kMessageBytes), remedy);
}

Result<void> print_events(const EventQuery& query, ListFormat format) {
  Result<std::string> password;
  if (!query.password_file.empty())
    password = read_secret("--password-file", query.password_file, kMaxPassword);
  if (!password) return tl::make_unexpected(password.error());
  const HttpTarget target{query.url, query.username, std::move(*password), query.ca_file};
  const std::string path = events_path(query);
  Printer printer(format);
  for (;;) {
    const auto answer = http_get(target, path);
    if (!answer) return tl::make_unexpected(answer.error());
    if (answer->status != 200) return fail(Errc::unavailable, refusal_text(answer->status, answer->body));
    if (auto printed = printer.print(answer->body); !printed || !query.follow) return printed;
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace mre
