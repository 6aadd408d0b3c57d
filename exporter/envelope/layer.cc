// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/layer.h"

#include <utility>

#include "exporter/envelope/colours.h"
#include "exporter/envelope/text_envelopes.h"

namespace mre {
namespace {

/// Reading may start inside a line, so one line is not enough.
constexpr unsigned kAgreeingLines = 3;

Envelope read_envelope(ByteReader& in) {
  return static_cast<Envelope>(in.number_up_to(kEnvelopeNames.size() - 1));
}

bool opens(const Opened& opened) { return opened.kind != Opened::Kind::refused; }

}  // namespace

Opened Layer::open(std::string_view line, const IsKnown& is_known) {
  const Envelope envelope = envelope_ == Envelope::detect ? detect(line, is_known) : envelope_;
  if (envelope == Envelope::plain) return {Opened::Kind::bare, line};
  const Opened opened = open_as(envelope, line, is_known);
  if (opened.kind != Opened::Kind::piece && opened.kind != Opened::Kind::line) return opened;
  Opened whole = joiner_.join(opened);
  whole.service = opened.service;
  whole.coloured = opened.coloured || whole.text.data() != opened.text.data();
  return whole;
}

Opened Layer::open_as(Envelope envelope, std::string_view line, const IsKnown& is_known) {
  switch (envelope) {
    case Envelope::docker:
      return json_.open_docker(line);
    case Envelope::journald_json:
      return json_.open_journald(line);
    case Envelope::json:
      if (path_.empty()) learn_path(line, is_known);
      return json_.open_json(line, path_);
    case Envelope::journald_export:
      return export_.open(line);
    case Envelope::journald_pretty:
      return pretty_.open(line);
    default:
      break;
  }
  for (const TextEnvelope& row : text_envelopes()) {
    if (row.envelope == envelope) return row.open(line);
  }
  return {};
}

/// The envelope of this line alone. It becomes final once enough lines agree.
Envelope Layer::detect(std::string_view line, const IsKnown& is_known) {
  if (line.empty()) return Envelope::plain;
  const JsonPath before = path_;
  const Envelope shape = shape_of(line, is_known);
  if (shape == Envelope::detect) {
    const bool in_object = candidate_ == Envelope::json && line.starts_with('{');
    return in_object ? Envelope::json : Envelope::plain;  // the path of its line is known
  }
  agreeing_ = shape == candidate_ && path_ == before ? agreeing_ + 1 : 1;
  candidate_ = shape;
  if (agreeing_ == kAgreeingLines) envelope_ = shape;
  return shape;
}

/// Returns `detect` if the line is inconclusive.
Envelope Layer::shape_of(std::string_view line, const IsKnown& is_known) {
  if (line.starts_with('_') && JournalExport::begins_entry(line)) return Envelope::journald_export;
  if (JournalPretty::is_own_field(line)) return Envelope::journald_pretty;
  if (candidate_ == Envelope::journald_pretty && JournalPretty::is_field(line)) return candidate_;
  if (line.starts_with('{') || line.starts_with('\x1e') || line.starts_with("data: {"))
    return object_shape_of(line, is_known);
  bool possible = false;
  for (const TextEnvelope& row : text_envelopes()) {
    const Opened opened = row.open(line);
    if (opens(opened) && opened.certain) return row.envelope;
    possible = possible || opens(opened);
  }
  if (is_known(line)) return Envelope::plain;
  for (const TextEnvelope& row : text_envelopes()) {
    const Opened opened = row.open(line);
    if (opens(opened) && is_known_within(opened.text, is_known, 1)) return row.envelope;
  }
  if (learn_path(line, is_known)) return Envelope::json;
  return possible ? Envelope::detect : Envelope::plain;
}

Envelope Layer::object_shape_of(std::string_view line, const IsKnown& is_known) {
  if (line.starts_with(R"({"log":)") && opens(json_.open_docker(line))) return Envelope::docker;
  if (opens(json_.open_journald(line))) return Envelope::journald_json;
  if (is_known(line)) return Envelope::plain;
  return learn_path(line, is_known) ? Envelope::json : Envelope::detect;
}

bool Layer::learn_path(std::string_view line, const IsKnown& is_known) {
  const auto found = json_.find_line(
      line,
      [&](std::string_view text) { return is_known_within(without_colours(text, uncoloured_), is_known, 1); },
      path_);
  if (found) path_ = *found;
  return found.has_value();
}

void Layer::clear() {
  envelope_ = configured_;
  candidate_ = Envelope::detect;
  agreeing_ = 0;
  path_.clear();
  export_.clear();
  pretty_.clear();
  joiner_.clear();
}

void Layer::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(configured_));
  out.number(static_cast<std::uint64_t>(envelope_));
  out.number(static_cast<std::uint64_t>(candidate_));
  out.number(agreeing_);
  out.number(path_.size());
  for (const std::string& key : path_) out.text(key);
  export_.save(out);
  pretty_.save(out);
  joiner_.save(out);
}

void Layer::restore(ByteReader& in) {
  clear();
  if (in.number() != static_cast<std::uint64_t>(configured_)) return in.fail();
  envelope_ = read_envelope(in);
  candidate_ = read_envelope(in);
  agreeing_ = static_cast<unsigned>(in.number_up_to(kAgreeingLines));
  path_.resize(in.number_up_to(kMaxJsonDepth));
  for (std::string& key : path_) {
    key = in.text();
    if (key.size() > kMaxJsonKeyBytes) return in.fail();
  }
  export_.restore(in);
  pretty_.restore(in);
  joiner_.restore(in);
  if (configured_ != Envelope::detect && envelope_ != configured_) in.fail();
  if (envelope_ == Envelope::detect && agreeing_ == kAgreeingLines) in.fail();  // enough lines for a decision
}

bool is_known_within(std::string_view text, const Layer::IsKnown& is_known, std::size_t layers) {
  if (is_known(text)) return true;
  if (layers == 0) return false;
  for (const TextEnvelope& row : text_envelopes()) {
    const Opened opened = row.open(text);
    if (opens(opened) && !opened.text.empty() && is_known_within(opened.text, is_known, layers - 1))
      return true;
  }
  return false;
}

}  // namespace mre
