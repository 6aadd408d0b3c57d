// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/mqtt_source.h"

#include <chrono>
#include <utility>

#include "exporter/subscribe/connection_loop.h"

namespace mre {
namespace {

/// How long a message may wait for others. With one wake-up for each message, waking costs more than counting.
constexpr std::chrono::milliseconds kGatherTime{10};

/// The reading end of the queue that the connection loop fills.
class MqttSource final : public Source {
 public:
  MqttSource(const MqttOptions& options, BrokerUrl url, BrokerSession session)
      : options_(options),
        queue_(options.queue_records, options.queue_bytes, kGatherTime),
        handed_out_(session.filter.count()),
        loop_(options, std::move(url), std::move(session), queue_) {}

  Result<std::optional<Record>> next(Deadline deadline) override;
  void interrupt() override { queue_.interrupt(); }
  bool save(ByteWriter& out) override {
    loop_.save_session(handed_out_).save(options_, out);
    return true;
  }
  void finish() override { loop_.stop(); }
  void narrow(std::vector<std::string> topics) override { loop_.narrow(std::move(topics)); }
  const SourceStatus& status() override { return status_ = loop_.status(); }

 private:
  const MqttOptions options_;
  MessageQueue queue_;
  std::optional<QueuedMessage> current_;  ///< Owns the text of the last record.
  std::uint64_t handed_out_;              ///< QueuedMessage::number of the last record.
  SourceStatus status_;
  ConnectionLoop loop_;  ///< Last, because it uses all other members.
};

Result<std::optional<Record>> MqttSource::next(Deadline deadline) {
  current_ = queue_.pop(deadline);
  if (!current_) return std::nullopt;
  handed_out_ = current_->number;
  const std::string_view text = current_->text;
  return Record{.payload = text.substr(current_->topic_bytes),
                .topic = text.substr(0, current_->topic_bytes),
                .retained = current_->retained};
}

}  // namespace

Result<std::unique_ptr<Source>> make_mqtt_source(const MqttOptions& options, std::string_view saved) {
  if (const auto valid = validate(options); !valid) return tl::make_unexpected(valid.error());
  return std::make_unique<MqttSource>(options, *parse_broker_url(options.url),
                                      BrokerSession::resume(options, saved));
}

}  // namespace mre
