// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/line_joiner.h"

#include <gtest/gtest.h>

#include "tests/envelope/inner_lines.h"

namespace mre {
namespace {

using test::Lines;
using test::Unwrapped;

std::string cri(const std::string& stream, const std::string& tag, const std::string& text) {
  return "2026-11-22T04:32:41.000000001Z " + stream + " " + tag + " " + text;
}
std::string docker(const std::string& stream, const std::string& escaped) {
  return R"({"log":")" + escaped + R"(","stream":")" + stream + R"(","time":"2026-11-22T04:32:41Z"})";
}

TEST(LineJoiner, JoinsThePiecesOfEachStream) {
  const struct {
    const char* why;
    Envelope envelope;
    Lines lines;
  } cases[] = {
      {"pieces are marked with P",
       Envelope::cri,
       {cri("stdout", "P", "partial "), cri("stderr", "P", "other "), cri("stdout", "P", "and "),
        cri("stderr", "F", "stream"), cri("stdout", "F", "! rest"), cri("stdout", "F", "next"),
        cri("stderr", "P", "once more"), cri("stderr", "F", "")}},
      {"pieces have no line end",
       Envelope::docker,
       {docker("stdout", "partial "), docker("stderr", "other "), docker("stdout", "and "),
        docker("stderr", "stream\\n"), docker("stdout", "! rest\\n"), docker("stdout", "next\\n"),
        docker("stderr", "once more"), docker("stderr", "\\n")}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    Unwrapped unwrapped(c.envelope);
    for (const std::string& line : c.lines) unwrapped.line(line);
    EXPECT_EQ(unwrapped.lines(), (Lines{"other stream", "partial and ! rest", "next", "once more"}));
    EXPECT_EQ(unwrapped.count(Outcome::ignored), 4U) << "the pieces";
    EXPECT_EQ(unwrapped.count(Outcome::unrecognised), 4U) << "the lines";
  }
}

TEST(LineJoiner, AColourCodeMayBeSplitAcrossPieces) {
  Unwrapped unwrapped(Envelope::cri);
  unwrapped.line(cri("stdout", "P", "a\x1b[3"));
  unwrapped.line(cri("stdout", "F", "3mb"));
  EXPECT_EQ(unwrapped.lines(), Lines{"ab"});
}

TEST(LineJoiner, AnInvalidLineIsNeitherAPieceNorAnEnd) {
  Unwrapped unwrapped(Envelope::cri);
  unwrapped.line(cri("stdout", "P", "a"));
  unwrapped.line("2026-11-22T04:32:41Z stdin F x");
  unwrapped.line(cri("stdout", "F", "b"));
  EXPECT_EQ(unwrapped.lines(), Lines{"ab"});
  EXPECT_EQ(unwrapped.refused(), 1U);
}

TEST(LineJoiner, ALineThatIsTooLongIsCountedOnceAndLost) {
  Unwrapped unwrapped(Envelope::cri);
  const std::string piece(kMaxJoinedBytes / 2, 'x');
  unwrapped.line(cri("stdout", "P", piece));
  unwrapped.line(cri("stdout", "P", piece));
  EXPECT_EQ(unwrapped.oversized(), 0U) << "just as long as is allowed";
  unwrapped.line(cri("stdout", "P", "y"));
  EXPECT_EQ(unwrapped.oversized(), 1U);
  for (int i = 0; i < 100; ++i) unwrapped.line(cri("stdout", "P", piece));
  unwrapped.line(cri("stderr", "F", "the other stream"));
  unwrapped.line(cri("stdout", "F", "its end"));
  EXPECT_EQ(unwrapped.oversized(), 1U);
  unwrapped.line(cri("stdout", "P", piece));
  unwrapped.line(cri("stdout", "F", piece + "z"));
  EXPECT_EQ(unwrapped.oversized(), 2U) << "too long with its last piece";
  unwrapped.line(cri("stdout", "F", "next"));
  EXPECT_EQ(unwrapped.lines(), (Lines{"the other stream", "next"}));
}

TEST(LineJoiner, ALineOfExactlyTheLimitIsWhole) {
  Unwrapped unwrapped(Envelope::cri);
  const std::string piece(kMaxJoinedBytes / 2, 'x');
  unwrapped.line(cri("stdout", "P", piece));
  unwrapped.line(cri("stdout", "F", piece));
  EXPECT_EQ(unwrapped.lines(), Lines{piece + piece});
}

}  // namespace
}  // namespace mre
