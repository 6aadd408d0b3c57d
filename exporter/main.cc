#include <string_view>
#include <vector>

#include "exporter/app.h"

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  return mre::run(words);
}
