// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/serve.h"

#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "exporter/base/build_info.h"
#include "exporter/base/unix_time.h"
#include "exporter/clients/event_log.h"
#include "exporter/http/server.h"
#include "exporter/metrics/count_history.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/process.h"
#include "exporter/process/logging.h"
#include "exporter/process/privileges.h"
#include "exporter/process/sandbox.h"
#include "exporter/process/signals.h"
#include "exporter/runtime/brokers.h"
#include "exporter/runtime/feed_setup.h"
#include "exporter/runtime/lifecycle.h"
#include "exporter/runtime/required_access.h"
#include "exporter/runtime/web_access.h"
#include "exporter/web/web_pages.h"

namespace mre {
namespace {

/// glibc gives nearly each thread its own arena, which never shrinks below the largest checkpoint that was written
/// on it. A log that had been rotated 2,800 times took 19 MiB with one arena for each thread that answers scrapes,
/// and takes 8 MiB with two.
constexpr int kArenas = 2;

/// How often the history of counts is filled.
constexpr std::chrono::seconds kCountsInterval(CountHistory::kIntervalSeconds);

/// How often the files of the web configuration are checked.
constexpr std::chrono::seconds kWebConfigInterval{1};

std::optional<ConfigStatus> status(const WebConfig* web_config) {
  if (web_config == nullptr) return std::nullopt;
  const auto [successful, at] = web_config->status();
  return ConfigStatus{successful, at};
}

/// Who is behind the events: what is kept in memory, and what is written as lines.
struct Clients {
  std::unique_ptr<EventLog> log;  ///< Null: no lines are written.
  std::unique_ptr<EventHistories> histories;
};

/// Errors: invalid_config, if the file of event lines cannot be opened.
Result<Clients> open_clients(const Config& config, const StateStore& state) {
  Clients clients;
  EventHistories::Listener listener;
  if (!config.events.file.empty()) {
    auto log = EventLog::open(config.events);
    if (!log) return tl::make_unexpected(log.error());
    clients.log = std::move(*log);
    listener = [log = clients.log.get()](std::string_view broker, const RecentEvent& event) {
      log->write(broker, event);
    };
  }
  const bool hashes = config.clients.identity == ClientOptions::Identity::hash;
  const IdentityFilter identity(config.clients.identity, hashes ? state.identity_key() : IdentityKey());
  clients.histories =
      std::make_unique<EventHistories>(identity, std::move(listener), config.clients.exemplars);
  return clients;
}

/// `log` may be null.
std::optional<EventLineCounts> counts_of(const EventLog* log) {
  if (log == nullptr) return std::nullopt;
  const auto [written, above_rate, queue_full, not_written] = log->status();
  return EventLineCounts{written, above_rate, queue_full, not_written};
}

Remembered remembered_by(const EventHistories& histories) {
  auto [on, why] = histories.remembering();
  return {.on = on, .why = std::move(why), .histories = histories.all()};
}

/// Decides again whether the clients behind events are kept in memory, and logs a change.
void update_remembering(EventHistories& histories, const ClientOptions& options, const Server& server,
                        const WebConfig* web_config) {
  const auto settings = web_config != nullptr ? web_config->settings() : nullptr;
  auto wanted = remembering(options.remember, server.addresses(), settings.get());
  const auto now = histories.remembering();
  if (wanted.on == now.on && wanted.why == now.why) return;
  spdlog::info("recent events and top clients are {}: {}", wanted.on ? "kept in memory" : "not kept",
               wanted.why);
  histories.set(std::move(wanted));
}

/// The opened exporter: serves, reads and reloads until it is stopped. The main thread runs it.
class Exporter {
 public:
  /// All arguments must outlive it. `web_config` is null without a web configuration.
  Exporter(const Config& config, const ConfigOrigin& origin, const Privileges& privileges, Server& server,
           WebConfig* web_config, const Clients& clients, Brokers& brokers)
      : config_(config),
        has_config_file_(!origin.file.empty()),
        server_(server),
        web_config_(web_config),
        clients_(clients),
        brokers_(brokers),
        reload_(config, origin, privileges, brokers) {}

