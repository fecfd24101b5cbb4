#include "flashmap/load.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/flashmap/sample.h"

namespace fwseal {
namespace {

std::string names(const Layout& layout, const std::vector<LoadRun>& runs) {
  std::string text;
  for (const LoadRun& run : runs) text += layout.outputs[index(run.output)].name + ' ';
  return text;
}

TEST(LoadRuns, AreInOrderOfLmaAndHoldOnlyWhatIsLoaded) {
  Sample sample({{.name = "data", .vma = 0x2000'0000, .lma = 0x100, .bytes = "dd"},
                 {.name = "text", .vma = 0, .lma = 0, .bytes = "tttt"},
                 {.name = "bss", .vma = 0x2000'0010, .lma = 0x2000'0010, .nobits = 8},
                 {.name = "debug", .flags = 0, .bytes = "g"},
                 {.name = "empty", .lma = 0x50},
                 {.name = "noload", .lma = 0x60, .bytes = "n"}});
  sample.layout.outputs[5].script_type = OutputType::kNoload;
  EXPECT_EQ(names(sample.layout, load_runs(sample.layout, sample.image)), "text data ");
}

// Every pair of runs within five bytes, and a third that may lie inside the first.
TEST(LoadIsSound, ExactlyWhenNoByteIsClaimedTwice) {
  u32 sound = 0;
  for (u64 begin_a = 0; begin_a < 5; begin_a++)
    for (u64 size_a = 1; size_a <= 5 - begin_a; size_a++)
      for (u64 begin_b = 0; begin_b < 5; begin_b++)
        for (u64 size_b = 1; size_b <= 5 - begin_b; size_b++)
          for (u64 begin_c = 0; begin_c < 5; begin_c++) {
            const Sample sample({{.name = "a", .lma = begin_a, .bytes = std::string(size_a, 'a')},
                                 {.name = "b", .lma = begin_b, .bytes = std::string(size_b, 'b')},
                                 {.name = "c", .lma = begin_c, .bytes = "c"}});
            u32 claims[5] = {};
            for (u64 i = 0; i < size_a; i++) claims[begin_a + i]++;
            for (u64 i = 0; i < size_b; i++) claims[begin_b + i]++;
            claims[begin_c]++;
            bool expected = true;
            for (const u32 count : claims) expected = expected && count <= 1;

            std::ostringstream said;
            Diag diag(said);
            const auto runs = load_runs(sample.layout, sample.image);
            EXPECT_EQ(load_is_sound(sample.layout, runs, "x.bin", diag), expected);
            EXPECT_EQ(diag.errors() == 0, expected);
            sound += expected ? 1 : 0;
          }
  EXPECT_GT(sound, 0u);
  EXPECT_LT(sound, 15u * 15u * 5u);
}

TEST(LoadIsSound, NamesBothSectionsAndTheWayOut) {
  const Sample sample(
      {{.name = ".text", .lma = 0, .bytes = "tttt"}, {.name = ".data", .lma = 2, .bytes = "dd"}});
  std::ostringstream said;
  Diag diag(said);
  EXPECT_FALSE(load_is_sound(sample.layout, load_runs(sample.layout, sample.image), "a.bin", diag));
  EXPECT_EQ(said.str(),
            "fwseal: error: a.bin: sections .text and .data both load at 0x2; give one of them "
            "another load address with AT>\n");
}

TEST(LoadIsSound, RefusesWhatLeavesTheAddressSpace) {
  for (const u64 lma : {u64{0xffff'fffd}, u64{1} << 32, ~u64{0}}) {
    const Sample sample({{.name = "x", .lma = lma, .bytes = "1234"}});
    std::ostringstream said;
    Diag diag(said);
    EXPECT_FALSE(load_is_sound(sample.layout, load_runs(sample.layout, sample.image), "a", diag));
    EXPECT_NE(said.str().find("past the end of the 32-bit address space"), std::string::npos);
  }
  const Sample last({{.name = "x", .lma = 0xffff'fffc, .bytes = "1234"}});
  std::ostringstream said;
  Diag diag(said);
  EXPECT_TRUE(load_is_sound(last.layout, load_runs(last.layout, last.image), "a", diag));
}

}  // namespace
}  // namespace fwseal
