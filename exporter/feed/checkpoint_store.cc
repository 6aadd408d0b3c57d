// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/checkpoint_store.h"

#include <optional>
#include <utility>

#include "exporter/base/bytes.h"
#include "exporter/base/unix_time.h"

namespace mre {
namespace {

std::string encoded(const Checkpoint& checkpoint) {
  ByteWriter out;
  for (const auto part :
       {&Checkpoint::profile, &Checkpoint::position, &Checkpoint::decoder, &Checkpoint::counts})
    out.text(checkpoint.*part);
  return std::move(out).take();
}

std::optional<Checkpoint> decoded(std::string_view bytes) {
  ByteReader in(bytes);
  Checkpoint checkpoint;
  for (const auto part :
       {&Checkpoint::profile, &Checkpoint::position, &Checkpoint::decoder, &Checkpoint::counts})
    checkpoint.*part = in.text();
  if (!in.finished() || checkpoint.profile.empty()) return std::nullopt;
  return checkpoint;
}

}  // namespace

CheckpointStore::CheckpointStore(CheckpointFile file, std::function<void()> wake)
    : wake_(std::move(wake)), file_(std::move(file)) {
  const LoadedCheckpoint loaded = file_.load();
  for (std::size_t i = 0; i < kCheckpointRejects; ++i) status_.rejected[i] = loaded.rejected[i];
  if (!loaded.bytes) return;
  if (auto checkpoint = decoded(*loaded.bytes)) {
    found_ = std::move(*checkpoint);
    may_be_old_ = loaded.may_be_old || !write(*loaded.bytes);
  } else {
    ++status_.rejected[static_cast<std::size_t>(CheckpointReject::damaged)];
  }
}

Result<void> CheckpointStore::save(const Checkpoint& checkpoint) {
  auto written = write(encoded(checkpoint));
  if (!written) file_.mark_old();
  return written;
}

Result<void> CheckpointStore::write(const std::string& bytes) {
  bytes_ = bytes.size();
  auto saved = file_.save(bytes);
  status_.durable = saved.has_value();
  if (saved) {
    ++status_.writes;
    status_.last_write_timestamp_seconds = unix_seconds();
  } else {
    ++status_.failures;
  }
  return saved;
}

}  // namespace mre
