// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/user.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "exporter/base/text.h"
#include "exporter/process/failed_call.h"

namespace mre {
namespace {

constexpr std::string_view kNobody = "nobody";
constexpr unsigned kOverflowId = 65534;  // nobody and nogroup on every Linux

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || value == std::numeric_limits<unsigned>::max()) return std::nullopt;  // -1: "no change"
  return value;
}

tl::unexpected<Error> unknown(std::string_view what, std::string_view name) {
  return fail(Errc::invalid_config, "no such " + std::string(what) + ": \"" + printable(name) +
                                        "\": correct the name, or use a number");
}

std::vector<gid_t> groups_of(const std::string& name, gid_t gid) {
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(name.c_str(), gid, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(name.c_str(), gid, groups.data(), &count) < 0) return {gid};
  }
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

/// Whether a map (user_namespaces(7): first id inside, first id outside, count) contains the id. True if the
/// map cannot be read.
bool is_mapped(const char* map, unsigned id) {
  std::ifstream file(map);
  if (!file) return true;
  for (unsigned long first = 0, outside = 0, count = 0; file >> first >> outside >> count;) {
    if (id >= first && id - first < count) return true;
  }
  return false;
}

}  // namespace

// Called before other threads exist.
Result<User> find_user(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const auto uid = number(name);
  const passwd* entry = uid ? ::getpwuid(*uid) : ::getpwnam(name.c_str());
  User user{name, uid.value_or(kOverflowId), uid.value_or(kOverflowId), {}};
  if (entry != nullptr) {
    user = {entry->pw_name, entry->pw_uid, entry->pw_gid, groups_of(entry->pw_name, entry->pw_gid)};
  } else if (!uid && name != kNobody) {
    return unknown("user", name);
  }
  if (colon == std::string::npos) return user;
  const std::string group = text.substr(colon + 1);
  auto gid = number(group);
  if (const struct group* found = gid ? nullptr : ::getgrnam(group.c_str())) gid = found->gr_gid;
  if (!gid) return unknown("group", group);
  user.gid = *gid;
  user.groups.clear();
  return user;
}
// NOLINTEND(concurrency-mt-unsafe)

bool exists_in_namespace(const User& user) {
  std::string setgroups;
  std::ifstream("/proc/self/setgroups") >> setgroups;
  const auto has_group = [](gid_t gid) { return is_mapped("/proc/self/gid_map", gid); };
  return setgroups != "deny" && is_mapped("/proc/self/uid_map", user.uid) && has_group(user.gid) &&
         std::ranges::all_of(user.groups, has_group);
}

Result<void> become(const User& user) {
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return failed_call("prctl(2) PR_SET_KEEPCAPS");
  if (::setgroups(user.groups.size(), user.groups.data()) != 0) return failed_call("setgroups(2)");
  if (::setresgid(user.gid, user.gid, user.gid) != 0) return failed_call("setresgid(2)");
  if (::setresuid(user.uid, user.uid, user.uid) != 0) return failed_call("setresuid(2)");
  if (::prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) != 0) return failed_call("prctl(2) PR_SET_KEEPCAPS");
  return {};
}

}  // namespace mre
