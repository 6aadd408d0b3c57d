// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/web_config.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "exporter/base/fd.h"
#include "exporter/base/join.h"
#include "exporter/base/secret_file.h"
#include "exporter/base/text.h"
#include "exporter/base/unix_time.h"
#include "exporter/config/values.h"
#include "exporter/web_config/tls_context.h"
#include "exporter/web_config/web_config_file.h"

namespace mre {
namespace {

constexpr std::size_t kMaxFileBytes = 1024 * 1024;
constexpr std::chrono::seconds kRetryAfter{10};
constexpr int kSlowCost = 14;  // about 0.7 s of CPU time
constexpr int kMaxCost = 18;   // about 11 s of CPU time

std::int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec;
}

/// Formats a time in the largest unit that needs no fraction.
std::string text_of(std::chrono::nanoseconds time) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time);
  return milliseconds == time ? write_value(milliseconds) : std::to_string(time.count()) + "ns";
}

/// The answer to clients without valid credentials.
Denial unauthorized() { return {401, {{"WWW-Authenticate", "Basic realm=\"mqtt-reason-exporter\""}}}; }

class Resolver {
 public:
  Resolver(const std::string& path, std::shared_ptr<PastSuccesses> successes, ReadFiles& files)
      : path_(path), successes_(std::move(successes)), files_(files) {}

  Result<WebSettings> resolve() {
    const auto text = files_.read(path_);
    if (!text) return fail(Errc::invalid_config, printable(path_, 4096) + ": " + text.error().what);
    const auto file = parse_web_config(text->text, path_);
    if (!file) return tl::make_unexpected(file.error());
    if (auto safe = check_mode(*file, text->info); !safe) return tl::make_unexpected(safe.error());
    if (auto set = set_tls(file->tls_server_config); !set) return tl::make_unexpected(set.error());
    if (auto set = set_users(file->basic_auth_users); !set) return tl::make_unexpected(set.error());
    set_rate_limit(file->rate_limit);
    policy_->headers = response_headers(file->http_server_config.headers);
    if (!policy_->headers.empty())
      add_summary("headers: " +
                  join(policy_->headers, ", ", [](const auto& header) { return header.first; }));
    settings_.policy = std::move(policy_);
    return std::move(settings_);
  }

 private:
  using Text = WebConfigFile::Text;

  tl::unexpected<Error> refuse(Position at, std::string_view what) const {
    return fail(Errc::invalid_config, located(path_, at, what));
  }
  void add_summary(std::string_view line) { settings_.summary += "  " + std::string(line) + "\n"; }

  Result<void> check_mode(const WebConfigFile& file, const struct stat& info) {
    if (!file.tls_server_config.value.key.value.empty()) {
      if (const std::string fault = secret_file_fault(info); !fault.empty())
        return refuse(file.tls_server_config.value.key.at, "the file contains a private key, but " + fault);
    }
    if ((info.st_mode & S_IWOTH) != 0)
      return fail(
          Errc::invalid_config,
          printable(path_, 4096) + ": others can change the file, and so who has access; chmod o-w it");
    if (!file.basic_auth_users.empty() && (info.st_mode & S_IROTH) != 0)
      settings_.findings.push_back(
          located(path_, file.basic_auth_users[0].key.at,
                  "others can read the password hashes and try to crack them; chmod o-r the file"));
    return {};
  }

  /// The configured text, or the content of the configured file.
  Result<std::string> read(std::string_view key, const Text& text, const Text& file, bool secret) {
    if (file.value.empty()) return text.value;
    const std::string what = "\"" + std::string(key) + "_file\" " + printable(file.value, 4096) + ": ";
    auto read = files_.read(file.value);
    if (!read) return refuse(file.at, what + read.error().what);
    if (const std::string fault = secret ? secret_file_fault(read->info) : ""; !fault.empty())
      return refuse(file.at, what + fault);
    return std::move(read->text);
  }

  Result<void> set_tls(const schema::At<WebConfigFile::TlsServer>& at) {
    const WebConfigFile::TlsServer& tls = at.value;
    if (!tls.enabled()) {
      add_summary("TLS: off");
      return {};
    }
    PemTexts texts;
    auto cert = read("cert", tls.cert, tls.cert_file, false);
    if (!cert) return tl::make_unexpected(cert.error());
    auto key = read("key", tls.key, tls.key_file, true);
    if (!key) return tl::make_unexpected(key.error());
    auto client_ca = read("client_ca", tls.client_ca, tls.client_ca_file, false);
    if (!client_ca) return tl::make_unexpected(client_ca.error());
    auto made = make_tls_context(tls, {std::move(*cert), std::move(*key), std::move(*client_ca)}, path_);
    if (!made) return tl::make_unexpected(made.error());
    policy_->tls = std::move(made->context);
    settings_.findings.insert(settings_.findings.end(), made->findings.begin(), made->findings.end());
    settings_.authenticates = tls.client_auth() == ClientAuth::require_and_verify;
    add_summary("TLS: " + made->certificate);
    add_summary("clients: " + std::string(go_name(tls.client_auth())));
    return {};
  }

