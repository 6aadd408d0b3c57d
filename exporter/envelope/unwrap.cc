// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/unwrap.h"

#include <array>
#include <optional>
#include <utility>

#include "exporter/envelope/broker_service.h"
#include "exporter/envelope/colours.h"
#include "exporter/envelope/layer.h"

// A line passes the layers from the outermost to the innermost, until one of them finds no envelope. The rest
// is the broker's line, if the broker's service wrote it.
namespace mre {
namespace {

constexpr Decoded kNothing{Outcome::ignored, RecordError::none, {}};
constexpr Decoded kRefused{Outcome::malformed, RecordError::envelope, {}};
constexpr Decoded kTooLong{Outcome::malformed, RecordError::oversized, {}};
constexpr Decoded kForeign{Outcome::unrecognised, RecordError::no_prefix, {}};

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Saved state begins with this. Increase the number when its format changes.
constexpr std::string_view kSaved = "envelope 3";

/// Whether a line begins like UTF-16 text. Line readers drop NULs in front of it.
bool is_utf16(std::string_view line) {
  if (line.starts_with('\0')) line.remove_prefix(1);  // the half of a line end
  if (line.size() < 4) return false;
  if (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF")) return line.find('\0') != line.npos;
  return line[0] != '\0' && line[1] == '\0' && line[2] != '\0' && line[3] == '\0';
}

/// Decoder::decode_lines for lines that cannot be decoded together.
DecodedLines decode_each(Decoder& decoder, const LineBlock& lines, EventSink& sink) {
  DecodedLines read;
  const char* const end = lines.text.data() + lines.text.size();
  for (const char* at = lines.text.data(); at != end && !read.not_recognised;) {
    const std::string_view line = lines.line_from(at);
    if (lines.is_special(line)) break;
    read.add(decoder.decode({line, {}}, sink), line);
    at += line.size() + 1;
    read.bytes += line.size() + 1;
  }
  return read;
}

class Unwrapper final : public Decoder {
 public:
  Unwrapper(Envelope envelope, std::unique_ptr<Decoder> inner, std::function<void(Envelope)> decided,
            std::function<void(const std::string&)> broker_found,
            std::function<void(std::string_view)> refused)
      : layers_{Layer(envelope), Layer(Envelope::detect), Layer(Envelope::detect)},
        inner_(std::move(inner)),
        is_known_([this](std::string_view text) { return inner_->recognises(without_return(text)); }),
        decided_(std::move(decided)),
        broker_found_(std::move(broker_found)),
        refused_(std::move(refused)) {}

  Decoded decode(const Record& record, EventSink& sink) override {
    if (layers_[0].envelope() == Envelope::plain && !coloured_) return decode_plain(record, sink);
    return decode_unusual(record, sink);
  }

  DecodedLines decode_lines(const LineBlock& lines, EventSink& sink) override {
    if (layers_[0].envelope() != Envelope::plain || coloured_) return decode_each(*this, lines, sink);
    DecodedLines read = inner_->decode_lines(lines, sink);
    if (!read.not_recognised || read.not_recognised->outcome != Outcome::unrecognised) return read;
    const Decoded not_recognised = *std::exchange(read.not_recognised, std::nullopt);
    read.add(decode_again({read.not_recognised_line, {}}, not_recognised, sink), read.not_recognised_line);
    return read;
  }

  Subject subject() const override { return inner_->subject(); }

  void settle(EventSink& sink) override { inner_->settle(sink); }

  bool recognises(std::string_view line) override { return is_known_within(line, is_known_, layers_.size()); }

  void save(ByteWriter& out) const override {
    out.text(kSaved);
    for (const Layer& layer : layers_) layer.save(out);
    service_.save(out);
    out.flag(coloured_);
    inner_->save(out);
  }

  bool restore(ByteReader& in) override {
    clear();
    if (in.text() != kSaved) in.fail();
    for (Layer& layer : layers_) layer.restore(in);
    service_.restore(in);
    coloured_ = in.flag();
    if (!inner_->restore(in) || in.failed()) {
      clear();
      return false;
    }
    if (decided_ && layers_[0].decided()) decided_(layers_[0].envelope());
    return true;
  }

  DecoderStats stats() const override { return inner_->stats(); }
  const Coverage& coverage() const override { return inner_->coverage(); }
  Visibility visibility() const override { return inner_->visibility(); }

 private:
  static std::string_view without_byte_order_mark(std::string_view line) {
    if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    return line;
  }

  static std::string_view without_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  void clear() {
    for (Layer& layer : layers_) layer.clear();
    service_.clear();
    coloured_ = false;
  }

  /// Decodes a line without an envelope. If it is not recognised because of its colours, they are removed
  /// from here on.
  Decoded decode_plain(const Record& record, EventSink& sink) {
    const Decoded decoded = inner_->decode(record, sink);
    return decoded.outcome == Outcome::unrecognised ? decode_again(record, decoded, sink) : decoded;
  }

  [[gnu::noinline]] Decoded decode_again(const Record& record, Decoded decoded, EventSink& sink) {
    if (!record.topic.empty()) return decoded;
    if (is_utf16(record.payload)) return refuse_utf16();
    if (!has_colours(record.payload)) return decoded;
    coloured_ = true;
    return decode_coloured(record, sink);
  }

  [[gnu::noinline]] Decoded refuse_utf16() {
    if (!std::exchange(utf16_reported_, true) && refused_)
      refused_(
          "the log is UTF-16, as PowerShell's > writes it. It is not read, because a client's id could begin "
          "a "
          "line in it. Write UTF-8 instead, for example with | Out-File -Encoding utf8");
    return kRefused;
  }

  Decoded decode_coloured(const Record& record, EventSink& sink) {
    return decode_text(without_colours(record.payload, uncoloured_[0]), sink);
  }

  /// Not inlined, so that plain lines do not pay for it.
  [[gnu::noinline]] Decoded decode_unusual(const Record& record, EventSink& sink) {
    if (!record.topic.empty()) return inner_->decode(record, sink);
    if (coloured_) return decode_coloured(record, sink);
    const Envelope before = layers_[0].envelope();
    const bool is_text = before != Envelope::journald_export;  // which has binary lengths
    if (is_text && is_utf16(record.payload)) return refuse_utf16();
    const Decoded decoded = decode_in(0, {}, without_byte_order_mark(record.payload), true, sink);
    if (decided_ && layers_[0].envelope() != before) decided_(layers_[0].envelope());
    return decoded;
  }

  /// `coloured`: the line may contain colour codes.
  Decoded decode_in(std::size_t depth, std::string_view service, std::string_view line, bool coloured,
                    EventSink& sink) {
    // journald_export has byte counts, so its lines must not change.
    if (depth == layers_.size() || layers_[depth].envelope() != Envelope::journald_export) {
      if (std::exchange(coloured, false)) line = without_colours(line, uncoloured_[depth]);
    }
    if (depth == layers_.size()) return decode_line(service, line, sink);
    const Opened opened = layers_[depth].open(line, is_known_);
    switch (opened.kind) {
      case Opened::Kind::refused:
        return kRefused;
      case Opened::Kind::too_long:
        return kTooLong;
      case Opened::Kind::foreign:
        return kForeign;
      case Opened::Kind::nothing:
      case Opened::Kind::piece:
        return kNothing;
      case Opened::Kind::bare:
        return decode_line(service, line, sink);
      case Opened::Kind::line:
        break;
    }
    if (service.empty()) service = opened.service;
    Decoded decoded = decode_in(depth + 1, service, opened.text, opened.coloured, sink);
    for (const std::string_view text : opened.more) {
      const Decoded next = decode_in(depth + 1, service, text, opened.coloured, sink);
      if (decoded.outcome != Outcome::matched) decoded = next;
    }
    return decoded;
  }

  Decoded decode_line(std::string_view service, std::string_view line, EventSink& sink) {
    if (!service_.reads(service)) return kForeign;
    const Decoded decoded = decode_text(line, sink);
    if (service_.note(service, decoded.is_recognised()) && broker_found_) broker_found_(service_.name());
    return decoded;
  }

  Decoded decode_text(std::string_view line, EventSink& sink) {
    return inner_->decode({without_return(line), {}, false}, sink);
  }

  /// An envelope, another one in it, and the time that some of them write in addition.
  std::array<Layer, 3> layers_;
  std::array<std::string, 4> uncoloured_;  // a buffer for each layer, and for the text in the last
  BrokerService service_;
  bool coloured_ = false;  // the lines have no envelope, and some have colours
  bool utf16_reported_ = false;

  const std::unique_ptr<Decoder> inner_;
  const Layer::IsKnown is_known_;
  const std::function<void(Envelope)> decided_;
  const std::function<void(const std::string&)> broker_found_;
  const std::function<void(std::string_view)> refused_;
};

}  // namespace

std::unique_ptr<Decoder> unwrap(Envelope envelope, std::unique_ptr<Decoder> inner,
                                std::function<void(Envelope)> decided,
                                std::function<void(const std::string&)> broker_found,
                                std::function<void(std::string_view)> refused) {
  if (envelope == Envelope::plain) return inner;
  return std::make_unique<Unwrapper>(envelope, std::move(inner), std::move(decided), std::move(broker_found),
                                     std::move(refused));
}

}  // namespace mre
