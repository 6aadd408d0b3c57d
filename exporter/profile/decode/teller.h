// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "exporter/event/decoder.h"
#include "exporter/profile/decode/client_memory.h"
#include "exporter/profile/decode/echo_window.h"
#include "exporter/profile/decode/seen_events.h"
#include "exporter/profile/match/code_reader.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Tells what a record means once its rule and its fields are known: the first case whose conditions hold,
/// with the protocol that the record or the client's earlier records say. Keeps one event one count within
/// the source. One thread.
class Teller {
 public:
  /// The profile must outlive it. Remembers up to `clients` clients.
  Teller(const Profile& profile, std::size_t clients);

  /// A record begins: tells what waited for it in vain.
  void next_record(EventSink& sink) {
    echoes_.advance([&sink](const ReasonEvent& event) { sink.on_code(event); });
  }

  /// `captures` are the fields of the record, `rule` is the one that read them.
  Decoded tell(const Rule& rule, const Captures& captures, EventSink& sink);

  /// Tells all that waits for a later record.
  void settle(EventSink& sink);

  /// Whether the broker is known to be of this version or later; false if `version` is not given.
  bool broker_is(const std::optional<Version>& version) const {
    return version && version_ && *version_ >= *version;
  }
  /// Whether the broker is known to be older than this version; false if `version` is not given.
  bool broker_is_before(const std::optional<Version>& version) const {
    return version && before_version_ && *before_version_ <= *version;
  }
  /// A record that only brokers from `version` on write.
  void saw_version(const std::optional<Version>& version) {
    if (version && !broker_is(version)) version_ = version;
    if (broker_is(before_version_)) before_version_.reset();
  }

  void clear();  ///< Forgets all, as if new.
  /// All that the meaning of later records depends on.
  void save(ByteWriter& out) const;
  /// Takes over what one with the same profile wrote. If the bytes are not that, `in` fails, and what is here
  /// is to be cleared.
  void restore(ByteReader& in);

  DecoderStats stats() const;

 private:
  /// What a record says beside its words.
  struct Facts {
    mqtt::Protocol protocol = mqtt::Protocol::unknown;
    ClientState client_state = ClientState::unknown;
    std::uint64_t client = 0;     // 0: none, or ambiguous
    bool client_unknown = false;  // it has no id: the broker wrote Profile::unknown_client
    std::uint64_t peer = 0;
    std::optional<std::uint8_t> code;
  };

  bool repeated(const Rule& rule, const Captures& captures);
  void note_version(const std::optional<Version>& version);
  void note(const Rule& rule, std::uint64_t client);
  bool follows(const When& when, const Facts& facts) const;
  Facts facts_of(const Rule& rule, const Captures& captures);
  bool holds(const When& when, const Captures& captures, const Facts& facts) const;
  Outcome tell_each(const Rule& rule, const Captures& captures, Facts& facts, EventSink& sink);
  Outcome tell_one(const Rule& rule, const Captures& captures, const Facts& facts, EventSink& sink);
  Outcome tell_case(const Rule& rule, const Tell& what, const Facts& facts, EventSink& sink);
  void remember(const Rule& rule, const Facts& facts);
  void tell_code(const Rule& rule, const ReasonEvent& event, bool in_words, std::uint64_t client,
                 EventSink& sink);

  const Profile& profile_;
  ClientMemory clients_;
  SeenEvents seen_;
  bool closed_ = false;                         // the record of this call told an end
  bool connected_ = false;                      // the record of this call connects its client
  std::optional<mqtt::Protocol> connected_as_;  // with this version, whatever was known of it
  EchoWindow echoes_;
  CodeList codes_;
  std::uint64_t ended_peer_ = 0;  // of the last connection of an unknown client that is over; else its client
  std::optional<Version> version_;         // the broker is this or later, once a record said so
  std::optional<Version> before_version_;  // and older than this
  std::optional<Version> named_;           // the version that a record named last

  const Rule* followed_ = nullptr;  // the rule of the last record that another may follow; null: none yet
  std::uint64_t followed_client_ = 0;
  std::uint32_t followed_at_ = 0;
};

/// Whether the `event` conditions of any case of the rule hold: else the object is another rule's.
bool is_event_of(const Rule& rule, const Captures& captures);

}  // namespace mre
