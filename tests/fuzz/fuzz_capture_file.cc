// SPDX-License-Identifier: Apache-2.0
// CaptureFile on any bytes, through a pipe in pieces and whole: the frames must be the same. Frames must lie
// within bounds, and reading must end.
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "exporter/capture/file/capture_file.h"

namespace {

using mre::CaptureFormat;
using Kind = CaptureFormat::Step::Kind;

struct Seen {
  std::vector<std::string> frames;
  std::string error;

  bool operator==(const Seen&) const = default;
};

std::string text_of(const mre::Frame& frame) {
  return std::to_string(frame.time_us) + " " + std::to_string(frame.link_type) + " " +
         std::to_string(frame.length) + " " + std::string(frame.bytes);
}

/// As CaptureFile reads, from a buffer that has never more than is asked for and `ahead`.
Seen read_in_pieces(std::string_view input, std::size_t ahead) {
  Seen seen;
  CaptureFormat format;
  std::size_t there = 0;
  for (;;) {
    const CaptureFormat::Step step = format.next(input.substr(0, there));
    if (step.kind == Kind::more) {
      if (step.bytes <= there || step.bytes > CaptureFormat::kMaxBytes + 2048) std::abort();
      if (step.bytes > input.size()) return seen;
      there = std::min(input.size(), step.bytes + ahead);
      continue;
    }
    if (step.kind == Kind::error) {
      seen.error = format.error();
      return seen;
    }
    if (step.bytes == 0 || step.bytes > there) std::abort();
    if (step.kind == Kind::frame) {
      if (step.frame.bytes.data() < input.data() ||
          step.frame.bytes.data() + step.frame.bytes.size() > input.data() + step.bytes) {
        std::abort();
      }
      seen.frames.push_back(text_of(step.frame));
    }
    input.remove_prefix(step.bytes);
    there -= step.bytes;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const Seen whole = read_in_pieces(input, input.size());
  if (read_in_pieces(input, 0) != whole || read_in_pieces(input, 7) != whole) std::abort();
  if (size > 32768) return 0;  // more than a pipe takes at once

  int pipe[2];
  if (::pipe(pipe) != 0 || ::write(pipe[1], data, size) != static_cast<ssize_t>(size)) std::abort();
  ::close(pipe[1]);
  mre::CaptureFile file(mre::Fd{pipe[0]}, "pipe");
  std::size_t frames = 0;
  for (;;) {
    const auto frame = file.next();
    if (!frame && whole.error.empty()) std::abort();
    if (!frame || !*frame) break;
    ++frames;
  }
  if (frames != whole.frames.size()) std::abort();
  return 0;
}
