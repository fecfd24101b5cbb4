#include "flashmap/as_bin.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/flashmap/sample.h"

namespace fwseal {
namespace {

using namespace std::string_literals;

struct Written {
  std::string bytes;
  std::string said;
};

Written write(const Sample& sample) {
  std::ostringstream said;
  Diag diag(said);
  std::string bytes = as_bin(sample.layout, sample.image, "app.bin", diag);
  return {bytes, said.str()};
}

TEST(AsBin, BeginsAtTheLowestLmaAndFillsGapsWithZeroes) {
  const Written written =
      write(Sample({{.name = "data", .vma = 0x2000'0000, .lma = 0x0800'0006, .bytes = "dd"},
                    {.name = "text", .vma = 0x0800'0000, .lma = 0x0800'0000, .bytes = "tttt"},
                    {.name = "bss", .vma = 0x2000'0010, .lma = 0x2000'0010, .nobits = 8}}));
  EXPECT_EQ(written.bytes, "tttt\0\0dd"s);
  EXPECT_EQ(written.said, "");
}

TEST(AsBin, OfNothingIsEmpty) {
  const Written written = write(Sample({{.name = "bss", .nobits = 8}}));
  EXPECT_EQ(written.bytes, "");
  EXPECT_EQ(written.said, "");
}

TEST(AsBin, RefusesASpanFromFlashToRam) {
  const Written written =
      write(Sample({{.name = ".text", .lma = 0, .bytes = "t"},
                    {.name = ".data", .vma = 0x4000'0000, .lma = 0x4000'0000, .bytes = "d"}}));
  EXPECT_EQ(written.bytes, "");
  EXPECT_EQ(written.said,
            "fwseal: error: app.bin: a raw binary from section .text at 0x0 to the end of section "
            ".data at 0x40000001 would have 1073741825 bytes, more than 1073741824; load both into "
            "one memory with AT>, or write Intel HEX\n");
}

TEST(AsBin, RefusesOverlaps) {
  const Written written = write(
      Sample({{.name = "a", .lma = 0, .bytes = "aa"}, {.name = "b", .lma = 1, .bytes = "b"}}));
  EXPECT_EQ(written.bytes, "");
  EXPECT_NE(written.said, "");
}

}  // namespace
}  // namespace fwseal
