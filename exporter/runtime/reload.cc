// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/reload.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "exporter/base/text.h"
#include "exporter/base/unix_time.h"
#include "exporter/process/sandbox.h"
#include "exporter/runtime/required_access.h"

namespace mre {
namespace {

/// The first changed key that is read at the start only; empty if there is none.
std::string_view fixed_key_changed(const Config& now, const Config& next) {
  if (now.web.listen_addresses != next.web.listen_addresses) return "web.listen_addresses";
  if (now.web.telemetry_path != next.web.telemetry_path) return "web.telemetry_path";
  if (now.log.level != next.log.level) return "log.level";
  if (now.log.format != next.log.format) return "log.format";
  if (now.clients.identity != next.clients.identity) return "clients.identity";
  if (now.clients.exemplars != next.clients.exemplars) return "clients.exemplars";
  if (now.events.file != next.events.file) return "events.file";
  if (now.events.max_per_second != next.events.max_per_second) return "events.max_per_second";
  if (now.state.dir != next.state.dir) return "state.dir";
  if (now.state.counters != next.state.counters) return "state.counters";
  return {};
}

}  // namespace

Reload::Reload(Config config, ConfigOrigin origin, const Privileges& privileges, Brokers& brokers)
    : config_(std::move(config)),
      origin_(std::move(origin)),
      privileges_(privileges),
      brokers_(brokers),
      applied_at_(unix_seconds()) {}

Result<void> Reload::run(std::string_view cause) {
  if (origin_.file.empty()) {
    spdlog::warn("{}: reload ignored: the exporter was started without --config.file", cause);
    return fail(Errc::invalid_config, "the exporter was started without --config.file: restart it with one");
  }
  auto applied = apply();
  successful_ = applied.has_value();
  if (applied) {
    applied_at_ = unix_seconds();
    spdlog::info("{}: reloaded {}", cause, printable(origin_.file, 1024));
  } else {
    spdlog::error("{}: reload failed, keeping the previous configuration: {}", cause, applied.error().what);
  }
  return applied;
}

ConfigStatus Reload::status() const { return {successful_, applied_at_}; }

Result<void> Reload::apply() {
  auto read = next();
  if (!read) return tl::make_unexpected(read.error());
  auto changed = brokers_.change_to(read->brokers);
  if (changed) config_ = std::move(*read);
  return changed;
}

/// The new configuration, if it can be applied now.
Result<Config> Reload::next() const {
  auto read = origin_.read();
  if (!read) return read;
  for (const BrokerConfig& broker : read->brokers) {
    if (const auto plan = plan_feeds(broker, nullptr); !plan) return tl::make_unexpected(plan.error());
  }
  if (const auto key = fixed_key_changed(config_, *read); !key.empty())
    return fail(Errc::invalid_config,
                printable(origin_.file, 1024) + ": \"" + std::string(key) +
                    "\" has changed, which needs a restart: restart the exporter, or undo the change");
  const Needs needs = required_access(*read, origin_.file);
  if (const auto may = privileges_.suffice_for(needs); !may) return tl::make_unexpected(may.error());
  if (const auto may = sandbox_allows(needs); !may) return tl::make_unexpected(may.error());
  return read;
}

}  // namespace mre
