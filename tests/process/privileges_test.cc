// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/privileges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "exporter/process/capabilities.h"
#include "exporter/process/sanitized.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using testing::HasSubstr;

constexpr gid_t kReaders = 54'321;  // an arbitrary group
constexpr uid_t kBroker = 54'322;

bool is_root() {
  return ::geteuid() == 0 && holds(Capability::set_uid) && holds(Capability::dac_read_search);
}

/// A value of /proc/self/status, without blanks: "Uid" gives "65534 65534 65534 65534".
std::string status(const std::string& name) {
  std::ifstream lines("/proc/self/status");
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name + ":")) continue;
    std::istringstream words(line.substr(name.size() + 1));
    std::string text;
    for (std::string word; words >> word;) text += (text.empty() ? "" : " ") + word;
    return text;
  }
  return "?";
}

/// Ends this process, a child of the test, with 0 if all expectations were met.
class Verdict {
 public:
  void expect(const std::string& what, const std::string& wanted, const std::string& got) {
    if (wanted == got) return;
    std::fprintf(stderr, "%s: wanted \"%s\", got \"%s\"\n", what.c_str(), wanted.c_str(), got.c_str());
    good_ = false;
  }
  [[noreturn]] void end() const { std::_Exit(good_ ? 0 : 1); }

 private:
  bool good_ = true;
};

/// A log in a directory of its own, below a public one.
class PrivilegesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_root()) GTEST_SKIP() << "needs root, to drop privileges";
    ::chmod(dir_.path().c_str(), 0755);
  }

  /// Requires that directory and that log.
  Needs log_needs(mode_t directory_mode, uid_t uid, gid_t gid, mode_t mode) const {
    const std::string directory = dir_.file("broker");
    std::filesystem::create_directory(directory);
    std::ofstream(directory + "/log") << "x\n";
    EXPECT_EQ(::chown(directory.c_str(), uid, gid), 0);
    EXPECT_EQ(::chown((directory + "/log").c_str(), uid, gid), 0);
    ::chmod(directory.c_str(), directory_mode);
    ::chmod((directory + "/log").c_str(), mode);
    return {
        .files = {{directory + "/log", "the log"}}, .directories = {{directory, "the log"}}, .capture = ""};
  }

  const test::TempDir dir_;
};

