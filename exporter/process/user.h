// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// A user of this system that a process can become.
struct User {
  std::string name;  ///< A number, if the system has no name for it.
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< The supplementary ones.
};

/// Finds `USER` or `USER:GROUP`; both are names or numbers. Without a group: all groups of that user. The
/// user nobody exists everywhere: where the system has no such name, it is 65534. Errors: invalid_config.
Result<User> find_user(const std::string& text);

/// Whether the user namespace of this process has the user and its groups, and lets the process change its
/// groups. The one of a rootless container may have root alone.
bool exists_in_namespace(const User& user);

/// Makes the calling process that user for ever. Permitted capabilities stay, none is in effect afterwards.
/// Needs CAP_SETUID and CAP_SETGID. Errors: io; then the process may be half changed and must end.
Result<void> become(const User& user);

}  // namespace mre
