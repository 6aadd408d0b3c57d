// SPDX-License-Identifier: Apache-2.0
#include "exporter/cli/command_line.h"

#include <algorithm>
#include <optional>

#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/config/load.h"

namespace mre {
namespace {

tl::unexpected<Error> refuse(std::string what) { return fail(Errc::invalid_config, std::move(what)); }

std::string in_quotes(std::string_view word) { return "\"" + printable(word) + "\""; }

tl::unexpected<Error> unknown_flag(std::string_view name) {
  std::vector<std::string_view> names = {"--help", "--version"};
  for (const FlagRow& row : flag_rows()) names.push_back(row.name);
  std::string what = "unknown flag " + in_quotes(name) + ": ";
  if (const auto near = nearest(name, names))
    return refuse(what + "did you mean " + std::string(*near) + "?");
  return refuse(what + "see --help");
}

/// Splits a command line into flags and arguments.
class Parser {
 public:
  explicit Parser(std::span<const std::string_view> words) : words_(words) {}

  Result<Invocation> parse() {
    while (at_ < words_.size()) {
      if (auto parsed = parse_word(); !parsed) return tl::make_unexpected(parsed.error());
    }
    if (auto command = parse_command(); !command) return tl::make_unexpected(command.error());
    if (invocation_.help || invocation_.version) return std::move(invocation_);
    if (auto checked = check(); !checked) return tl::make_unexpected(checked.error());
    return std::move(invocation_);
  }

 private:
  Result<void> parse_word() {
    const std::string_view word = words_[at_++];
    if (word == "--") {
      invocation_.arguments.insert(invocation_.arguments.end(),
                                   words_.begin() + static_cast<std::ptrdiff_t>(at_), words_.end());
      at_ = words_.size();
    } else if (word == "--help" || word == "-h") {
      invocation_.help = true;
    } else if (word == "--version" || word == "-V" || word == "-v") {
      invocation_.version = true;
    } else if (word.starts_with('-') && word != "-") {
      return parse_flag(word);
    } else {
      invocation_.arguments.emplace_back(word);
    }
    return {};
  }

  Result<void> parse_flag(std::string_view word) {
    const auto equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const auto row = std::ranges::find(flag_rows(), name, &FlagRow::name);
    if (row == flag_rows().end()) return unknown_flag(name);
    auto given = std::ranges::find(invocation_.flags, &*row, &Invocation::Given::flag);
    if (given == invocation_.flags.end()) {
      given = invocation_.flags.insert(given, {&*row, {}});
    } else if (!row->repeatable) {
      return refuse(std::string(name) + " is given twice: remove one");
    }
    if (row->value_name.empty()) {
      if (equals != std::string_view::npos)
        return refuse(std::string(name) + " takes no value: remove \"=\" and what follows");
      return {};
    }
    if (equals != std::string_view::npos) {
      given->values.emplace_back(word.substr(equals + 1));
    } else if (at_ < words_.size()) {
      given->values.emplace_back(words_[at_++]);
    } else {
      return refuse(std::string(name) + " needs a value: " + std::string(name) + "=" +
                    std::string(row->value_name));
    }
    if (given->values.back().empty())
      return refuse(std::string(name) + " has an empty value: give one or remove the flag");
    return {};
  }

  Result<void> parse_command() {
    auto& arguments = invocation_.arguments;
    for (; !arguments.empty(); arguments.erase(arguments.begin())) {
      bool& asked = arguments.front() == "version" ? invocation_.version : invocation_.help;
      if (arguments.front() != "version" && arguments.front() != "help") break;
      asked = true;
    }
    if (arguments.empty()) return {};
    const auto row = std::ranges::find(command_rows(), arguments.front(), &CommandRow::name);
    if (row == command_rows().end()) {
      std::vector<std::string_view> names;
      for (const CommandRow& known : command_rows()) names.push_back(known.name);
      names.insert(names.end(), {"help", "version"});
      return refuse("unknown command " + in_quotes(arguments.front()) + ": " +
                    suggestion(arguments.front(), names));
    }
    invocation_.command = row->command;
    arguments.erase(arguments.begin());
    return {};
  }

  Result<void> check() const {
    const CommandRow& command = row_of(invocation_.command);
    const std::string name(command.name);
    for (const auto& [flag, values] : invocation_.flags) {
      if (!flag->applies_to(invocation_.command)) {
        return refuse(std::string(flag->name) + " is not a flag of the command " + name + ": see " + name +
                      " --help");
      }
      if (describes_broker(flag->group) && invocation_.has("--config.file")) {
        return refuse(std::string(flag->name) + " and --config.file exclude each other: set it in the file");
      }
    }
    if (auto required = check_required_flags(); !required) return required;
    const std::size_t count = invocation_.arguments.size();
    if (count < command.min_arguments) {
      return refuse("the command " + name + " needs " + std::string(command.arguments) +
                    ", for example: " + std::string(command.example.substr(0, command.example.find('\n'))));
    }
    if (count > command.max_arguments) {
      return refuse("unexpected argument " + in_quotes(invocation_.arguments[command.max_arguments]) +
                    " of the command " + name + ": see " + name + " --help");
    }
    return {};
  }

  /// --log.from has no effect without --log.path, and so on. replay has no --log.path.
  Result<void> check_required_flags() const {
    for (const auto& [flag, values] : invocation_.flags) {
      const std::string_view required = flag->group == FlagGroup::log       ? "--log.path"
                                        : flag->group == FlagGroup::mqtt    ? "--mqtt.url"
                                        : flag->group == FlagGroup::capture ? "--capture.interface"
                                        : flag->group == FlagGroup::explain ? "--explain"
                                                                            : std::string_view();
      if (!required.empty() && knows(required) && !invocation_.has(required)) {
        return refuse(std::string(flag->name) + " needs " + std::string(required) + ": add it");
      }
    }
    return {};
  }

  bool knows(std::string_view name) const {
    const auto row = std::ranges::find(flag_rows(), name, &FlagRow::name);
    return row != flag_rows().end() && row->applies_to(invocation_.command);
  }

  static bool describes_broker(FlagGroup group) {
    return group == FlagGroup::broker || group == FlagGroup::log || group == FlagGroup::mqtt ||
           group == FlagGroup::capture;
  }

  std::span<const std::string_view> words_;
  std::size_t at_ = 0;
  Invocation invocation_;
};

}  // namespace

bool Invocation::has(std::string_view flag) const {
  return std::ranges::any_of(flags, [&](const Given& given) { return given.flag->name == flag; });
}

Result<Invocation> parse_command_line(std::span<const std::string_view> words) {
  return Parser(words).parse();
}

Result<Settings> read_settings(const Invocation& invocation) {
  Settings settings;
  for (const auto& [flag, values] : invocation.flags) {
    if (flag->name != "--config.file") continue;
    auto config = load_config_file(values.back());
    if (!config) return tl::make_unexpected(config.error());
    settings.web = std::move(config->web);
    settings.logging = config->log;
    settings.clients = config->clients;
    settings.events = config->events;
    settings.state = std::move(config->state);
    settings.brokers = std::move(config->brokers);
    settings.profile_files = std::move(config->profile_files);
  }
  for (const auto& [flag, values] : invocation.flags) {
    if (auto read = flag->read(values, settings); !read) {
      return refuse(std::string(flag->name) + ": " + read.error().what);
    }
  }
  return settings;
}

}  // namespace mre
