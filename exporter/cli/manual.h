// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

/// The command line as files for a package: a manual page and completions for two shells. All are made from
/// the tables of flags.h, so that a new flag appears in each of them. The build writes them with the
/// program `manual`; the exporter itself does not contain them.
namespace mre {

/// mqtt-reason-exporter(1), in roff with the macros of man(7). `version` appears in its footer.
std::string manual_page(const std::string& version);

/// For /usr/share/bash-completion/completions. Needs bash alone.
std::string bash_completion();

/// For /usr/share/zsh/vendor-completions/_mqtt-reason-exporter.
std::string zsh_completion();

}  // namespace mre
