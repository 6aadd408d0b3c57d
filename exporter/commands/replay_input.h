// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/cli/flags.h"
#include "exporter/event/decoder.h"
#include "exporter/input/source.h"

namespace mre {

/// How far a recording was read.
struct ReadProgress {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  ///< 0 if it is not known.
};

/// A recording that is ready to be counted to its end.
struct OpenRecording {
  std::unique_ptr<Source> source;
  std::unique_ptr<Decoder> decoder;
  SourceKind kind = SourceKind::log;
  std::string profile;  ///< Its name.
  std::function<ReadProgress()> reading;
};

/// Whether these files hold captured packets: as `settings` say, else by the first bytes of the first. Not
/// standard input, which can be read only once.
bool holds_packets(const Settings& settings, const std::vector<std::string>& files);

/// Logs or recorded events, with the profile that `settings` name or the first records choose; says on
/// standard error which, and which envelope. Errors: unavailable, or invalid_config, which names the flag.
Result<OpenRecording> open_records(const Settings& settings, const std::vector<std::string>& files);

/// Captured packets, which need no profile.
Result<OpenRecording> open_packets(const Settings& settings, const std::vector<std::string>& files);

}  // namespace mre
