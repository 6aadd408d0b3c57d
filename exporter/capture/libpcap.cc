// SPDX-License-Identifier: Apache-2.0
// libpcap is loaded by the first live capture, not with the program: it brings nine other libraries, which cost
// each start 2 ms of CPU and an exporter without captures 0.8 MiB of memory. The sandbox permits it.
#include "exporter/capture/libpcap.h"

#include <dlfcn.h>

namespace mre {
namespace {

tl::unexpected<Error> cannot_load(const std::string& why) {
  return fail(Errc::unavailable,
              "a live capture needs libpcap: " + why +
                  ": install the package libpcap0.8 (Debian 13: libpcap0.8t64) and restart the exporter");
}

Result<Libpcap> load() {
  void* const library = ::dlopen("libpcap.so.0.8", RTLD_NOW);  // its name in Debian
  if (library == nullptr) return cannot_load(::dlerror());     // NOLINT(concurrency-mt-unsafe)
  Libpcap loaded{FunctionFinder(library)};
  if (const std::string& missing = loaded.find.missing(); !missing.empty())
    return cannot_load("the installed one has no function " + missing);
  return loaded;
}

}  // namespace

FunctionFinder::Found FunctionFinder::operator()(const char* name) {
  const Found found{::dlsym(library_, name)};
  if (found.address == nullptr) missing_ = name;
  return found;
}

const Result<Libpcap>& libpcap() {
  static const Result<Libpcap> loaded = load();
  return loaded;
}

}  // namespace mre
