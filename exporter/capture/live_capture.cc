// SPDX-License-Identifier: Apache-2.0
#include <net/if.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "exporter/base/backoff.h"
#include "exporter/base/interrupt.h"
#include "exporter/base/join.h"
#include "exporter/base/poll.h"
#include "exporter/base/text.h"
#include "exporter/capture/capture_input.h"
#include "exporter/capture/frame/local_addresses.h"
#include "exporter/capture/libpcap.h"

namespace mre {
namespace {

using Clock = std::chrono::steady_clock;

/// Larger than any frame: network cards and loopback deliver segments of up to 64 KiB.
constexpr int kMaxFrameBytes = 262'144;
/// How long the kernel collects frames before it wakes the exporter.
constexpr int kBatchMilliseconds = 100;
/// The longest wait before the deadline and the interface are checked.
constexpr std::chrono::milliseconds kWait{1'000};
constexpr std::chrono::milliseconds kFirstRetry{1'000};
constexpr std::chrono::milliseconds kMaxRetry{30'000};

constexpr std::string_view kHowToPermit =
    "the capture needs CAP_NET_RAW only: in a systemd unit AmbientCapabilities=CAP_NET_RAW; Docker: "
    "--cap-add "
    "NET_RAW (and the broker's --network); Kubernetes: securityContext: {runAsUser: 0, capabilities: {drop: "
    "[ALL], add: [NET_RAW]}}; otherwise run as root: setcap cap_net_raw=p mqtt-reason-exporter";

/// The names of this machine's interfaces: "lo, eth0"; empty if the system does not list them.
std::string interface_names() {
  std::vector<std::string> names;
  struct if_nameindex* const all = ::if_nameindex();
  for (const auto* row = all; row != nullptr && row->if_index != 0; ++row) names.emplace_back(row->if_name);
  if (all != nullptr) ::if_freenameindex(all);
  return join(names, ", ");
}

/// Why an interface cannot be opened, and what to do.
std::string explain(int status, std::string_view detail) {
  std::string why = libpcap()->statustostr(status);
  if (!detail.empty() && detail != why) why.append(": ").append(detail);
  const std::string names = status == PCAP_ERROR_NO_SUCH_DEVICE ? interface_names() : "";
  return names.empty() ? why : why + ": use one of: " + names + ", any";
}

/// "(tcp port 1883 or tcp port 8080) and (host 192.0.2.1)": the filter that the kernel applies.
std::string filter_of(const CaptureOptions& options) {
  std::vector<std::string> ports;
  for (const std::uint16_t port : options.ports) ports.push_back("tcp port " + std::to_string(port));
  std::string filter = "(" + join(ports, " or ") + ")";
  if (options.addresses.empty() || is_any(options.addresses)) return filter;
  std::vector<std::string> hosts;
  for (const std::string& address : options.addresses) hosts.push_back("host " + address);
  return filter + " and (" + join(hosts, " or ") + ")";
}

struct ClosePcap {
  void operator()(pcap_t* pcap) const { libpcap()->close(pcap); }
};
using Pcap = std::unique_ptr<pcap_t, ClosePcap>;

class LiveCapture final : public FrameInput {
 public:
  explicit LiveCapture(const CaptureOptions& options) : options_(options), backoff_(kFirstRetry, kMaxRetry) {
    open();
  }

  Result<std::optional<Frame>> next(Deadline deadline) override {
    for (;;) {
      if (!pcap_ && Clock::now() >= retry_at_) open();
      if (pcap_) {
        if (auto frame = read()) return frame;
      }
      if (!wait(deadline)) return std::nullopt;
    }
  }

  LocalAddresses* local_addresses() override { return &local_; }
  void interrupt() override { interrupt_.raise(); }
  bool interrupted() override { return interrupt_.take(); }

  void report(SourceStatus& status) override {
    count_drops();
    status.up = pcap_ != nullptr;
    status.state = state_;
    status.failures = failures_;
    status.frames_dropped_kernel = dropped_kernel_;
    status.frames_dropped_interface = dropped_interface_;
  }

 private:
  void open();
  std::string start(pcap_t* pcap);
  std::optional<Frame> read();
  FrameDirection direction_of(std::string_view bytes) const;
  bool wait(Deadline deadline);
  void fail_with(const std::string& why);
  void count_drops();

  const CaptureOptions options_;
  Pcap pcap_;  // null while the capture is not open
  std::uint32_t link_type_ = 0;
  std::optional<MacAddress> mac_;
  LocalAddresses local_;
  Interrupt interrupt_;
  Backoff backoff_;
  Clock::time_point retry_at_{};
  std::string state_;
  std::uint64_t failures_ = 0;
  std::uint64_t dropped_kernel_ = 0;
  std::uint64_t dropped_interface_ = 0;
  pcap_stat last_stats_{};  // since pcap_ was opened
};

void LiveCapture::open() {
  if (!libpcap()) return fail_with(libpcap().error().what);
  char why[PCAP_ERRBUF_SIZE] = "";
  Pcap pcap(libpcap()->create(options_.interface.c_str(), why));
  if (!pcap) return fail_with(why);
  if (std::string refused = start(pcap.get()); !refused.empty()) return fail_with(refused);
  link_type_ = static_cast<std::uint32_t>(libpcap()->datalink(pcap.get()));
  mac_ = mac_address_of(options_.interface);
  pcap_ = std::move(pcap);
  last_stats_ = {};
  backoff_.reset();
  state_ = "capturing " + printable(describe(options_), kMessageBytes);
}

/// Applies the options. Returns the reason if that fails; empty on success.
std::string LiveCapture::start(pcap_t* pcap) {
  libpcap()->set_snaplen(pcap, kMaxFrameBytes);
  libpcap()->set_promisc(pcap, 0);  // frames for the broker's host arrive without it
  libpcap()->set_timeout(pcap, kBatchMilliseconds);
  libpcap()->set_buffer_size(pcap, static_cast<int>(options_.buffer_bytes));
  const int activated = libpcap()->activate(pcap);
  if (activated == PCAP_ERROR_PERM_DENIED) return "no permission: " + std::string(kHowToPermit);
  if (activated < 0) return explain(activated, libpcap()->geterr(pcap));
  bpf_program program{};
  const std::string filter = filter_of(options_);
  // A VLAN tag shifts the offsets of the filter after the word "vlan". Cooked frames have no tags.
  const std::string with_tags = "(" + filter + ") or (vlan and " + filter + ")";
  if (libpcap()->compile(pcap, &program, with_tags.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0 &&
      libpcap()->compile(pcap, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return "the filter \"" + filter + "\": " + libpcap()->geterr(pcap);
  const bool filtered = libpcap()->setfilter(pcap, &program) == 0;
  libpcap()->freecode(&program);
  char why[PCAP_ERRBUF_SIZE] = "";
  if (!filtered) return libpcap()->geterr(pcap);
  if (libpcap()->setnonblock(pcap, 1, why) != 0) return why;
  return {};
}

/// The next frame that has already arrived.
std::optional<Frame> LiveCapture::read() {
  pcap_pkthdr* header = nullptr;
  const u_char* bytes = nullptr;
  const int got = libpcap()->next_ex(pcap_.get(), &header, &bytes);
  if (got == 1) {
    constexpr std::int64_t micros = 1'000'000;
    const std::string_view frame(reinterpret_cast<const char*>(bytes), header->caplen);
    return Frame{header->ts.tv_sec * micros + header->ts.tv_usec, link_type_, header->len, frame,
                 direction_of(frame)};
  }
  if (got < 0) {
    const std::string why = libpcap()->geterr(pcap_.get());
    count_drops();
    pcap_.reset();
    fail_with(why);
  }
  return std::nullopt;
}

/// On a single interface the kernel does not report the direction of a frame; Ethernet addresses show it.
FrameDirection LiveCapture::direction_of(std::string_view bytes) const {
  constexpr std::uint32_t kEthernet = 1;
  if (!mac_ || link_type_ != kEthernet || bytes.size() < 2 * mac_->size()) return FrameDirection::unknown;
  if (std::memcmp(bytes.data(), mac_->data(), mac_->size()) == 0) return FrameDirection::received;
  const bool is_ours = std::memcmp(bytes.data() + mac_->size(), mac_->data(), mac_->size()) == 0;
  return is_ours ? FrameDirection::sent : FrameDirection::unknown;
}

/// Waits until a frame may have arrived. Returns false if the deadline passed or an interrupt ended the wait.
bool LiveCapture::wait(Deadline deadline) {
  const auto now = Clock::now();
  auto until = std::min(deadline, now + kWait);
  if (!pcap_) until = std::min(until, retry_at_);
  pollfd fds[] = {{pcap_ ? libpcap()->get_selectable_fd(pcap_.get()) : -1, POLLIN, 0},
                  {interrupt_.fd(), POLLIN, 0}};
  poll_until(fds, until);
  return !interrupt_.take() && Clock::now() < deadline;
}

void LiveCapture::fail_with(const std::string& why) {
  ++failures_;
  retry_at_ = Clock::now() + backoff_.next();
  state_ = "cannot capture on " + printable(options_.interface) + ": " + printable(why, kMessageBytes);
}

/// The kernel's counters have 32 bits and start at 0 with this capture.
void LiveCapture::count_drops() {
  pcap_stat now{};
  if (!pcap_ || libpcap()->stats(pcap_.get(), &now) != 0) return;
  dropped_kernel_ += now.ps_drop - last_stats_.ps_drop;
  dropped_interface_ += now.ps_ifdrop - last_stats_.ps_ifdrop;
  last_stats_ = now;
}

}  // namespace

std::unique_ptr<Input> make_live_capture_input(const CaptureOptions& options) {
  return make_capture_input(options, std::make_unique<LiveCapture>(options));
}

}  // namespace mre
