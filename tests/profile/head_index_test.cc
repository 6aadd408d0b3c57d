#include "exporter/profile/head_index.h"

#include <gtest/gtest.h>

#include <random>

namespace mre {
namespace {

std::vector<int> found(const HeadIndex& index, std::string_view line) {
  std::vector<int> patterns;
  index.find(line, [&](std::uint16_t pattern) {
    patterns.push_back(pattern);
    return false;
  });
  return patterns;
}

TEST(HeadIndex, FindsTheHeadsOfALineTheLongestFirst) {
  HeadIndex index;
  const char* heads[] = {"Sending PUBLISH ", "Sending PUBACK to ", "Client ", "Sending ", "Client ",
                         "Clients"};
  for (std::uint16_t i = 0; i < std::size(heads); ++i) index.add(heads[i], i);
  using Numbers = std::vector<int>;
  EXPECT_EQ(found(index, "Sending PUBACK to a"), (Numbers{1, 3}));
  EXPECT_EQ(found(index, "Sending PUBLISH to a"), (Numbers{0, 3}));
  EXPECT_EQ(found(index, "Sending PUBLISH"), (Numbers{3}));
  EXPECT_EQ(found(index, "Client a"), (Numbers{2, 4}));
  EXPECT_EQ(found(index, "Clients"), (Numbers{5}));
  EXPECT_EQ(found(index, "Sendin"), Numbers{});
  EXPECT_EQ(found(index, ""), Numbers{});
}

TEST(HeadIndex, AgreesWithComparingEveryHead) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto word = [&] {
    std::string text(1 + random() % 6, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 2);
    return text;
  };
  HeadIndex index;
  std::vector<std::string> heads;
  for (std::uint16_t i = 0; i < 40; ++i) {
    heads.push_back(word());
    index.add(heads.back(), i);
  }
  for (int i = 0; i < 500; ++i) {
    const std::string line = word() + word();
    std::vector<int> expected;
    for (std::size_t length = line.size(); length > 0; --length) {
      for (std::size_t h = 0; h < heads.size(); ++h) {
        if (heads[h].size() == length && line.starts_with(heads[h])) expected.push_back(static_cast<int>(h));
      }
    }
    EXPECT_EQ(found(index, line), expected) << line;
  }
}

}  // namespace
}  // namespace mre
