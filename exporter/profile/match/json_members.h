// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/profile/match/pattern.h"

namespace mre {

/// Reads members of one JSON object into fields: strings without their quotes and escapes, numbers and
/// booleans as written, and so lists of codes and events; null and missing members are not captured. One
/// thread; buffers are reused.
///
/// A member that is wanted and stands twice, null included, makes the object unreadable: brokers that do not
/// escape client text (NanoMQ) let a client write members of its own beside the genuine ones, and first and
/// last are both a guess. So does what stands deeper than `kMostLevels`, wanted or not.
///
/// The payload must be UTF-8, and what is wanted valid JSON (RFC 8259); numbers may have any size. What is
/// not wanted is passed over: its strings must end and its brackets must close, but a value there may be NaN.
/// Time and memory are linear in the payload, however it is nested.
///
/// A list of codes may be spread over objects: the path subs/qos of `{"subs":[{"qos":128},{"qos":1}]}` is
/// [128,1]. Members of Field::identity name the event together; an event that lacks one of them has no
/// identity.
class JsonMembers {
 public:
  static constexpr int kMostLevels = 16;  ///< Of objects and lists; the object itself is the first.

  JsonMembers();
  ~JsonMembers();

  /// One NUL before the object is skipped (NanoMQ writes one for MQTT 5 clients).
  ///
  /// At most 64 are wanted. `captures` then holds these fields alone. Its views stay valid until the next
  /// call. Returns false if the payload is no such object.
  bool read(std::string_view payload, const std::vector<std::pair<Field, std::string>>& wanted,
            Captures& captures);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
