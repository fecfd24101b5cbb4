#include "flashmap/board.h"

#include <gtest/gtest.h>

#include "tests/unit/flashmap/sample.h"

namespace fwseal {
namespace {

constexpr u64 kText = SHF_ALLOC | SHF_EXECINSTR;
constexpr u64 kData = SHF_ALLOC | SHF_WRITE;

RegionKind by_name(std::string_view name) { return kind_of(name, "", {}); }

TEST(KindOf, FollowsTheNamesOfVendorScripts) {
  for (const auto name : {"FLASH", "flash", "rom", "ROM2", "irom0_0_seg", "drom0_0_seg", "EEPROM",
                          "FLASH_TEXT", "EXTFLASH", "QSPI", "program", "BOOT_FLASH", "XIP_BANK"})
    EXPECT_EQ(by_name(name), RegionKind::kFlash) << name;
  for (const auto name :
       {"RAM", "ram", "SRAM1", "RAM_D2", "BKPSRAM", "SDRAM", "PSRAM", "SCRATCH_RAM"})
    EXPECT_EQ(by_name(name), RegionKind::kRam) << name;
  for (const auto name : {"iram1_0_seg", "ITCM", "ITCMRAM", "SRAM_ITCM"})
    EXPECT_EQ(by_name(name), RegionKind::kIram) << name;
  for (const auto name : {"dram0_0_seg", "DTCM", "DTCMRAM", "CCMRAM", "CCM"})
    EXPECT_EQ(by_name(name), RegionKind::kDram) << name;
}

TEST(KindOf, NeedsAWholeWordAtAnEndOfAPart) {
  // With attributes that say flash, a name without opinion gives flash.
  for (const auto name : {"params", "framebuffer", "m_text", "aromatic", "", "_", "42"})
    EXPECT_EQ(kind_of(name, "rx", {}), RegionKind::kFlash) << name;
  for (const auto name : {"params", "framebuffer", "m_data", "aromatic", "", "_", "42"})
    EXPECT_EQ(kind_of(name, "rw", {}), RegionKind::kRam) << name;
}

TEST(KindOf, PutsTheNameBeforeTheAttributesBeforeTheContents) {
  EXPECT_EQ(kind_of("FLASH", "rwx", {.writable = true}), RegionKind::kFlash);
  EXPECT_EQ(kind_of("RAM", "rx", {.read_only = true}), RegionKind::kRam);
  EXPECT_EQ(kind_of("m_data", "RW", {.read_only = true}), RegionKind::kRam);
  EXPECT_EQ(kind_of("m_text", "RX", {.writable = true}), RegionKind::kFlash);
  EXPECT_EQ(kind_of("m_text", "rx!w", {.writable = true}), RegionKind::kFlash);
}

// All contents without a name or attributes.
TEST(KindOf, InfersFromContentsWhenNothingElseIsSaid) {
  for (const bool writable : {false, true})
    for (const bool read_only : {false, true})
      for (const bool loaded : {false, true}) {
        const bool flash = loaded || (read_only && !writable);
        EXPECT_EQ(kind_of("a", "", {writable, read_only, loaded}),
                  flash ? RegionKind::kFlash : RegionKind::kRam);
        EXPECT_EQ(kind_of("a", "!w", {writable, read_only, loaded}),
                  flash ? RegionKind::kFlash : RegionKind::kRam);
      }
}

TEST(InferBoard, TakesTheScriptAndLetsRulesWin) {
  Sample sample({{.name = ".text", .flags = kText, .bytes = "t", .region = 0},
                 {.name = ".data",
                  .vma = 0x2000'0000,
                  .lma = 1,
                  .flags = kData,
                  .bytes = "d",
                  .region = 1,
                  .load_region = 0},
                 {.name = ".empty", .flags = kData, .region = 2}});
  sample.layout.regions = {
      {"a", 0, 0x100, 2, 0}, {"b", 0x2000'0000, 0x40, 1, 0}, {"c", 9, 1, 0, 0}};
  Script script;
  for (const auto& [name, attributes] : {std::pair{"a", ""}, {"b", ""}, {"c", "r"}}) {
    MemoryRegion& region = script.regions.emplace_back();
    region.name = name;
    region.attributes = attributes;
  }

  const Board board = infer_board(sample.layout, script, {});
  ASSERT_EQ(board.regions.size(), 3u);
  EXPECT_EQ(board.regions[0].kind, RegionKind::kFlash);
  EXPECT_EQ(board.regions[1].kind, RegionKind::kRam);
  EXPECT_EQ(board.regions[2].kind, RegionKind::kFlash);
  EXPECT_EQ(board.regions[1].origin, 0x2000'0000u);
  EXPECT_EQ(board.regions[1].length, 0x40u);

  const RegionKindRule rule{"b", RegionKind::kDram};
  EXPECT_EQ(infer_board(sample.layout, script, {&rule, 1}).regions[1].kind, RegionKind::kDram);
}

TEST(NameOf, IsWhatTheConfigurationCallsIt) {
  EXPECT_EQ(name_of(RegionKind::kFlash), "flash");
  EXPECT_EQ(name_of(RegionKind::kRam), "ram");
  EXPECT_EQ(name_of(RegionKind::kIram), "iram");
  EXPECT_EQ(name_of(RegionKind::kDram), "dram");
}

}  // namespace
}  // namespace fwseal
