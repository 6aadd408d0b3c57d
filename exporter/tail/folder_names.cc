// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/folder_names.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace mre {

namespace {

/// Folders that are remembered.
constexpr std::size_t kMost = 256;

}  // namespace

const std::vector<std::string>& FolderNames::of(const std::string& folder) {
  const auto facts = facts_of(folder);
  if (listings_.size() >= kMost && !listings_.contains(folder)) listings_.clear();
  Listing& listing = listings_[folder];
  if (facts && listing.certain && listing.identity == facts->identity &&
      listing.modified_ns == facts->modified_ns)
    return listing.names;
  listing = {};
  if (!facts) return listing.names;
  listing.identity = facts->identity;
  listing.modified_ns = facts->modified_ns;
  listing.certain = !may_repeat(facts->modified_ns);
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed))
    listing.names.push_back(at->path().filename());
  listing.certain = listing.certain && !failed;
  std::ranges::sort(listing.names);
  return listing.names;
}

}  // namespace mre
