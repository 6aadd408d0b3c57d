// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace mre {

/// Simulates a file system without birth times, like NFS 3 and ext4 with small inodes. There a new file that gets
/// the inode of a deleted one has the same identity.
void report_birth_times(bool report);

}  // namespace mre
