#include <fcntl.h>

#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#include "exporter/app.h"

namespace {

/// Whoever started us may have closed them: the first files and sockets that we open would take their
/// numbers, and what is printed would go there.
void open_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) == -1) ::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY);
  }
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_streams();
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    return mre::run(words);
  } catch (const std::exception& error) {  // out of memory, or a bug: errors of ours are values
    std::fprintf(stderr, "mqtt-reason-exporter: %s\n", error.what());
    return 2;
  }
}
