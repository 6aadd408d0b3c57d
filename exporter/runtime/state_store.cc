// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/state_store.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "exporter/base/fd.h"

namespace mre {
namespace {

constexpr std::string_view kSubdirectory = "/mqtt-reason-exporter";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Empty if the environment does not name one.
std::string default_directory() {
  // systemd lists all state directories of the service; the first one is used.
  if (const std::string given = environment("STATE_DIRECTORY"); !given.empty())
    return given.substr(0, given.find(':'));
  if (::geteuid() == 0) return "/var/lib" + std::string(kSubdirectory);
  if (const std::string home = environment("XDG_STATE_HOME"); !home.empty())
    return home + std::string(kSubdirectory);
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.local/state" + std::string(kSubdirectory);
}

}  // namespace

Result<StateStore> StateStore::open(const StateOptions& options, const std::optional<User>& user,
                                    std::function<void()> wake) {
  StateStore state;
  state.wake_ = std::move(wake);
  state.counters_ = options.counters;
  if (options.dir == StateOptions::kNone) return state;
  const std::string path = options.dir.empty() ? default_directory() : options.dir;
  const Owner owner =
      user ? Owner{.uid = user->uid, .gid = user->gid} : Owner{.uid = ::geteuid(), .gid = ::getegid()};
  auto directory = path.empty()
                       ? fail(Errc::unavailable, "there is no default state directory: HOME is not set")
                       : StateDirectory::open(path, owner);
  if (!directory && directory.error().code == Errc::invalid_config)
    return tl::make_unexpected(directory.error());
  if (!directory) {
    spdlog::warn(
        "{}. Positions and counters are in memory only and are lost at a restart. Set --state.dir to a "
        "directory, or "
        "to none to disable persistence",
        directory.error().what);
    return state;
  }
  state.directory_ = std::move(*directory);
  spdlog::info("state directory: {}", state.directory_->path());
  if (state.directory_->is_shared()) {
    spdlog::warn(
        "other users can write to the state directory {} and replace the stored state: chmod 0700 it",
        state.directory_->path());
  }
  return state;
}

IdentityKey StateStore::identity_key() const {
  IdentityKey key = random_identity_key();
  if (!directory_) return key;
  const int directory = directory_->fd();
  const auto size = static_cast<ssize_t>(key.size());
  Fd file(::openat(directory, kIdentityKeyFile, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (file && ::read(file.get(), key.data(), key.size()) == size) return key;
  if (!file && errno == ENOENT) {
    file =
        Fd(::openat(directory, kIdentityKeyFile, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file && ::write(file.get(), key.data(), key.size()) == size && ::fsync(file.get()) == 0) return key;
  }
  const std::string why = file && errno == 0 ? "it is too short" : std::generic_category().message(errno);
  spdlog::warn(
      "state directory {}: {} cannot be used: {}: hashed client ids will change with the next start; remove "
      "the "
      "file, or correct its permissions",
      directory_->path(), kIdentityKeyFile, why);
  return random_identity_key();
}

std::shared_ptr<CheckpointStore> StateStore::checkpoint_store(const std::string& broker,
                                                              const std::string& source) const {
  if (!directory_) return nullptr;
  // No name of a broker or a source has the sign between them.
  return std::make_shared<CheckpointStore>(CheckpointFile(directory_, broker + "@" + source), wake_);
}

}  // namespace mre
