#include "exporter/serve.h"

#include <signal.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>

#include "exporter/build_info.h"
#include "exporter/feeds.h"
#include "exporter/http/server.h"
#include "exporter/landing_page.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/process.h"
#include "exporter/own_log.h"
#include "exporter/stop_signal.h"

namespace mre {
namespace {

using Feeds = std::vector<std::unique_ptr<Feed>>;

std::vector<FeedSample> samples(const Feeds& feeds) {
  std::vector<FeedSample> all;
  all.reserve(feeds.size());
  for (const auto& feed : feeds) all.push_back(feed->sample());
  return all;
}

double unix_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Result<Feeds> make_feeds(std::vector<PlannedFeed> plans) {
  Feeds feeds;
  for (PlannedFeed& plan : plans) {
    auto feed = make_feed(std::move(plan));
    if (!feed) return tl::make_unexpected(feed.error());
    feeds.push_back(std::move(*feed));
  }
  return feeds;
}

/// The pages look at the feeds and at `ready`, which must outlive the server.
Pages make_pages(const Feeds& feeds, const std::string& telemetry_path, const std::atomic<bool>& ready) {
  return {
      .metrics = [&feeds] { return render(samples(feeds), build_info(), read_process_stats()); },
      .landing_html =
          [&feeds, telemetry_path] {
            return render(
                {build_info().version, build_info().revision, telemetry_path, samples(feeds), unix_now()});
          },
      .ready = [&ready] { return ready.load(); },
  };
}

}  // namespace

Result<void> serve(const Config& config) {
  StopSignal stop_signal;
  ::signal(SIGPIPE, SIG_IGN);  // a client that goes away is no reason to end
  start_own_log(config.log);

  auto plans = plan_feeds(config.brokers);
  if (!plans) return tl::make_unexpected(plans.error());
  std::vector<std::string> descriptions;
  for (const PlannedFeed& plan : *plans) descriptions.push_back(describe(plan));
  const auto feeds = make_feeds(std::move(*plans));
  if (!feeds) return tl::make_unexpected(feeds.error());

  std::atomic<bool> ready = false;
  auto server = Server::listen(config.web, make_pages(*feeds, config.web.telemetry_path, ready));
  if (!server) return tl::make_unexpected(server.error());

  spdlog::info("mqtt-reason-exporter {} (revision {}, {})", build_info().version, build_info().revision,
               build_info().compiler);
  for (const std::string& line : descriptions) spdlog::info("{}", line);
  for (const auto& feed : *feeds) feed->start();
  ready = true;
  for (const std::string& address : (*server)->addresses()) {
    spdlog::info("serving http://{}{}", address, config.web.telemetry_path);
  }

  const int signal = stop_signal.wait();
  spdlog::info("stopping after signal {}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  ready = false;
  for (const auto& feed : *feeds) feed->stop();
  (*server)->stop();
  return {};
}

}  // namespace mre
