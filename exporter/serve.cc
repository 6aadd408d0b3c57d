#include "exporter/serve.h"

#include <malloc.h>
#include <signal.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>

#include "exporter/base/capabilities.h"
#include "exporter/base/unix_time.h"
#include "exporter/broker.h"
#include "exporter/build_info.h"
#include "exporter/http/server.h"
#include "exporter/landing_page.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/process.h"
#include "exporter/own_log.h"
#include "exporter/stop_signal.h"

namespace mre {
namespace {

/// glibc gives nearly each thread an arena of its own, and what the largest checkpoint took that was written
/// on it stays there. A log that had been rotated 2,800 times left 19 MiB with an arena for each of the
/// threads that answer scrapes, and leaves 8 MiB with two.
constexpr int kArenas = 2;

/// How often it is asked whether a checkpoint is due.
constexpr std::chrono::milliseconds kKeepEvery{250};

using Brokers = std::vector<std::unique_ptr<Broker>>;

/// What `of` gives of each broker, one behind the other.
std::vector<FeedSample> samples(const Brokers& brokers, auto&& of) {
  std::vector<FeedSample> all;
  for (const auto& broker : brokers) {
    for (FeedSample& sample : of(*broker)) all.push_back(std::move(sample));
  }
  return all;
}

std::vector<FeedSample> scrape(const Brokers& brokers) {
  return samples(brokers, [](Broker& broker) { return broker.scrape(); });
}

std::vector<FeedSample> look_at(const Brokers& brokers) {
  return samples(brokers, [](const Broker& broker) { return broker.samples(); });
}

bool has_source(const Config& config, SourceKind kind) {
  return std::ranges::any_of(config.brokers, [kind](const BrokerConfig& broker) {
    return std::ranges::find(broker.sources, kind, &SourceConfig::kind) != broker.sources.end();
  });
}

/// Who reads the packets of strangers shall not be able to do more than that. Without a capture everything
/// stays as it is.
Result<void> shed_privileges(const Config& config) {
  if (!has_source(config, SourceKind::capture)) return {};
  if (has_source(config, SourceKind::log))
    return keep_only({Capability::net_raw, Capability::net_bind_service, Capability::dac_read_search});
  return keep_only({Capability::net_raw});
}

/// `state` must outlive them.
Result<Brokers> make_brokers(const Config& config, const State& state) {
  Brokers brokers;
  for (const BrokerConfig& one : config.brokers) {
    auto broker = Broker::make(one, state);
    if (!broker) return tl::make_unexpected(broker.error());
    brokers.push_back(std::move(*broker));
  }
  return brokers;
}

/// The pages look at the brokers and at `ready`, which must outlive the server.
Pages make_pages(const Brokers& brokers, const std::string& telemetry_path, const std::atomic<bool>& ready) {
  return {
      .metrics = [&brokers] { return render(scrape(brokers), build_info(), read_process_stats()); },
      .landing_html =
          [&brokers, telemetry_path] {
            return render({build_info().version, build_info().revision, telemetry_path, look_at(brokers),
                           unix_seconds()});
          },
      .ready = [&ready] { return ready.load(); },
  };
}

}  // namespace

Result<void> serve(const Config& config) {
  ::mallopt(M_ARENA_MAX, kArenas);  // before the first thread
  StopSignal stop_signal;
  ::signal(SIGPIPE, SIG_IGN);  // a client that goes away is no reason to end
  start_own_log(config.log);
  if (auto shed = shed_privileges(config); !shed) return shed;

  const auto state = State::open(config.state);
  if (!state) return tl::make_unexpected(state.error());
  const auto brokers = make_brokers(config, *state);
  if (!brokers) return tl::make_unexpected(brokers.error());

  std::atomic<bool> ready = false;
  auto server = Server::listen(config.web, make_pages(*brokers, config.web.telemetry_path, ready));
  if (!server) return tl::make_unexpected(server.error());

  spdlog::info("mqtt-reason-exporter {} (revision {}, {})", build_info().version, build_info().revision,
               build_info().compiler);
  for (const auto& broker : *brokers) broker->start();
  // From here on a start knows where this one began.
  for (const auto& broker : *brokers) broker->keep();
  ready = true;
  for (const std::string& address : (*server)->addresses()) {
    spdlog::info("serving http://{}{}", address, config.web.telemetry_path);
  }

  std::optional<int> signal;
  while (!(signal = stop_signal.wait_for(kKeepEvery)))
    for (const auto& broker : *brokers) broker->keep();
  spdlog::info("stopping after signal {}", *signal == SIGINT ? "SIGINT" : "SIGTERM");
  ready = false;
  for (const auto& broker : *brokers) broker->stop();
  (*server)->stop();
  return {};
}

}  // namespace mre
