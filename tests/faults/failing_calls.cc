// SPDX-License-Identifier: Apache-2.0
// Preloaded into the exporter (LD_PRELOAD): while the file that FAILING_SWITCH names exists, reads of files
// under FAILING_READ fail with EIO and fsync under FAILING_SYNC does, as on a dying disk.
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>

namespace {

bool fails(int fd, const char* variable) {
  const char* under = getenv(variable);
  const char* control = getenv("FAILING_SWITCH");
  if (under == nullptr || control == nullptr || access(control, F_OK) != 0) return false;
  char link[64];
  char path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = '\0';
  return strncmp(path, under, strlen(under)) == 0;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

template <typename Call>
auto unless(bool failing, Call call) -> decltype(call()) {
  if (!failing) return call();
  errno = EIO;
  return -1;
}

}  // namespace

extern "C" {

ssize_t read(int fd, void* to, size_t size) {
  static auto* const real = next<ssize_t(int, void*, size_t)>("read");
  return unless(fails(fd, "FAILING_READ"), [&] { return real(fd, to, size); });
}

ssize_t pread(int fd, void* to, size_t size, off_t at) {
  static auto* const real = next<ssize_t(int, void*, size_t, off_t)>("pread");
  return unless(fails(fd, "FAILING_READ"), [&] { return real(fd, to, size, at); });
}

ssize_t pread64(int fd, void* to, size_t size, off64_t at) {
  static auto* const real = next<ssize_t(int, void*, size_t, off64_t)>("pread64");
  return unless(fails(fd, "FAILING_READ"), [&] { return real(fd, to, size, at); });
}

ssize_t preadv(int fd, const iovec* to, int pieces, off_t at) {
  static auto* const real = next<ssize_t(int, const iovec*, int, off_t)>("preadv");
  return unless(fails(fd, "FAILING_READ"), [&] { return real(fd, to, pieces, at); });
}

ssize_t preadv64(int fd, const iovec* to, int pieces, off64_t at) {
  static auto* const real = next<ssize_t(int, const iovec*, int, off64_t)>("preadv64");
  return unless(fails(fd, "FAILING_READ"), [&] { return real(fd, to, pieces, at); });
}

int fsync(int fd) {
  static auto* const real = next<int(int)>("fsync");
  return unless(fails(fd, "FAILING_SYNC"), [&] { return real(fd); });
}

int fdatasync(int fd) {
  static auto* const real = next<int(int)>("fdatasync");
  return unless(fails(fd, "FAILING_SYNC"), [&] { return real(fd); });
}

}  // extern "C"
