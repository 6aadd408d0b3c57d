// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "exporter/profile/match/members.h"
#include "exporter/profile/match/pattern.h"

namespace mre {

/// Reads members of one JSON object into fields, for any number of rules. Strings are unescaped; numbers, booleans, and
/// lists of codes and events are captured as written; null and missing members are not captured. One thread; buffers are
/// reused.
///
/// A wanted member that occurs twice (also as null) makes the object invalid: brokers that do not escape
/// client text (NanoMQ) let a client add members, and neither the first nor the last one can be trusted.
/// A member that is only read for the subject becomes ambiguous instead. It must be a string; anything else is not
/// captured. Wanted fields `who` and `address` are empty where their member is missing, so that `client` and `peer`
/// do not take their place.
/// Nesting deeper than `kMaxLevels` anywhere makes the object invalid too.
///
/// The payload must be UTF-8, and wanted members must be valid JSON (RFC 8259); numbers may have any size.
/// Other members are skipped: their strings and brackets must be closed, but a value may be NaN. Time and
/// memory are linear in the payload, however it is nested.
///
/// A list of codes may consist of objects: the path subs/qos of `{"subs":[{"qos":128},{"qos":1}]}` is
/// [128,1]. The members of Field::identity identify the event together; an event without one of them has no
/// identity.
class JsonMembers {
 public:
  static constexpr int kMaxLevels = 16;  ///< Nested objects and lists, including the object itself.

  /// `names` are those of all members that are read. They must outlive it.
  explicit JsonMembers(const MemberNames& names);
  ~JsonMembers();

  /// Parses the object once, and finds the values of all names. Returns false if the payload is not such an object. One
  /// NUL before the object is skipped (NanoMQ writes one for MQTT 5 clients).
  bool scan(std::string_view payload);

  /// Reads members of the object that was scanned last. Returns false if it was none, or is not valid for these.
  ///
  /// Afterwards `captures` contains only these fields. Its views are valid until the next scan; those of an identity and
  /// of codes until the next call that reads such a field.
  bool read(std::span<const Member> wanted, Captures& captures) const;

  struct Parser;  ///< Private.

 private:
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
