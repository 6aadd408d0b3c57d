// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/privileges.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include "exporter/base/join.h"
#include "exporter/base/text.h"
#include "exporter/process/capabilities.h"
#include "exporter/process/failed_call.h"
#include "exporter/process/sanitized.h"

namespace mre {
namespace {

constexpr const char* kDefaultUser = "nobody";

/// Adds the groups that make `path` readable where others may not read it: the group of the path, for which
/// `wanted` is required (as permission of "others"), and of its parent directories.
void add_groups(const std::filesystem::path& path, mode_t wanted, std::set<gid_t>& groups) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    const bool others = (info.st_mode & wanted) == wanted;
    const bool group = (info.st_mode >> 3U & wanted) == wanted;
    if (!others && group && info.st_gid != 0) groups.insert(info.st_gid);
  }
  const auto parent = path.parent_path();
  if (parent.empty() || parent == path) return;
  add_groups(parent, S_IXOTH, groups);
}

/// The configured path and its target have different parent directories.
void add_groups_of(const NeededPath& needed, mode_t wanted, std::set<gid_t>& groups) {
  std::error_code error;
  add_groups(std::filesystem::absolute(needed.path, error), wanted, groups);
  if (const auto real = std::filesystem::canonical(needed.path, error); !error)
    add_groups(real, wanted, groups);
}

/// The errno of reading the path with the effective capabilities; 0 if it is readable.
int read_error(const std::string& path, int wanted) {
  return ::faccessat(AT_FDCWD, path.c_str(), wanted, AT_EACCESS) == 0 ? 0 : errno;
}

/// The first unreadable path; null if there is none. With `missing_too`, missing paths count as unreadable,
/// because they may be created readable for their owner only.
const NeededPath* first_unreadable(const Needs& needs, bool missing_too) {
  const auto unreadable = [missing_too](int wanted) {
    return [wanted, missing_too](const NeededPath& needed) {
      const int error = read_error(needed.path, wanted);
      return error == EACCES || error == EPERM || (error != 0 && missing_too);
    };
  };
  const auto file = std::ranges::find_if(needs.files, unreadable(R_OK));
  if (file != needs.files.end()) return &*file;
  const auto directory = std::ranges::find_if(needs.directories, unreadable(R_OK | X_OK));
  return directory != needs.directories.end() ? &*directory : nullptr;
}

Result<void> hide_memory() {
  const unsigned long dumpable = kSanitized ? 1 : 0;  // changing the user has set it to 0
  if (::prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) != 0) return failed_call("prctl(2) PR_SET_DUMPABLE");
  return {};
}

std::string identity(const std::optional<User>& user) {
  if (!user) return "uid " + std::to_string(::geteuid());
  std::string text = "user " + user->name + " (uid " + std::to_string(user->uid);
  const auto digits = [](gid_t group) { return std::to_string(group); };
  text += ", gid " + digits(user->gid);
  if (!user->groups.empty()) text += ", groups " + join(user->groups, " ", digits);
  return text + ")";
}

/// Capabilities that are kept, and why: for the log.
struct KeptCapabilities {
  std::vector<Capability> capabilities;
  std::vector<std::string> reasons;

  void add(Capability capability, const std::string& why) {
    capabilities.push_back(capability);
    reasons.push_back(to_string(capability) + " " + why);
  }
};

/// What the process needs of what it has. Suspends all capabilities, because only then it shows which files are readable
/// without them. Errors: io, if they cannot be suspended and `must_drop` is set. (A service manager may forbid the call.)
Result<KeptCapabilities> required_capabilities(const Needs& needs, bool must_drop) {
  KeptCapabilities keep;
  if (!needs.capture.empty() && holds(Capability::net_raw))
    keep.add(Capability::net_raw, "to capture packets");
  const auto read_all = reading_capability();
  if (!read_all) return keep;
  const auto suspended = suspend_capabilities();
  if (!suspended) {
    if (must_drop) return tl::make_unexpected(suspended.error());
    keep.add(*read_all, "because it cannot be dropped: " + suspended.error().what);
  } else if (const NeededPath* const unreadable = first_unreadable(needs, true)) {
    keep.add(*read_all, "because that user cannot read " + printable(unreadable->path, 1024) + " (" +
                            printable(unreadable->what, 1024) + ")");
  }
  return keep;
}

}  // namespace

