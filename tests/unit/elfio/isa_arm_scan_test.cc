#include "elfio/isa_arm_scan.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

namespace fwseal::arm {
namespace {

// Reads one instruction in the middle of a section that is larger than any literal is far away.
std::optional<CodeScan> scan_one(CodeMode mode, u32 insn) {
  static std::array<std::byte, 16384> contents;
  constexpr u64 kPlace = 8192;
  if (mode == CodeMode::kThumb) insn = insn << 16 | insn >> 16;
  std::memcpy(contents.data() + kPlace, &insn, sizeof insn);
  const std::array<CodeRun, 3> runs{
      CodeRun{0, kPlace}, {kPlace, kPlace + 4, mode}, {kPlace + 4, contents.size()}};
  CodeScan scan;
  if (!scan_code(Bytes(contents), runs, 1, {}, scan)) return std::nullopt;
  return scan;
}

// VCADD, VCMLA and others have the bits of LDC2; a vector register is not the program counter.
TEST(ArmScan, UnconditionalCoprocessorIsNoLiteral) {
  for (const u32 insn : {0xfddf'f8a8u, 0xfd9f'f8a7u, 0xfd9f'5e04u}) {
    EXPECT_FALSE(scan_one(CodeMode::kThumb, insn)) << hex(insn);
    EXPECT_FALSE(scan_one(CodeMode::kArm, insn)) << hex(insn);
  }
  const auto other = scan_one(CodeMode::kThumb, 0xfd91'f8a7);  // of another vector register
  ASSERT_TRUE(other);
  EXPECT_TRUE(other->references.empty());
  const auto vldr = scan_one(CodeMode::kThumb, 0xed9f'0a00);  // VLDR s0, [pc]
  ASSERT_TRUE(vldr);
  EXPECT_EQ(vldr->references.size(), 1u);
}

TEST(ArmScan, HintsAboutLiterals) {
  for (const u32 insn : {0xf5df'f04cu, 0xf55f'f04cu, 0xf4df'f04cu, 0xf45f'f04cu}) {
    const auto scan = scan_one(CodeMode::kArm, insn);  // PLD, PLI
    ASSERT_TRUE(scan) << hex(insn);
    ASSERT_EQ(scan->references.size(), 1u) << hex(insn);
    const u32 distance = (insn & 1 << 23) != 0 ? 0x4c : -0x4cu;
    EXPECT_EQ(scan->references[0].target, 8192 + 8 + distance);
  }
  // Unallocated, PLDW, and vectors.
  for (const u32 insn : {0xf41f'fea9u, 0xf49f'fea9u, 0xf59f'f000u, 0xf46f'864fu, 0xf57f'0000u})
    EXPECT_EQ(scan_one(CodeMode::kArm, insn).has_value(), insn == 0xf57f'0000) << hex(insn);
}

// By GNU as 2.40.
TEST(ArmScan, LowOverheadLoops) {
  struct Row {
    u32 insn;
    i64 distance;  // from the instruction
  };
  for (const Row& row : {Row{0xf00f'c0c7, 4 - 0x18c},
                         {0xf00f'c809, 4 - 0x12},
                         {0xf02f'c009, -12},
                         {0xf01f'c009, -12},
                         {0xf042'c009, 20},
                         {0xf042'c809, 22}}) {
    const auto scan = scan_one(CodeMode::kThumb, row.insn);
    ASSERT_TRUE(scan) << hex(row.insn);
    ASSERT_EQ(scan->references.size(), 1u) << hex(row.insn);
    EXPECT_EQ(i64{scan->references[0].target} - 8192, row.distance) << hex(row.insn);
    EXPECT_EQ(scan->references[0].form, CodeReference::kFixed);
    EXPECT_TRUE(scan->stops.empty());
  }
  const auto begin = scan_one(CodeMode::kThumb, 0xf043'e001);  // DLS lr, r3
  ASSERT_TRUE(begin);
  EXPECT_TRUE(begin->references.empty());
  EXPECT_FALSE(scan_one(CodeMode::kThumb, 0xf080'e001));  // BF
}

TEST(ArmScan, LongShiftsReadNoProgramCounter) {
  EXPECT_TRUE(scan_one(CodeMode::kThumb, 0xea56'07af));   // ASRL r6, r7, #2
  EXPECT_FALSE(scan_one(CodeMode::kThumb, 0xea46'07af));  // ORR r7, r6, pc, ASR #2
}

TEST(ArmScan, ConditionalSelect) {
  EXPECT_TRUE(scan_one(CodeMode::kThumb, 0xea5f'900f));   // CSET r0, NE
  EXPECT_FALSE(scan_one(CodeMode::kThumb, 0xea5f'9f0f));  // to the program counter
}

// LDR.W LR, the word at 8; ADD LR, PC; then a BX LR at 6; the word; a handler at 12.
struct HandlerCode {
  std::array<u16, 8> code{0xf8df, 0xe004, 0x44fe, 0x4770, 0, 0, 0x4770, 0xbf00};
  std::vector<u32> relocated;
  u32 literal = 12 - 8 + 1;  // from what ADD reads as pc

  std::optional<CodeScan> scan() {
    code[4] = static_cast<u16>(literal);
    code[5] = static_cast<u16>(literal >> 16);
    const std::array<CodeRun, 3> runs{
        CodeRun{0, 8, CodeMode::kThumb}, {8, 12, CodeMode::kData}, {12, 16, CodeMode::kThumb}};
    CodeScan scan;
    for (u64 i = 0; i < runs.size(); i++)
      if (!scan_code(Bytes(std::as_bytes(std::span(code))), runs, i, relocated, scan))
        return std::nullopt;
    return scan;
  }
};

TEST(ArmScan, AddressOfAHandler) {
  const auto scan = HandlerCode().scan();
  ASSERT_TRUE(scan);
  ASSERT_EQ(scan->references.size(), 3u);
  for (const CodeReference& reference : scan->references) {
    EXPECT_FALSE(reference.takes_address);
    EXPECT_EQ(reference.form, CodeReference::kFixed);
    EXPECT_EQ(reference.place, &reference == &scan->references[0] ? 0u : 4u);
  }
  EXPECT_EQ(scan->references[0].target, 8u);
  EXPECT_EQ(scan->references[1].target, 8u);
  EXPECT_EQ(scan->references[2].target, 12u);
}

TEST(ArmScan, NoAddressOfAHandler) {
  const auto fails = [](auto change) {
    HandlerCode code;
    change(code);
    return !code.scan();
  };
  EXPECT_TRUE(fails([](HandlerCode& x) { x.literal--; }));  // not to be jumped to from LR
  EXPECT_TRUE(fails([](HandlerCode& x) { x.literal = 100 + 1; }));
  EXPECT_TRUE(fails([](HandlerCode& x) { x.literal = ~u32{100}; }));
  EXPECT_TRUE(fails([](HandlerCode& x) { x.literal = 0 + 1; }));  // data
  EXPECT_TRUE(fails([](HandlerCode& x) { x.relocated = {8}; }));  // not what it is
  EXPECT_TRUE(fails([](HandlerCode& x) { x.relocated = {10}; }));
  EXPECT_TRUE(fails([](HandlerCode& x) { x.relocated = {0}; }));
  EXPECT_TRUE(fails([](HandlerCode& x) { x.code[1] = 0xc004; }));  // of another register
  EXPECT_TRUE(fails([](HandlerCode& x) { x.code[2] = 0x44fc; }));  // LR is not what is added to
  EXPECT_TRUE(fails([](HandlerCode& x) { std::swap(x.code[2], x.code[3]); }));
  EXPECT_TRUE(fails([](HandlerCode& x) { x.code[6] = 0xe7fa; }));  // B to the ADD
  EXPECT_TRUE(fails([](HandlerCode& x) { x.code = {0xbf08, 0xf8df, 0xe000, 0x44fe}; }));
  EXPECT_FALSE(fails([](HandlerCode& x) { x.code[6] = 0xe7f8; }));  // B to the LDR
}

}  // namespace
}  // namespace fwseal::arm
