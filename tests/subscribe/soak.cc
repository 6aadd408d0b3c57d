// SPDX-License-Identifier: Apache-2.0
// mqtt_soak [ROUNDS [SEED]]: runs an MQTT source through broker restarts,
// cut connections and its own restarts while messages flow. Every number published with QoS 1 must arrive,
// and the broker must have marked every duplicate. Prints the counts and the growth of memory; fails if a
// number is missing. The seed determines the faults.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "exporter/subscribe/mqtt_source.h"
#include "tests/support/mosquitto.h"
#include "tests/support/mqtt_publisher.h"
#include "tests/support/poll.h"
#include "tests/support/tcp_relay.h"

namespace mre::test {
namespace {

constexpr std::uint64_t kEach = 200;  ///< messages of a round
constexpr auto kTimeout = std::chrono::seconds(60);

std::size_t resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  return 0;
}

/// Consecutive exporters: the thread of a feed, which reads the source, and of a scraper, which reads the
/// status and interrupts waits.
class Exporter {
 public:
  explicit Exporter(std::uint16_t port) {
    options_.url = "mqtt://127.0.0.1:" + std::to_string(port);
    options_.topics = {"events/#"};
    options_.client_id = "soak";
    options_.backoff_min = std::chrono::milliseconds(10);
    options_.backoff_max = std::chrono::milliseconds(100);
  }
  ~Exporter() { stop(); }
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;

  bool start() {
    auto made = make_mqtt_source(options_, position_);
    if (!made) return false;
    source_ = std::move(*made);
    stopping_ = false;
    feed_ = std::thread([this] { feed(); });
    scraper_ = std::thread([this] { scrape(); });
    return true;
  }

  /// A clean stop.
  void stop() {
    if (!source_) return;
    stopping_ = true;
    feed_.join();
    scraper_.join();
    source_->finish();
    while (read(std::chrono::steady_clock::now())) continue;
    ByteWriter saved;
    source_->save(saved);
    position_ = std::move(saved).take();
    publish();
    totals_.redelivered += published_.redelivered;
    totals_.sessions_lost += published_.sessions_lost;
    totals_.records_dropped += published_.records_dropped;
    totals_.connects += published_.connects;
    published_ = {};
    source_ = nullptr;
  }

  std::uint64_t different() const { return different_; }
  std::uint64_t repeated() const { return repeated_; }
  const SourceStatus& totals() const { return totals_; }  ///< Of the stopped exporters.
  /// Whether it is subscribed, so that every message published from now on must arrive.
  bool up() {
    const std::lock_guard lock(mutex_);
    return published_.up;
  }

 private:
  void feed() {
    while (!stopping_) {
      read(std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
      publish();
    }
  }
  void scrape() {
    while (!stopping_) {
      source_->interrupt();
      static_cast<void>(up());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  bool read(Deadline deadline) {
    const auto record = source_->next(deadline);
    if (!record || !*record) return false;
    const std::size_t number = std::stoul(std::string((*record)->payload));
    if (number >= seen_.size()) seen_.resize(number + 1);
    ++(seen_[number] ? repeated_ : different_);
    seen_[number] = true;
    return true;
  }
  void publish() {
    const SourceStatus& status = source_->status();
    const std::lock_guard lock(mutex_);
    published_ = status;
  }

  MqttOptions options_;
  std::string position_;
  std::unique_ptr<Source> source_;
  std::atomic<bool> stopping_{false};
  std::vector<bool> seen_;  // for the feed's thread; so are writes of the next two
  std::atomic<std::uint64_t> different_{0};
  std::atomic<std::uint64_t> repeated_{0};
  SourceStatus totals_;
  std::mutex mutex_;
  SourceStatus published_;
  std::thread feed_;
  std::thread scraper_;
};

/// Publishes the next messages while one thing fails: the connection, the exporter or, afterwards, the broker.
bool play_round(Mosquitto& broker, TcpRelay& relay, Exporter& exporter, std::uint64_t fault,
                std::uint64_t sent) {
  std::thread sender([&] { MqttPublisher(broker.port()).publish("events/a", sent, kEach); });
  if (fault == 0) relay.cut();
  if (fault == 1) exporter.stop();
  sender.join();
  if (fault == 2) {
    broker.stop();
    broker.start();
  }
  return fault != 1 || exporter.start();
}

/// Prints the counts of a run. False: a message is missing, or a duplicate was not marked.
bool report(const Exporter& exporter, std::uint64_t sent, std::uint64_t rounds) {
  const SourceStatus& totals = exporter.totals();
  std::printf(
      "%llu rounds, %llu connects; %llu of %llu messages arrived, %llu of them twice, %llu redelivered, %llu "
      "dropped, %llu sessions lost\n",
      static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(totals.connects),
      static_cast<unsigned long long>(exporter.different()), static_cast<unsigned long long>(sent),
      static_cast<unsigned long long>(exporter.repeated()),
      static_cast<unsigned long long>(totals.redelivered),
      static_cast<unsigned long long>(totals.records_dropped),
      static_cast<unsigned long long>(totals.sessions_lost));
  return exporter.different() == sent && exporter.repeated() <= totals.redelivered &&
         totals.records_dropped == 0 && totals.sessions_lost == 0;
}

bool soak(std::uint64_t rounds, std::uint64_t seed) {
  Mosquitto broker(
      "allow_anonymous true\npersistence true\npersistence_location @DIR@/\nmax_queued_messages 0\nlog_type "
      "none\n");
  broker.start();
  TcpRelay relay(broker.port());
  Exporter exporter(relay.port());
  if (!exporter.start()) return false;
  if (!eventually([&] { return exporter.up(); }, kTimeout)) return false;
  std::mt19937_64 random(seed);
  std::uint64_t sent = 0;
  const auto all_arrived = [&] { return exporter.different() == sent; };
  std::size_t warm_kib = 0;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    if (!play_round(broker, relay, exporter, random() % 3, sent)) return false;
    sent += kEach;
    // The next fault often occurs before this one is over.
    if (random() % 2 == 0 && !eventually(all_arrived, kTimeout)) break;
    if (round == rounds / 4) warm_kib = resident_kib();
  }
  eventually(all_arrived, kTimeout);
  const auto end_kib = static_cast<double>(resident_kib());
  exporter.stop();
  std::printf("seed %llu: resident %.0f KiB, %+.2f KiB per round; ", static_cast<unsigned long long>(seed),
              end_kib, (end_kib - static_cast<double>(warm_kib)) / static_cast<double>(rounds - rounds / 4));
  return report(exporter, sent, rounds);
}

}  // namespace
}  // namespace mre::test

int main(int argc, char** argv) {
  const std::uint64_t rounds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::random_device{}();
  return mre::test::soak(rounds, seed) ? 0 : 1;
}
