#include "exporter/checkpoint/state_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

/// Parents are made as every program makes them, the folder itself for its owner alone.
int make(const std::filesystem::path& path) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) return error.value();
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

tl::unexpected<Error> refuse(Errc code, const std::string& path, const std::string& why) {
  return fail(code, "the state folder " + printable(path, 1024) + ": " + why);
}

}  // namespace

Result<std::shared_ptr<const StateDirectory>> StateDirectory::open(const std::string& path) {
  if (const int error = make(path); error != 0)
    return refuse(Errc::unavailable, path, std::generic_category().message(error));
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
    return std::shared_ptr<const StateDirectory>(new StateDirectory(path, std::move(fd)));
  if (errno != EWOULDBLOCK) return refuse(Errc::unavailable, path, std::generic_category().message(errno));
  return refuse(Errc::invalid_config, path,
                "another exporter keeps its state there: give each its own with --state.dir, or none");
}

}  // namespace mre
