// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>
#include <string_view>

#include "exporter/base/build_info.h"
#include "exporter/cli/manual.h"

// manual man|bash|zsh: writes the manual page or a completion to standard output. Only the build runs it.
int main(int argc, char** argv) {
  const std::string_view kind = argc == 2 ? argv[1] : "";
  std::string text;
  if (kind == "man") {
    text = mre::manual_page(mre::build_info().version);
  } else if (kind == "bash") {
    text = mre::bash_completion();
  } else if (kind == "zsh") {
    text = mre::zsh_completion();
  } else {
    std::fputs("Usage: manual man|bash|zsh\n", stderr);
    return 2;
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? 0 : 2;
}
