// SPDX-License-Identifier: Apache-2.0
#include "exporter/app.h"

#include <cstdio>
#include <string>

#include "exporter/base/build_info.h"
#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/cli/command_line.h"
#include "exporter/cli/config_from_flags.h"
#include "exporter/commands/check.h"
#include "exporter/commands/events.h"
#include "exporter/commands/list.h"
#include "exporter/commands/lookup.h"
#include "exporter/commands/replay.h"
#include "exporter/commands/serve.h"
#include "exporter/process/privileges.h"
#include "exporter/process/sandbox.h"

namespace mre {
namespace {

enum Exit : int { kGood = 0, kFindings = 1, kUsage = 2 };

/// Prints to standard output. A full disk or a closed pipe is an error.
int print(const std::string& text, int exit = kGood) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit;
  std::fputs("mqtt-reason-exporter: cannot write to standard output\n", stderr);
  return kUsage;
}

int refuse(const Error& error) {
  std::fprintf(stderr, "mqtt-reason-exporter: %s\n", error.what.c_str());
  return kUsage;
}

int print(const Result<std::string>& text) { return text ? print(*text, kGood) : refuse(text.error()); }
int finish(const Result<void>& done) { return done ? print("", kGood) : refuse(done.error()); }

int serve_command(const Invocation& invocation, const Settings& settings) {
  const auto config = config_to_serve(settings);
  if (!config) return refuse(config.error());
  const auto read_again = [&invocation]() -> Result<Config> {
    auto again = read_settings(invocation);
    if (!again) return tl::make_unexpected(again.error());
    return config_to_serve(std::move(*again));
  };
  return finish(serve(*config, {settings.config_file, read_again}));
}

/// For commands that only read files and print: malicious contents of a file cannot make them do anything else.
Result<void> confine_to_reading(ProcessOptions::Sandbox sandbox) {
  if (auto reduced = Privileges::reduce_to_reading(); !reduced) return reduced;
  if (sandbox == ProcessOptions::Sandbox::on)
    enter_sandbox({.needs = {.files = {}, .directories = {{"/", ""}}, .capture = ""}, .network = false});
  return {};
}

int replay_command(const Invocation& invocation, const Settings& settings) {
  if (auto confined = confine_to_reading(settings.process.sandbox); !confined)
    return refuse(confined.error());
  return finish(replay(settings, invocation.arguments));
}

int check_command(const Invocation& invocation, const Settings& settings) {
  if (!settings.probe) {
    if (auto confined = confine_to_reading(settings.process.sandbox); !confined)
      return refuse(confined.error());
  }
  const auto answer =
      check(invocation.arguments[0], invocation.arguments[1], settings.probe ? Probing::yes : Probing::no);
  return answer ? print(answer->text, answer->findings ? kFindings : kGood) : refuse(answer.error());
}

int lookup_command(const std::vector<std::string>& words, ListFormat format) {
  std::string query;
  for (const std::string& word : words) query += (query.empty() ? "" : " ") + word;
  const LookupAnswer answer = render_lookup(query, format);
  return print(answer.text, answer.found ? kGood : kFindings);
}

std::string version_text() {
  const BuildInfo& build = build_info();
  return "mqtt-reason-exporter, version " + build.version + " (revision " + build.revision +
         ")\n  compiler: " + build.compiler + "\n";
}

int run_command(const Invocation& invocation) {
  const auto settings = read_settings(invocation);
  if (!settings) return refuse(settings.error());
  switch (invocation.command) {
    case Command::serve:
      return serve_command(invocation, *settings);
    case Command::replay:
      return replay_command(invocation, *settings);
    case Command::check:
      return check_command(invocation, *settings);
    case Command::lookup:
      return lookup_command(invocation.arguments, settings->list_format);
    case Command::list:
      return print(list(invocation.arguments, settings->list_format));
    case Command::events:
      return finish(print_events(settings->events_query, settings->list_format));
  }
  return kUsage;
}

}  // namespace

int run(std::span<const std::string_view> words) {
  const auto invocation = parse_command_line(words);
  if (!invocation) return refuse(invocation.error());
  if (invocation->help) return print(help_text(*invocation));
  if (invocation->version) return print(version_text());
  return run_command(*invocation);
}

}  // namespace mre
