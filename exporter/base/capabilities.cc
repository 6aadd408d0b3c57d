#include "exporter/base/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace mre {
namespace {

std::uint64_t bit_of(Capability capability) {
  switch (capability) {
    case Capability::net_raw:
      return std::uint64_t{1} << CAP_NET_RAW;
    case Capability::net_bind_service:
      return std::uint64_t{1} << CAP_NET_BIND_SERVICE;
    case Capability::dac_read_search:
      return std::uint64_t{1} << CAP_DAC_READ_SEARCH;
  }
  return 0;
}

tl::unexpected<Error> failed(const std::string& what) {
  return fail(Errc::io, what + ": " + std::generic_category().message(errno));
}

}  // namespace

bool holds(Capability capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, sets) != 0) return false;
  const std::uint64_t permitted = sets[0].permitted | std::uint64_t{sets[1].permitted} << 32U;
  return (permitted & bit_of(capability)) != 0;
}

Result<void> keep_only(std::initializer_list<Capability> keep) {
  std::uint64_t wanted = 0;
  for (const Capability capability : keep) wanted |= bit_of(capability);

  // Two words of 32 bits each: capabilities 0 to 31, then the rest.
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  if (::syscall(SYS_capget, &header, sets) != 0) return failed("capget(2)");
  for (unsigned i = 0; i < std::size(sets); ++i) {
    sets[i].permitted &= static_cast<std::uint32_t>(wanted >> (32 * i));
    sets[i].effective = sets[i].permitted;
    sets[i].inheritable = 0;
  }
  if (::syscall(SYS_capset, &header, sets) != 0) return failed("capset(2)");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("prctl(2) PR_SET_NO_NEW_PRIVS");
  return {};
}

}  // namespace mre
