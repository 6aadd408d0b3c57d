// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/state_store.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace mre {
namespace {

constexpr std::string_view kFolder = "/mqtt-reason-exporter";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Empty if the system names none.
std::string default_directory() {
  // systemd lists all folders of the service; the first is enough.
  if (const std::string given = environment("STATE_DIRECTORY"); !given.empty())
    return given.substr(0, given.find(':'));
  if (::geteuid() == 0) return "/var/lib" + std::string(kFolder);
  if (const std::string home = environment("XDG_STATE_HOME"); !home.empty())
    return home + std::string(kFolder);
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.local/state" + std::string(kFolder);
}

}  // namespace

Result<StateStore> StateStore::open(const StateOptions& options, const std::optional<User>& user) {
  StateStore state;
  state.counters_ = options.counters;
  if (options.dir == StateOptions::kNone) return state;
  const std::string path = options.dir.empty() ? default_directory() : options.dir;
  const Owner owner =
      user ? Owner{.uid = user->uid, .gid = user->gid} : Owner{.uid = ::geteuid(), .gid = ::getegid()};
  auto directory =
      path.empty() ? fail(Errc::unavailable, "no state folder is known") : StateDirectory::open(path, owner);
  if (!directory && directory.error().code == Errc::invalid_config)
    return tl::make_unexpected(directory.error());
  if (!directory) {
    spdlog::warn(
        "{}. Places in logs and counters are in memory only: after a restart they are lost. Give a folder "
        "with "
        "--state.dir, or none to have it so",
        directory.error().what);
    return state;
  }
  state.directory_ = std::move(*directory);
  spdlog::info("state is kept in {}", state.directory_->path());
  if (state.directory_->is_shared()) {
    spdlog::warn("others may write in the state directory {} and replace what is stored there: chmod 0700 it",
                 state.directory_->path());
  }
  return state;
}

std::shared_ptr<CheckpointStore> StateStore::checkpoint_store(const std::string& broker,
                                                              const std::string& source) const {
  if (!directory_) return nullptr;
  // No name of a broker or a source has the sign between them.
  return std::make_shared<CheckpointStore>(CheckpointFile(directory_, broker + "@" + source));
}

}  // namespace mre