TEST_F(PrivilegesTest, RootBecomesNobodyWithTheRequiredPrivileges) {
  struct Row {
    const char* why;
    mode_t directory_mode;
    mode_t mode;
    gid_t gid;
    const char* capture;
    const char* groups;
    const char* capabilities;
  };
  const Row rows[] = {
      {"readable for all", 0755, 0644, kReaders, "", "", "0000000000000000"},
      {"readable for a group", 0755, 0640, kReaders, "", "54321", "0000000000000000"},
      {"its directory is accessible for a group", 0750, 0644, kReaders, "", "54321", "0000000000000000"},
      {"readable for its owner only, as Mosquitto's log in Debian", 0755, 0600, kReaders, "", "",
       "0000000000000004"},
      {"its directory is accessible for its owner only", 0700, 0644, kReaders, "", "", "0000000000000004"},
      {"readable for root's group, which nobody does not join", 0755, 0640, 0, "", "", "0000000000000004"},
      {"a capture too", 0755, 0640, kReaders, "the capture", "54321", "0000000000002000"},
      {"a capture, and a log readable for its owner only", 0755, 0600, kReaders, "the capture", "",
       "0000000000002004"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    Needs needs = log_needs(row.directory_mode, kBroker, row.gid, row.mode);
    needs.capture = row.capture;
    const auto user = Privileges::choose_user("", needs);
    ASSERT_TRUE(user && *user);
    EXPECT_EXIT(
        {
          const auto reduced = Privileges::reduce(*user, needs);
          Verdict verdict;
          verdict.expect("reduced", "", reduced ? "" : reduced.error().what);
          verdict.expect("Uid", "65534 65534 65534 65534", status("Uid"));
          verdict.expect("Gid", "65534 65534 65534 65534", status("Gid"));
          verdict.expect("Groups", row.groups, status("Groups"));
          verdict.expect("CapEff", row.capabilities, status("CapEff"));
          verdict.expect("CapPrm", row.capabilities, status("CapPrm"));
          verdict.expect("CapInh", "0000000000000000", status("CapInh"));
          verdict.expect("CapBnd", "0000000000000000", status("CapBnd"));
          verdict.expect("CapAmb", "0000000000000000", status("CapAmb"));
          verdict.expect("NoNewPrivs", "1", status("NoNewPrivs"));
          verdict.expect("dumpable", kSanitized ? "1" : "0", std::to_string(::prctl(PR_GET_DUMPABLE)));
          verdict.expect("the log is read", "x", [&] {
            std::string line;
            std::getline(std::ifstream(needs.files[0].path) >> std::ws, line);
            return line;
          }());
          verdict.expect("root again", "-1", std::to_string(::setuid(0)));
          verdict.expect("another group", "-1", std::to_string(::setgid(kReaders + 1)));
          verdict.end();
        },
        testing::ExitedWithCode(0), "");
    std::filesystem::remove_all(dir_.file("broker"));
  }
}

TEST_F(PrivilegesTest, KeepsTheRightToReadForAMissingFile) {
  const Needs needs{.files = {{dir_.file("later"), "the log"}}, .directories = {}, .capture = ""};
  const auto user = Privileges::choose_user("", needs);
  EXPECT_EXIT(
      {
        const auto reduced = Privileges::reduce(*user, needs);
        Verdict verdict;
        verdict.expect("CapEff", "0000000000000004", status("CapEff"));
        verdict.end();
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(PrivilegesTest, RootOfAContainerKeepsDacOverride) {
  const Needs needs = log_needs(0755, kBroker, kReaders, 0600);
  EXPECT_EXIT(
      {
        const auto fewer = keep_only({Capability::dac_override, Capability::set_uid, Capability::set_gid});
        const auto user = Privileges::choose_user("", needs);
        const auto reduced = Privileges::reduce(*user, needs);
        Verdict verdict;
        verdict.expect("prepared", "", fewer && reduced ? "" : "failed");
        verdict.expect("Uid", "65534 65534 65534 65534", status("Uid"));
        verdict.expect("CapEff", "0000000000000002", status("CapEff"));
        verdict.end();
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(PrivilegesTest, ChangesToAConfiguredUser) {
  struct Row {
    const char* text;
    const char* uid;
    const char* gid;
  };
  const Row rows[] = {{"54322:54321", "54322 54322 54322 54322", "54321 54321 54321 54321"},
                      {"54322", "54322 54322 54322 54322", "54322 54322 54322 54322"},
                      {"daemon", "1 1 1 1", "1 1 1 1"},
                      {"daemon:54321", "1 1 1 1", "54321 54321 54321 54321"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    const auto user = Privileges::choose_user(row.text, {});
    ASSERT_TRUE(user && *user);
    EXPECT_EXIT(
        {
          const auto reduced = Privileges::reduce(*user, {});
          Verdict verdict;
          verdict.expect("Uid", row.uid, status("Uid"));
          verdict.expect("Gid", row.gid, status("Gid"));
          verdict.end();
        },
        testing::ExitedWithCode(0), "");
  }
}

TEST_F(PrivilegesTest, RootCanStayRootWithoutCapabilities) {
  const auto user = Privileges::choose_user("root", {});
  ASSERT_TRUE(user);
  ASSERT_FALSE(*user);
  EXPECT_EXIT(
      {
        const auto reduced = Privileges::reduce(*user, {});
        Verdict verdict;
        verdict.expect("Uid", "0 0 0 0", status("Uid"));
        verdict.expect("CapPrm", "0000000000000000", status("CapPrm"));
        verdict.expect("summary", "running as uid 0, capabilities: none", reduced ? reduced->summary() : "?");
        verdict.end();
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(PrivilegesTest, RejectsAReloadThatNeedsDroppedPrivileges) {
  const Needs readable = log_needs(0755, kBroker, kReaders, 0644);
  const Needs secret{
      .files = {{dir_.write("secret", "x"), "f.yaml:1:1: the log"}}, .directories = {}, .capture = ""};
  Needs capture = readable;
  capture.capture = "f.yaml:1:1: the capture";
  const auto user = Privileges::choose_user("", readable);
  EXPECT_EXIT(
      {
        const auto kept = Privileges::reduce(*user, readable);
        const auto more = kept->suffice_for(secret);
        const auto late = kept->suffice_for(capture);
        Verdict verdict;
        verdict.expect("the same", "", kept->suffice_for(readable) ? "" : "refused");
        if (more || late) verdict.expect("more", "refused", "accepted");
        std::fprintf(stderr, "%s\n%s\n", more.error().what.c_str(), late.error().what.c_str());
        verdict.end();
      },
      testing::ExitedWithCode(0), "f.yaml:1:1: the log: .*/secret is not readable for uid 65534");
}

TEST(Privileges, OnlyRootCanChangeTheUser) {
  const auto unknown = Privileges::choose_user("no-such-user", {});
  if (is_root()) {
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().what, HasSubstr("--user: no such user: \"no-such-user\""));
    const auto group = Privileges::choose_user("nobody:no-such-group", {});
    ASSERT_FALSE(group);
    EXPECT_THAT(group.error().what, HasSubstr("--user: no such group: \"no-such-group\""));
  }
  EXPECT_EXIT(
      {
        Verdict verdict;
        if (::geteuid() == 0 && ::setuid(kBroker) != 0) verdict.expect("setuid", "0", "-1");
        const auto stays = Privileges::choose_user("", {});
        verdict.expect("stays", "", stays && !*stays ? "" : "changes");
        const auto other = Privileges::choose_user("daemon", {});
        if (other) verdict.expect("daemon", "refused", "accepted");
        std::fprintf(stderr, "%s\n", other ? "" : other.error().what.c_str());
        verdict.end();
      },
      testing::ExitedWithCode(0), "requires CAP_SETUID");
}

TEST(Privileges, AReadingCommandKeepsOnlyTheRightToRead) {
  EXPECT_EXIT(
      {
        const bool reads_all = holds(Capability::dac_read_search);
        const auto reduced = Privileges::reduce_to_reading();
        Verdict verdict;
        verdict.expect("reduced", "", reduced ? "" : reduced.error().what);
        verdict.expect("CapPrm", reads_all ? "0000000000000004" : "0000000000000000", status("CapPrm"));
        verdict.expect("NoNewPrivs", "1", status("NoNewPrivs"));
        verdict.end();
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace mre
