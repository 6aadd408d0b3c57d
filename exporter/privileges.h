#pragma once

#include "exporter/config/config.h"

namespace mre {

/// What the exporter may do. Who reads the packets of strangers shall not be able to do more than that: with
/// a capture in its configuration it gives up all else at its start, for ever.
class Privileges {
 public:
  /// Call it while there is one thread only. Without a capture everything stays as it is. Errors: io.
  static Result<Privileges> shed(const Config& config);

  /// Whether a configuration that is to be taken while the exporter runs asks for no more than was kept, and
  /// for nothing before which there was more to be given up. Errors: invalid_config, with what to do.
  Result<void> suffice_for(const Config& config) const;

 private:
  bool captures_ = false;
  bool reads_all_logs_ = true;  ///< It can read what it could at its start.
};

}  // namespace mre
