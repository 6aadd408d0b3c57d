// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/directory_cache.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace mre {

namespace {

constexpr std::size_t kMaxDirectories = 256;

}  // namespace

const std::vector<std::string>& DirectoryCache::list(const std::string& directory) {
  const auto metadata = metadata_of(directory);
  if (listings_.size() >= kMaxDirectories && !listings_.contains(directory)) listings_.clear();
  Listing& listing = listings_[directory];
  if (metadata && listing.reusable && listing.identity == metadata->identity &&
      listing.modified_ns == metadata->modified_ns)
    return listing.names;
  listing = {};
  if (!metadata) return listing.names;
  listing.identity = metadata->identity;
  listing.modified_ns = metadata->modified_ns;
  const bool timestamp_is_final = !timestamp_may_repeat(metadata->modified_ns);  // before it is read
  std::error_code failed;
  for (std::filesystem::directory_iterator at(directory, failed), end; !failed && at != end;
       at.increment(failed))
    listing.names.push_back(at->path().filename());
  listing.reusable = timestamp_is_final && !failed;
  std::ranges::sort(listing.names);
  return listing.names;
}

}  // namespace mre
