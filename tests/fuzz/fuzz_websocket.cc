// SPDX-License-Identifier: Apache-2.0
// WebSocketReader: what it hands out must not depend on the cut of the bytes or the size of the scratch, and
// where it says that bytes may be missing, only they are. The first bytes of the input choose whether it
// begins with an HTTP head, the pieces and the scratch.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/mqtt/first_bytes.h"
#include "exporter/mqtt/websocket.h"

namespace {

using namespace mre::mqtt;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Unwrapped {
  std::string payload;
  WebSocketReader reader;
};

void read(std::string_view bytes, std::vector<char>& scratch, Unwrapped& out) {
  while (const auto part = out.reader.next(bytes, scratch)) {
    require(!part->empty());
    out.payload += *part;
  }
  require(bytes.empty());
}

Unwrapped unwrap(std::string_view bytes, WebSocketReader reader, std::size_t piece,
                 std::size_t scratch_bytes) {
  Unwrapped out{.payload = {}, .reader = reader};
  std::vector<char> scratch(scratch_bytes);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    read(bytes.substr(0, piece), scratch, out);
  }
  return out;
}

/// Every other byte that may be missing is. '?' replaces those of messages.
Unwrapped unwrap_with_gaps(std::string_view bytes, WebSocketReader reader) {
  Unwrapped out{.payload = {}, .reader = reader};
  std::vector<char> scratch(1);
  bool see = false;
  for (; !bytes.empty(); bytes.remove_prefix(1)) {
    see = !see || out.reader.skippable() == 0;
    if (see) {
      read(bytes.substr(0, 1), scratch, out);
    } else {
      if (out.reader.within_message()) out.payload += '?';
      out.reader.skip(1);
    }
  }
  return out;
}

bool is_same_but_gaps(std::string_view with_gaps, std::string_view whole) {
  return std::equal(with_gaps.begin(), with_gaps.end(), whole.begin(), whole.end(),
                    [](char a, char b) { return a == b || a == '?'; });
}

void check_first_bytes(std::string_view bytes) {
  for (const auto ask : {begins_connect, begins_websocket, begins_tls}) {
    Answer before = Answer::more;
    for (std::size_t i = 0; i <= std::min<std::size_t>(bytes.size(), 100); ++i) {
      const Answer now = ask(bytes.substr(0, i));
      require(before == Answer::more || now == before);
      before = now;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const WebSocketReader reader = data[0] % 2 == 0 ? WebSocketReader::after_handshake() : WebSocketReader();
  const std::size_t piece = std::size_t{data[1]} + 1;
  const std::size_t scratch = std::size_t{data[2]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  check_first_bytes(bytes);
  const Unwrapped whole = unwrap(bytes, reader, std::max<std::size_t>(bytes.size(), 1), 4096);
  require(whole.payload.size() <= bytes.size());
  const Unwrapped cut = unwrap(bytes, reader, piece, scratch);
  require(cut.payload == whole.payload && cut.reader.state() == whole.reader.state());
  const Unwrapped gaps = unwrap_with_gaps(bytes, reader);
  require(is_same_but_gaps(gaps.payload, whole.payload) && gaps.reader.state() == whole.reader.state());
  return 0;
}
