// SPDX-License-Identifier: Apache-2.0
// The list was made with strace(1) while all sources, reloads, TLS, DNS
// and log rotation were in use, and from what the libraries may call besides. Names that a processor does not
// have are skipped.
#include "exporter/process/system_calls.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <system_error>

namespace mre {
namespace {

// clang-format off
constexpr const char* kAlways[] = {
    // memory
    "brk", "madvise", "membarrier", "mremap", "munmap",
    // threads
    "exit", "exit_group", "futex", "futex_time64", "futex_wait", "futex_waitv", "futex_wake", "get_robust_list", "getcpu",
    "getpid", "gettid", "restart_syscall", "rseq", "sched_getaffinity", "sched_getparam", "sched_getscheduler",
    "sched_get_priority_max", "sched_get_priority_min", "sched_yield", "set_robust_list",
    // signals to the own process
    "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "rt_sigtimedwait_time64", "sigaction", "sigaltstack", "sigprocmask", "sigreturn",
    // time
    "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64",
    "gettimeofday", "nanosleep", "time", "timerfd_create", "timerfd_gettime", "timerfd_gettime64", "timerfd_settime",
    "timerfd_settime64", "times",
    // files
    "_llseek", "access", "close", "close_range", "dup", "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fadvise64_64",
    "arm_fadvise64_64", "fcntl", "fcntl64", "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64", "getcwd", "getdents",
    "getdents64", "lseek", "lstat", "lstat64", "newfstatat", "open", "openat", "pread64", "preadv", "preadv2", "read", "readlink",
    "readlinkat", "readv", "stat", "stat64", "statfs", "statfs64", "statx", "write", "writev",
    // waiting
    "_newselect", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait", "eventfd", "eventfd2",
    "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "pipe", "pipe2", "poll", "ppoll", "ppoll_time64",
    "pselect6", "pselect6_time64", "select",
    // information about the process and the system
    "getegid", "getegid32", "geteuid", "geteuid32", "getgid", "getgid32", "getgroups", "getgroups32", "getppid", "getrandom",
    "getresgid", "getresuid", "getrlimit", "getrusage", "getuid", "getuid32", "sysinfo", "ugetrlimit", "uname",
};
constexpr const char* kWriting[] = {
    "fallocate", "fdatasync", "flock", "fsync", "ftruncate", "ftruncate64", "link", "linkat", "pwrite64", "pwritev", "rename",
    "renameat", "renameat2", "unlink", "unlinkat",
};
constexpr const char* kNetwork[] = {
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recv", "recvfrom", "recvmmsg",
    "recvmmsg_time64", "recvmsg", "send", "sendfile", "sendfile64", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
    "socketpair",
};
// clang-format on

constexpr std::uint64_t kWriteAndExecute = PROT_EXEC | PROT_WRITE;
constexpr std::uint64_t kThread = CLONE_VM | CLONE_THREAD;
constexpr std::uint64_t kUserNamespace = CLONE_NEWUSER;
constexpr std::uint64_t kSocketIoctls = 0x8900;  // SIOC...: information about interfaces and sockets

class Filter {
 public:
  explicit Filter(std::uint32_t otherwise) : context_(::seccomp_init(otherwise), &::seccomp_release) {
    if (context_ == nullptr) error_ = ENOMEM;
    set(SCMP_FLTATR_ACT_BADARCH,
        SCMP_ACT_KILL_PROCESS);  // calls of another architecture are never a mistake
    set(SCMP_FLTATR_CTL_TSYNC, 1);
    ::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_SSB,
                       1);  // no slower memory accesses; the kernel may not support it
    ::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree instead of a list
  }

  void log_refusals() { ::seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_LOG, 1); }

  void allow(const char* name, std::initializer_list<scmp_arg_cmp> arguments = {}) {
    add(SCMP_ACT_ALLOW, name, arguments);
  }
  void refuse(const char* name) { add(SCMP_ACT_ERRNO(ENOSYS), name, {}); }

  Result<void> load() {
    if (error_ == 0) error_ = -::seccomp_load(context_.get());
    if (error_ == 0) return {};
    return fail(Errc::unavailable, "seccomp(2): " + std::generic_category().message(error_));
  }

 private:
  void set(scmp_filter_attr attribute, std::uint32_t value) {
    if (error_ == 0) error_ = -::seccomp_attr_set(context_.get(), attribute, value);
  }
  void add(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> arguments) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number < 0 || error_ != 0) return;  // unknown to this processor or libseccomp
    error_ =
        -::seccomp_rule_add_array(context_.get(), action, number, static_cast<unsigned>(arguments.size()),
                                  arguments.size() == 0 ? nullptr : arguments.begin());
  }

  const std::unique_ptr<void, decltype(&::seccomp_release)> context_;
  int error_ = 0;
};

/// Comparisons of an argument of a call, counted from 0.
scmp_arg_cmp equals(unsigned argument, std::uint64_t value) { return {argument, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp has_bits(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

void allow_memory(Filter& filter) {
  for (const char* map : {"mmap", "mmap2"}) {  // for libraries that are loaded late: readable and executable
    filter.allow(map, {has_bits(2, PROT_EXEC, 0)});
    filter.allow(map, {has_bits(2, kWriteAndExecute, PROT_EXEC)});
  }
  filter.allow("mprotect", {has_bits(2, PROT_EXEC, 0)});
}

void allow_threads(Filter& filter) {
  filter.allow("clone", {has_bits(0, kThread | kUserNamespace, kThread)});
  const auto self = static_cast<std::uint64_t>(::getpid());
  filter.allow("tgkill", {equals(0, self)});
  filter.allow("kill", {equals(0, self)});
  for (const int option : {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, 0x53564d41 /* PR_SET_VMA */})
    filter.allow("prctl", {equals(0, static_cast<std::uint64_t>(option))});
  filter.allow("prlimit64", {equals(2, 0)});  // reads only
}

void allow_ioctls(Filter& filter) {
  for (const std::uint64_t request :
       std::initializer_list<std::uint64_t>{FIONREAD, FIONBIO, FIOCLEX, TCGETS, TIOCGWINSZ})
    filter.allow("ioctl", {has_bits(1, 0xFFFFFFFF, request)});
  filter.allow("ioctl", {has_bits(1, 0xFFFFFF00, kSocketIoctls)});
}

void allow_sockets(Filter& filter, const SystemCallUse& use) {
  for (const char* name : kNetwork) filter.allow(name);
  for (const int family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK})
    filter.allow("socket", {equals(0, static_cast<std::uint64_t>(family))});
  if (use.packets) filter.allow("socket", {equals(0, AF_PACKET)});
}

}  // namespace

Result<void> restrict_system_calls(const SystemCallUse& use) {
  // The C library first tries clone3(2) for each thread, whose flags a filter cannot read, and then clone(2).
  // A separate filter refuses clone3, so that the kernel does not log it.
  Filter first(SCMP_ACT_ALLOW);
  first.refuse("clone3");
  Filter filter(SCMP_ACT_ERRNO(ENOSYS));
  filter.log_refusals();
  filter.allow("clone3");  // the other filter decides
  for (const char* name : kAlways) filter.allow(name);
  allow_memory(filter);
  allow_threads(filter);
  allow_ioctls(filter);
  if (use.writes) {
    for (const char* name : kWriting) filter.allow(name);
  }
  if (use.network || use.packets) allow_sockets(filter, use);
  if (auto loaded = first.load(); !loaded) return loaded;
  return filter.load();
}

}  // namespace mre
