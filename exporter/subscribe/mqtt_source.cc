// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/mqtt_source.h"

#include <utility>

#include "exporter/subscribe/mqtt_worker.h"

namespace mre {
namespace {

/// The feed's end of the queue that the worker fills.
class MqttSource final : public MqttSubscriber {
 public:
  MqttSource(const MqttOptions& options, MqttUrl url, MqttSession session)
      : options_(options),
        queue_(options.queue_records, options.queue_bytes),
        handed_out_(session.taken.count()),
        worker_(options, std::move(url), std::move(session), queue_) {}

  Result<std::optional<Record>> next(Deadline deadline) override;
  void interrupt() override { queue_.interrupt(); }
  bool save(ByteWriter& out) override {
    worker_.save_session(handed_out_).save(options_, out);
    return true;
  }
  void finish() override { worker_.stop(); }
  void narrow(std::vector<std::string> topics) override { worker_.narrow(std::move(topics)); }
  const SourceStatus& status() override;

 private:
  const MqttOptions options_;
  MqttQueue queue_;
  std::optional<MqttMessage> current_;  ///< Behind the views of the record handed out.
  std::uint64_t handed_out_;            ///< The number of the last record.
  std::uint64_t record_bytes_ = 0;
  std::uint64_t retained_skipped_ = 0;
  SourceStatus status_;
  MqttWorker worker_;  ///< Last: starts when all else is there.
};

Result<std::optional<Record>> MqttSource::next(Deadline deadline) {
  current_ = queue_.pop(deadline);
  if (!current_) return std::nullopt;
  handed_out_ = current_->number;
  record_bytes_ += current_->payload.size();
  if (current_->retained) ++retained_skipped_;
  return Record{.payload = current_->payload, .topic = current_->topic, .retained = current_->retained};
}

const SourceStatus& MqttSource::status() {
  status_ = worker_.status();
  status_.record_bytes = record_bytes_;
  status_.retained_skipped = retained_skipped_;
  return status_;
}

}  // namespace

Result<std::unique_ptr<MqttSubscriber>> make_mqtt_source(const MqttOptions& options, std::string_view place) {
  if (const auto valid = validate(options); !valid) return tl::make_unexpected(valid.error());
  return std::make_unique<MqttSource>(options, *parse_mqtt_url(options.url),
                                      MqttSession::resume(options, place));
}

}  // namespace mre
