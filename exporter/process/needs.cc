// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/needs.h"

#include <fcntl.h>
#include <sys/stat.h>

namespace mre {

std::vector<Fd> hold_fifos(const Needs& needs) {
  std::vector<Fd> fifos;
  for (const NeededPath& file : needs.files) {
    struct stat info{};
    if (::stat(file.path.c_str(), &info) != 0 || !S_ISFIFO(info.st_mode)) continue;
    fifos.emplace_back(::open(file.path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  }
  return fifos;
}

}  // namespace mre
