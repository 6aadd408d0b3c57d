// SPDX-License-Identifier: Apache-2.0
// Reads the password. A separate file, so that the code that handles a secret is short enough to review.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "exporter/base/fd.h"
#include "exporter/base/secret_file.h"
#include "exporter/base/text.h"
#include "exporter/subscribe/mqtt_options.h"

namespace mre {
namespace {

constexpr std::size_t kMaxPassword = 65'535;  // MQTT 5.0 section 3.1.3.6

tl::unexpected<Error> unusable(const std::string& file, const std::string& why) {
  return fail(Errc::unavailable, "password_file " + printable(file) + ": " + why);
}

/// A password that was configured instead of the name of a variable must not be shown.
std::string shown_name(const std::string& name) {
  const auto in_name = [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_'; };
  return std::ranges::all_of(name, in_name)
             ? name
             : "the variable (its name is not shown, because it may be the password itself)";
}

Result<std::string> read_file(const std::string& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) return unusable(file, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return unusable(file, "not a regular file");
  if (const std::string fault = secret_file_fault(info); !fault.empty()) return unusable(file, fault);
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t count = ::read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unusable(file, std::strerror(errno));
    if (count == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxPassword + 2) return unusable(file, "longer than the 65535 bytes that MQTT allows");
  }
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
  auto text = read_file(options.password_file);
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return unusable(options.password_file, "the file is empty");
  if (text->find('\n') != std::string::npos)
    return unusable(options.password_file, "the file has more than one line: write the password on one line");
  return text;
}

}  // namespace mre
