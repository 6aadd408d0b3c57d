// SPDX-License-Identifier: Apache-2.0
// Reads the password. A separate file, so that the code that handles a secret is short enough to review.
#include <algorithm>
#include <cstdlib>

#include "exporter/base/secret_file.h"
#include "exporter/base/text.h"
#include "exporter/subscribe/mqtt_options.h"

namespace mre {
namespace {

constexpr std::size_t kMaxPassword = 65'535;  // MQTT 5.0 section 3.1.3.6

/// A password that was configured instead of the name of a variable must not be shown.
std::string shown_name(const std::string& name) {
  const auto in_name = [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; };
  return std::ranges::all_of(name, in_name)
             ? name
             : "the variable (its name is not shown, because it may be the password itself)";
}

}  // namespace

Result<std::string> read_password(const MqttOptions& options) {
  if (!options.password_env.empty()) {
    const char* value = std::getenv(options.password_env.c_str());
    if (value == nullptr || *value == '\0') {
      return fail(Errc::unavailable, "password_env: " + shown_name(options.password_env) +
                                         " is not set in the environment of the exporter");
    }
    return std::string(value);
  }
  if (options.password_file.empty()) return std::string();
  return read_secret("password_file", options.password_file, kMaxPassword);
}

}  // namespace mre
