// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_record.h"

#include "exporter/event/event_bytes.h"

namespace mre {
namespace {

enum class Part : std::uint8_t { code, close, peer, client };

}  // namespace

void append_event(const ReasonEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(Part::code));
  write_event(event, out);
}

void append_event(const CloseEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(Part::close));
  write_event(event, out);
}

void append_peer(std::string_view peer, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(Part::peer));
  out.text(peer);
}

void append_client(const Subject& subject, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(Part::client));
  out.text(subject.peer);
  out.text(subject.client);
  out.text(subject.user);
}

bool emit_events(std::string_view record, EventSink& sink, std::string_view& peer) {
  ByteReader in(record);
  peer = {};
  while (!in.finished()) {
    switch (static_cast<Part>(in.number_up_to(static_cast<std::uint64_t>(Part::client)))) {
      case Part::code:
        if (const ReasonEvent event = read_event(in); !in.failed()) sink.on_code(event);
        break;
      case Part::close:
        if (const CloseEvent event = read_close_event(in); !in.failed()) sink.on_close(event);
        break;
      case Part::peer:
        peer = in.text();
        break;
      case Part::client: {
        const std::string_view address = in.text();
        const std::string_view client = in.text();
        const std::string_view user = in.text();
        if (!in.failed()) sink.on_client({.client = client, .user = user, .peer = address});
        break;
      }
    }
    if (in.failed()) return false;
  }
  return true;
}

}  // namespace mre
