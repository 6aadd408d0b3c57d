// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/envelope/journal_export.h"
#include "exporter/envelope/journal_pretty.h"
#include "exporter/envelope/json_envelopes.h"
#include "exporter/envelope/line_joiner.h"
#include "exporter/event/envelope.h"

namespace mre {

/// One envelope around the lines of a log: the configured one, or for Envelope::detect the one of the first
/// lines.
///
/// Detection reads each line by its own beginning until three conclusive lines agree; that envelope is final.
/// An envelope that cannot be confused with another format is conclusive. Another envelope, or a member of a
/// JSON object, is conclusive if the text in it is known and the line as a whole is not. A line that could
/// have such an envelope but contains no known text is inconclusive. Text in the middle of a line is never
/// considered, because a client may have chosen it.
class Layer {
 public:
  /// Whether a text is a line of the broker.
  using IsKnown = std::function<bool(std::string_view)>;

  explicit Layer(Envelope configured) : configured_(configured), envelope_(configured) {}

  /// The content of the line, with pieces joined: never of kind `piece`. Valid until the next call.
  Opened open(std::string_view line, const IsKnown& is_known);

  /// `detect` until it is decided.
  Envelope envelope() const { return envelope_; }
  bool decided() const { return envelope_ != configured_; }  ///< Whether detection has decided.

  void clear();
  void save(ByteWriter& out) const;  ///< All state that later lines depend on.
  /// Restores what one with the same configured envelope saved. If the bytes are invalid, `in` fails and the
  /// caller must call `clear`.
  void restore(ByteReader& in);

 private:
  Opened open_as(Envelope envelope, std::string_view line, const IsKnown& is_known);
  Envelope detect(std::string_view line, const IsKnown& is_known);
  Envelope shape_of(std::string_view line, const IsKnown& is_known);
  Envelope object_shape_of(std::string_view line, const IsKnown& is_known);
  bool learn_path(std::string_view line, const IsKnown& is_known);

  const Envelope configured_;
  Envelope envelope_;
  Envelope candidate_ = Envelope::detect;
  unsigned agreeing_ = 0;
  JsonPath path_;  // of the broker's line in an object; empty until one was found

  std::string uncoloured_;
  JsonEnvelopes json_;
  JournalExport export_;
  JournalPretty pretty_;
  LineJoiner joiner_;
};

/// Whether `text` is a line of the broker, or contains one in at most `layers` text envelopes.
bool is_known_within(std::string_view text, const Layer::IsKnown& is_known, std::size_t layers);

}  // namespace mre
