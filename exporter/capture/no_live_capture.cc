// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_source.h"

/// In the place of live_capture.cc where the exporter is built without libpcap (MRE_WITH_CAPTURE=OFF).
namespace mre {

Result<std::unique_ptr<Source>> make_live_capture_source(const CaptureOptions&) {
  return fail(
      Errc::invalid_config,
      "this exporter was built without libpcap (MRE_WITH_CAPTURE=OFF) and cannot capture; replay reads "
      "capture files all the same");
}

}  // namespace mre
