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

/// How much the broker writes into a source. Each level has the records of the ones before it, and more.
struct ProfileLevel {
  std::string name;     ///< "debug"
  std::string setting;  ///< What the operator sets for it, in words.
};

/// What a profile says of one kind of source.
struct ProfileSource {
  bool supported = false;
  std::string setting;               ///< What the operator must set in the broker, in words.
  std::vector<ProfileLevel> levels;  ///< From least to most; empty: there is one, without a name.
  std::vector<std::string> topics;   ///< mqtt: the topic filters to subscribe to.
  std::size_t cut_at = 0;            ///< The broker cuts its records at this many bytes; 0: it does not.
  std::size_t cut_message_at = 0;    ///< Before `cut_message_until` it cut messages, without what stands
                                     ///< before them, no earlier than here; 0: it did not.
  std::optional<Version> cut_message_until;
  /// What each level shows besides those before it; worked out from the rules. One entry without levels.
  std::vector<Visibility> shows;

  /// Whether the end of a line may be missing, where its code stands. `is_later` says whether the broker is
  /// known to be `cut_message_until` or later.
  bool may_have_cut(std::size_t line_bytes, std::size_t message_bytes, bool is_later) const {
    return (cut_at != 0 && line_bytes >= cut_at) ||
           (cut_message_at != 0 && message_bytes >= cut_message_at && !is_later);
  }
};

/// How a broker spells a version of the protocol.
struct ProtocolSpelling {
  std::string text;
  mqtt::Protocol protocol = mqtt::Protocol::unknown;
  std::optional<Version> since;  ///< Only brokers from this version on write it so.
};

/// Releases of the broker: from `first` to `last`. A `last` of two numbers has all patch releases of it.
struct Releases {
  Version first;
  Version last;
  std::size_t last_parts = 3;  ///< How many numbers `last` names.

  bool contains(const Version& version) const {
    Version until = version;
    for (std::size_t i = last_parts; i < until.parts.size(); ++i) until.parts[i] = 0;
    return first <= version && until <= last;
  }
};

/// What the broker writes before each message of a line, in some of its releases or settings.
struct Prefix {
  std::vector<Pattern> patterns;  ///< One for each way to write its optional words.
  std::string releases;           ///< Which write it so, in words; empty if that is not told.
  std::vector<Example> examples;  ///< Lines that begin with it, or, as counterexamples, do not.
  bool has_fields = false;        ///< `key: value, key: value` follows: see FieldLine.
  /// Of these fields: the line begins with one of them. Empty: their order is not known.
  std::vector<std::string> first_keys;
  /// Words that make such a line ambiguous wherever they are: it may be another release's, and begin with a
  /// client's text.
  std::optional<Pattern> foreign;
  /// A line with exactly the prefix of the line before continues that one, with whatever text.
  bool repeats = false;
};

/// How one kind of broker writes reason codes into its records. Immutable after loading; shared by the
/// decoders made from it, on any thread.
struct Profile {
  std::string name;               ///< "mosquitto"
  std::string title;              ///< "Eclipse Mosquitto"
  std::string versions;           ///< The versions it was checked against: "1.6 to 2.1.2"
  std::vector<Releases> checked;  ///< The same as numbers; empty: the broker's version says nothing.
  std::string file;               ///< Where it was read from, for errors.
  std::uint64_t fingerprint = 0;  ///< Of its text: what a decoder remembers holds for the same text only.
  ProfileSource log;
  ProfileSource mqtt;
  std::uint32_t echo_window = 16;  ///< Records; see EchoWindow.
  /// What the broker writes in place of a client id that it does not know: records with it are about
  /// different clients. Empty: it has no such text.
  std::string unknown_client;
  /// A line that is a JSON object: its members by field, for each form of it. The one of Field::message is
  /// what line rules read; the first form whose message is there is taken.
  std::vector<std::vector<std::pair<Field, std::string>>> json;
  std::vector<Prefix> prefixes;  ///< What may stand before the message of a line; none: a time stamp.
  std::vector<ProtocolSpelling> protocols;
  std::vector<std::string> echo_groups;
  std::vector<Rule> rules;
  Coverage log_coverage;  ///< What the rules can tell from each kind of source; worked out from them.
  Coverage mqtt_coverage;

  /// Whether what stands before or around the messages of the log tells this field.
  bool reads_around(Field field) const {
    const auto in_form = [&](const auto& form) {
      return std::ranges::any_of(form, [&](const auto& member) { return member.first == field; });
    };
    const auto in_prefix = [&](const Prefix& prefix) {
      return std::ranges::any_of(prefix.patterns, [&](const Pattern& p) { return p.has(field); });
    };
    return std::ranges::any_of(prefixes, in_prefix) || std::ranges::any_of(json, in_form);
  }

  /// The first prefix that begins the line, and how much of it; null and 0 if none does.
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

/// Reads a profile and runs its own examples and counterexamples: one that fails them does not load.
/// `file` is for the error's text: file:line:column.
Result<std::shared_ptr<const Profile>> load_profile(std::string_view yaml, std::string_view file);

/// The same for the file at a path.
Result<std::shared_ptr<const Profile>> load_profile_file(const std::string& file);

/// A profile that is built into the program, without its examples: the tests of the build run them.
struct EmbeddedProfile {
  std::string_view file;      ///< "mosquitto.yaml"
  std::uint64_t fingerprint;  ///< Of its YAML.
  std::string_view tree;      ///< As write_yaml wrote it.

  std::string_view name() const { return file.substr(0, file.rfind('.')); }
};

/// All of them, sorted by name.
std::span<const EmbeddedProfile> embedded_profiles();

Result<std::shared_ptr<const Profile>> load_embedded_profile(const EmbeddedProfile& profile);

/// A profile by name: the last of `files` that has this name, else the embedded one.
Result<std::shared_ptr<const Profile>> find_profile(std::string_view name,
                                                    std::span<const std::string> files);

/// All events that the rules of a profile can tell from records of `kind`.
Coverage coverage_of(const Profile& profile, SourceKind kind);

/// What each level of a source shows besides those before it.
std::vector<Visibility> visibility_of(const Profile& profile, SourceKind kind);

/// A decoder that remembers the protocol of up to `clients` clients.
std::unique_ptr<Decoder> make_decoder(std::shared_ptr<const Profile> profile, SourceKind kind,
                                      std::size_t clients = 65'536);

/// Runs the examples; the first that fails is the error, with its place in the file.
Result<void> check_examples(const std::shared_ptr<const Profile>& profile);

}  // namespace mre
