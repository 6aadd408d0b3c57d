#include "exporter/privileges.h"

#include <algorithm>

#include "exporter/base/capabilities.h"

namespace mre {
namespace {

const BrokerConfig* broker_with(const Config& config, SourceKind kind) {
  const auto has = [kind](const BrokerConfig& broker) {
    return std::ranges::find(broker.sources, kind, &SourceConfig::kind) != broker.sources.end();
  };
  const auto found = std::ranges::find_if(config.brokers, has);
  return found == config.brokers.end() ? nullptr : &*found;
}

}  // namespace

Result<Privileges> Privileges::shed(const Config& config) {
  Privileges privileges;
  if (broker_with(config, SourceKind::capture) == nullptr) return privileges;
  privileges.captures_ = true;
  const bool reads_logs = broker_with(config, SourceKind::log) != nullptr;
  privileges.reads_all_logs_ = reads_logs || !holds(Capability::dac_read_search);
  const auto kept =
      reads_logs ? keep_only({Capability::net_raw, Capability::net_bind_service, Capability::dac_read_search})
                 : keep_only({Capability::net_raw});
  if (!kept) return tl::make_unexpected(kept.error());
  return privileges;
}

Result<void> Privileges::suffice_for(const Config& config) const {
  if (const auto* broker = broker_with(config, SourceKind::capture); broker != nullptr && !captures_)
    return fail(Errc::invalid_config,
                broker->place + "the broker \"" + broker->name +
                    "\" has a capture, before which the exporter gives up its privileges, and that it can do "
                    "at its start only: restart it");
  if (const auto* broker = broker_with(config, SourceKind::log); broker != nullptr && !reads_all_logs_)
    return fail(Errc::invalid_config,
                broker->place + "the broker \"" + broker->name +
                    "\" has a log; when the exporter started there was a capture and no log, and it gave up "
                    "CAP_DAC_READ_SEARCH: restart it");
  return {};
}

}  // namespace mre
