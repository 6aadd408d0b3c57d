// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "exporter/input/source.h"
#include "exporter/tail/log_options.h"

namespace mre {

/// The log source for a path: "-" is standard input, the path of a FIFO is read as a stream that its writers
/// may leave and join, all else is followed as a file, or as the files of a
/// pattern, also when there is nothing yet. A log that cannot be
/// read is no error here: `status` says why, and the source tries again.
///
/// `place` is what `Source::save` of an earlier one wrote, to go on there with From::checkpoint; empty or not
/// readable: none.
std::unique_ptr<Source> make_log_source(const LogOptions& options, std::string_view place = {});

}  // namespace mre
