// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/journal_export.h"

#include <algorithm>
#include <utility>

#include "exporter/envelope/unwrap.h"

namespace mre {
namespace {

constexpr std::uint64_t kLongestField = 768ULL * 1024 * 1024;  // journald's own limit
constexpr unsigned kLengthBytes = 8;
constexpr std::string_view kCursor = "__CURSOR";

bool is_key(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

/// The part of a cursor that begins with `name` ("s="), including its name; empty if there is none.
std::string_view part_of(std::string_view cursor, std::string_view name) {
  while (!cursor.empty()) {
    const std::size_t end = std::min(cursor.find(';'), cursor.size());
    if (cursor.starts_with(name)) return cursor.substr(0, end);
    cursor.remove_prefix(std::min(end + 1, cursor.size()));
  }
  return {};
}

}  // namespace

bool JournalExport::begins_entry(std::string_view line) {
  const std::size_t equals = line.find('=');
  return line.starts_with("__") && equals != std::string_view::npos && is_key(line.substr(0, equals));
}

Opened JournalExport::open(std::string_view line) {
  if (state_ == State::fields) return open_field(line);
  if (continues(line)) {
    const bool counted = std::exchange(state_, State::fields) == State::lost;
    const Opened opened = open_field(line);
    return counted ? opened : Opened{};
  }
  return state_ == State::binary ? open_binary(line) : Opened{Opened::Kind::nothing};
}

Opened JournalExport::open_field(std::string_view line) {
  if (line.empty()) return {Opened::Kind::nothing};
  const std::size_t equals = line.find('=');
  const std::string_view key = line.substr(0, equals);
  if (!is_key(key)) return {};
  if (equals == std::string_view::npos) {
    state_ = State::binary;
    is_message_ = key == "MESSAGE";
    length_bytes_ = 0;
    length_ = read_bytes_ = 0;
    text_.clear();
    return {Opened::Kind::nothing};
  }
  const std::string_view value = line.substr(equals + 1);
  if (key == "MESSAGE") return {.kind = Opened::Kind::line, .text = value, .coloured = true};
  if (key == kCursor) remember_cursor(value);
  return {Opened::Kind::nothing};
}

Opened JournalExport::open_binary(std::string_view line) {
  read_bytes(line);
  read_bytes("\n");
  if (length_bytes_ < kLengthBytes) return {Opened::Kind::nothing};  // that line end is a byte of the length
  if (length_ > kLongestField || read_bytes_ > length_ + 1) {
    state_ = State::lost;
    return {};
  }
  if (read_bytes_ < length_ + 1) return {Opened::Kind::nothing};
  state_ = State::fields;
  if (!is_message_) return {Opened::Kind::nothing};
  if (length_ > kMaxJoinedBytes) return {Opened::Kind::too_long};
  return {.kind = Opened::Kind::line,
          .text = std::string_view(text_).substr(0, text_.size() - 1),
          .coloured = true};
}

void JournalExport::read_bytes(std::string_view bytes) {
  for (; length_bytes_ < kLengthBytes && !bytes.empty(); bytes.remove_prefix(1)) {
    length_ |= std::uint64_t{static_cast<unsigned char>(bytes.front())} << (8 * length_bytes_++);
  }
  read_bytes_ += bytes.size();
  if (stores_text()) text_.append(bytes);
}

/// Whether `text_` contains all bytes that were read.
bool JournalExport::stores_text() const { return is_message_ && read_bytes_ <= kMaxJoinedBytes + 1; }

void JournalExport::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(state_));
  out.text(journal_);
  out.text(boot_);
  if (state_ != State::binary) return;
  out.flag(is_message_);
  out.number(length_bytes_);
  out.number(length_);
  out.number(read_bytes_);
  if (stores_text()) out.text(text_);
}

void JournalExport::restore(ByteReader& in) {
  clear();
  state_ = static_cast<State>(in.number_up_to(static_cast<std::uint64_t>(State::lost)));
  journal_ = in.text();
  boot_ = in.text();
  if (state_ != State::binary) return;
  is_message_ = in.flag();
  length_bytes_ = static_cast<unsigned>(in.number_up_to(kLengthBytes));
  length_ = in.number();
  read_bytes_ = in.number();
  if (stores_text()) text_ = in.text();
  if (!is_possible()) in.fail();
}

/// Whether this is a valid state of a binary field between two lines.
bool JournalExport::is_possible() const {
  if (stores_text() && text_.size() != read_bytes_) return false;
  if (length_bytes_ < kLengthBytes) return read_bytes_ == 0 && length_ >> (8 * length_bytes_) == 0;
  return length_ <= kLongestField && read_bytes_ <= length_;
}

void JournalExport::remember_cursor(std::string_view cursor) {
  journal_ = part_of(cursor, "s=");
  boot_ = part_of(cursor, "b=");
}

/// Whether an entry of the same journal or boot begins with the line.
bool JournalExport::continues(std::string_view line) const {
  if (!line.starts_with(kCursor) || !line.substr(kCursor.size()).starts_with('=')) return false;
  const std::string_view cursor = line.substr(kCursor.size() + 1);
  if (journal_.empty() && boot_.empty()) return state_ == State::lost;
  return (!journal_.empty() && part_of(cursor, "s=") == journal_) ||
         (!boot_.empty() && part_of(cursor, "b=") == boot_);
}

}  // namespace mre
