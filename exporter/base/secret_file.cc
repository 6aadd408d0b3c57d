// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/secret_file.h"

#include <unistd.h>

namespace mre {

std::string secret_file_fault(const struct stat& info) {
  if ((info.st_mode & (S_IROTH | S_IWOTH)) != 0)
    return "others may read or change it; chmod o-rw it (Kubernetes: defaultMode 0440)";
  if ((info.st_mode & S_IWGRP) != 0) return "its group may change it; chmod g-w it";
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return "it belongs to another user (" + std::to_string(info.st_uid) +
           "), who may change it; chown it to root or to the exporter's user";
  return {};
}

}  // namespace mre
