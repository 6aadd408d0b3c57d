// SPDX-License-Identifier: Apache-2.0
// Any text is a configuration or an error with the name of the file, never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporter/config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto config = mre::load_config({reinterpret_cast<const char*>(data), size}, "f.yaml");
  if (!config && !config.error().what.starts_with("f.yaml:")) std::abort();
  return 0;
}
