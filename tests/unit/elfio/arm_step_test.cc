#include "elfio/arm_step.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;

ArmStep thumb(u16 first, u16 second = 0) {
  return is_wide_thumb(first) ? decode_thumb32(first, second) : decode_thumb16(first);
}

// The encodings in these tests are those of GNU as 2.40.
TEST(ArmStep, KnowsMovesAndSums) {
  const ArmStep moves = thumb(0x2207);  // movs r2, #7
  EXPECT_EQ(moves.kind, Kind::kMove);
  EXPECT_EQ(moves.rd, 2);
  EXPECT_EQ(moves.offset, 7);
  EXPECT_TRUE(moves.sets_flags);
  const ArmStep wide = thumb(0xf04f, 0x4380);  // mov.w r3, #0x40000000
  EXPECT_EQ(wide.kind, Kind::kMove);
  EXPECT_EQ(wide.offset, 0x40000000);
  EXPECT_FALSE(wide.sets_flags);
  const ArmStep add = thumb(0x44c9);  // add r9, r9
  EXPECT_EQ(add.kind, Kind::kAdd);
  EXPECT_EQ(add.rd, 9);
  EXPECT_EQ(add.rm, 9);
  EXPECT_TRUE(add.by_register);
  EXPECT_EQ(decode_arm(0xe2833004).kind, Kind::kAdd);  // add r3, r3, #4
}

TEST(ArmStep, KnowsAccesses) {
  const ArmStep literal = thumb(0x4b01);  // ldr r3, [pc, #4]
  EXPECT_EQ(literal.kind, Kind::kLoad);
  EXPECT_EQ(literal.rn, 15);
  EXPECT_EQ(literal.offset, 4);
  const ArmStep byte = thumb(0x711a);  // strb r2, [r3, #4]
  EXPECT_EQ(byte.kind, Kind::kStore);
  EXPECT_EQ(byte.size, 1);
  EXPECT_EQ(byte.offset, 4);
  const ArmStep pair = thumb(0xe9c3, 0x1202);  // strd r1, r2, [r3, #8]
  EXPECT_EQ(pair.kind, Kind::kStore);
  EXPECT_EQ(pair.size, 8);
  EXPECT_EQ(pair.rd, 1);
  EXPECT_EQ(pair.rd2, 2);
  EXPECT_EQ(pair.offset, 8);
  const ArmStep push = thumb(0xf84d, 0x2d04);  // str r2, [sp, #-4]!
  EXPECT_TRUE(push.writes_back);
  EXPECT_FALSE(push.post_indexed);
  EXPECT_EQ(push.offset, -4);
  const ArmStep arm = decode_arm(0xe49df004);  // ldr pc, [sp], #4
  EXPECT_EQ(arm.kind, Kind::kLoad);
  EXPECT_EQ(arm.rd, 15);
  EXPECT_TRUE(arm.post_indexed);
}

TEST(ArmStep, KnowsListsOfRegisters) {
  const ArmStep push = thumb(0xb508);  // push {r3, lr}
  EXPECT_EQ(push.kind, Kind::kStoreMany);
  EXPECT_EQ(push.list, 0x4008);
  EXPECT_EQ(push.offset, -8);
  EXPECT_EQ(push.growth, -8);
  const ArmStep pop = thumb(0xe8bd, 0x4008);  // ldmia.w sp!, {r3, lr}
  EXPECT_EQ(pop.kind, Kind::kLoadMany);
  EXPECT_EQ(pop.offset, 0);
  EXPECT_EQ(pop.growth, 8);
  EXPECT_TRUE(pop.writes_back);
}

TEST(ArmStep, KnowsBranches) {
  EXPECT_EQ(thumb(0xe7fe).offset, 0);                           // b .
  EXPECT_EQ(thumb(0xb10b).offset, 6);                           // cbz r3, .+6
  EXPECT_EQ(thumb(0xb3fb).offset, 4 + 126);                     // cbz r3, as far as it goes
  EXPECT_EQ(thumb(0xf000, 0xf800).offset, 4);                   // bl .+4
  EXPECT_EQ(thumb(0xd002).condition, 0);                        // beq
  EXPECT_EQ(thumb(0x4770).kind, Kind::kJumpRegister);           // bx lr
  EXPECT_EQ(thumb(0x4798).kind, Kind::kCallRegister);           // blx r3
  EXPECT_EQ(decode_arm(0xe12fff1e).kind, Kind::kJumpRegister);  // bx lr
  EXPECT_EQ(decode_arm(0xe1a0f00e).kind, Kind::kJumpRegister);  // mov pc, lr
  EXPECT_EQ(decode_arm(0xeafffffe).offset, 0);                  // b .
}

// All that could be seen from outside must not pass as something else.
TEST(ArmStep, DoesNotKnowWhatHasEffects) {
  struct Row {
    u16 first;
    u16 second;
  };
  constexpr Row kRows[] = {
      {0xf3bf, 0x8f4f},  // dsb sy
      {0xf3bf, 0x8f6f},  // isb
      {0xf380, 0x8808},  // msr msp, r0
      {0xf3ef, 0x8010},  // mrs r0, primask
      {0xe853, 0x2f00},  // ldrex r2, [r3]
      {0xe8d0, 0xf001},  // tbb [r0, r1]
      {0xf843, 0x2e04},  // strt r2, [r3, #4]
      {0xed2d, 0x8b02},  // vpush {d8}
      {0xee10, 0x0f10},  // mrc
      {0xe8bd, 0x2008},  // ldm sp!, {r3, sp}: unpredictable
      {0xb672, 0},       // cpsid i
      {0xdf00, 0},       // svc 0
      {0xde00, 0},       // udf
      {0xbe00, 0},       // bkpt
      {0xbf30, 0},       // wfi
      {0xbf40, 0},       // sev
      {0x4487, 0},       // add pc, r0
      {0x469f, 0},       // mov pc, r3
  };
  for (const Row& row : kRows)
    EXPECT_EQ(thumb(row.first, row.second).kind, Kind::kUnknown) << std::hex << row.first;
  for (const u32 insn : {0xef000000u,   // svc 0
                         0xe1b0f00eu,   // movs pc, lr
                         0xe8fd8000u,   // ldm sp!, {pc}^
                         0xf57ff04fu,   // dsb sy
                         0xe10f0000u,   // mrs r0, cpsr
                         0xe1030092u,   // swp r0, r2, [r3]
                         0xee070f15u,   // mcr
                         0xe08ff000u})  // add pc, pc, r0
    EXPECT_EQ(decode_arm(insn).kind, Kind::kUnknown) << std::hex << insn;
}

// Whatever the bits are, what comes out can be executed: registers are in range.
TEST(ArmStep, ReadsEveryNarrowInstruction) {
  for (u32 insn = 0; insn < 0xe800; insn++) {
    const ArmStep step = decode_thumb16(static_cast<u16>(insn));
    ASSERT_EQ(step.length, 2);
    ASSERT_LE(step.rd, 15);
    ASSERT_LE(step.rn, 15);
    ASSERT_LE(step.rm, 15);
  }
}

}  // namespace
}  // namespace fwseal