  Result<void> set_users(const std::vector<schema::Entry>& entries) {
    if (entries.empty()) {
      add_summary("basic authentication: off");
      return {};
    }
    BasicAuth::Users users;
    for (const schema::Entry& entry : entries) {
      const int cost = bcrypt_cost(entry.value.value);
      if (cost > kMaxCost)
        return refuse(entry.value.at, "a bcrypt cost of " + std::to_string(cost) +
                                          " takes minutes per check: use a hash with a cost of 10 to 14");
      if (cost > kSlowCost)
        settings_.findings.push_back(
            located(path_, entry.value.at,
                    "a bcrypt cost of " + std::to_string(cost) +
                        " takes seconds per check, and delays other clients: use a cost of 10 to 14"));
      users.emplace(entry.key.value, entry.value.value);
    }
    add_summary("basic authentication: " + std::to_string(users.size()) +
                (users.size() == 1 ? " user" : " users"));
    settings_.authenticates = true;
    const auto auth = std::make_shared<const BasicAuth>(std::move(users), successes_);
    policy_->recall = [auth](const RequestHead& head, std::string_view) -> std::optional<Verdict> {
      const auto credentials = read_credentials(head.header("Authorization"));
      if (!credentials) return Verdict(unauthorized());
      if (auth->recall(*credentials)) return std::make_optional<Verdict>();
      return std::nullopt;
    };
    policy_->authorize = [auth](const RequestHead& head, std::string_view) -> Verdict {
      const auto credentials = read_credentials(head.header("Authorization"));
      if (credentials && auth->verify(*credentials)) return {};
      return unauthorized();
    };
    return {};
  }

  void set_rate_limit(const WebConfigFile::RateLimit& limit) {
    policy_->rate_interval = limit.interval.value;
    policy_->rate_burst = static_cast<unsigned>(std::max(limit.burst, 1));
    if (limit.interval.value.count() == 0) return;
    add_summary("rate limit: one request per " + text_of(limit.interval.value) +
                " from each address, in bursts of up to " + std::to_string(policy_->rate_burst));
  }

  const std::string& path_;
  std::shared_ptr<PastSuccesses> successes_;
  ReadFiles& files_;
  WebSettings settings_;
  std::shared_ptr<WebPolicy> policy_ = std::make_shared<WebPolicy>();
};

}  // namespace

ReadFiles::Stamp ReadFiles::stamp(const std::string& path, const struct stat* info) {
  if (info == nullptr) return {.path = path, .error = errno};
  return {.path = path,
          .error = 0,
          .device = info->st_dev,
          .number = info->st_ino,
          .size = info->st_size,
          .modified = nanoseconds(info->st_mtim),
          .changed = nanoseconds(info->st_ctim)};
}

Result<ReadFiles::File> ReadFiles::read(const std::string& path) {
  File file{};
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const int error = errno;
  const bool found = fd ? ::fstat(fd.get(), &file.info) == 0 : ::stat(path.c_str(), &file.info) == 0;
  stamps_.push_back(stamp(path, found ? &file.info : nullptr));
  if (!fd) return fail(Errc::unavailable, std::string("cannot be read: ") + std::strerror(error));
  if (!found) return fail(Errc::unavailable, "cannot be read");
  if (!S_ISREG(file.info.st_mode)) return fail(Errc::unavailable, "not a regular file");
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t count = ::read(fd.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(Errc::unavailable, std::string("cannot be read: ") + std::strerror(errno));
    if (count == 0) return file;
    file.text.append(block.data(), static_cast<std::size_t>(count));
    if (file.text.size() > kMaxFileBytes) return fail(Errc::unavailable, "larger than 1 MiB");
  }
}

std::vector<std::string> ReadFiles::paths() const {
  std::vector<std::string> all;
  for (const Stamp& stamp : stamps_) all.push_back(stamp.path);
  return all;
}

ReadFiles ReadFiles::current() const {
  ReadFiles now;
  for (const Stamp& then : stamps_) {
    struct stat info{};
    now.stamps_.push_back(stamp(then.path, ::stat(then.path.c_str(), &info) == 0 ? &info : nullptr));
  }
  return now;
}

Result<WebSettings> read_web_config(const std::string& path, std::shared_ptr<PastSuccesses> successes,
                                    ReadFiles& files) {
  files = {};
  return Resolver(path, std::move(successes), files).resolve();
}

Result<std::unique_ptr<WebConfig>> WebConfig::open(std::string path) {
  std::unique_ptr<WebConfig> config(new WebConfig(std::move(path)));
  if (auto read = config->reload(); !read) return tl::make_unexpected(read.error());
  return config;
}

std::shared_ptr<const WebSettings> WebConfig::settings() const { return current_.lock()->settings; }

WebConfig::Status WebConfig::status() const { return current_.lock()->status; }

std::optional<Result<void>> WebConfig::refresh() {
  const ReadFiles now = read_.current();
  const bool settled = now == std::exchange(seen_, now);
  const bool retry = !last_error_.empty() && std::chrono::steady_clock::now() - failed_at_ >= kRetryAfter;
  if (!settled || (now == read_ && !retry)) return std::nullopt;
  const std::string error_before = last_error_;
  auto outcome = reload();
  if (!outcome && outcome.error().what == error_before) return std::nullopt;
  return outcome;
}

Result<void> WebConfig::reload() {
  auto read = read_web_config(path_, successes_, read_);
  seen_ = read_;
  last_error_ = read ? "" : read.error().what;
  failed_at_ = std::chrono::steady_clock::now();
  const auto current = current_.lock();
  current->status.last_reload_successful = read.has_value();
  if (!read) return tl::make_unexpected(read.error());
  current->settings = std::make_shared<const WebSettings>(std::move(*read));
  current->status.last_reload_success = unix_seconds();
  return {};
}

}  // namespace mre
