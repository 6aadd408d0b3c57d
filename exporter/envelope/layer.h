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

/// One envelope around the lines of a log: the one that is configured, or for Envelope::detect the one that
/// the first lines have.
///
/// Detection takes each line by its own beginning, until three lines that say something agree; that envelope
/// is kept. An envelope that only its own writer writes is evidence. So is another one, and a member of a
/// JSON object, if the text in it is the broker's and the line as a whole is not. A line that could be in
/// such an envelope, but holds nothing that is known, says nothing. No text within a line takes part: a
/// client may have chosen it.
class Layer {
 public:
  /// Whether a text is a line of the broker.
  using IsKnown = std::function<bool(std::string_view)>;

  explicit Layer(Envelope configured) : configured_(configured), envelope_(configured) {}

  /// What the line holds, pieces joined: never of kind piece. Valid until the next call.
  Opened open(std::string_view line, const IsKnown& is_known);

  /// Detect until it is decided.
  Envelope envelope() const { return envelope_; }
  bool decided() const { return envelope_ != configured_; }  ///< By detection.

  void clear();
  void save(ByteWriter& out) const;  ///< All that the meaning of later lines depends on.
  /// Restores what another with the same configured envelope wrote. Otherwise `in` fails, and this is to be
  /// cleared.
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

/// Whether `text` is a line of the broker, or holds one in envelopes of words.
bool is_known_within(std::string_view text, const Layer::IsKnown& is_known, std::size_t layers);

}  // namespace mre
