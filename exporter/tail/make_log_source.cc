// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/make_log_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "exporter/base/fd.h"
#include "exporter/tail/file_tail.h"
#include "exporter/tail/stream.h"

namespace mre {

namespace {

/// Invalid if `path` is not a FIFO. Opens it for writing too, so that the stream does not end when the last
/// writer closes it. Without the permission to write, the stream ends then.
Fd open_fifo(const std::string& path) {
  struct stat st{};
  if (::stat(path.c_str(), &st) != 0 || !S_ISFIFO(st.st_mode)) return {};
  constexpr int kFlags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  Fd fd(::open(path.c_str(), O_RDWR | kFlags));
  return fd || errno != EACCES ? std::move(fd) : Fd(::open(path.c_str(), O_RDONLY | kFlags));
}

}  // namespace

std::unique_ptr<Source> make_log_source(const LogOptions& options, std::string_view position) {
  if (options.path == "-") {
    return std::make_unique<Stream>(Fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)), "standard input",
                                    options.max_line_bytes);
  }
  if (Fd fifo = open_fifo(options.path)) {
    return std::make_unique<Stream>(std::move(fifo), options.path, options.max_line_bytes);
  }
  return std::make_unique<FileTail>(options, position);
}

}  // namespace mre
