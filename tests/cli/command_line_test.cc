// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/command_line.h"

#include <gtest/gtest.h>

#include <set>

namespace mre {
namespace {

using Words = std::vector<std::string_view>;

TEST(CommandLine, RefusesWithAdvice) {
  const struct {
    const char* why;
    Words words;
    std::string error;
  } cases[] = {
      {"a typo in a flag", {"--log.pth", "x"}, "unknown flag \"--log.pth\": did you mean --log.path?"},
      {"a flag near nothing", {"--zzzzzzzzzzzz"}, "unknown flag \"--zzzzzzzzzzzz\": see --help"},
      {"a short flag", {"-x"}, "unknown flag \"-x\": see --help"},
      {"a typo in a command", {"replya", "f"}, "unknown command \"replya\": did you mean \"replay\"?"},
      {"a value is missing", {"--log.path"}, "--log.path needs a value: --log.path=PATH"},
      {"an empty value", {"--log.path="}, "--log.path has an empty value: write one or remove it"},
      {"a single flag twice",
       {"--log.level=info", "--log.level=warn"},
       "--log.level is given twice: remove one"},
      {"a value for a switch", {"replay", "--explain=1", "f"}, "--explain takes no value: write it alone"},
      {"a flag of another command",
       {"lookup", "--explain", "0x87"},
       "--explain does not go with the command lookup: see lookup --help"},
      {"two ways to name a broker",
       {"--config.file=f", "--broker.profile=mosquitto"},
       "--broker.profile and --config.file exclude each other: write it in the file"},
      {"a flag without the one it is about",
       {"--mqtt.username=u"},
       "--mqtt.username needs --mqtt.url: add it"},
      {"the same for a log", {"--log.from=end"}, "--log.from needs --log.path: add it"},
      {"an argument too few",
       {"check", "config"},
       "the command check needs config|web-config|profile FILE: see check --help"},
      {"an argument too many",
       {"serve", "x\n"},
       "unexpected argument \"x\\x0A\" of the command serve: see serve --help"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto invocation = parse_command_line(c.words);
    ASSERT_FALSE(invocation);
    EXPECT_EQ(invocation.error().what, c.error);
  }
}

TEST(CommandLine, RefusesBadValues) {
  const struct {
    Words words;
    std::string error;
  } cases[] = {
      {{"--log.level=loud"}, "--log.level: unknown value \"loud\": use one of: debug, info, warn, error"},
      {{"--log.path=f", "--log.from=begining"},
       "--log.from: unknown value \"begining\": did you mean \"beginning\"?"},
      {{"--mqtt.url=u", "--mqtt.protocol=3.1"},
       "--mqtt.protocol: unknown value \"3.1\": use one of: 5.0, 3.1.1"},
      {{"--config.file=/nonexistent"},
       "/nonexistent: cannot read the configuration file: correct the path or its permissions"},
  };
  for (const auto& c : cases) {
    const auto invocation = parse_command_line(c.words);
    ASSERT_TRUE(invocation) << invocation.error().what;
    const auto settings = read_settings(*invocation);
    ASSERT_FALSE(settings) << c.error;
    EXPECT_EQ(settings.error().what, c.error);
  }
}

TEST(CommandLine, ReadsFlagsInBothSpellingsAnywhere) {
  const auto invocation =
      parse_command_line(Words{"--log.path", "/l", "serve", "--web.listen-address=:1", "--web.listen-address",
                               ":2", "--broker.profile=mosquitto"});
  ASSERT_TRUE(invocation) << invocation.error().what;
  EXPECT_EQ(invocation->command, Command::serve);
  const auto settings = read_settings(*invocation);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->log.path, "/l");
  EXPECT_EQ(settings->web.listen_addresses, (std::vector<std::string>{":1", ":2"})) << "replace the default";
  EXPECT_EQ(settings->profile, "mosquitto");
}

TEST(CommandLine, AReplayHasAnEnvelopeWithoutALogPath) {
  const auto invocation = parse_command_line(Words{"replay", "--log.envelope=journald_json", "f"});
  ASSERT_TRUE(invocation) << invocation.error().what;
  const auto settings = read_settings(*invocation);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->log.envelope, Envelope::journald_json);
  EXPECT_FALSE(parse_command_line(Words{"serve", "--log.envelope=docker"})) << "serve needs --log.path";
}

TEST(CommandLine, KeepsArgumentsThatLookLikeFlags) {
  const auto invocation = parse_command_line(Words{"replay", "-", "--", "--explain"});
  ASSERT_TRUE(invocation) << invocation.error().what;
  EXPECT_EQ(invocation->arguments, (std::vector<std::string>{"-", "--explain"}));
}

TEST(CommandLine, HelpNamesEveryFlagOfTheCommandAndAnExample) {
  for (const CommandRow& command : command_rows()) {
    const auto invocation = parse_command_line(Words{command.name, "--help"});
    ASSERT_TRUE(invocation);
    const std::string help = help_text(*invocation);
    for (const FlagRow& flag : flag_rows()) {
      EXPECT_EQ(help.find("  " + std::string(flag.name)) != std::string::npos,
                flag.applies_to(command.command))
          << command.name << " " << flag.name;
    }
    EXPECT_NE(help.find("Example:\n  mqtt-reason-exporter "), std::string::npos) << command.name;
  }
}

TEST(CommandLine, HelpShowsTheDefaultsOfTheCode) {
  const std::string help = help_text(*parse_command_line(Words{"--help"}));
  for (const char* shown :
       {"(default: /metrics)", "(default: info)", "(default: logfmt)", "127.0.0.1:10883)"}) {
    EXPECT_NE(help.find(shown), std::string::npos) << shown;
  }
}

TEST(CommandLine, TablesAreInOrder) {
  std::set<std::string_view> names;
  for (const FlagRow& flag : flag_rows()) {
    EXPECT_TRUE(names.insert(flag.name).second) << flag.name;
    EXPECT_NE(flag.commands, 0) << flag.name;
  }
  for (const CommandRow& row : command_rows()) EXPECT_EQ(&row_of(row.command), &row) << row.name;
}

}  // namespace
}  // namespace mre
