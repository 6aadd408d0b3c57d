// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/profile/match/field_line.h"
#include "exporter/profile/match/json_members.h"
#include "exporter/profile/profile.h"
#include "tests/support/plain/plain_fields.h"

namespace mre::test {

/// What a profile means, as plainly as it can be said: every pattern is tried for every line, texts are copied
/// and compared, and everything is remembered. The engine (make_decoder) must say the same of any records.
///
/// Of the engine it shares the readers of single values: JSON objects, lines of fields, codes and versions, UTF-8.
/// Unlike the engine it forgets nothing, so it says the same only of as many clients, identities and filters as
/// the engine has room for.
class PlainInterpreter {
 public:
  PlainInterpreter(std::shared_ptr<const Profile> profile, SourceKind kind);

  Decoded decode(const Record& record, EventSink& sink);
  void settle(EventSink& sink);

 private:
  struct Client {
    mqtt::Protocol protocol = mqtt::Protocol::unknown;
    ClientState state = ClientState::unknown;
    std::set<mqtt::Protocol> announced;
    std::optional<std::string> peer;
  };
  struct Facts {
    mqtt::Protocol protocol = mqtt::Protocol::unknown;
    ClientState state = ClientState::unknown;
    std::optional<std::string> client;
    std::optional<std::string> peer;
    std::optional<std::uint8_t> code;
  };
  struct Waiting {
    std::uint64_t at;
    std::optional<std::string> client;
    std::uint8_t group;
    ReasonEvent event;
  };
  struct Mark {
    std::uint64_t at = 0;
    std::uint8_t group = 0;
    bool open = false;
  };
  struct Found {
    enum class Kind : std::uint8_t { message, object, fields, no_prefix, ambiguous };
    Kind kind = Kind::message;
    const Rule* rule = nullptr;
    std::string message = {};
    PlainFields fields = {};
  };
  /// A rule, one of its patterns, and its number.
  struct Line {
    const Rule* rule;
    std::size_t pattern;
  };

  // Which rule reads a line.
  bool match_line(const Line& line, std::string_view message, PlainFields& fields) const;
  const Rule* rule_of(std::string_view message, PlainFields& fields) const;
  const Prefix* prefix_of(std::string_view line, std::size_t& length, PlainFields& fields) const;
  Found find(std::string_view line);
  Found find_after_prefix(std::string_view line);
  Found find_in_fields(std::string_view text, const Prefix& prefix, PlainFields around);

  // What the record says.
  Decoded decode_line(std::string_view line, EventSink& sink);
  Decoded decode_message(const Record& record, EventSink& sink);
  std::optional<Decoded> decode_object(const Rule& rule, std::string_view object, bool is_fields,
                                       PlainFields fields, EventSink& sink);
  bool is_cut(std::size_t line_bytes, std::size_t message_bytes) const;

  Decoded evaluate(const Rule& rule, const PlainFields& fields, EventSink& sink);
  Facts facts_of(const Rule& rule, const PlainFields& fields);
  bool holds(const When& when, const PlainFields& fields, const Facts& facts) const;
  Outcome evaluate_cases(const Rule& rule, const PlainFields& fields, const Facts& facts, EventSink& sink);
  Outcome emit(const Rule& rule, const Emission& emission, const Facts& facts, EventSink& sink);
  void emit_code(const Rule& rule, const ReasonEvent& event, bool in_words, const Facts& facts,
                 EventSink& sink);
  void remember(const Rule& rule, const Facts& facts);

  bool absorbed(std::uint8_t group);
  bool drop_waiting(std::uint8_t group, const std::optional<std::string>& client);
  bool broker_is(const std::optional<Version>& version) const;
  bool broker_is_before(const std::optional<Version>& version) const;
  void saw_version(const std::optional<Version>& version);

  // The answer to a SUBSCRIBE.
  enum class Answering : std::uint8_t { nothing, subscribe, unsubscribe };
  Decoded read_subscription(const Rule& rule, std::string_view line, std::string_view message,
                            PlainFields fields, EventSink& sink);
  void begin_answer(Answering what, std::string_view client);
  void open_filter(const Rule& rule, std::string_view line, std::string_view message, PlainFields fields);
  void close_filter();
  void expect(const Rule& rule, const PlainFields& fields);
  const Rule* repeated_by(std::string_view line);

  const std::shared_ptr<const Profile> profile_;
  const SourceKind kind_;
  const ProfileSource& source_;
  std::vector<Line> lines_;  // the longest literal prefix first
  std::vector<const Rule*> topic_rules_;
  std::vector<const Rule*> object_rules_;
  JsonMembers members_;
  FieldLine field_line_;
  std::string last_prefix_;

  std::uint64_t now_ = 0;
  std::map<std::string, Client> clients_;
  std::set<std::pair<const Rule*, std::string>> identities_;
  std::deque<Waiting> waiting_;
  std::vector<Mark> marks_;
  std::size_t next_mark_ = 0;
  std::optional<std::string> ended_peer_;
  std::optional<Version> version_;
  std::optional<Version> before_version_;
  const Rule* followed_ = nullptr;
  std::optional<std::string> followed_client_;
  std::uint64_t followed_at_ = 0;
  bool closed_ = false;
  bool connected_ = false;
  std::optional<mqtt::Protocol> connected_as_;

  const Rule* denied_ = nullptr;
  const Rule* unsubscribe_filter_ = nullptr;
  Answering answering_ = Answering::nothing;
  std::string client_;
  bool filter_open_ = false;
  bool filter_repeated_ = false;
  bool filter_cut_ = false;
  bool repeats_ = false;
  std::vector<std::pair<ReasonEvent, std::uint64_t>> granted_;
  std::vector<std::pair<ReasonEvent, std::uint64_t>> held_;
  const Rule* expecting_ = nullptr;
  std::string expected_;
};

}  // namespace mre::test
