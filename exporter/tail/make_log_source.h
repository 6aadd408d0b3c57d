// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "exporter/input/source.h"
#include "exporter/tail/log_options.h"

namespace mre {

/// Creates the log source for a path: "-" is standard input; a FIFO is read as a stream, whose writers may come
/// and go; any other path is followed as a file, or as the files of a pattern, also if none exists yet. A log
/// that cannot be read is not an error here: `status` has the reason, and the source tries again.
///
/// `position` is what `Source::save` of an earlier source wrote; with From::checkpoint reading resumes there.
/// An empty or invalid position is ignored.
std::unique_ptr<Source> make_log_source(const LogOptions& options, std::string_view position = {});

}  // namespace mre
