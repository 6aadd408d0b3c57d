// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mre {

/// File systems that report no birth times: NFS 3, ext4 with small inodes. On them a new file that gets the
/// inode of a deleted one has the same identity.
void report_birth_times(bool report);

}  // namespace mre
