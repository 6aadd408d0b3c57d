#include "exporter/envelope/unwrap.h"

#include <utility>

#include "exporter/envelope/colours.h"
#include "exporter/envelope/journal_export.h"
#include "exporter/envelope/json_envelopes.h"
#include "exporter/envelope/line_joiner.h"
#include "exporter/envelope/text_envelopes.h"

namespace mre {
namespace {

/// A tail may start inside a line, so one line decides nothing.
constexpr unsigned kAgreeingLines = 3;

constexpr Decoded kNothing{Outcome::ignored, RecordError::none, {}};
constexpr Decoded kRefused{Outcome::malformed, RecordError::envelope, {}};
constexpr Decoded kTooLong{Outcome::malformed, RecordError::oversized, {}};

/// What saved bytes begin with. Another number when what follows is written in another way.
constexpr std::string_view kSaved = "envelope 1";

class Unwrapper final : public Decoder {
 public:
  Unwrapper(Envelope envelope, std::unique_ptr<Decoder> inner, std::function<void(Envelope)> decided)
      : configured_(envelope), envelope_(envelope), inner_(std::move(inner)), decided_(std::move(decided)) {}

  Decoded decode(const Record& record, EventSink& sink) override {
    if (envelope_ == Envelope::plain || !record.topic.empty()) return inner_->decode(record, sink);
    const Envelope envelope = envelope_ == Envelope::detect ? detect(record.payload) : envelope_;
    if (envelope == Envelope::plain) return inner_->decode(record, sink);
    return hand_on(open(envelope, record.payload), sink);
  }

  void settle(EventSink& sink) override { inner_->settle(sink); }

  void save(ByteWriter& out) const override {
    out.text(kSaved);
    out.number(static_cast<std::uint64_t>(configured_));
    out.number(static_cast<std::uint64_t>(envelope_));
    out.number(static_cast<std::uint64_t>(candidate_));
    out.number(agreeing_);
    export_.save(out);
    joiner_.save(out);
    inner_->save(out);
  }

  bool restore(ByteReader& in) override {
    if (in.text() != kSaved || in.number() != static_cast<std::uint64_t>(configured_)) in.fail();
    const Envelope envelope = read_envelope(in);
    candidate_ = read_envelope(in);
    agreeing_ = static_cast<unsigned>(in.number_up_to(kAgreeingLines));
    export_.restore(in);
    joiner_.restore(in);
    if (configured_ != Envelope::detect && envelope != configured_) in.fail();
    if (envelope == Envelope::detect && agreeing_ == kAgreeingLines) in.fail();  // they would have decided
    if (!inner_->restore(in) || in.failed()) {
      clear();
      return false;
    }
    envelope_ = envelope;
    if (decided_ && envelope_ != configured_) decided_(envelope_);
    return true;
  }

  DecoderStats stats() const override { return inner_->stats(); }
  const Coverage& coverage() const override { return inner_->coverage(); }
  Visibility visibility() const override { return inner_->visibility(); }

 private:
  static Envelope read_envelope(ByteReader& in) {
    return static_cast<Envelope>(in.number_up_to(kEnvelopeNames.size() - 1));
  }

  void clear() {
    envelope_ = configured_;
    candidate_ = Envelope::detect;
    agreeing_ = 0;
    export_.clear();
    joiner_.clear();
  }

  Opened open(Envelope envelope, std::string_view line) {
    switch (envelope) {
      case Envelope::docker:
        return json_.open_docker(line);
      case Envelope::cri:
        return open_cri(line);
      case Envelope::journald_json:
        return json_.open_journald(line);
      case Envelope::journald_export:
        return export_.open(line);
      case Envelope::syslog_3164:
        return open_syslog_3164(line);
      case Envelope::syslog_5424:
        return open_syslog_5424(line);
      case Envelope::detect:
      case Envelope::plain:
        break;
    }
    return {};
  }

  /// The envelope of this line alone, which is kept once enough lines agree.
  Envelope detect(std::string_view line) {
    if (line.empty()) return Envelope::plain;
    const Envelope shape = shape_of(line);
    agreeing_ = shape == candidate_ ? agreeing_ + 1 : 1;
    candidate_ = shape;
    if (agreeing_ < kAgreeingLines) return shape;
    envelope_ = shape;
    if (decided_) decided_(shape);
    return shape;
  }

  Envelope shape_of(std::string_view line) {
    constexpr auto kNo = Opened::Kind::refused;
    switch (line.front()) {
      case '{':
        if (line.starts_with(R"({"log":)") && json_.open_docker(line).kind != kNo) return Envelope::docker;
        if (json_.open_journald(line).kind != kNo) return Envelope::journald_json;
        break;
      case '_':
        if (JournalExport::begins_entry(line)) return Envelope::journald_export;
        break;
      default:
        if (open_cri(line).kind != kNo) return Envelope::cri;
        if (open_syslog_5424(line).kind != kNo) return Envelope::syslog_5424;
        if (open_syslog_3164(line, Syslog3164::certain).kind != kNo) return Envelope::syslog_3164;
    }
    return Envelope::plain;
  }

  Decoded hand_on(const Opened& opened, EventSink& sink) {
    const bool has_text = opened.kind == Opened::Kind::piece || opened.kind == Opened::Kind::line;
    const Opened whole = has_text ? joiner_.join(opened) : opened;
    switch (whole.kind) {
      case Opened::Kind::refused:
        return kRefused;
      case Opened::Kind::too_long:
        return kTooLong;
      case Opened::Kind::nothing:
      case Opened::Kind::piece:
        return kNothing;
      case Opened::Kind::line:
        break;
    }
    Decoded decoded = decode_inner(whole.text, sink);
    for (const std::string_view text : whole.more) {
      const Decoded next = decode_inner(text, sink);
      if (decoded.outcome != Outcome::matched) decoded = next;
    }
    return decoded;
  }

  Decoded decode_inner(std::string_view line, EventSink& sink) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return inner_->decode({without_colours(line, coloured_), {}, false}, sink);
  }

  const Envelope configured_;
  Envelope envelope_;  // detect until it is decided
  Envelope candidate_ = Envelope::detect;
  unsigned agreeing_ = 0;

  const std::unique_ptr<Decoder> inner_;
  const std::function<void(Envelope)> decided_;
  JsonEnvelopes json_;
  JournalExport export_;
  LineJoiner joiner_;
  std::string coloured_;
};

}  // namespace

std::unique_ptr<Decoder> unwrap(Envelope envelope, std::unique_ptr<Decoder> inner,
                                std::function<void(Envelope)> decided) {
  if (envelope == Envelope::plain) return inner;
  return std::make_unique<Unwrapper>(envelope, std::move(inner), std::move(decided));
}

}  // namespace mre
