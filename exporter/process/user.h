// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// A user of this system.
struct User {
  std::string name;  ///< The number if the user has no name.
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< Supplementary groups.
};

/// Parses `USER` or `USER:GROUP`, both names or numbers. Without a group: all groups of the user. The user
/// nobody always exists: on a system without that name it is 65534. Errors: invalid_config.
Result<User> find_user(const std::string& text);

/// Whether the user namespace of the process contains the user and its groups, and allows to change groups. A
/// rootless container may have root only.
bool exists_in_namespace(const User& user);

/// Changes the user of the process irreversibly. Capabilities stay permitted, but none is effective
/// afterwards. Needs CAP_SETUID and CAP_SETGID. Errors: io; then the process may be half changed and must
/// end.
Result<void> become(const User& user);

}  // namespace mre
