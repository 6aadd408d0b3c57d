// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/check.h"

#include <signal.h>

#include <algorithm>

#include "exporter/base/join.h"
#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/cli/config_from_flags.h"
#include "exporter/config/load.h"
#include "exporter/process/logging.h"
#include "exporter/process/privileges.h"
#include "exporter/process/sandbox.h"
#include "exporter/runtime/feed_setup.h"
#include "exporter/runtime/probe.h"
#include "exporter/runtime/required_access.h"
#include "exporter/web_config/web_config.h"

namespace mre {
namespace {

/// One text for each source: a line, and a warning if there is one.
Result<std::vector<std::string>> describe_sources(const BrokerConfig& broker) {
  const auto plans = plan_feeds(broker, nullptr);
  if (!plans) return tl::make_unexpected(plans.error());
  std::vector<std::string> texts;
  for (const SourceConfig& source : broker.sources) {
    const auto plan = std::ranges::find(*plans, &source, &PlannedFeed::source);
    texts.push_back("  " + (plan == plans->end() ? describe(broker, source) : describe(*plan)) + "\n");
    if (const std::string warning = warning_of(broker, source); !warning.empty())
      texts.back() += "  warning: " + warning + "\n";
  }
  return texts;
}

/// Takes the user and the rights of `serve`, because the sources must be readable with these.
Result<void> become_exporter(const Config& config, const std::string& file) {
  const Needs needs = required_access(config, file);
  const auto user = Privileges::choose_user(config.process.user, needs);
  if (!user) return tl::make_unexpected(user.error());
  if (const auto reduced = Privileges::reduce(*user, needs); !reduced)
    return tl::make_unexpected(reduced.error());
  enter_sandbox({.needs = needs});
  return {};
}

/// Probes the sources and adds what was found to the text of each.
Result<CheckAnswer> probe_sources(const Config& config, const std::string& file, const std::string& head,
                                  std::vector<std::string> texts) {
  ::signal(SIGPIPE, SIG_IGN);  // a broker that disconnects must not end the process
  start_logging({.level = LogLevel::error});
  if (auto become = become_exporter(config, file); !become) return tl::make_unexpected(become.error());
  const std::vector<ProbedSource> probed = probe(config.brokers);
  const auto up = static_cast<std::size_t>(std::ranges::count(probed, true, &ProbedSource::up));
  for (std::size_t i = 0; i < texts.size(); ++i)
    texts[i] += (probed[i].up ? "    up: " : "    down: ") + probed[i].state + "\n";
  return CheckAnswer{head + ", " + std::to_string(up) + " up\n" + join(texts, ""), up != probed.size()};
}

Result<CheckAnswer> check_config(const std::string& file, Probing probing) {
  const auto config = load_config_file(file);
  if (!config) return tl::make_unexpected(config.error());
  std::vector<std::string> texts;
  for (const BrokerConfig& broker : config->brokers) {
    const auto described = describe_sources(broker);
    if (!described) return tl::make_unexpected(described.error());
    texts.insert(texts.end(), described->begin(), described->end());
  }
  const std::string head = printable(file, 4096) + ": ok, " + counted(config->brokers.size(), "broker") +
                           ", " + counted(texts.size(), "source");
  if (probing == Probing::yes) return probe_sources(*config, file, head, std::move(texts));
  return CheckAnswer{head + "\n" + join(texts, "")};
}

Result<CheckAnswer> check_web_config(const std::string& file) {
  ReadFiles files;
  const auto settings = read_web_config(file, std::make_shared<PastSuccesses>(), files);
  if (!settings) return tl::make_unexpected(settings.error());
  const std::size_t warnings = settings->findings.size();
  std::string text = printable(file, 4096) + ": ok" +
                     (warnings == 0 ? "" : ", " + counted(warnings, "warning")) + "\n" + settings->summary +
                     "  HTTP/2: not supported, clients get HTTP/1.1\n";
  for (const std::string& finding : settings->findings) text += "warning: " + finding + "\n";
  return CheckAnswer{std::move(text), warnings != 0};
}

std::string kinds(const Profile& profile) {
  if (profile.log.supported && profile.mqtt.supported) return "log and mqtt";
  return profile.log.supported ? "log" : "mqtt";
}

Result<std::string> check_profile(const std::string& file) {
  // A name without a directory is a file here, never a built-in profile.
  const auto profile = profile_by_name_or_file(file.find('/') == std::string::npos ? "./" + file : file);
  if (!profile) return tl::make_unexpected(profile.error());
  std::string text = printable(file, 4096) + ": ok, profile " + (*profile)->name + " (" + (*profile)->title +
                     " " + (*profile)->versions + "), sources: " + kinds(**profile) + ", " +
                     counted((*profile)->rules.size(), "rule") + "\n";
  std::size_t examples = 0;
  std::size_t counterexamples = 0;
  const auto add = [&](const std::string& what, const std::vector<Example>& lines, std::size_t patterns) {
    const auto against = static_cast<std::size_t>(std::ranges::count(lines, true, &Example::counterexample));
    const std::size_t support = lines.size() - against;
    examples += support;
    counterexamples += against;
    text += "  " + what + ": " + counted(support, "example") + ", " + counted(against, "counterexample") +
            (patterns > 1 ? ", " + counted(patterns, "pattern") : "") + "\n";
  };
  for (const Prefix& prefix : (*profile)->prefixes) {
    if (!prefix.releases.empty())
      add("prefix of " + printable(prefix.releases), prefix.examples, prefix.patterns.size());
  }
  for (const Rule& rule : (*profile)->rules) add(printable(rule.id), rule.examples, rule.patterns.size());
  return text + counted(examples, "example") + " and " + counted(counterexamples, "counterexample") +
         " passed\n";
}

}  // namespace

Result<CheckAnswer> check(const std::string& what, const std::string& file, Probing probing) {
  if (what == "config") return check_config(file, probing);
  if (probing == Probing::yes)
    return fail(Errc::invalid_config, "--probe is for check config only: remove it");
  if (what == "web-config") return check_web_config(file);
  if (what == "profile")
    return check_profile(file).map([](std::string text) { return CheckAnswer{std::move(text)}; });
  constexpr std::string_view kinds_of_file[] = {"config", "web-config", "profile"};
  return fail(Errc::invalid_config,
              "cannot check \"" + printable(what) + "\": " + suggestion(what, kinds_of_file));
}

}  // namespace mre
