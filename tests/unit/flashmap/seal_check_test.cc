#include "flashmap/seal_check.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/unit/flashmap/sample.h"

namespace fwseal {
namespace {

constexpr u64 kFlash = 0x1000;
constexpr u64 kRam = 0x8000;

std::string fault(const std::vector<SampleSection>& sections, RegionKind ram = RegionKind::kRam,
                  RegionKind flash = RegionKind::kFlash) {
  Sample sample(sections);
  sample.layout.regions = {{"FLASH", kFlash, 0x100, 0, 0, ""}, {"RAM", kRam, 0x100, 0, 0, ""}};
  Board board;
  board.regions = {{"FLASH", kFlash, 0x100, flash}, {"RAM", kRam, 0x100, ram}};
  std::ostringstream said;
  Diag diag(said);
  check_regions_hold(sample.layout, board, diag);
  return said.str();
}

TEST(SealCheck, AcceptsWhatCanBeStored) {
  EXPECT_EQ(fault({{.name = ".text", .vma = kFlash, .lma = kFlash, .bytes = "code"},
                   {.name = ".data", .vma = kRam, .lma = kFlash + 4, .bytes = "data"},
                   {.name = ".bss", .vma = kRam + 4, .lma = kRam + 4, .nobits = 8}}),
            "");
}

TEST(SealCheck, RefusesBytesOutsideEveryRegion) {
  EXPECT_NE(fault({{.name = ".far", .vma = 0x20, .lma = 0x20, .bytes = "x"}})
                .find("section .far is stored at 0x20, 1 bytes, outside every region"),
            std::string::npos);
  // The last byte counts.
  EXPECT_EQ(fault({{.name = ".x", .vma = kFlash + 0xff, .lma = kFlash + 0xff, .bytes = "x"}}), "");
  EXPECT_NE(fault({{.name = ".x", .vma = kFlash + 0xff, .lma = kFlash + 0xff, .bytes = "xy"}}), "");
}

TEST(SealCheck, RefusesInitialValuesInRam) {
  const std::vector<SampleSection> data{{.name = ".data", .vma = kRam, .lma = kRam, .bytes = "d"}};
  EXPECT_NE(fault(data).find("in region 'RAM', which is ram and empty after power-on"),
            std::string::npos);
  // A program that is loaded into RAM as a whole.
  EXPECT_EQ(fault(data, RegionKind::kRam, RegionKind::kRam), "");
}

TEST(SealCheck, RefusesCodeWhereOnlyDataCanBe) {
  const std::vector<SampleSection> fast{{.name = ".fast",
                                         .vma = kRam,
                                         .lma = kFlash,
                                         .flags = SHF_ALLOC | SHF_EXECINSTR,
                                         .bytes = "c"}};
  EXPECT_EQ(fault(fast), "");
  EXPECT_NE(fault(fast, RegionKind::kDram).find("holds code"), std::string::npos);
}

}  // namespace
}  // namespace fwseal
