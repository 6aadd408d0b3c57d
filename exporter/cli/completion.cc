// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "exporter/cli/flags.h"
#include "exporter/cli/manual.h"
#include "exporter/profile/profile.h"

namespace mre {
namespace {

/// The completions of a value.
struct Completions {
  std::vector<std::string> words;
  bool files = false;
};

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const EmbeddedProfile& profile : embedded_profiles()) names.emplace_back(profile.name());
  return names;
}

Completions completions_of(const FlagRow& flag) {
  Completions completions;
  for (const std::string_view choice : flag.choices()) completions.words.emplace_back(choice);
  static const std::set<std::string_view> kPaths = {"FILE", "DIR", "PATH", "LOG"};
  completions.files = kPaths.contains(flag.value_name);
  if (flag.name == "--broker.profile") completions = {.words = profile_names(), .files = true};
  if (flag.name == "--broker.profile") completions.words.emplace_back(kAutoProfile);
  return completions;
}

/// The first words of the arguments of a command: of "config|profile FILE" config and profile.
std::vector<std::string> first_words(const CommandRow& row) {
  std::vector<std::string> words;
  std::string_view rest = row.arguments;
  while (!rest.empty()) {
    const std::size_t bar = std::min(rest.find('|'), rest.size());
    const std::string_view word = rest.substr(0, std::min(bar, rest.find(' ')));
    if (word.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string_view::npos)
      words.emplace_back(word);
    rest.remove_prefix(std::min(bar + 1, rest.size()));
  }
  return words;
}

bool accepts_files(const CommandRow& row) { return row.arguments.find("FILE") != std::string_view::npos; }
bool accepts_profile(const CommandRow& row) { return row.arguments.find("[NAME]") != std::string_view::npos; }

std::string joined(const std::vector<std::string>& words, std::string_view separator = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(separator)) + word;
  return text;
}

std::vector<std::string> command_names() {
  std::vector<std::string> names;
  for (const CommandRow& row : command_rows()) names.emplace_back(row.name);
  return names;
}

