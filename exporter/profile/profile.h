// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/event/decoder.h"
#include "exporter/event/source_kind.h"
#include "exporter/mqtt/reason_code.h"
#include "exporter/profile/rule.h"

namespace mre {

/// A level of detail of a source. Each level includes the records of all lower ones.
struct ProfileLevel {
  std::string name;     ///< "debug"
  std::string setting;  ///< The broker setting for it, as a text for people.
};

/// The part of a profile for one kind of source.
struct ProfileSource {
  bool supported = false;
  std::string setting;               ///< The required broker setting, as a text for people.
  std::vector<ProfileLevel> levels;  ///< From least to most detailed. Empty: one level without a name.
  std::vector<std::string> topics;   ///< mqtt: the topic filters to subscribe to.
  std::size_t cut_at = 0;            ///< The broker truncates records at this many bytes; 0: never.
  std::size_t cut_message_at = 0;    ///< Brokers before `cut_message_until` truncate messages, without
                                     ///< their prefix, at this many bytes or later; 0: never.
  std::optional<Version> cut_message_until;

  /// A shorter line is whole.
  std::size_t shortest_cut() const {
    constexpr std::size_t never = SIZE_MAX;
    return std::min(cut_at == 0 ? never : cut_at, cut_message_at == 0 ? never : cut_message_at);
  }

  /// Whether the end of a line, with its code, may be missing. `is_later`: the broker is known to be
  /// `cut_message_until` or later.
  bool may_have_cut(std::size_t line_bytes, std::size_t message_bytes, bool is_later) const {
    return (cut_at != 0 && line_bytes >= cut_at) ||
           (cut_message_at != 0 && message_bytes >= cut_message_at && !is_later);
  }
};

/// A broker's spelling of a protocol version.
struct ProtocolSpelling {
  std::string text;
  mqtt::Protocol protocol = mqtt::Protocol::unknown;
  std::optional<Version> since;  ///< The first broker version with this spelling.
};

/// A range of broker releases, both ends included. A `last` with two numbers includes all its patch releases.
struct Releases {
  Version first;
  Version last;
  std::size_t last_parts = 3;  ///< How many numbers `last` has.

  bool contains(const Version& version) const {
    Version until = version;
    for (std::size_t i = last_parts; i < until.parts.size(); ++i) until.parts[i] = 0;
    return first <= version && until <= last;
  }
};

/// What the broker writes in front of each message, in some of its releases or settings.
struct Prefix {
  static constexpr std::size_t kMaxElements = 32;  ///< Of a pattern.
  std::vector<Pattern> patterns;                   ///< One for each expansion of its optional words.
  /// For each pattern: how many of its first elements are those of the pattern before it, which for the first one
  /// is the last pattern of the prefix before.
  std::vector<std::size_t> shared;
  std::string releases;           ///< The releases that write it, as a text; may be empty.
  std::vector<Example> examples;  ///< Lines that begin with it; counterexamples do not.
  bool has_fields = false;        ///< `key: value, key: value` follows: see FieldLine.
  /// The line begins with one of these keys. Empty: the order of the fields is unknown.
  std::vector<std::string> first_keys;
  /// Words that make such a line ambiguous anywhere in it: another release may have written it, with a
  /// client's text at the beginning.
  std::optional<Pattern> foreign;
  /// A line with exactly the same prefix as the preceding line continues that line.
  bool repeats = false;
};

/// Describes how one kind of broker writes reason codes into its records. Immutable after loading and shared
/// by its decoders on any thread.
struct Profile {
  std::string name;               ///< "mosquitto"
  std::string title;              ///< "Eclipse Mosquitto"
  std::string versions;           ///< The broker versions it was checked against: "1.6 to 2.1.2"
  std::vector<Releases> checked;  ///< The same as ranges; empty: not declared.
  std::string file;               ///< Its file name, for errors.
  std::uint64_t fingerprint = 0;  ///< Hash of its text: saved decoder state is valid for the same text only.
  ProfileSource log;
  ProfileSource mqtt;
  std::uint32_t echo_window = 16;  ///< Records; see EchoWindow.
  /// The text that the broker writes instead of an unknown client id. Records with it are about different
  /// clients. Empty: there is no such text.
  std::string unknown_client;
  /// Texts that the broker writes instead of a client id, user name, address or topic that it does not have.
  /// They are left out of subjects.
  std::vector<std::string> placeholders;
  std::vector<FieldParts> parts;  ///< For all rules that do not say it for that field.
  /// For lines that are JSON objects: the members by field, for each known form of the object. Line rules
  /// read the member of Field::message. The first form whose message is present is used.
  std::vector<std::vector<Member>> json;
  /// For each form: the members of the subject, which are read only when a subject is asked for.
  std::vector<std::vector<Member>> json_subject;
  MemberNames member_names;      ///< Of all members that are read.
  std::vector<Prefix> prefixes;  ///< Prefixes of log lines. Empty: lines have at most a time stamp.
  std::vector<ProtocolSpelling> protocols;
  std::vector<std::string> echo_groups;
  std::vector<Rule> rules;
  Coverage log_coverage;  ///< What the rules can emit for each kind of source; derived from them.
  Coverage mqtt_coverage;

