// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/base/guarded.h"
#include "exporter/http/web_policy.h"
#include "exporter/web_config/basic_auth.h"

namespace mre {

/// The state of files when they were read, to detect changes.
class ReadFiles {
 public:
  struct File {
    std::string text;
    struct stat info;
  };

  /// Reads a file of at most 1 MiB. Errors: unavailable, with the reason only. Unreadable files are recorded
  /// too.
  Result<File> read(const std::string& path);

  std::vector<std::string> paths() const;

  /// The current state of the same files.
  ReadFiles current() const;

  bool operator==(const ReadFiles&) const = default;

 private:
  struct Stamp {
    std::string path;
    int error = 0;  ///< errno of stat(2); 0: the file exists.
    dev_t device = 0;
    ino_t number = 0;
    off_t size = 0;
    std::int64_t modified = 0;  ///< Nanoseconds since the epoch. A rename or chmod(2) changes only `changed`.
    std::int64_t changed = 0;

    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp(const std::string& path, const struct stat* info);

  std::vector<Stamp> stamps_;
};

/// The settings of a web configuration.
struct WebSettings {
  std::shared_ptr<const WebPolicy> policy;
  bool authenticates = false;         ///< Clients need a password or a verified certificate.
  std::string summary;                ///< Lines for display, each indented by two spaces.
  std::vector<std::string> findings;  ///< Warnings about unsafe settings, one line each.
};

/// Reads the web configuration and the files that it refers to. Adds all of them to `files`, also on error.
/// `successes` is shared by consecutive calls. Errors: invalid_config, "file:line:column: what, what to do".
Result<WebSettings> read_web_config(const std::string& path, std::shared_ptr<PastSuccesses> successes,
                                    ReadFiles& files);

/// The web configuration of a running exporter. It is reloaded when its file, or a file that it refers to,
/// changes. If the reload fails, the previous configuration stays in use.
///
/// One thread calls `refresh`, `reload` and `files`; any thread may call the others.
class WebConfig {
 public:
  /// Errors: as read_web_config.
  static Result<std::unique_ptr<WebConfig>> open(std::string path);

  /// The configuration in use. Never null.
  std::shared_ptr<const WebSettings> settings() const;
  const std::string& path() const { return path_; }

  struct Status {
    bool last_reload_successful = true;
    double last_reload_success = 0;  ///< Unix time.
  };
  Status status() const;

  /// Reloads if files have changed; call it once a second. A change is read after two calls have found
  /// the same state, so that certificate and key can be replaced one after the other. Returns nothing if
  /// nothing has changed, or if the error is the same as before. After an error it retries every 10 s,
  /// because the cause may be elsewhere.
  std::optional<Result<void>> refresh();

  /// Reloads now.
  Result<void> reload();

  /// The file and the files that it refers to, as of the last reload.
  std::vector<std::string> files() const { return read_.paths(); }

 private:
  explicit WebConfig(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  const std::shared_ptr<PastSuccesses> successes_ = std::make_shared<PastSuccesses>();

  struct Current {
    std::shared_ptr<const WebSettings> settings = nullptr;
    Status status = {};
  };
  mutable Guarded<Current> current_;

  // For the thread that calls `refresh`.
  ReadFiles read_;
  ReadFiles seen_;
  std::string last_error_;
  std::chrono::steady_clock::time_point failed_at_;
};

}  // namespace mre
