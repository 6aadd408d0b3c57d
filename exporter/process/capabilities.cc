// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "exporter/process/failed_call.h"

namespace mre {
namespace {

struct Row {
  std::string_view name;
  unsigned number;
};

constexpr std::array<Row, 5> kRows = {{{"CAP_NET_RAW", CAP_NET_RAW},
                                       {"CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH},
                                       {"CAP_DAC_OVERRIDE", CAP_DAC_OVERRIDE},
                                       {"CAP_SETUID", CAP_SETUID},
                                       {"CAP_SETGID", CAP_SETGID}}};

constexpr const Row& row_of(Capability capability) { return kRows.at(static_cast<std::size_t>(capability)); }
constexpr std::uint64_t bit_of(Capability capability) {
  return std::uint64_t{1} << row_of(capability).number;
}

/// The capability sets of the calling thread, in two words: capabilities 0 to 31, then the rest.
struct Sets {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};

  bool read() { return ::syscall(SYS_capget, &header, words.data()) == 0; }
  bool write() { return ::syscall(SYS_capset, &header, words.data()) == 0; }
};

}  // namespace

std::string to_string(Capability capability) { return std::string(row_of(capability).name); }

bool holds(Capability capability) {
  Sets sets;
  if (!sets.read()) return false;
  const std::uint64_t permitted = sets.words[0].permitted | std::uint64_t{sets.words[1].permitted} << 32U;
  return (permitted & bit_of(capability)) != 0;
}

std::optional<Capability> reading_capability() {
  for (const Capability capability : {Capability::dac_read_search, Capability::dac_override}) {
    if (holds(capability)) return capability;
  }
  return std::nullopt;
}

void empty_bounding_set() {
  // Ends at the first number that the kernel does not know.
  for (unsigned long number = 0; ::prctl(PR_CAPBSET_READ, number, 0, 0, 0) >= 0; ++number)
    ::prctl(PR_CAPBSET_DROP, number, 0, 0, 0);
}

Result<void> suspend_capabilities() {
  Sets sets;
  if (!sets.read()) return failed_call("capget(2)");
  for (auto& word : sets.words) word.effective = 0;
  if (!sets.write()) return failed_call("capset(2)");
  return {};
}

Result<void> keep_only(const std::vector<Capability>& keep) {
  std::uint64_t wanted = 0;
  for (const Capability capability : keep) wanted |= bit_of(capability);
  Sets sets;
  if (!sets.read()) return failed_call("capget(2)");
  bool needed = false;
  bool optional = false;
  for (unsigned i = 0; i < sets.words.size(); ++i) {
    auto& word = sets.words[i];
    const __user_cap_data_struct before = word;
    word.permitted &= static_cast<std::uint32_t>(wanted >> (32 * i));
    word.effective = word.permitted;
    word.inheritable = 0;
    needed = needed || word.permitted != before.permitted || word.effective != before.effective;
    optional = optional || before.inheritable != 0;
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed_call("prctl(2) PR_SET_NO_NEW_PRIVS");
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // A service manager may forbid the call if there is nothing left to drop. The inheritable set alone has no
  // effect after the two calls above.
  if ((needed || optional) && !sets.write() && needed) return failed_call("capset(2)");
  return {};
}

}  // namespace mre