  /// Whether a prefix or an object around the messages contains this field.
  bool reads_around(Field field) const {
    const auto in_form = [&](const auto& form) {
      return std::ranges::any_of(form, [&](const auto& member) { return member.field == field; });
    };
    const auto in_prefix = [&](const Prefix& prefix) {
      return std::ranges::any_of(prefix.patterns, [&](const Pattern& p) { return p.has(field); });
    };
    return std::ranges::any_of(prefixes, in_prefix) || std::ranges::any_of(json, in_form);
  }

  /// The first prefix that the line begins with, and its length in bytes; null and 0 if there is none.
  struct FoundPrefix {
    const Prefix* prefix = nullptr;
    std::size_t length = 0;
  };
  FoundPrefix find_prefix(std::string_view line, Captures& captures) const;

  const Coverage& coverage(SourceKind kind) const {
    return kind == SourceKind::log ? log_coverage : mqtt_coverage;
  }
  const ProfileSource& source(SourceKind kind) const { return kind == SourceKind::log ? log : mqtt; }
};

/// Reads a profile and runs its examples and counterexamples; a failing one is an error. `file` is used in
/// the error text: file:line:column.
Result<std::shared_ptr<const Profile>> load_profile(std::string_view yaml, std::string_view file);

/// The same for the file at a path.
Result<std::shared_ptr<const Profile>> load_profile_file(const std::string& file);

/// A profile that is built into the program, without its examples, which the tests have run.
struct EmbeddedProfile {
  std::string_view file;      ///< "mosquitto.yaml"
  std::uint64_t fingerprint;  ///< Hash of its YAML.
  std::string_view tree;      ///< The YAML tree, as written by write_yaml.

  std::string_view name() const { return file.substr(0, file.rfind('.')); }
};

/// All of them, sorted by name.
std::span<const EmbeddedProfile> embedded_profiles();

Result<std::shared_ptr<const Profile>> load_embedded_profile(const EmbeddedProfile& profile);

/// A profile by name: the last of `files` that has this name, else the embedded one.
Result<std::shared_ptr<const Profile>> find_profile(std::string_view name,
                                                    std::span<const std::string> files);

/// All events that the rules of a profile can emit for records of `kind`.
Coverage coverage_of(const Profile& profile, SourceKind kind);

/// What each level of a source shows in addition to the lower ones; one entry if it has no levels.
std::vector<Visibility> visibility_of(const Profile& profile, SourceKind kind);

/// A decoder that remembers the protocol of up to `clients` clients.
std::unique_ptr<Decoder> make_decoder(std::shared_ptr<const Profile> profile, SourceKind kind,
                                      std::size_t clients = 65'536);

/// Runs the examples. The first one that fails is the error, with its position in the file.
Result<void> check_examples(const std::shared_ptr<const Profile>& profile);

}  // namespace mre
