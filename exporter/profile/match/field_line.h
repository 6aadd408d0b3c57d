// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/profile/match/members.h"
#include "exporter/profile/match/pattern.h"

namespace mre {

/// The length of the key if the text begins with `key: `; otherwise 0. A key is a
/// lower-case letter, then letters, digits, '_' and '@'.
std::size_t key_length(std::string_view text);

/// The members of a line `key: value, key: value, …`: the values as written, up to the next ", key: " or the
/// end. The line is scanned once, however often it is read then. Linear in the line. One thread; the buffer
/// is reused.
class FieldLine {
 public:
  /// `first`: the keys with which the broker begins its lines; must be the same in all calls. Both must
  /// outlive the captures.
  void scan(std::string_view text, std::span<const std::string> first);

  /// Reads members into fields. Other keys may be between them, in any order.
  ///
  /// Values are not escaped: a client with ", reason: x" in its id adds a key. Returns false if this is
  /// possible; the record must then not be read:
  ///   - a wanted key occurs twice
  ///   - a wanted key that is one of `first` comes after a key that is not
  /// The client is ambiguous if the next key is neither wanted nor one of `first`: it may be part of the id.
  ///
  /// Keys that are only read for the subject are ambiguous if any key of the line occurs twice, and if one of
  /// `first` comes after a key that is not, except as the last one.
  ///
  /// Afterwards `captures` contains only these fields, also if the result is false.
  bool read(std::span<const Member> wanted, Captures& captures) const;

 private:
  /// A key with most of its bytes as a number: nearly all keys differ in it, so texts are rarely compared.
  struct Key {
    explicit Key(std::string_view key);
    bool operator==(const Key& other) const {
      return word == other.word && text.size() == other.text.size() &&
             (text.size() <= sizeof word || text == other.text);
    }

    std::string_view text;
    std::uint64_t word;
  };
  struct KeyValue {
    Key key;
    std::string_view value;
  };

  bool is_first(const Key& key) const;
  /// No key occurs twice, and those of `first` come first: no client's text has added one of the broker's keys.
  bool is_plain() const;

  std::vector<Key> first_;
  std::vector<KeyValue> members_;
  std::size_t in_order_ = 0;  // number of leading members with keys of `first`
};

}  // namespace mre
