// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"

namespace mre {

/// Finds out which of the services in a log is the broker. Envelopes of shared logs name the service that
/// wrote a line. Lines of other programs must not be read, even if they repeat a client's text in the
/// broker's form. So the first service with three recognised lines is the broker, and only its lines are
/// read.
///
/// Until then all lines are read. If the broker's service wrote none of the last 1000 lines, it may have been
/// renamed, and the search restarts. Lines without a service, or with a container id as its name, are always
/// read.
class BrokerService {
 public:
  /// Whether to read a line of the service. Call it once for each line.
  bool reads(std::string_view service);
  /// Reports the result of a line that was read. Returns true if this line identified the broker.
  bool note(std::string_view service, bool recognised);

  /// Empty until it is known.
  const std::string& name() const { return broker_; }

  void clear() { *this = {}; }
  void save(ByteWriter& out) const;
  void restore(ByteReader& in);  ///< If the bytes are invalid, `in` fails and the caller must call `clear`.

 private:
  struct Candidate {
    std::string name;
    unsigned recognised = 0;
  };

  std::string broker_;
  unsigned others_ = 0;                       // lines of other services since the broker's last line
  std::array<Candidate, 8> candidates_ = {};  // the first services; further ones are not considered
};

}  // namespace mre
