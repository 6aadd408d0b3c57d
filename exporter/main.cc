#include <cstdio>
#include <exception>
#include <string_view>
#include <vector>

#include "exporter/app.h"

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    return mre::run(words);
  } catch (const std::exception& error) {  // out of memory, or a bug: errors of ours are values
    std::fprintf(stderr, "mqtt-reason-exporter: %s\n", error.what());
    return 2;
  }
}
