#include "exporter/serve.h"

#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>

#include "exporter/base/unix_time.h"
#include "exporter/brokers.h"
#include "exporter/build_info.h"
#include "exporter/http/server.h"
#include "exporter/landing_page.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/process.h"
#include "exporter/needs_of.h"
#include "exporter/own_log.h"
#include "exporter/process/privileges.h"
#include "exporter/process/sandbox.h"
#include "exporter/runbook/page.h"
#include "exporter/signals.h"

namespace mre {
namespace {

/// glibc gives nearly each thread an arena of its own, and what the largest checkpoint took that was written
/// on it stays there. A log that had been rotated 2,800 times left 19 MiB with an arena for each of the
/// threads that answer scrapes, and leaves 8 MiB with two.
constexpr int kArenas = 2;

/// How often it is asked whether a checkpoint is due.
constexpr std::chrono::milliseconds kKeepEvery{250};

/// The pages look at what is given here, which must outlive the server.
Pages make_pages(const Brokers& brokers, const Reload& reload, const std::string& telemetry_path,
                 const std::atomic<bool>& ready) {
  return {
      .metrics =
          [&brokers, &reload] {
            return render(brokers.scrape(), build_info(), read_process_stats(), reload.status());
          },
      .landing_html =
          [&brokers, telemetry_path] {
            return render({build_info().version, build_info().revision, telemetry_path, brokers.samples(),
                           unix_seconds()});
          },
      .ready = [&ready] { return ready.load(); },
      .runbook_html = [] { return std::string(runbook_page()); },
  };
}

/// Keeps checkpoints and reloads until a signal that ends the exporter, which it returns.
int run_until_the_end(Signals& signals, Brokers& brokers, Reload& reload) {
  for (;;) {
    const auto signal = signals.wait_for(kKeepEvery);
    if (signal == SIGHUP) {
      reload.run();
    } else if (signal) {
      return *signal;
    }
    brokers.keep();
  }
}

}  // namespace

Result<void> serve(const Config& config, const ConfigOrigin& origin) {
  ::mallopt(M_ARENA_MAX, kArenas);  // before the first thread
  Signals signals;
  ::signal(SIGPIPE, SIG_IGN);  // a client that goes away is no reason to end
  start_own_log(config.log);
  const Needs needs = needs_of(config, origin.file);
  const auto user = Privileges::choose_user(config.process.user, needs);
  if (!user) return tl::make_unexpected(user.error());

  auto bound = Server::bind(config.web);  // before anything is created, and while any port is allowed
  if (!bound) return tl::make_unexpected(bound.error());
  Server& server = **bound;
  auto state = State::open(config.state, *user);
  if (!state) return tl::make_unexpected(state.error());
  const auto fifos = hold_fifos(needs);
  const auto privileges = Privileges::reduce(*user, needs);  // before the first thread
  if (!privileges) return tl::make_unexpected(privileges.error());
  const int state_directory = state->directory_fd();
  const SandboxReport sandbox = config.process.sandbox == ProcessOptions::Sandbox::on
                                    ? enter_sandbox({needs, state_directory})
                                    : SandboxReport{"sandbox: off", {}};
  const auto made = Brokers::make(config.brokers, std::move(*state));
  if (!made) return tl::make_unexpected(made.error());
  Brokers& brokers = **made;
  Reload reload(config, origin, *privileges, brokers);

  std::atomic<bool> ready = false;
  server.start(make_pages(brokers, reload, config.web.telemetry_path, ready));

  spdlog::info("mqtt-reason-exporter {} (revision {}, {})", build_info().version, build_info().revision,
               build_info().compiler);
  spdlog::info("{}", privileges->summary());
  spdlog::info("{}", sandbox.summary);
  for (const std::string& warning : sandbox.warnings) spdlog::warn("sandbox: {}", warning);
  brokers.start();
  ready = true;
  for (const std::string& address : server.addresses()) {
    spdlog::info("serving http://{}{}", address, config.web.telemetry_path);
  }

  const int signal = run_until_the_end(signals, brokers, reload);
  spdlog::info("stopping after signal {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  ready = false;
  brokers.stop();
  server.stop();
  return {};
}

}  // namespace mre
