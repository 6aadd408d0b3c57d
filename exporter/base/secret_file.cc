// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/secret_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "exporter/base/fd.h"
#include "exporter/base/text.h"

namespace mre {
namespace {

/// All bytes up to `max_bytes` and some more, or why not.
tl::expected<std::string, std::string> read_all(const std::string& file, std::size_t max_bytes) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!fd || ::fstat(fd.get(), &info) != 0) return tl::make_unexpected(std::string(std::strerror(errno)));
  if (!S_ISREG(info.st_mode)) return tl::make_unexpected(std::string("not a regular file"));
  if (std::string fault = secret_file_fault(info); !fault.empty())
    return tl::make_unexpected(std::move(fault));
  std::string text;
  std::array<char, 4096> block{};
  while (text.size() <= max_bytes + 2) {
    const ssize_t count = ::read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::make_unexpected(std::string(std::strerror(errno)));
    if (count == 0) break;
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  return text;
}

}  // namespace

std::string secret_file_fault(const struct stat& info) {
  if ((info.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return "others may read or change it; chmod o-rw it (Kubernetes: defaultMode 0440)";
  if ((info.st_mode & S_IWGRP) != 0) return "its group may change it; chmod g-w it";
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return "it belongs to another user (" + std::to_string(info.st_uid) +
           "), who may change it; chown it to root or to the exporter's user";
  return {};
}

Result<std::string> read_secret(std::string_view name, const std::string& file, std::size_t max_bytes) {
  const auto unusable = [&](const std::string& why) {
    return fail(Errc::unavailable, std::string(name) + " " + printable(file) + ": " + why);
  };
  auto text = read_all(file, max_bytes);
  if (!text) return unusable(text.error());
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (text->empty()) return unusable("the file is empty");
  if (text->size() > max_bytes) return unusable("longer than " + std::to_string(max_bytes) + " bytes");
  if (text->find('\n') != std::string::npos)
    return unusable("the file has more than one line: write the secret on one line");
  return std::move(*text);
}

}  // namespace mre
