// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pcap/pcap.h>

#include <string>

#include "exporter/base/error.h"

namespace mre {

/// Finds the functions of a loaded library by their names.
class FunctionFinder {
 public:
  /// Becomes a pointer of the type that is wanted; null if the library has no such function.
  struct Found {
    void* address;
    template <class Function>
    operator Function*() const {  // NOLINT(google-explicit-constructor)
      return reinterpret_cast<Function*>(address);
    }
  };

  explicit FunctionFinder(void* library) : library_(library) {}
  Found operator()(const char* name);

  /// The name of a function that was not found; empty: all were.
  const std::string& missing() const { return missing_; }

 private:
  void* library_;
  std::string missing_;
};

/// The functions of libpcap that a live capture calls. pcap(3) has their contracts.
struct Libpcap {
  FunctionFinder find;
  decltype(&::pcap_activate) activate = find("pcap_activate");
  decltype(&::pcap_close) close = find("pcap_close");
  decltype(&::pcap_compile) compile = find("pcap_compile");
  decltype(&::pcap_create) create = find("pcap_create");
  decltype(&::pcap_datalink) datalink = find("pcap_datalink");
  decltype(&::pcap_freecode) freecode = find("pcap_freecode");
  decltype(&::pcap_get_selectable_fd) get_selectable_fd = find("pcap_get_selectable_fd");
  decltype(&::pcap_geterr) geterr = find("pcap_geterr");
  decltype(&::pcap_next_ex) next_ex = find("pcap_next_ex");
  decltype(&::pcap_set_buffer_size) set_buffer_size = find("pcap_set_buffer_size");
  decltype(&::pcap_set_promisc) set_promisc = find("pcap_set_promisc");
  decltype(&::pcap_set_snaplen) set_snaplen = find("pcap_set_snaplen");
  decltype(&::pcap_set_timeout) set_timeout = find("pcap_set_timeout");
  decltype(&::pcap_setfilter) setfilter = find("pcap_setfilter");
  decltype(&::pcap_setnonblock) setnonblock = find("pcap_setnonblock");
  decltype(&::pcap_stats) stats = find("pcap_stats");
  decltype(&::pcap_statustostr) statustostr = find("pcap_statustostr");
};

/// The library, which the first call loads, and which then stays loaded. Each thread may call it. Errors: unavailable,
/// with what to install, if it is missing or lacks a function. Only a restart of the exporter tries again.
const Result<Libpcap>& libpcap();

}  // namespace mre
