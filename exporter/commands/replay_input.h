// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/cli/flags.h"
#include "exporter/event/source_kind.h"
#include "exporter/input/input.h"

namespace mre {

/// How much of a recording has been read.
struct ReadProgress {
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_total = 0;  ///< 0 if it is not known.
};

/// A recording that is open and not read yet.
struct OpenRecording {
  std::unique_ptr<Input> input;
  SourceKind kind = SourceKind::log;
  std::string profile;  ///< Its name.
  std::function<ReadProgress()> reading;
};

/// Whether these files contain captured packets: as `settings` say, else by the first bytes of the first file.
/// Standard input never does unless `settings` say so, because it can be read only once.
bool holds_packets(const Settings& settings, const std::vector<std::string>& files);

/// Opens logs or recorded events, with the profile that `settings` name or the first records choose. Prints the
/// profile and the envelope on standard error. Errors: unavailable, or invalid_config; the text names the file or
/// the flag.
Result<OpenRecording> open_records(const Settings& settings, const std::vector<std::string>& files);

/// Opens captured packets, which need no profile. Errors: as above.
Result<OpenRecording> open_packets(const Settings& settings, const std::vector<std::string>& files);

}  // namespace mre
