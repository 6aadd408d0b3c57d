// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_record.h"

#include "exporter/event/event_bytes.h"

namespace mre {
namespace {

enum class Told : std::uint8_t { code, close };

}  // namespace

void write_told(const ReasonEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(Told::code));
  write_event(event, out);
}

void write_told(const CloseEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(Told::close));
  write_event(event, out);
}

bool read_told(std::string_view record, EventSink& sink) {
  ByteReader in(record);
  while (!in.finished()) {
    if (in.number_up_to(static_cast<std::uint64_t>(Told::close)) == static_cast<std::uint64_t>(Told::code)) {
      const ReasonEvent event = read_event(in);
      if (in.failed()) return false;
      sink.on_code(event);
    } else {
      const CloseEvent event = read_close_event(in);
      if (in.failed()) return false;
      sink.on_close(event);
    }
  }
  return true;
}

}  // namespace mre
