// Which ways code with anchors goes, and what it brings along. One case for each rule: without it,
// less would stay.
#include <gtest/gtest.h>

#include "tests/unit/graph/anchor_world.h"

namespace fwseal {
namespace {

const CutResult::List& kAll = AnchorWorld::kAll;

TEST(AnchorWays, WaysThatMeet) {
  check_anchors({
      {"ldr r3, L; adds r3, #64; cmp r0, #0; it eq; subeq r3, #64; ldr r0, [r3]; bx lr",
       {0x4b03, 0x3340, 0x2800, 0xbf08, 0x3b40, 0x6818, 0x4770, 0xbf00},
       {0},
       {0, 32, 64}},
      {"ldr r3, L; subs r3, #32; cmp r0, #0; it eq; addeq r3, #32; ldr r0, [r3]; bx lr",
       {0x4b03, 0x3b20, 0x2800, 0xbf08, 0x3320, 0x6818, 0x4770, 0xbf00},
       {64},
       {32, 64}},
      {"ldr r3, L; adds r3, #64; cbz r0, 1f; subs r3, #64; 1: ldr r0, [r3]; bx lr",
       {0x4b02, 0x3340, 0xb100, 0x3b40, 0x6818, 0x4770},
       {0},
       {0, 32, 64}},
      {"ldr r3, L; ldr r2, L+4; subs r2, #64; cmp r0, #0; it eq; moveq r2, r3; ldr r0, [r2]; bx lr",
       {0x4b03, 0x4a04, 0x3a40, 0x2800, 0xbf08, 0x461a, 0x6810, 0x4770},
       {0, 96},
       kAll},
      {"ldr r3, L; ldr r2, L+4; sub.w r2, r2, #64; and r1, r1, #15; add r3, r3, r1, lsl #2; 1: ldr "
       "r0, [r3]; mov r3, r2; cmp r0, #0; bne 1b; bx lr",
       {0x4b06, 0x4a07, 0xf1a2, 0x0240, 0xf001, 0x010f, 0xeb03, 0x0381, 0x6818, 0x4613, 0x2800,
        0xd1fb, 0x4770, 0xbf00},
       {0, 96},
       kAll},
      {"ldr r3, L; sub sp, #8; ldr r2, L+4; subs r2, #64; str r2, [sp]; cmp r0, #0; it eq; streq "
       "r3, [sp]; movs r2, #0; movs r3, #0; ldr r3, [sp]; ldr r0, [r3]; add sp, #8; bx lr",
       {0x4b06, 0xb082, 0x4a06, 0x3a40, 0x9200, 0x2800, 0xbf08, 0x9300, 0x2200, 0x2300, 0x9b00,
        0x6818, 0xb002, 0x4770},
       {0, 96},
       kAll},
  });
}

TEST(AnchorWays, DistancesBetweenAnchors) {
  check_anchors({
      {"ldr r3, L; ldr r2, L+4; cmp r3, r2; it lo; ldrlo r0, [r3]; bx lr",
       {0x4b02, 0x4a03, 0x4293, 0xbf38, 0x6818, 0x4770},
       {0, 96},
       kAll},
      {"ldr r3, L; ldr r2, L+4; sub.w r0, r2, r3; bx lr",
       {0x4b02, 0x4a03, 0xeba2, 0x0003, 0x4770, 0xbf00},
       {0, 96},
       kAll},
      {"ldr r3, L; 1: subs r0, #4; ldr r2, [r0]; cmp r3, r0; bne 1b; bx lr",
       {0x4b02, 0x3804, 0x6802, 0x4283, 0xd1fb, 0x4770},
       {64},
       {32, 64}},
  });
}

// They are of what was compared, as long as it is in its register.
TEST(AnchorWays, FlagsOfWhatIsGone) {
  check_anchors({
      {"ldr r3, L; cmp r1, #7; mov r1, r0; it ls; ldrls r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0x2907, 0x4601, 0xbf98, 0xf853, 0x0021, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; mov r2, #7; cmp r2, r1; mov r1, r0; it hs; ldrhs r0, [r3, r1, lsl #2]; bx lr",
       {0x4b04, 0xf04f, 0x0207, 0x428a, 0x4601, 0xbf28, 0xf853, 0x0021, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; cmp r1, #7; tst r0, #1; it ls; ldrls r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0x2907, 0xf010, 0x0f01, 0xbf98, 0xf853, 0x0021, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; mov r2, #32; cmp r2, r1, lsl #2; it hs; ldrhs r0, [r3, r1]; bx lr",
       {0x4b03, 0xf04f, 0x0220, 0xebb2, 0x0f81, 0xbf28, 0x5858, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; mov r1, #1; cmp r1, #7; it ls; movls r0, #0; it ne; ldrne r2, [r3, #40]; bx lr",
       {0x4b04, 0xf04f, 0x0101, 0x2907, 0xbf98, 0x2000, 0xbf18, 0x6a9a, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"push {r4, r5, r6, lr}; mov r4, r0; ldr r5, L; cmp r4, #7; bl ext; it ls; ldrls r0, [r5, "
       "r4, lsl #2]; pop {r4, r5, r6, pc}",
       {0xb570, 0x4604, 0x4d03, 0x2c07, 0xf7ff, 0xfffe, 0xbf98, 0xf855, 0x0024, 0xbd70},
       {0},
       kAll},
      {"ldr r3, L; cbz r0, 1f; cmp r1, #7; b 2f; 1: cmp r2, #7; 2: it ls; ldrls r0, [r3, r1, lsl "
       "#2]; bx lr",
       {0x4b04, 0xb108, 0x2907, 0xe000, 0x2a07, 0xbf98, 0xf853, 0x0021, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; mov r12, #7; cbz r0, 1f; cmp r12, r1; b 2f; 1: cmp r12, r2; 2: it hs; ldrhs r0, "
       "[r3, r1, lsl #2]; bx lr",
       {0x4b05, 0xf04f, 0x0c07, 0xb108, 0x458c, 0xe000, 0x4594, 0xbf28, 0xf853, 0x0021, 0x4770,
        0xbf00},
       {0},
       kAll},
  });
}

// The second way to a place brings other flags or another frame.
TEST(AnchorWays, TheSecondRoundOfALoop) {
  check_anchors({
      {"ldr r3, L; cmp r1, #7; 1: it ls; ldrls r0, [r3, r1, lsl #2]; cmp r2, #7; b 1b",
       {0x4b03, 0x2907, 0xbf98, 0xf853, 0x0021, 0x2a07, 0xe7fa, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; mov r2, #7; cmp r2, r1; 1: it hs; ldrhs r0, [r3, r1, lsl #2]; cmp r2, r0; b 1b",
       {0x4b04, 0xf04f, 0x0207, 0x428a, 0xbf28, 0xf853, 0x0021, 0x4282, 0xe7fa, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; mov r1, #0; cmp r1, #1; mov r1, #0; 1: it eq; ldreq r0, [r3, #40]; ldr r1, "
       "[r2]; cmp r1, #1; mov r1, #0; b 1b",
       {0x4b06, 0xf04f, 0x0100, 0x2901, 0xf04f, 0x0100, 0xbf08, 0x6a98, 0x6811, 0x2901, 0xf04f,
        0x0100, 0xe7f8, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; mov r1, #1; mov r0, #0; cmp r1, r0; mov r0, #0; mov r1, #0; 1: it eq; ldreq r4, "
       "[r3, #40]; ldr r0, [r2]; mov r1, #1; cmp r1, r0; mov r0, #0; mov r1, #0; b 1b",
       {0x4b0a, 0xf04f, 0x0101, 0xf04f, 0x0000, 0x4281, 0xf04f, 0x0000, 0xf04f, 0x0100, 0xbf08,
        0x6a9c, 0x6810, 0xf04f, 0x0101, 0x4281, 0xf04f, 0x0000, 0xf04f, 0x0100, 0xe7f4, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; sub sp, #8; movs r1, #1; str r1, [sp, #4]; 1: ldr r1, [sp, #4]; ldr r0, [r3, "
       "r1, lsl #2]; str r0, [sp, #4]; movs r1, #1; b 1b",
       {0x4b04, 0xb082, 0x2101, 0x9101, 0x9901, 0xf853, 0x0021, 0x9001, 0x2101, 0xe7f9},
       {0},
       kAll},
      {"ldr r3, L; sub sp, #8; 1: ldr r2, [sp]; ldr r0, [r2, #40]; str r3, [sp]; b 1b",
       {0x4b02, 0xb082, 0x9a00, 0x6a90, 0x9300, 0xe7fb},
       {0},
       {0, 32}},
      {"ldr r3, L; sub sp, #8; movs r1, #1; str r1, [sp, #4]; 1: ldr r2, [sp]; ldr r0, [r2, #40]; "
       "str r3, [sp]; b 1b",
       {0x4b03, 0xb082, 0x2101, 0x9101, 0x9a00, 0x6a90, 0x9300, 0xe7fb},
       {0},
       {0, 32}},
      {"sub sp, #8; ldr r4, L; 1: movs r1, #1; str r1, [sp, #4]; bl ext; ldr r1, [sp, #4]; ldr r0, "
       "[r4, r1, lsl #2]; mov r0, sp; bl ext; b 1b",
       {0xb082, 0x4c06, 0x2101, 0x9101, 0xf7ff, 0xfffe, 0x9901, 0xf854, 0x0021, 0x4668, 0xf7ff,
        0xfffe, 0xe7f4, 0xbf00},
       {64},
       kAll},
  });
}

// Into an IT block, past the IT: there no condition holds that the block would have.
TEST(AnchorWays, IntoAnItBlock) {
  check_anchors({
      {"ldr r3, L; adds r3, #64; cbz r0, 1f; cmp r0, #1; it eq; 1: subs r3, #64; ldr r0, [r3]; bx "
       "lr",
       {0x4b03, 0x3340, 0xb108, 0x2801, 0xbf08, 0x3b40, 0x6818, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; movs r1, #1; cmp r1, #0; it eq; 1: ldr r1, [r3, #40]; movs r1, #1; cmp r1, #0; "
       "b 1b",
       {0x4b03, 0x2101, 0x2900, 0xbf08, 0x6a99, 0x2101, 0x2900, 0xe7fb},
       {0},
       {0, 32}},
  });
}

// What a register or the flags hold in the second round is not among what they held in the first.
TEST(AnchorWays, TheSecondRoundBringsAnotherKindOfValue) {
  check_anchors({
      {"ldr r3, L; mov r1, #-2; add.w r1, r1, #1; cmp r1, r2; mov r1, #0; mov r2, #0; 1: it lo; "
       "ldrlo r0, [r3, #40]; mov r1, #-2; adds r1, #1; mov r1, #0; b 1b",
       {0x4b08, 0xf06f, 0x0101, 0xf101, 0x0101, 0x4291, 0xf04f, 0x0100, 0xf04f, 0x0200, 0xbf38,
        0x6a98, 0xf06f, 0x0101, 0x3101, 0xf04f, 0x0100, 0xe7f7},
       {0},
       {0, 32}},
      {"sub sp, #8; ldr r4, L; movs r1, #1; str r1, [sp, #4]; eor r12, r4, r0; 1: bl ext; ldr r1, "
       "[sp, #4]; ldr r0, [r4, r1, lsl #2]; movs r1, #1; str r1, [sp, #4]; mov r12, sp; b 1b",
       {0xb082, 0x4c07, 0x2101, 0x9101, 0xea84, 0x0c00, 0xf7ff, 0xfffe, 0x9901, 0xf854, 0x0021,
        0x2101, 0x9101, 0x46ec, 0xe7f6, 0xbf00},
       {64},
       kAll},
      {"ldr r3, L; mov r2, r3; 1: cmp r2, r3; it ne; ldrne r0, [r3, #40]; mov r2, r0; b 1b",
       {0x4b03, 0x461a, 0x429a, 0xbf18, 0x6a98, 0x4602, 0xe7fa, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; mov r2, r3; 1: cmp r2, r3; it ne; ldrne r0, [r3, #40]; cmp r0, #0; it eq; moveq "
       "r2, r0; b 1b",
       {0x4b04, 0x461a, 0x429a, 0xbf18, 0x6a98, 0x2800, 0xbf08, 0x4602, 0xe7f8, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; sub sp, #8; add r2, sp, #8; 1: add r1, sp, #8; cmp r2, r1; it ne; ldrne r0, "
       "[r3, #40]; movs r2, #0; mov r1, r2; b 1b",
       {0x4b04, 0xb082, 0xaa02, 0xa902, 0x428a, 0xbf18, 0x6a98, 0x2200, 0x4611, 0xe7f8},
       {0},
       {0, 32}},
  });
}

// An index in the frame is no longer known once somebody else may have stored to it.
TEST(AnchorWays, WhatIsInTheFrame) {
  check_anchors({
      {"sub sp, #8; movs r1, #1; str r1, [sp, #4]; mov r2, sp; cmp r0, #0; it eq; moveq r2, r3; "
       "str r0, [r2, #4]; ldr r1, [sp, #4]; ldr r3, L; ldr r0, [r3, r1, lsl #2]; add sp, #8; bx lr",
       {0xb082, 0x2101, 0x9101, 0x466a, 0x2800, 0xbf08, 0x461a, 0x6050, 0x9901, 0x4b02, 0xf853,
        0x0021, 0xb002, 0x4770},
       {64},
       kAll},
      {"sub sp, #8; movs r1, #1; str r1, [sp, #4]; mov r2, sp; eors r2, r3; eors r2, r3; str r0, "
       "[r2, #4]; ldr r1, [sp, #4]; ldr r3, L; ldr r0, [r3, r1, lsl #2]; add sp, #8; bx lr",
       {0xb082, 0x2101, 0x9101, 0x466a, 0x405a, 0x405a, 0x6050, 0x9901, 0x4b02, 0xf853, 0x0021,
        0xb002, 0x4770, 0xbf00},
       {64},
       kAll},
      {"sub sp, #8; movs r1, #1; str r1, [sp, #4]; mov r2, sp; str r2, [sp]; cmp r0, #0; it eq; "
       "streq r3, [sp]; ldr r2, [sp]; str r0, [r2, #4]; ldr r1, [sp, #4]; ldr r3, L; ldr r0, [r3, "
       "r1, lsl #2]; add sp, #8; bx lr",
       {0xb082, 0x2101, 0x9101, 0x466a, 0x9200, 0x2800, 0xbf08, 0x9300, 0x9a00, 0x6050, 0x9901,
        0x4b02, 0xf853, 0x0021, 0xb002, 0x4770},
       {64},
       kAll},
      {"sub sp, #8; movs r1, #1; str r1, [sp, #4]; mov r2, sp; rsb r2, r2, #0; rsb r2, r2, #0; str "
       "r0, [r2, #4]; ldr r1, [sp, #4]; ldr r3, L; ldr r0, [r3, r1, lsl #2]; add sp, #8; bx lr",
       {0xb082, 0x2101, 0x9101, 0x466a, 0xf1c2, 0x0200, 0xf1c2, 0x0200, 0x6050, 0x9901, 0x4b02,
        0xf853, 0x0021, 0xb002, 0x4770, 0xbf00},
       {64},
       kAll},
      {"sub sp, #8; movs r1, #1; str r1, [sp, #4]; and r0, r0, #4; add r2, sp, r0; str r0, [r2]; "
       "ldr r1, [sp, #4]; ldr r3, L; ldr r0, [r3, r1, lsl #2]; add sp, #8; bx lr",
       {0xb082, 0x2101, 0x9101, 0xf000, 0x0004, 0xeb0d, 0x0200, 0x6010, 0x9901, 0x4b02, 0xf853,
        0x0021, 0xb002, 0x4770},
       {64},
       kAll},
      {"sub sp, #8; movs r1, #1; str r1, [sp, #4]; str r0, [sp, #4]; ldr r1, [sp, #4]; ldr r3, L; "
       "ldr r0, [r3, r1, lsl #2]; add sp, #8; bx lr",
       {0xb082, 0x2101, 0x9101, 0x9001, 0x9901, 0x4b02, 0xf853, 0x0021, 0xb002, 0x4770},
       {64},
       kAll},
      {"sub sp, #8; cbz r0, 2f; movs r1, #1; str r1, [sp, #4]; b 3f; 2: movs r1, #1; 3: ldr r1, "
       "[sp, #4]; ldr r3, L; ldr r0, [r3, r1, lsl #2]; add sp, #8; bx lr",
       {0xb082, 0xb110, 0x2101, 0x9101, 0xe000, 0x2101, 0x9901, 0x4b02, 0xf853, 0x0021, 0xb002,
        0x4770},
       {64},
       kAll},
      {"push {r4, lr}; sub sp, #8; ldr r4, L; cbz r0, 1f; mov r0, sp; bl ext; 1: movs r1, #1; str "
       "r1, [sp, #4]; bl ext; ldr r1, [sp, #4]; ldr r0, [r4, r1, lsl #2]; add sp, #8; pop {r4, pc}",
       {0xb510, 0xb082, 0x4c06, 0xb110, 0x4668, 0xf7ff, 0xfffe, 0x2101, 0x9101, 0xf7ff, 0xfffe,
        0x9901, 0xf854, 0x0021, 0xb002, 0xbd10},
       {64},
       kAll},
      {"push {r4, lr}; sub sp, #8; ldr r4, L; movs r1, #1; str r1, [sp, #4]; mov r2, sp; str r2, "
       "[r0]; movs r2, #0; bl ext; ldr r1, [sp, #4]; ldr r0, [r4, r1, lsl #2]; add sp, #8; pop "
       "{r4, pc}",
       {0xb510, 0xb082, 0x4c06, 0x2101, 0x9101, 0x466a, 0x6002, 0x2200, 0xf7ff, 0xfffe, 0x9901,
        0xf854, 0x0021, 0xb002, 0xbd10, 0xbf00},
       {64},
       kAll},
      {"push {r4, lr}; sub sp, #8; ldr r4, L; movs r1, #1; str r1, [sp, #4]; mov r12, sp; bl ext; "
       "str r0, [r12, #4]; ldr r1, [sp, #4]; ldr r0, [r4, r1, lsl #2]; add sp, #8; pop {r4, pc}",
       {0xb510, 0xb082, 0x4c06, 0x2101, 0x9101, 0x46ec, 0xf7ff, 0xfffe, 0xf8cc, 0x0004, 0x9901,
        0xf854, 0x0021, 0xb002, 0xbd10, 0xbf00},
       {64},
       kAll},
      {"push {r4, lr}; sub sp, #8; ldr r4, L; mov r0, sp; bl ext; str r4, [sp]; add sp, #8; pop "
       "{r4, pc}",
       {0xb510, 0xb082, 0x4c03, 0x4668, 0xf7ff, 0xfffe, 0x9400, 0xb002, 0xbd10, 0xbf00},
       {64},
       {32, 64}},
      {"sub sp, #8; ldr r3, L; str r3, [sp]; ldrh r2, [sp]; movs r3, #0; ldr r0, [r2]; add sp, #8; "
       "bx lr",
       {0xb082, 0x4b04, 0x9300, 0xf8bd, 0x2000, 0x2300, 0x6810, 0xb002, 0x4770, 0xbf00},
       {0},
       kAll},
      {"sub sp, #8; ldr r3, L; str r3, [sp]; strb r0, [sp, #1]; ldr r3, [sp]; ldr r0, [r3]; add "
       "sp, #8; bx lr",
       {0xb082, 0x4b04, 0x9300, 0xf88d, 0x0001, 0x9b00, 0x6818, 0xb002, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; sub sp, #8; str r0, [sp, #4]; ldrsb r1, [sp, #4]; asrs r1, r1, #3; ldr r0, [r3, "
       "r1]; add sp, #8; bx lr",
       {0x4b04, 0xb082, 0x9001, 0xf99d, 0x1004, 0x10c9, 0x5858, 0xb002, 0x4770, 0xbf00},
       {64},
       {32, 64}},
  });
}

// Where control goes, and with what.
TEST(AnchorWays, WaysOut) {
  check_anchors({
      {"ldr r3, L; ldr r0, [r3, #40]; nop", {0x4b01, 0x6a98, 0xbf00, 0xbf00}, {0}, kAll},
      {"push {r4, lr}; ldr r3, L; ldr r0, [r3]; movs r3, #0; bl ext",
       {0xb510, 0x4b02, 0x6818, 0x2300, 0xf7ff, 0xfffe},
       {64},
       kAll,
       false},
      {"ldr r3, L; bx r3", {0x4b00, 0x4718}, {0}, kAll},
      {"ldr r2, L; movs r3, #0; bx r1", {0x4a01, 0x2300, 0x4708, 0xbf00}, {64}, {32, 64}},
      {"push {r4, lr}; ldr r3, L; blx r3; pop {r4, pc}",
       {0xb510, 0x4b01, 0x4798, 0xbd10},
       {0},
       kAll},
      {"push {lr}; ldr r3, L; cbz r0, 1f; adds r3, #64; bl 1f; pop {pc}; 1: ldr r0, [r3, #60]; pop "
       "{pc}",
       {0xb500, 0x4b04, 0xb118, 0x3340, 0xf000, 0xf801, 0xbd00, 0x6bd8, 0xbd00, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; sub sp, sp, r0; 1: ldr r0, [r3]; b 1b",
       {0x4b02, 0xebad, 0x0d00, 0x6818, 0xe7fd, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; movs r0, #0; mov sp, r0; 1: ldr r0, [r3]; b 1b",
       {0x4b02, 0x2000, 0x4685, 0x6818, 0xe7fd, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; mov sp, r0; 1: ldr r0, [r3]; b 1b", {0x4b01, 0x4685, 0x6818, 0xe7fd}, {0}, kAll},
      {"push {lr}; ldr r0, L; ldr pc, [sp], #4", {0xb500, 0x4801, 0xf85d, 0xfb04}, {64}, {32, 64}},
      {"ldr r0, L; movs r3, #0; ldr pc, [r1]", {0x4801, 0x2300, 0xf8d1, 0xf000}, {64}, {32, 64}},
      {"ldr r2, L; movs r3, #0; ldr pc, [r1]", {0x4a01, 0x2300, 0xf8d1, 0xf000}, {64}, {32, 64}},
      {"push {r3, lr}; ldr r0, L; pop {r3, pc}", {0xb508, 0x4801, 0xbd08, 0xbf00}, {64}, {32, 64}},
      {"ldr r4, L; bx lr", {0x4c00, 0x4770}, {0}, kAll},
      {"ldr r3, L; sub sp, #8; ldr r0, [r3]; bx lr", {0x4b01, 0xb082, 0x6818, 0x4770}, {0}, kAll},
  });
}

}  // namespace
}  // namespace fwseal
