// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/reload.h"

#include <gtest/gtest.h>

#include "exporter/config/load.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

/// A file, what runs by it, and what is read when it is reloaded.
class ReloadTest : public testing::Test {
 protected:
  static std::string hall(const std::string& more = "") {
    return more + "brokers:\n  - {name: hall, profile: mosquitto, sources: [{name: log, log: {path: l}}]}\n";
  }
  static std::string annex() {
    return "  - {name: annex, profile: mosquitto, sources: [{name: log, log: {path: a}}]}\n";
  }

  void SetUp() override {
    const Config config = *load_config_file(write(hall()));
    brokers_ = *Brokers::make(config.brokers, StateStore());
    brokers_->start();
    reload_ = std::make_unique<Reload>(
        config, ConfigOrigin{file_, [this] { return load_config_file(file_); }}, Privileges(), *brokers_);
  }
  std::string write(const std::string& yaml) const { return dir_.write("f.yaml", yaml); }
  std::size_t running() const { return brokers_->samples().size(); }

  const test::TempDir dir_;
  const std::string file_ = dir_.file("f.yaml");
  std::unique_ptr<Brokers> brokers_;
  std::unique_ptr<Reload> reload_;
};

TEST_F(ReloadTest, AppliesAValidConfigurationAndRejectsOthers) {
  struct ReloadStep {
    const char* why;
    std::string yaml;
    bool applied;
    std::size_t brokers;
  };
  const ReloadStep steps[] = {
      {"a second broker", hall() + annex(), true, 2},
      {"no configuration", "brokers: [", false, 2},
      {"the same as before", hall() + annex(), true, 2},
      {"an authority that sees nothing",
       "brokers:\n  - {name: hall, profile: mosquitto, sources: [{name: log, log: {path: l}}], "
       "authority: {PUBREL: log}}\n",
       false, 2},
      {"another address", hall("web: {listen_addresses: [\":1\"]}\n"), false, 2},
      {"another path", hall("web: {telemetry_path: /m}\n"), false, 2},
      {"another level", hall("log: {level: debug}\n"), false, 2},
      {"another format", hall("log: {format: json}\n"), false, 2},
      {"another directory", hall("state: {dir: s}\n"), false, 2},
      {"other counters", hall("state: {counters: off}\n"), false, 2},
      {"another identity", hall("clients: {identity: hash}\n"), false, 2},
      {"exemplars", hall("clients: {exemplars: true}\n"), false, 2},
      {"event lines", hall("events: {file: e}\n"), false, 2},
      {"another rate", hall("events: {max_per_second: 1}\n"), false, 2},
      {"clients are remembered", hall("clients: {remember: on}\n") + annex(), true, 2},
      {"a capture", hall() + "  - {name: wire, sources: [{name: c, capture: {}}]}\n", false, 2},
      {"one broker", hall(), true, 1},
  };
  const double start = reload_->status().last_reload_success_timestamp_seconds;
  EXPECT_TRUE(reload_->status().last_reload_successful);
  EXPECT_GT(start, 1.0e9);
  for (const ReloadStep& step : steps) {
    SCOPED_TRACE(step.why);
    write(step.yaml);
    const ConfigStatus before = reload_->status();
    EXPECT_EQ(reload_->run("SIGHUP").has_value(), step.applied);
    const ConfigStatus after = reload_->status();
    EXPECT_EQ(after.last_reload_successful, step.applied);
    EXPECT_EQ(after.last_reload_success_timestamp_seconds > before.last_reload_success_timestamp_seconds,
              step.applied);
    EXPECT_EQ(running(), step.brokers);
  }
}

TEST_F(ReloadTest, WithoutAFileNothingChangesAndNothingFailed) {
  const ConfigStatus before = reload_->status();
  Reload without({}, {"", nullptr}, Privileges(), *brokers_);
  EXPECT_FALSE(without.run("SIGHUP"));
  EXPECT_TRUE(without.status().last_reload_successful);
  EXPECT_EQ(reload_->status().last_reload_success_timestamp_seconds,
            before.last_reload_success_timestamp_seconds);
}

}  // namespace
}  // namespace mre