  /// The pages are served from here on; /-/ready answers 503 until `run`.
  void start_server() {
    WebPolicySource policy;
    if (web_config_ != nullptr) policy = [this] { return web_config_->settings()->policy; };
    server_.start(pages(), policy);
  }

  /// Returns after the exporter was stopped by `signals` or by a request.
  void run(Signals& signals) {
    brokers_.start();
    ready_ = true;
    log_addresses();
    spdlog::info("stopping after {}", wait_until_stopped(signals));
    lifecycle_.close();
    ready_ = false;
    brokers_.stop();
    server_.stop();
  }

 private:
  Pages pages() {
    WebPages web({build_info().version, build_info().revision, config_.web.telemetry_path},
                 {.samples = [this] { return brokers_.samples(); },
                  .now_seconds = unix_seconds,
                  .remembered = [this] { return remembered_by(*clients_.histories); },
                  .counts = &counts_});
    Pages pages = {
        .metrics = [this](bool openmetrics) { return exposition(openmetrics); },
        .page = [web = std::move(web)](const PageRequest& request) { return web.answer(request); },
        .ready = [this] { return ready_.load(); },
    };
    if (config_.web.enable_lifecycle) {
      pages.reload = [this] { return lifecycle_.reload(); };
      pages.quit = [this] { lifecycle_.quit(); };
    }
    return pages;
  }

  std::string exposition(bool openmetrics) const {
    const auto format = openmetrics ? ExpositionFormat::openmetrics : ExpositionFormat::text;
    return render(brokers_.scrape(), build_info(), read_process_stats(), reload_.status(),
                  status(web_config_), format, counts_of(clients_.log.get()));
  }

  void log_addresses() const {
    const auto settings = web_config_ != nullptr ? web_config_->settings() : nullptr;
    for (const std::string& address : server_.addresses()) {
      spdlog::info("serving {}://{}{}", settings && settings->policy->tls ? "https" : "http", address,
                   config_.web.telemetry_path);
    }
    const auto warning = exposure(server_.addresses(), settings.get(), config_.web.enable_lifecycle);
    if (!warning.empty()) spdlog::warn("{}", warning);
  }

  /// Writes checkpoints, fills the history of counts and reloads until the exporter has to stop; returns why. Each
  /// request wakes it (Signals::wake).
  std::string wait_until_stopped(Signals& signals) {
    Deadline counts_due = std::chrono::steady_clock::now();
    while (!lifecycle_.wants_to_quit()) {
      if (const Deadline now = std::chrono::steady_clock::now(); now >= counts_due) {
        counts_.add(brokers_.samples(), unix_seconds());
        counts_due = now + kCountsInterval;
      }
      Deadline next = std::min(counts_due, brokers_.write_due_checkpoints());
      if (web_config_ != nullptr)
        next = std::min(next, std::chrono::steady_clock::now() + kWebConfigInterval);
      const auto signal = signals.wait_until(next);
      if (signal == SIGHUP) {
        static_cast<void>(reload("SIGHUP"));  // it logs the outcome
      } else if (signal) {
        return *signal == SIGINT ? "signal SIGINT" : "signal SIGTERM";
      }
      lifecycle_.serve_reload([this] { return reload("/-/reload"); });
      refresh_web_config();
    }
    return "a request to /-/quit";
  }

  /// Reloads the configuration file and the web configuration, as far as they are given, and reopens the file of event
  /// lines.
  Result<void> reload(std::string_view cause) {
    const bool has_event_file = clients_.log && config_.events.file != "-";
    if (has_event_file) {
      if (const auto reopened = clients_.log->reopen(); !reopened)
        spdlog::error("{}", reopened.error().what);
      else
        spdlog::info("{}: opened the file for event lines again", cause);
    }
    Result<void> outcome;
    if (web_config_ != nullptr) {
      outcome = web_config_->reload();
      log_reload(*web_config_, outcome);
    }
    if (has_config_file_ || (web_config_ == nullptr && !has_event_file)) {
      const auto reloaded = reload_.run(cause);
      if (outcome) outcome = reloaded;
    }
    remember();
    return outcome;
  }

