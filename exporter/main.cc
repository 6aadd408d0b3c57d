// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <cstdio>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>
#include <vector>

#include "exporter/app.h"

namespace {

/// If the parent process has closed them, the first files and sockets that the process opens would get their numbers
/// and receive what is printed.
void open_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1) ::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
  }
}

/// Errors are values. An exception is a limit of the system, or a bug.
int refuse(const char* what, const char* remedy) {
  std::fprintf(stderr, "mqtt-reason-exporter: %s%s\n", what, remedy);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    return mre::run(words);
  } catch (const std::bad_alloc&) {
    return refuse("out of memory", ": raise the memory limit (systemd: MemoryMax), or observe fewer brokers");
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::resource_unavailable_try_again) return refuse(error.what(), "");
    return refuse("cannot start a thread",
                  ": raise the limit of threads (systemd: TasksMax) or of memory (MemoryMax), or observe "
                  "fewer brokers");
  } catch (const std::exception& error) {
    return refuse(error.what(), "");
  }
}
