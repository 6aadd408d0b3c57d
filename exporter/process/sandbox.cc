// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/sandbox.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "exporter/base/fd.h"
#include "exporter/base/text.h"
#include "exporter/process/capabilities.h"
#include "exporter/process/landlock.h"
#include "exporter/process/sanitized.h"
#include "exporter/process/system_calls.h"

namespace mre {
namespace {

namespace fs = std::filesystem;

/// Shared libraries, which the name service, OpenSSL and captures load late, and time zones; the process itself;
/// information about interfaces for libpcap, and about processors for the C library.
constexpr const char* kSystem[] = {"/usr",      "/lib",           "/lib64",
                                   "/proc",     "/sys/class/net", "/sys/devices",
                                   "/dev/null", "/dev/random",    "/dev/urandom"};
/// Files of /etc. They are listed one by one if the process can read all files, because others may hold
/// secrets.
constexpr const char* kEtc[] = {
    "/etc/gai.conf",  "/etc/group",         "/etc/host.conf",      "/etc/hosts",     "/etc/ld.so.cache",
    "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd",         "/etc/protocols", "/etc/resolv.conf",
    "/etc/services",  "/etc/ssl/certs",     "/etc/ssl/openssl.cnf"};
/// Environment variables that replace OpenSSL's default paths.
constexpr const char* kOpensslVariables[] = {"SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF"};

bool can_open(const std::string& path, int flags) {
  return static_cast<bool>(Fd(::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)));
}

/// The path, or its nearest existing and accessible parent directory.
std::string nearest(fs::path path) {
  while (!can_open(path.string(), O_PATH) && path != path.parent_path()) path = path.parent_path();
  return path.string();
}

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path result = fs::absolute(path, error);
  return error ? path : result.string();
}

void warn_once(const std::string& warning, std::vector<std::string>& warnings) {
  if (std::ranges::find(warnings, warning) == warnings.end()) warnings.push_back(warning);
}

/// Allows the directory, or its nearest parent directory while it does not exist. But not all files because of
/// one missing directory. `warnings` gets what this means.
void add_directory(const std::string& path, const std::string& what, FileRules& rules,
                   std::vector<std::string>& warnings) {
  const std::string directory = nearest(path);
  const std::string missing = printable(what, 1024) + ": " + printable(path, 1024) +
                              " does not exist or cannot be entered, so the process can open ";
  const char* const remedy = ": restart the exporter when the directory exists";
  if (directory == "/" && path != "/") return warn_once(missing + "no file in it" + remedy, warnings);
  rules.read.push_back(directory);
  if (directory != path) return warn_once(missing + "every file below " + directory + remedy, warnings);
  if (directory == "/etc" && reading_capability()) {
    warn_once(printable(what, 1024) +
                  " is directly in /etc, so the process can open every file below /etc: move it " +
                  "to a directory of its own",
              warnings);
  }
}

void add_file(const NeededPath& file, FileRules& rules, std::vector<std::string>& warnings) {
  struct stat info{};
  if (::stat(file.path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode)) rules.read_write.push_back(file.path);
  // Allow the directories, because files may be replaced: that of the name, and that of its current target.
  add_directory(fs::path(absolute(file.path)).parent_path(), file.what, rules, warnings);
  std::error_code error;
  if (const fs::path real = fs::canonical(file.path, error); !error)
    add_directory(real.parent_path(), file.what, rules, warnings);
}

FileRules rules_for(const SandboxOptions& options, std::vector<std::string>& warnings) {
  FileRules rules;
  for (const char* path : kSystem) rules.read.emplace_back(path);
  if (reading_capability()) {
    for (const char* path : kEtc) rules.read.emplace_back(path);
  } else {
    rules.read.emplace_back("/etc");
  }
  std::error_code error;
  if (const fs::path real = fs::canonical("/etc/resolv.conf", error); !error && real.parent_path() != "/etc")
    rules.read.push_back(real.parent_path());  // its directory, because it may be replaced
  for (const char* name : kOpensslVariables) {
    if (const char* path = std::getenv(name)) rules.read.emplace_back(path);  // NOLINT(concurrency-mt-unsafe)
  }
  for (const NeededPath& directory : options.needs.directories)
    add_directory(absolute(directory.path), directory.what, rules, warnings);
  for (const NeededPath& file : options.needs.files) add_file(file, rules, warnings);
  for (const NeededPath& file : options.needs.written)
    rules.write_directories.push_back(nearest(fs::path(absolute(file.path)).parent_path()));
  rules.state_directory = options.state_directory;
  return rules;
}

/// Whether only the sandbox prevents opening the path: the user, its groups and its capabilities allow it.
bool is_blocked_by_sandbox(const std::string& path, int wanted, int flags) {
  if (::faccessat(AT_FDCWD, path.c_str(), wanted, AT_EACCESS) != 0) return false;
  return !can_open(path, flags) && errno == EACCES;
}

}  // namespace

SandboxReport enter_sandbox(const SandboxOptions& options) {
  if (kSanitized) return {"sandbox: none, because the program is built with a sanitizer", {}};
  SandboxReport report;
  std::string files = "any file";
  std::vector<std::string> findings;
  if (const auto version = restrict_files(rules_for(options, findings))) {
    report.warnings = std::move(findings);
    files = "only the files it needs (Landlock " + std::to_string(*version) + ")";
    for (const NeededPath& directory : options.needs.directories) {
      if (directory.path == "/") {
        files =
            "any file for reading, because " + printable(directory.what, 1024) +
            " is in / or a pattern whose files are symbolic links to other directories, and only its state "
            "for writing (Landlock " +
            std::to_string(*version) + ")";
      }
    }
  } else {
    report.warnings.push_back("the kernel does not restrict this process to the files it needs: " +
                              version.error().what);
  }
  std::string calls = "any system call";
  const SystemCallUse use{options.network, !options.needs.capture.empty(), options.state_directory >= 0};
  if (const auto restricted = restrict_system_calls(use)) {
    calls = "only the system calls it needs (seccomp)";
  } else {
    report.warnings.push_back("the kernel does not restrict this process to the system calls it needs: " +
                              restricted.error().what);
  }
  report.summary = "sandbox: the process can open " + files + " and make " + calls;
  return report;
}

Result<void> sandbox_allows(const Needs& needs) {
  const auto refuse = [](const NeededPath& needed) {
    return fail(Errc::invalid_config,
                needed.what + ": the sandbox does not allow to read " + printable(needed.path, 1024) +
                    ", because it was not configured when the exporter started: restart it");
  };
  for (const NeededPath& directory : needs.directories) {
    const std::string path = nearest(absolute(directory.path));
    if (is_blocked_by_sandbox(path, R_OK, O_RDONLY | O_DIRECTORY)) return refuse(directory);
  }
  for (const NeededPath& file : needs.files) {
    struct stat info{};
    const bool is_file = ::stat(file.path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
    const std::string directory = nearest(fs::path(absolute(file.path)).parent_path());
    if (is_file ? is_blocked_by_sandbox(file.path, R_OK, O_RDONLY)
                : is_blocked_by_sandbox(directory, R_OK, O_RDONLY | O_DIRECTORY))
      return refuse(file);
  }
  return {};
}

}  // namespace mre
