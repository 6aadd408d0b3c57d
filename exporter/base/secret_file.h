// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "exporter/base/error.h"

namespace mre {

/// Why a file must not contain a secret, and what to do: others may read or change it. Empty if it is safe.
std::string secret_file_fault(const struct stat& info);

/// The one line of a file with a secret, without its end. Errors: unavailable, if the file cannot be read, is not safe
/// (secret_file_fault), is empty, has more than one line or more than `max_bytes`. They begin with `name`, what the file
/// is called where it is configured: "password_file".
Result<std::string> read_secret(std::string_view name, const std::string& file, std::size_t max_bytes);

}  // namespace mre
