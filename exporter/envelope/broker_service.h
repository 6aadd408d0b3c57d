// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"

namespace mre {

/// Which of the services that wrote a log is the broker. Envelopes of many programs name the one that wrote a
/// line. Nothing that another program writes is the broker's, even if it repeats a client's text in the
/// broker's form: the first service of which three lines were recognised is the broker, and only its lines
/// are read.
///
/// Until then all lines are read. If the broker's service wrote none of the last 1000 lines, it may have
/// another name now, and the search begins again. Lines without a service, or with the id of a container as
/// its name, are always read.
class BrokerService {
 public:
  /// Whether a line of the service is to be read. To be called once a line.
  bool reads(std::string_view service);
  /// What became of a line that was read. True if it shows which service is the broker.
  bool note(std::string_view service, bool recognised);

  /// Empty until it is known.
  const std::string& name() const { return broker_; }

  void clear() { *this = {}; }
  void save(ByteWriter& out) const;
  void restore(
      ByteReader& in);  ///< If the bytes are not what `save` writes, `in` fails; this is to be cleared.

 private:
  struct Candidate {
    std::string name;
    unsigned recognised = 0;
  };

  std::string broker_;
  unsigned others_ = 0;                       // lines of other services since the broker's last
  std::array<Candidate, 8> candidates_ = {};  // those first come; further services are none
};

}  // namespace mre
