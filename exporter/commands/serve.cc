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

/// The pages refer to the arguments, which must outlive the server.
Pages make_pages(const Brokers& brokers, const Reload& reload, const WebConfig* web_config,
                 const HttpOptions& options, Lifecycle& lifecycle, CountHistory& counts,
                 const EventHistories& histories, const EventLog* event_log, const std::atomic<bool>& ready) {
  Pages pages = {
      .metrics =
          [&brokers, &reload, web_config, event_log](bool openmetrics) {
            return render(
                brokers.scrape(), build_info(), read_process_stats(), reload.status(), status(web_config),
                openmetrics ? ExpositionFormat::openmetrics : ExpositionFormat::text, counts_of(event_log));
          },
      .page = [web =
                   WebPages({build_info().version, build_info().revision, options.telemetry_path},
                            {.samples = [&brokers] { return brokers.samples(); },
                             .now_seconds = unix_seconds,
                             .remembered = [&histories] { return remembered_by(histories); },
                             .counts = &counts})](const PageRequest& request) { return web.answer(request); },
      .ready = [&ready] { return ready.load(); },
  };
  if (options.enable_lifecycle) {
    pages.reload = [&lifecycle] { return lifecycle.reload(); };
    pages.quit = [&lifecycle] { lifecycle.quit(); };
  }
  return pages;
}

/// Reloads the configuration file and the web configuration, as far as they are given, and reopens the file of event
/// lines.
Result<void> reload_all(Reload& reload, WebConfig* web_config, EventLog* event_log, bool has_config_file,
                        std::string_view cause) {
  Result<void> outcome;
  if (event_log != nullptr) {
    if (const auto reopened = event_log->reopen(); !reopened) spdlog::error("{}", reopened.error().what);
  }
  if (web_config != nullptr) {
    outcome = web_config->reload();
    log_reload(*web_config, outcome);
    if (!has_config_file) return outcome;
  }
  auto reloaded = reload.run(cause);
  return outcome ? reloaded : outcome;
}

/// Writes checkpoints, fills the history of counts and reloads until the exporter has to stop; returns why. Each request
/// wakes it (Signals::wake). Calls `web_config_changed` after a change of the web configuration's files was read.
std::string run_until_stopped(Signals& signals, Lifecycle& lifecycle, Brokers& brokers, WebConfig* web_config,
                              CountHistory& counts,
                              const std::function<Result<void>(std::string_view cause)>& reload,
                              const std::function<void()>& web_config_changed) {
  Deadline counts_due = std::chrono::steady_clock::now();
  while (!lifecycle.wants_to_quit()) {
    if (const Deadline now = std::chrono::steady_clock::now(); now >= counts_due) {
      counts.add(brokers.samples(), unix_seconds());
      counts_due = now + kCountsInterval;
    }
    Deadline next = std::min(counts_due, brokers.write_due_checkpoints());
    if (web_config != nullptr) next = std::min(next, std::chrono::steady_clock::now() + kWebConfigInterval);
    const auto signal = signals.wait_until(next);
    if (signal == SIGHUP) {
      static_cast<void>(reload("SIGHUP"));  // it logs the outcome
    } else if (signal) {
      return *signal == SIGINT ? "signal SIGINT" : "signal SIGTERM";
    }
    lifecycle.serve_reload([&] { return reload("/-/reload"); });
    if (const auto outcome = web_config != nullptr ? web_config->refresh() : std::nullopt) {
      log_reload(*web_config, *outcome);
      web_config_changed();
    }
  }
  return "a request to /-/quit";
}

}  // namespace

Result<void> serve(const Config& config, const ConfigOrigin& origin) {
  ::mallopt(M_ARENA_MAX, kArenas);  // before the first thread
  Signals signals;
  ::signal(SIGPIPE, SIG_IGN);  // a client that disconnects must not end the process
  start_logging(config.log);
  // All that can be wrong with the configuration is found before anything is created.
  for (const BrokerConfig& broker : config.brokers)
    if (const auto plan = plan_feeds(broker, nullptr); !plan) return tl::make_unexpected(plan.error());
  auto opened = open_web_config(config.web);
  if (!opened) return tl::make_unexpected(opened.error());
  WebConfig* const web_config = opened->get();
  Needs needs = required_access(config, origin.file);
  if (web_config != nullptr) {
    for (std::string& file : web_config->files())
      needs.files.push_back({std::move(file), "the web configuration"});
  }
  const auto user = Privileges::choose_user(config.process.user, needs);
  if (!user) return tl::make_unexpected(user.error());

  auto bound = Server::bind(config.web);  // before anything is created, and while any port is allowed
  if (!bound) return tl::make_unexpected(bound.error());
  Server& server = **bound;
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
  EventHistories& histories = *clients->histories;
  const auto remember = [&](const ClientOptions& options) {
    const auto settings = web_config != nullptr ? web_config->settings() : nullptr;
    auto wanted = remembering(options.remember, server.addresses(), settings.get());
    const auto now = histories.remembering();
    if (wanted.on == now.on && wanted.why == now.why) return;
    spdlog::info("recent events and top clients are {}: {}", wanted.on ? "kept in memory" : "not kept",
                 wanted.why);
    histories.set(std::move(wanted));
  };
  remember(config.clients);
  const auto made = Brokers::make(config.brokers, std::move(*state), &histories);
  if (!made) return tl::make_unexpected(made.error());
  Brokers& brokers = **made;
  Reload reload(config, origin, *privileges, brokers);

  std::atomic<bool> ready = false;
  Lifecycle lifecycle(&Signals::wake);
  CountHistory counts(unix_seconds());
  WebPolicySource policy;
  if (web_config != nullptr) policy = [web_config] { return web_config->settings()->policy; };
  server.start(make_pages(brokers, reload, web_config, config.web, lifecycle, counts, histories,
                          clients->log.get(), ready),
               policy);

  spdlog::info("mqtt-reason-exporter {} (revision {}, {})", build_info().version, build_info().revision,
               build_info().compiler);
  spdlog::info("{}", privileges->summary());
  spdlog::info("{}", sandbox.summary);
  for (const std::string& warning : sandbox.warnings) spdlog::warn("sandbox: {}", warning);
  brokers.start();
  ready = true;
  const auto settings = web_config != nullptr ? web_config->settings() : nullptr;
  for (const std::string& address : server.addresses()) {
    spdlog::info("serving {}://{}{}", settings && settings->policy->tls ? "https" : "http", address,
                 config.web.telemetry_path);
  }
  if (const auto text = exposure(server.addresses(), settings.get(), config.web.enable_lifecycle);
      !text.empty())
    spdlog::warn("{}", text);

  const auto reload_by = [&](std::string_view cause) {
    auto outcome = reload_all(reload, web_config, clients->log.get(), !origin.file.empty(), cause);
    remember(reload.config().clients);
    return outcome;
  };
  spdlog::info("stopping after {}", run_until_stopped(signals, lifecycle, brokers, web_config, counts,
                                                      reload_by, [&] { remember(reload.config().clients); }));
  lifecycle.close();
  ready = false;
  brokers.stop();
  server.stop();
  return {};
}

}  // namespace mre
