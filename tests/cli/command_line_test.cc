// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/command_line.h"

#include <gtest/gtest.h>

#include <set>

#include "exporter/cli/config_from_flags.h"

namespace mre {
namespace {

using Words = std::vector<std::string_view>;

TEST(CommandLine, ErrorsHaveARemedy) {
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
      {"an empty value", {"--log.path="}, "--log.path has an empty value: give one or remove the flag"},
      {"a single flag twice",
       {"--log.level=info", "--log.level=warn"},
       "--log.level is given twice: remove one"},
      {"a value for a switch",
       {"replay", "--explain=1", "f"},
       "--explain takes no value: remove \"=\" and what follows"},
      {"a flag of another command",
       {"lookup", "--explain", "0x87"},
       "--explain is not a flag of the command lookup: see lookup --help"},
      {"two ways to name a broker",
       {"--config.file=f", "--broker.profile=mosquitto"},
       "--broker.profile and --config.file exclude each other: set it in the file"},
      {"a flag without the one it is about",
       {"--mqtt.username=u"},
       "--mqtt.username needs --mqtt.url: add it"},
      {"the same for a log", {"--log.from=end"}, "--log.from needs --log.path: add it"},
      {"the same for records", {"replay", "--only=error", "f"}, "--only needs --explain: add it"},
      {"help for an unknown command", {"help", "serv"}, "unknown command \"serv\": did you mean \"serve\"?"},
      {"an argument too few",
       {"check", "config"},
       "the command check needs config|web-config|profile FILE, for example: mqtt-reason-exporter check "
       "config "
       "/etc/mqtt-reason-exporter/exporter.yaml"},
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

TEST(CommandLine, ErrorsOfValuesNameTheFlag) {
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
       "/nonexistent: cannot read the configuration file: No such file or directory: correct the path or its "
       "permissions"},
      {{"--config.file=/"},
       "/: cannot read the configuration file: Is a directory: correct the path or its permissions"},
      {{"--capture.interface=any", "--capture.ports=1885-1883"},
       "--capture.ports: \"1885-1883\" is not a port or a range of ports: write one from 1 to 65535, such as "
       "1883 or "
       "1883-1885"},
      {{"--capture.interface=any", "--capture.ports=0"},
       "--capture.ports: \"0\" is not a port or a range of ports: write one from 1 to 65535, such as 1883 or "
       "1883-1885"},
      {{"--capture.interface=any", "--capture.ports=1-65535"},
       "--capture.ports: \"1-65535\" has too many ports: at most 64"},
      {{"--capture.interface=any", "--capture.ports=mqtt"},
       "--capture.ports: \"mqtt\" is not a whole number from 0 to 65535"},
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

TEST(CommandLine, ReadsPortsAndRangesOfPorts) {
  const auto invocation =
      parse_command_line(Words{"--capture.interface=any", "--capture.ports=1883,8080-8082"});
  ASSERT_TRUE(invocation) << invocation.error().what;
  const auto settings = read_settings(*invocation);
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->capture.ports, (std::vector<std::uint16_t>{1883, 8080, 8081, 8082}));
}

TEST(CommandLine, HelpAndVersionAreWordsToo) {
  const struct {
    const char* why;
    Words words;
    bool help;
    bool version;
    Command command;
  } cases[] = {
      {"the word version", {"version"}, false, true, Command::serve},
      {"-v, which means version here, as there is no verbosity", {"-v"}, false, true, Command::serve},
      {"-V", {"-V"}, false, true, Command::serve},
      {"the word help", {"help"}, true, false, Command::serve},
      {"help for a command", {"help", "replay"}, true, false, Command::replay},
      {"both spellings", {"help", "check", "--help"}, true, false, Command::check},
  };
  for (const auto& c : cases) {
    const auto invocation = parse_command_line(c.words);
    ASSERT_TRUE(invocation) << c.why << ": " << invocation.error().what;
    EXPECT_EQ(invocation->help, c.help) << c.why;
    EXPECT_EQ(invocation->version, c.version) << c.why;
    EXPECT_EQ(invocation->command, c.command) << c.why;
  }
}

TEST(CommandLine, ErrorsOfOptionsNameTheFlag) {
  const struct {
    const char* why;
    FlagGroup group;
    std::string_view error;
    std::string_view expected;
  } cases[] = {
      {"the key at the beginning", FlagGroup::mqtt, "url: \"x\" is no URL", "--mqtt.url: \"x\" is no URL"},
      {"a key with an underscore", FlagGroup::mqtt, "url: use username and password_file",
       "--mqtt.url: use --mqtt.username and --mqtt.password-file"},
      {"a list, whose flag is repeatable", FlagGroup::mqtt, "topics: x", "--mqtt.topic: x"},
      {"a quoted key", FlagGroup::web, "\"telemetry_path\" must", "--web.telemetry-path must"},
      {"a quoted list", FlagGroup::capture, "\"addresses\": x", "--capture.address: x"},
      {"a key without a flag stays", FlagGroup::mqtt, "qos: 0, 1 or 2", "qos: 0, 1 or 2"},
      {"a word that is a key elsewhere stays", FlagGroup::mqtt, "x: the url is wrong", "x: the url is wrong"},
  };
  for (const auto& c : cases) EXPECT_EQ(with_flags(c.group, c.error), c.expected) << c.why;
}

TEST(CommandLine, AfterTwoDashesEverythingIsAnArgument) {
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
      const std::string name = "  " + std::string(flag.name);  // a flag may begin with the name of another
      const bool is_named =
          help.find(name + "=") != std::string::npos || help.find(name + " ") != std::string::npos;
      EXPECT_EQ(is_named, flag.applies_to(command.command)) << command.name << " " << flag.name;
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
