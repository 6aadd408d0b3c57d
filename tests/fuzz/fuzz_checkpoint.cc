// SPDX-License-Identifier: Apache-2.0
// Any bytes as a checkpoint: as the file on disk, as saved counters, and as the place of a log or a broker.
// What cannot be taken over is refused, and nothing else happens.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "exporter/checkpoint/checkpoint_file.h"
#include "exporter/metrics/reason_counters.h"
#include "exporter/tail/make_log_source.h"

namespace {

/// A directory for the life of the process.
const std::string& directory_path() {
  static const struct Created {
    Created() {
      if (::mkdtemp(path.data()) == nullptr) std::abort();
    }
    ~Created() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::string path = (std::filesystem::temp_directory_path() / "fuzz-XXXXXX").string();
  } made;
  return made.path;
}

void as_file(std::string_view bytes) {
  static const auto directory = mre::StateDirectory::open(directory_path()).value();
  std::ofstream(directory_path() + "/b@s.0", std::ios::binary | std::ios::trunc) << bytes;
  ::truncate((directory_path() + "/b@s.1").c_str(), 0);
  mre::CheckpointFile file(directory, "b@s");
  const auto loaded = file.load();
  if (loaded.bytes && loaded.bytes->size() >= bytes.size()) std::abort();
}

void as_counters(std::string_view bytes) {
  mre::ReasonCounters counters({}, 16);
  mre::ByteReader in(bytes);
  if (!counters.restore(in)) return;
  mre::ByteWriter out;
  counters.save(out);
  mre::ByteReader again(out.bytes());
  if (!mre::ReasonCounters({}, 16).restore(again)) std::abort();
}

void as_position(std::string_view bytes) {
  mre::LogOptions options;
  options.path = directory_path() + "/log";
  const auto source = mre::make_log_source(options, bytes);
  if (!source->next({})) std::abort();
  mre::ByteWriter out;
  if (!source->save(out)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  as_file(bytes);
  as_counters(bytes);
  as_position(bytes);
  return 0;
}
