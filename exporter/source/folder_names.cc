#include "exporter/source/folder_names.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>

namespace mre {

namespace {

/// The clock of a file system ticks more slowly: two changes within this may bear the same time.
constexpr std::chrono::milliseconds kTick{50};
/// Folders that are remembered.
constexpr std::size_t kMost = 256;

bool is_young(std::int64_t modified_ns) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return now - std::chrono::nanoseconds(modified_ns) < kTick;
}

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
  listing.certain = !is_young(facts->modified_ns);
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed))
    listing.names.push_back(at->path().filename());
  listing.certain = listing.certain && !failed;
  std::ranges::sort(listing.names);
  return listing.names;
}

}  // namespace mre
