// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_record.h"

#include "exporter/event/event_bytes.h"

namespace mre {
namespace {

enum class EventKind : std::uint8_t { code, close };

}  // namespace

void append_event(const ReasonEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(EventKind::code));
  write_event(event, out);
}

void append_event(const CloseEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(EventKind::close));
  write_event(event, out);
}

bool emit_events(std::string_view record, EventSink& sink) {
  ByteReader in(record);
  while (!in.finished()) {
    if (in.number_up_to(static_cast<std::uint64_t>(EventKind::close)) ==
        static_cast<std::uint64_t>(EventKind::code)) {
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
