#include "flashmap/seal.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/flashmap/sample.h"

namespace fwseal {
namespace {

std::string digest(const Sample& sample) { return seal_digest(sample.layout, sample.image); }

// The documented format, hashed with `sha256sum` of coreutils 9.1:
//   printf 'fwseal seal 1\n\x00\x00\x00\x08\x00\x00\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00abc'
TEST(SealDigest, IsSha256OfTheDocumentedFormat) {
  const Sample sample({{.name = "text", .lma = 0x0800'0000, .bytes = "abc"}});
  EXPECT_EQ(digest(sample), "4706bf13d683dc875c0d8bd27646d8d43afd95f58f2d0b0fa74d912bb00a27b7");
}

TEST(SealDigest, OfAnEmptyImageIsThatOfTheHead) {
  EXPECT_EQ(digest(Sample({{.name = "bss", .nobits = 4}})),
            "331b1c83cc6a888018b2b0135106a830cc90845acce813366b39b856a898dbed");
}

TEST(SealDigest, DoesNotDependOnWhereSectionsAreCutOrTheirOrder) {
  const std::string whole = digest(Sample({{.name = "a", .lma = 0x10, .bytes = "abcd"}}));
  EXPECT_EQ(digest(Sample({{.name = "a", .lma = 0x10, .bytes = "ab"},
                           {.name = "b", .lma = 0x12, .bytes = "cd"}})),
            whole);
  EXPECT_EQ(digest(Sample({{.name = "b", .lma = 0x12, .bytes = "cd"},
                           {.name = "a", .lma = 0x10, .bytes = "ab"}})),
            whole);
  EXPECT_EQ(digest(Sample({{.name = "a", .vma = 0x2000'0000, .lma = 0x10, .bytes = "abcd"},
                           {.name = "bss", .vma = 0x2000'0100, .nobits = 7}})),
            whole);
}

// Every way to put bytes of two values into four places: no two digests are equal.
TEST(SealDigest, DiffersForEveryImageOfASmallWorld) {
  std::set<std::string> digests;
  u32 images = 0;
  for (u32 world = 0; world < 3 * 3 * 3 * 3; world++) {
    Sample sample({});
    for (u32 place = 0, rest = world; place < 4; place++, rest /= 3)
      if (rest % 3 != 0)
        sample.add({.name = "x", .lma = place, .bytes = std::string(1, rest % 3 == 1 ? 'a' : 'b')});
    digests.insert(digest(sample));
    images++;
  }
  EXPECT_EQ(images, 81u);
  EXPECT_EQ(digests.size(), images);
}

}  // namespace
}  // namespace fwseal