Result<std::optional<User>> Privileges::choose_user(const std::string& text, const Needs& needs) {
  const bool can_change = holds(Capability::set_uid) && holds(Capability::set_gid);
  if (text.empty() && !can_change) return std::nullopt;
  auto user = find_user(text.empty() ? kDefaultUser : text);
  if (!user) return fail(user.error().code, "--user: " + user.error().what);
  if (user->uid == ::geteuid()) return std::nullopt;
  if (!can_change)
    return fail(Errc::invalid_config,
                "--user: changing to \"" + printable(user->name) +
                    "\" requires CAP_SETUID and CAP_SETGID: start as root, or without --user");
  if (!exists_in_namespace(*user)) {
    if (text.empty()) return std::nullopt;  // root of a rootless container is unprivileged outside of it
    return fail(Errc::invalid_config, "--user: the user namespace of this process does not contain \"" +
                                          printable(user->name) + "\": map it, or start without --user");
  }
  std::set<gid_t> groups(user->groups.begin(), user->groups.end());
  for (const NeededPath& file : needs.files) add_groups_of(file, S_IROTH, groups);
  for (const NeededPath& directory : needs.directories) add_groups_of(directory, S_IROTH | S_IXOTH, groups);
  groups.erase(user->gid);
  user->groups.assign(groups.begin(), groups.end());
  return std::optional(std::move(*user));
}

Result<Privileges> Privileges::reduce(const std::optional<User>& user, const Needs& needs) {
  empty_bounding_set();
  if (user) {
    if (auto became = become(*user); !became)
      return fail(Errc::io,
                  "cannot change to the user \"" + printable(user->name) + "\": " + became.error().what);
  }
  const bool must_drop = user || ::geteuid() == 0;
  const bool could_read_all = reading_capability().has_value();
  auto keep = required_capabilities(needs, must_drop);
  if (!keep) return tl::make_unexpected(keep.error());
  if (const auto kept = keep_only(keep->capabilities); !kept) {
    if (must_drop) return tl::make_unexpected(kept.error());
    keep->reasons.push_back("others that cannot be dropped: " + kept.error().what);
  }
  if (auto hidden = hide_memory(); !hidden) return tl::make_unexpected(hidden.error());

  Privileges privileges;
  privileges.may_capture_ = !needs.capture.empty();
  privileges.gave_up_reading_ = could_read_all && !reading_capability();
  privileges.summary_ = "running as " + identity(user) +
                        ", capabilities: " + (keep->reasons.empty() ? "none" : join(keep->reasons, "; "));
  return privileges;
}

Result<void> Privileges::reduce_to_reading() {
  empty_bounding_set();
  // A service manager may forbid the call, and keep the capabilities of an unprivileged user.
  std::vector<Capability> keep;
  if (const auto read_all = reading_capability()) keep.push_back(*read_all);
  if (auto kept = keep_only(keep); !kept && ::geteuid() == 0) return kept;
  return hide_memory();
}

Result<void> Privileges::suffice_for(const Needs& needs) const {
  if (!needs.capture.empty() && !may_capture_)
    return fail(Errc::invalid_config, needs.capture +
                                          ": the exporter started without a capture and dropped CAP_NET_RAW: "
                                          "restart it");
  if (!gave_up_reading_) return {};
  const NeededPath* unreadable = first_unreadable(needs, false);
  if (unreadable == nullptr) return {};
  return fail(Errc::invalid_config, unreadable->what + ": " + printable(unreadable->path, 1024) +
                                        " is not readable for uid " + std::to_string(::geteuid()) +
                                        ", and the exporter dropped the right to read every file when it "
                                        "started: make it readable for that user, or restart the exporter");
}

}  // namespace mre
