// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/required_access.h"

#include "exporter/tail/path_pattern.h"

namespace mre {
namespace {

class Collector {
 public:
  Needs take() { return std::move(needs_); }

  void add_file(const std::string& path, const std::string& what) {
    if (!path.empty()) needs_.files.push_back({path, what});
  }
  void add_written_file(const std::string& path, const std::string& what) {
    needs_.written.push_back({path, what});
  }
  void add(const BrokerConfig& broker, const SourceConfig& source) {
    of_ = broker.name.empty() ? " of the broker" : " of the broker \"" + broker.name + "\"";
    place_ = broker.place;
    std::visit([this](const auto& options) { add(options); }, source.options);
  }

 private:
  void add(const LogOptions& options) {
    if (options.path == "-") return;
    const PathPattern pattern(options.path);
    const std::string what = place_ + "the log" + of_;
    needs_.directories.push_back({pattern.directory(), what});
    for (const std::string& name : pattern.paths()) {
      needs_.files.push_back({name, what});
      const std::string real = directory_of(real_path(name));
      if (real == real_path(directory_of(name))) continue;
      // A symbolic link. Rotated files are beside its target. The targets of names that match a pattern later are
      // not known.
      needs_.directories.push_back({pattern.is_glob() ? "/" : real, what});
    }
  }
  void add(const MqttOptions& options) {
    add_file(options.password_file, place_ + "\"password_file\"" + of_);
    add_file(options.ca_file, place_ + "\"ca_file\"" + of_);
    add_file(options.cert_file, place_ + "\"cert_file\"" + of_);
    add_file(options.key_file, place_ + "\"key_file\"" + of_);
  }
  void add(const CaptureOptions&) {
    if (needs_.capture.empty()) needs_.capture = place_ + "the capture" + of_;
  }

  Needs needs_;
  std::string of_;
  std::string place_;
};

}  // namespace

Needs required_access(const Config& config, const std::string& config_file) {
  Collector collector;
  if (!config.events.file.empty() && config.events.file != "-")
    collector.add_written_file(config.events.file, "the file of event lines");
  collector.add_file(config_file, "the configuration file");
  for (const std::string& file : config.profile_files) collector.add_file(file, "a profile");
  for (const BrokerConfig& broker : config.brokers) {
    for (const SourceConfig& source : broker.sources) collector.add(broker, source);
  }
  return collector.take();
}

}  // namespace mre
