// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/followed_file.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace mre {

void FollowedFile::start_content(Deadline now) {
  const bool is_empty = file.size() == 0 && !file.is_gzip();
  last_growth = now;
  first_growth = is_empty ? Deadline::max() : now;
  empty_since_ns = is_empty ? std::optional(file.metadata().modified_ns) : std::nullopt;
}

std::unique_ptr<FollowedFile> follow(LogFile file, const std::string& name, const std::string& path,
                                     const std::string& real_path, Deadline now) {
  auto followed = std::make_unique<FollowedFile>(FollowedFile{std::move(file), name, path, real_path});
  followed->start_content(now);
  return followed;
}

void log_decision(std::string_view log, std::string_view decision, const LogFile& file,
                  const std::string& path) {
  const FileIdentity& identity = file.identity();
  spdlog::debug("log {}: {} {} (device {}, inode {}, born {}, size {}, modified {}, offset {})", log,
                decision, path, identity.device, identity.inode, identity.birth_ns, file.size(),
                file.metadata().modified_ns, file.offset());
}

}  // namespace mre