std::string first_sentence(std::string_view help) {
  std::string text(help.substr(0, help.find(". ")));
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// In single quotes, for any shell.
std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string escaped(std::string_view text, std::string_view characters) {
  std::string result;
  for (const char c : text) {
    if (characters.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string bash_values() {
  std::string text;
  for (const FlagRow& flag : flag_rows()) {
    if (flag.value_name.empty()) continue;
    const Completions completions = completions_of(flag);
    text += "    " + std::string(flag.name) + ") words=" + shell_quoted(joined(completions.words)) +
            " files=" + (completions.files ? "yes" : "") + " ;;\n";
  }
  return text;
}

std::string bash_commands() {
  std::string text;
  for (const CommandRow& row : command_rows()) {
    std::vector<std::string> flags;
    for (const FlagRow& flag : flag_rows()) {
      if (flag.applies_to(row.command))
        flags.push_back(std::string(flag.name) + (flag.value_name.empty() ? "" : "="));
    }
    text += "    " + std::string(row.name) + ")\n      flags=" + shell_quoted(joined(flags)) +
            "\n      words=" +
            shell_quoted(joined(row.command == Command::serve ? command_names() : first_words(row))) +
            " files=" + (accepts_files(row) ? "yes" : "") + "\n      ;;\n";
  }
  return text;
}

std::string zsh_action(const Completions& completions) {
  if (completions.files) {
    return completions.words.empty() ? "_files" : "{ compadd -- " + joined(completions.words) + "; _files }";
  }
  return completions.words.empty() ? " " : "(" + joined(completions.words) + ")";
}

std::string zsh_flag(const FlagRow& flag) {
  std::string spec = flag.repeatable ? "*" : "";
  spec += flag.name;
  if (!flag.value_name.empty()) spec += '=';
  spec += "[" + escaped(first_sentence(flag.help), "[]\\") + "]";
  if (!flag.value_name.empty()) {
    spec += ":" + escaped(flag.value_name, ":\\") + ":" + zsh_action(completions_of(flag));
  }
  return "        " + shell_quoted(spec) + " \\\n";
}

std::string zsh_command(const CommandRow& row) {
  const std::string name(row.name);
  std::string text = "    " + name + ")\n      _arguments -S \\\n";
  for (const FlagRow& flag : flag_rows()) {
    if (flag.applies_to(row.command)) text += zsh_flag(flag);
  }
  text +=
      "        '(- *)'{-h,--help}'[Print the flags of a command]' '(- *)--version[Print the version]' \\\n";
  text += "        '1:command:_mqtt_reason_exporter_commands'";
  const std::vector<std::string> words = first_words(row);
  if (!words.empty()) text += " \\\n        " + shell_quoted("2:argument:(" + joined(words) + ")");
  if (accepts_profile(row))
    text += " \\\n        " + shell_quoted("3:profile:(" + joined(profile_names()) + ")");
  if (accepts_files(row)) text += " \\\n        '*:file:_files'";
  return text + "\n      ;;\n";
}

}  // namespace

std::string bash_completion() {
  return "# Completion of mqtt-reason-exporter for bash. Made from the exporter's tables of commands and "
         "flags.\n"
         "_mqtt_reason_exporter() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  local command='' flag='' flags='' words='' files='' word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case $word in " +
         joined(command_names(), " | ") +
         ") command=$word && break ;; esac\n"
         "  done\n"
         "  # bash passes the \"=\" after a flag as a separate word.\n"
         "  if [[ $current == = ]]; then\n"
         "    flag=$previous current=''\n"
         "  elif [[ $previous == = ]]; then\n"
         "    flag=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "  elif [[ $current != -* ]]; then\n"
         "    flag=$previous\n"
         "  fi\n"
         "  case $flag in\n" +
         bash_values() +
         "    *) flag='' ;;\n"
         "  esac\n"
         "  if [[ -z $flag ]]; then\n"
         "    case ${command:-serve} in\n" +
         bash_commands() +
         "    esac\n"
         "    flags+=' --help --version'\n"
         "    [[ $command != serve && \" $words \" != *\" $previous \"* ]] || words=''\n"
         "    [[ $command != list || $previous != brokers ]] || words=" +
         shell_quoted(joined(profile_names())) +
         "\n"
         "    if [[ $current == -* ]]; then words=$flags files=''; fi\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  if [[ -n $files ]]; then\n"
         "    compopt -o filenames\n"
         "    mapfile -t -O \"${#COMPREPLY[@]}\" COMPREPLY < <(compgen -f -- \"$current\")\n"
         "  fi\n"
         "  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace; fi\n"
         "}\n"
         "complete -F _mqtt_reason_exporter mqtt-reason-exporter\n";
}

std::string zsh_completion() {
  std::string text =
      "#compdef mqtt-reason-exporter\n"
      "# Completion of mqtt-reason-exporter for zsh. Made from the exporter's tables of commands and flags.\n"
      "_mqtt_reason_exporter_commands() {\n"
      "  local -a commands=(\n";
  for (const CommandRow& row : command_rows()) {
    text += "    " + shell_quoted(std::string(row.name) + ":" + first_sentence(row.summary)) + "\n";
  }
  text +=
      "  )\n"
      "  _describe command commands\n"
      "}\n"
      "_mqtt_reason_exporter() {\n"
      "  local word command=serve\n"
      "  for word in ${words[2,CURRENT-1]}; do\n"
      "    case $word in (" +
      joined(command_names(), "|") +
      ") command=$word; break ;; esac\n"
      "  done\n"
      "  case $command in\n";
  for (const CommandRow& row : command_rows()) text += zsh_command(row);
  text +=
      "  esac\n"
      "}\n"
      "_mqtt_reason_exporter \"$@\"\n";
  return text;
}

}  // namespace mre
