// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string>

namespace mre::test {

/// How much more than in an ordinary run a model, or a walk over all recordings, tries: the factor in MRE_EFFORT, 1 without it.
inline std::size_t effort() {
  const char* text = std::getenv("MRE_EFFORT");
  return text != nullptr ? std::stoul(text) : 1;
}

}  // namespace mre::test
