// Where the password comes from. A separate file, so that the code that touches a secret is small enough to
// read twice.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "exporter/base/fd.h"
#include "exporter/base/text.h"
#include "exporter/source/mqtt_options.h"

namespace mre {
namespace {

constexpr std::size_t kMaxPassword = 65'535;  // MQTT 5.0 section 3.1.3.6

tl::unexpected<Error> unusable(const std::string& file, const std::string& why) {
  return fail(Errc::unavailable, "password_file " + printable(file) + ": " + why);
}

Result<std::string> read_file(const std::string& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) return unusable(file, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return unusable(file, "is no file");
  if ((info.st_mode & (S_IROTH | S_IWOTH)) != 0) {
    return unusable(file, "everybody may read or change it; chmod o-rw it (Kubernetes: defaultMode 0440)");
  }
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t count = ::read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unusable(file, std::strerror(errno));
    if (count == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(count));
    if (text.size() > kMaxPassword + 2) return unusable(file, "longer than MQTT allows");
  }
}

}  // namespace

Result<std::string> read_password(const MqttOptions& options) {
  if (!options.password_env.empty()) {
    const char* value = std::getenv(options.password_env.c_str());
    if (value == nullptr || *value == '\0') {
      return fail(Errc::unavailable, "password_env: " + printable(options.password_env) + " is not set");
    }
    return std::string(value);
  }
  if (options.password_file.empty()) return std::string();
  auto text = read_file(options.password_file);
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return unusable(options.password_file, "is empty");
  return text;
}

}  // namespace mre