  /// Reads the files of the web configuration again if they have changed.
  void refresh_web_config() {
    const auto outcome = web_config_ != nullptr ? web_config_->refresh() : std::nullopt;
    if (!outcome) return;
    log_reload(*web_config_, *outcome);
    remember();
  }

  void remember() { update_remembering(*clients_.histories, reload_.config().clients, server_, web_config_); }

  const Config& config_;  // at the start
  const bool has_config_file_;
  Server& server_;
  WebConfig* const web_config_;
  const Clients& clients_;
  Brokers& brokers_;
  Reload reload_;
  Lifecycle lifecycle_{&Signals::wake};
  CountHistory counts_{unix_seconds()};
  std::atomic<bool> ready_ = false;
};

/// Errors: invalid_config, for what would fail later, after files and sockets were opened.
Result<void> check_brokers(const Config& config) {
  for (const BrokerConfig& broker : config.brokers) {
    if (const auto plan = plan_feeds(broker, nullptr); !plan) return tl::make_unexpected(plan.error());
  }
  return {};
}

Needs needs_of(const Config& config, const ConfigOrigin& origin, const WebConfig* web_config) {
  Needs needs = required_access(config, origin.file);
  if (web_config == nullptr) return needs;
  for (std::string& file : web_config->files())
    needs.files.push_back({std::move(file), "the web configuration"});
  return needs;
}

void log_process(const Privileges& privileges, const SandboxReport& sandbox) {
  spdlog::info("mqtt-reason-exporter {} (revision {}, {})", build_info().version, build_info().revision,
               build_info().compiler);
  spdlog::info("{}", privileges.summary());
  spdlog::info("{}", sandbox.summary);
  for (const std::string& warning : sandbox.warnings) spdlog::warn("sandbox: {}", warning);
}

}  // namespace

Result<void> serve(const Config& config, const ConfigOrigin& origin) {
  ::mallopt(M_ARENA_MAX, kArenas);  // before the first thread
  Signals signals;
  ::signal(SIGPIPE, SIG_IGN);  // a client that disconnects must not end the process
  start_logging(config.log);
  // All that can be wrong with the configuration is found before anything is created.
  if (auto valid = check_brokers(config); !valid) return valid;
  const auto web_config = open_web_config(config.web);
  if (!web_config) return tl::make_unexpected(web_config.error());
  const Needs needs = needs_of(config, origin, web_config->get());
  const auto user = Privileges::choose_user(config.process.user, needs);
  if (!user) return tl::make_unexpected(user.error());

  const auto server = Server::bind(config.web);  // while any port is allowed
  if (!server) return tl::make_unexpected(server.error());
  auto state = StateStore::open(config.state, *user, &Signals::wake);
  if (!state) return tl::make_unexpected(state.error());
  const auto fifos = hold_fifos(needs);
  const auto privileges = Privileges::reduce(*user, needs);  // before the first thread
  if (!privileges) return tl::make_unexpected(privileges.error());
  const int state_directory = state->directory_fd();
  const auto clients = open_clients(config, *state);
  if (!clients) return tl::make_unexpected(clients.error());
  const SandboxReport sandbox = config.process.sandbox == ProcessOptions::Sandbox::on
                                    ? enter_sandbox({needs, state_directory})
                                    : SandboxReport{"sandbox: off", {}};

  if (clients->log) clients->log->start();
  update_remembering(*clients->histories, config.clients, **server, web_config->get());
  const auto brokers = Brokers::make(config.brokers, std::move(*state), clients->histories.get());
  if (!brokers) return tl::make_unexpected(brokers.error());
  Exporter exporter(config, origin, *privileges, **server, web_config->get(), *clients, **brokers);
  exporter.start_server();
  log_process(*privileges, sandbox);
  exporter.run(signals);
  return {};
}

}  // namespace mre
