// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/http/web_policy.h"
#include "exporter/web_config/basic_auth.h"

namespace mre {

/// Files as they were when they were read, to see whether one of them has changed since.
class ReadFiles {
 public:
  struct File {
    std::string text;
    struct stat info;
  };

  /// The file's bytes, at most 1 MiB. Errors: unavailable, with the reason alone. A file that cannot be read
  /// is remembered too.
  Result<File> read(const std::string& path);

  std::vector<std::string> paths() const;

  /// The same files as they are now.
  ReadFiles again() const;

  bool operator==(const ReadFiles&) const = default;

 private:
  struct Stamp {
    std::string path;
    int error = 0;  ///< errno of stat(2); 0: there is a file.
    dev_t device = 0;
    ino_t number = 0;
    off_t size = 0;
    std::int64_t modified = 0;  ///< Nanoseconds since the epoch; a rename or chmod(2) moves `changed` alone.
    std::int64_t changed = 0;

    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp(const std::string& path, const struct stat* info);

  std::vector<Stamp> stamps_;
};

/// What a web configuration means.
struct WebSettings {
  std::shared_ptr<const WebPolicy> policy;
  bool authenticates = false;  ///< A client must prove who it is, by a password or by a verified certificate.
  std::string summary;         ///< Lines, each indented by two spaces.
  std::vector<std::string> findings;  ///< What is allowed and unsafe, for the operator; one line each.
};

/// Reads the web configuration and the files that it names. `files` gets all that were read, also after an
/// error. `successes` is shared by successive readings. Errors: invalid_config, "file:line:column: what, what
/// to do".
Result<WebSettings> read_web_config(const std::string& path, std::shared_ptr<PastSuccesses> successes,
                                    ReadFiles& files);

/// The web configuration of a running exporter. It is read again when it, or a file that it names, has
/// changed. What cannot be read changes nothing: the configuration before it stays in use.
///
/// One thread calls `refresh` and `reload`; any thread may call the others.
class WebConfig {
 public:
  /// Errors: what read_web_config says.
  static Result<std::unique_ptr<WebConfig>> open(std::string path);

  /// The configuration in use. Never null.
  std::shared_ptr<const WebSettings> settings() const;
  const std::string& path() const { return path_; }

  struct Status {
    bool last_reload_successful = true;
    double last_reload_success = 0;  ///< Unix time.
  };
  Status status() const;

  /// Checks whether files have changed, and reads them if so: call it a few times a second. A change is read
  /// when two calls have seen the same files, so that certificate and key can be replaced one after the
  /// other. Nothing if there is no news: nothing has changed, or the same error as before. After an error the
  /// files are read again every 10 s, in case that the cause was elsewhere.
  std::optional<Result<void>> refresh();

  /// Reads now.
  Result<void> reload();

  /// The file and those that it names, as they were read last. Of the thread that calls `refresh`.
  std::vector<std::string> files() const { return read_.paths(); }

 private:
  explicit WebConfig(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  const std::shared_ptr<PastSuccesses> successes_ = std::make_shared<PastSuccesses>();

  mutable std::mutex mutex_;
  std::shared_ptr<const WebSettings> settings_;  // guarded by mutex_
  Status status_;                                // guarded by mutex_

  // Of the one thread.
  ReadFiles read_;
  ReadFiles seen_;
  std::string last_error_;
  std::chrono::steady_clock::time_point failed_at_;
};

}  // namespace mre
