// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/profile/match/pattern.h"

namespace mre {

/// A member of an object, and the field that it is read into.
struct Member {
  Field field{};
  std::string name;
  std::string item = {};  ///< "qos" of subs/qos: the codes are this member of each object in the list `name`.
  std::uint32_t number = 0;  ///< That of `name` in the MemberNames of the profile.
};

/// The names of all members that the rules of a profile read, numbered from 0 on.
class MemberNames {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// The number of the name, which is added if it is new.
  std::uint32_t add(std::string_view name);

  /// kNone if no rule reads such a member, as most members of a record: about 10 instructions then.
  std::uint32_t find(std::string_view name) const {
    std::uint32_t number = first_.data()[hash(name)];
    while (number != kNone && names_.data()[number].text != name) number = names_.data()[number].next;
    return number;
  }

  std::size_t size() const { return names_.size(); }

 private:
  struct Name {
    std::string text;
    std::uint32_t next;  // one with the same hash, or kNone
  };

  static std::uint8_t hash(std::string_view name) {
    if (name.empty()) return 0;
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    return static_cast<std::uint8_t>(name.size() * 16 + first + last * 3U);
  }

  std::vector<Name> names_;
  std::array<std::uint32_t, 256> first_ = [] {
    std::array<std::uint32_t, 256> none{};
    none.fill(kNone);
    return none;
  }();
};

}  // namespace mre
