// What is known of values in code with anchors. One case for each rule: without it, less would
// stay.
#include <gtest/gtest.h>

#include "tests/unit/graph/anchor_world.h"

namespace fwseal {
namespace {

const CutResult::List& kAll = AnchorWorld::kAll;

// Bounds that hold for one way of reading a number, or of one of several, say nothing more.
TEST(AnchorValues, BoundsOfNumbers) {
  check_anchors({
      {"ldr r3, L; sbfx r0, r0, #0, #4; cmp r0, #7; it ls; ldrls r0, [r3, r0, lsl #2]; bx lr",
       {0x4b03, 0xf340, 0x0003, 0x2807, 0xbf98, 0xf853, 0x0020, 0x4770},
       {32},
       {0, 32}},
      {"ldr r3, L; cmp r0, #7; it gt; ldrgt r0, [r3, #40]; bx lr",
       {0x4b02, 0x2807, 0xbfc8, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; sbfx r0, r0, #0, #4; cmp r0, #7; it hi; ldrhi r0, [r3, #40]; bx lr",
       {0x4b03, 0xf340, 0x0003, 0x2807, 0xbf88, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; movs r1, r0; it pl; ldrpl r2, [r3, r1, lsl #2]; bx lr",
       {0x4b02, 0x0001, 0xbf58, 0xf853, 0x2021, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; movs r1, r0; it mi; ldrmi r0, [r3, #40]; bx lr",
       {0x4b02, 0x0001, 0xbf48, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; cmp r1, #0; it mi; ldrmi r0, [r3, #40]; bx lr",
       {0x4b02, 0x2900, 0xbf48, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; cmp r1, #7; it pl; ldrpl r0, [r3, r1, lsl #2]; bx lr",
       {0x4b02, 0x2907, 0xbf58, 0xf853, 0x0021, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; cmp r3, #1; it hs; ldrhs r0, [r3, #40]; bx lr",
       {0x4b02, 0x2b01, 0xbf28, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; adds r2, r3, #0; it ne; ldrne r0, [r3, #40]; bx lr",
       {0x4b02, 0x1c1a, 0xbf18, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; movs r2, #0; and r1, r1, #15; cmp r2, r1; it ne; ldrne r0, [r3, #40]; bx lr",
       {0x4b03, 0x2200, 0xf001, 0x010f, 0x428a, 0xbf18, 0x6a98, 0x4770},
       {0},
       {0, 32}},
      {"ldr r3, L; and r1, r1, #15; cmp r1, #8; it eq; ldreq r0, [r3, #40]; bx lr",
       {0x4b03, 0xf001, 0x010f, 0x2908, 0xbf08, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; and r2, r2, #15; adds r2, #1; cmp r1, r2; it lo; ldrlo r0, [r3, r1, lsl #2]; bx "
       "lr",
       {0x4b04, 0xf002, 0x020f, 0x3201, 0x4291, 0xbf38, 0xf853, 0x0021, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; and r2, r2, #15; adds r2, #1; cmp r1, r2; it ls; ldrls r0, [r3, r1, lsl #2]; bx "
       "lr",
       {0x4b04, 0xf002, 0x020f, 0x3201, 0x4291, 0xbf98, 0xf853, 0x0021, 0x4770, 0xbf00},
       {0},
       {0, 32, 64}},
      {"ldr r3, L; and r1, r1, #15; adds r1, #1; cmp r1, r2; it hi; ldrhi r0, [r3, r2, lsl #2]; bx "
       "lr",
       {0x4b04, 0xf001, 0x010f, 0x3101, 0x4291, 0xbf88, 0xf853, 0x0022, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; subs r3, #64; and r1, r1, #7; and r2, r2, #15; cmp r1, r2; it lo; ldrlo r0, "
       "[r3, r2, lsl #2]; bx lr",
       {0x4b05, 0x3b40, 0xf001, 0x0107, 0xf002, 0x020f, 0x4291, 0xbf38, 0xf853, 0x0022, 0x4770,
        0xbf00},
       {64},
       {0, 32, 64}},
      {"ldr r3, L; subs r3, #64; and r1, r1, #15; and r2, r2, #15; cmp r1, r2; it ls; ldrls r0, "
       "[r3, r2, lsl #2]; bx lr",
       {0x4b05, 0x3b40, 0xf001, 0x010f, 0xf002, 0x020f, 0x4291, 0xbf98, 0xf853, 0x0022, 0x4770,
        0xbf00},
       {64},
       {0, 32, 64}},
      {"ldr r3, L; subs r3, #64; and r1, r1, #15; and r2, r2, #15; cmp r1, r2; it hs; ldrhs r0, "
       "[r3, r1, lsl #2]; bx lr",
       {0x4b05, 0x3b40, 0xf001, 0x010f, 0xf002, 0x020f, 0x4291, 0xbf28, 0xf853, 0x0021, 0x4770,
        0xbf00},
       {64},
       {0, 32, 64}},
      {"ldr r3, L; subs r3, #64; and r1, r1, #15; and r2, r2, #7; cmp r1, r2; it hi; ldrhi r0, "
       "[r3, r1, lsl #2]; bx lr",
       {0x4b05, 0x3b40, 0xf001, 0x010f, 0xf002, 0x0207, 0x4291, 0xbf88, 0xf853, 0x0021, 0x4770,
        0xbf00},
       {64},
       {0, 32, 64}},
      {"ldr r3, L; subs r3, #4; and r1, r1, #3; and r2, r2, #3; cmp r1, r2; it ne; ldrne r0, [r3, "
       "r1, lsl #3]; bx lr",
       {0x4b05, 0x3b04, 0xf001, 0x0103, 0xf002, 0x0203, 0x4291, 0xbf18, 0xf853, 0x0031, 0x4770,
        0xbf00},
       {32},
       {0, 32}},
      {"ldr r3, L; subs r3, #4; and r1, r1, #3; and r2, r2, #3; cmp r1, r2; it ne; ldrne r0, [r3, "
       "r2, lsl #3]; bx lr",
       {0x4b05, 0x3b04, 0xf001, 0x0103, 0xf002, 0x0203, 0x4291, 0xbf18, 0xf853, 0x0032, 0x4770,
        0xbf00},
       {32},
       {0, 32}},
  });
}

// Nobody knows on which side of the border between signs they are; only near their section they do
// not wrap.
TEST(AnchorValues, PlacesThatAreCompared) {
  check_anchors({
      {"ldr r3, L; add r2, r3, #4; cmp r2, r3; it le; ldrle r0, [r3, #40]; bx lr",
       {0x4b03, 0xf103, 0x0204, 0x429a, 0xbfd8, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; sub r2, r3, #4; cmp r2, r3; it hi; ldrhi r0, [r3, #40]; bx lr",
       {0x4b03, 0xf1a3, 0x0204, 0x429a, 0xbf88, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; sub r2, r3, #4; cmp r3, r2; it lo; ldrlo r0, [r3, #40]; bx lr",
       {0x4b03, 0xf1a3, 0x0204, 0x4293, 0xbf38, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; add r2, r3, #0x2000000; cmp r2, r3; it ls; ldrls r0, [r3, #40]; bx lr",
       {0x4b03, 0xf103, 0x7200, 0x429a, 0xbf98, 0x6a98, 0x4770, 0xbf00},
       {0},
       {0, 32}},
  });
}

TEST(AnchorValues, BoundsThatArithmeticMakes) {
  check_anchors({
      {"ldr r3, L; and r1, r1, #64; subs r3, r3, r1; ldr r0, [r3]; bx lr",
       {0x4b02, 0xf001, 0x0140, 0x1a5b, 0x6818, 0x4770},
       {96},
       {32, 64, 96}},
      {"ldr r3, L; and r1, r1, #15; movs r2, #8; subs r1, r2, r1; ldr r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0xf001, 0x010f, 0x2208, 0x1a51, 0xf853, 0x0021, 0x4770},
       {64},
       {32, 64, 96}},
      {"ldr r3, L; ldrsb r1, [r0]; asrs r1, r1, #3; ldr r0, [r3, r1]; bx lr",
       {0x4b02, 0xf990, 0x1000, 0x10c9, 0x5858, 0x4770},
       {64},
       {32, 64}},
      {"ldr r3, L; sbfx r1, r1, #0, #4; lsrs r1, r1, #1; ldr r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0xf341, 0x0103, 0x0849, 0xf853, 0x0021, 0x4770, 0xbf00},
       {64},
       kAll},
      {"ldr r3, L; asrs r1, r0, #29; ldr r0, [r3, r1, lsl #2]; bx lr",
       {0x4b02, 0x1741, 0xf853, 0x0021, 0x4770, 0xbf00},
       {64},
       {32, 64}},
      {"ldr r3, L; sbfx r1, r1, #0, #2; and r2, r2, #3; mul r1, r1, r2; ldr r0, [r3, r1, lsl #2]; "
       "bx lr",
       {0x4b04, 0xf341, 0x0101, 0xf002, 0x0203, 0xfb01, 0xf102, 0xf853, 0x0021, 0x4770},
       {64},
       kAll},
      {"ldr r3, L; sbfx r1, r1, #0, #2; and r2, r2, #3; mul r1, r2, r1; ldr r0, [r3, r1, lsl #2]; "
       "bx lr",
       {0x4b04, 0xf341, 0x0101, 0xf002, 0x0203, 0xfb02, 0xf101, 0xf853, 0x0021, 0x4770},
       {64},
       kAll},
      {"ldr r3, L; and r1, r1, #7; adds r1, #8; ubfx r1, r1, #2, #4; subs r3, #64; ldr r0, [r3, "
       "r1, lsl #2]; bx lr",
       {0x4b04, 0xf001, 0x0107, 0x3108, 0xf3c1, 0x0183, 0x3b40, 0xf853, 0x0021, 0x4770},
       {64},
       {0, 32, 64}},
      {"ldr r3, L; and r1, r1, #15; sbfx r1, r1, #0, #4; ldr r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0xf001, 0x010f, 0xf341, 0x0103, 0xf853, 0x0021, 0x4770},
       {64},
       {32, 64}},
      {"ldr r3, L; sbfx r1, r1, #0, #4; uxtb r1, r1; ldrb r0, [r3, r1]; bx lr",
       {0x4b02, 0xf341, 0x0103, 0xb2c9, 0x5c58, 0x4770},
       {64},
       kAll},
      {"ldr r3, L; sbfx r1, r1, #0, #4; ands r1, r1, r2; ldr r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0xf341, 0x0103, 0x4011, 0xf853, 0x0021, 0x4770, 0xbf00},
       {64},
       kAll},
      {"ldr r3, L; sbfx r1, r1, #0, #4; ands r2, r2, r1; ldr r0, [r3, r2, lsl #2]; bx lr",
       {0x4b03, 0xf341, 0x0103, 0x400a, 0xf853, 0x0022, 0x4770, 0xbf00},
       {64},
       kAll},
      {"ldr r3, L; and r1, r1, #8; and r2, r2, #7; orrs r1, r1, r2; ldr r0, [r3, r1, lsl #3]; bx "
       "lr",
       {0x4b04, 0xf001, 0x0108, 0xf002, 0x0207, 0x4311, 0xf853, 0x0031, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; and r1, r1, #8; and r2, r2, #7; orrs r2, r2, r1; ldr r0, [r3, r2, lsl #3]; bx "
       "lr",
       {0x4b04, 0xf001, 0x0108, 0xf002, 0x0207, 0x430a, 0xf853, 0x0032, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; and r1, r0, #1; movt r1, #0; ldr r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0xf000, 0x0101, 0xf2c0, 0x0100, 0xf853, 0x0021, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; movs r1, #1; umull r0, r1, r2, r2; ldr r0, [r3, r1, lsl #2]; bx lr",
       {0x4b03, 0x2101, 0xfba2, 0x0102, 0xf853, 0x0021, 0x4770, 0xbf00},
       {0},
       kAll},
  });
}

// What was made of an address in another way is none.
TEST(AnchorValues, WhatIsMadeOfAnAddress) {
  check_anchors({
      {"ldr r3, L; lsls r2, r3, #2; ldr r0, [r2]; bx lr",
       {0x4b01, 0x009a, 0x6810, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; mul r2, r3, r1; ldr r0, [r2]; bx lr",
       {0x4b02, 0xfb03, 0xf201, 0x6810, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; ubfx r2, r3, #0, #8; ldr r0, [r2]; bx lr",
       {0x4b02, 0xf3c3, 0x0207, 0x6810, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; movt r3, #0; ldr r0, [r3]; bx lr",
       {0x4b02, 0xf2c0, 0x0300, 0x6818, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; uadd8 r2, r3, r1; ldr r0, [r2]; bx lr",
       {0x4b02, 0xfa83, 0xf241, 0x6810, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; uadd8 r2, r1, r3; ldr r0, [r2]; bx lr",
       {0x4b02, 0xfa81, 0xf243, 0x6810, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; smlad r2, r1, r0, r3; ldr r0, [r2]; bx lr",
       {0x4b02, 0xfb21, 0x3200, 0x6810, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; bfi r3, r1, #0, #8; ldr r0, [r3]; bx lr",
       {0x4b02, 0xf361, 0x0307, 0x6818, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; umlal r2, r3, r0, r1; ldr r0, [r2]; bx lr",
       {0x4b02, 0xfbe0, 0x2301, 0x6810, 0x4770, 0xbf00},
       {0},
       kAll},
      {"push {r3, lr}; ldr r12, L; eor r12, r12, r0; bl ext; ldr r0, [r12, #4]; pop {r3, pc}",
       {0xb508, 0xf8df, 0xc010, 0xea8c, 0x0c00, 0xf7ff, 0xfffe, 0xf8dc, 0x0004, 0xbd08},
       {0},
       kAll},
      {"ldr r3, L; mov r2, sp; cmp r0, #0; it eq; moveq r2, r3; ldr r0, [r2, #40]; bx lr",
       {0x4b03, 0x466a, 0x2800, 0xbf08, 0x461a, 0x6a90, 0x4770, 0xbf00},
       {0},
       kAll},
      {"ldr r3, L; cmp r0, #0; it eq; moveq r3, sp; ldr r0, [r3, #40]; bx lr",
       {0x4b02, 0x2800, 0xbf08, 0x466b, 0x6a98, 0x4770},
       {0},
       kAll},
  });
}

TEST(AnchorValues, WhatAnAccessTouches) {
  check_anchors({
      {"ldr r3, L; ldr.w r0, [r3, #30]; bx lr", {0x4b01, 0xf8d3, 0x001e, 0x4770}, {0}, {0, 32}},
      {"ldr r3, L; ldr r0, [r3, #4]; ldr r1, [r3, #-4]; bx lr",
       {0x4b02, 0x6858, 0xf853, 0x1c04, 0x4770, 0xbf00},
       {64},
       {32, 64}},
      {"ldr r3, L; ldr r0, [r3, #-4]; bx lr", {0x4b01, 0xf853, 0x0c04, 0x4770}, {0}, kAll},
      {"ldr r3, L; str r1, [r3, #32]!; ldr r0, [r3, #32]; bx lr",
       {0x4b02, 0xf843, 0x1f20, 0x6a18, 0x4770, 0xbf00},
       {0},
       {0, 32, 64}},
      {"ldr r3, L; strd r1, r2, [r3, #28]; bx lr",
       {0x4b01, 0xe9c3, 0x1207, 0x4770},
       {32},
       {32, 64}},
      {"ldr r3, L; and r1, r1, #7; str r0, [r3, r1, lsl #2]; bx lr",
       {0x4b02, 0xf001, 0x0107, 0xf843, 0x0021, 0x4770},
       {92},
       {64, 96}},
  });
}

// What may be a number is not the same as what is none.
TEST(AnchorValues, WhatMayBeANumber) {
  check_anchors({
      {"ldr r3, L; ldr r2, L; cmp r0, #0; it eq; moveq r3, r1; cmp r3, r2; it ne; ldrne r0, [r2, "
       "#40]; bx lr",
       {0x4b04, 0x4a04, 0x2800, 0xbf08, 0x460b, 0x4293, 0xbf18, 0x6a90, 0x4770, 0xbf00},
       {0},
       {0, 32}},
      {"ldr r3, L; ldr r2, L; cmp r0, #0; it eq; moveq r3, r1; cmp r0, #1; it eq; moveq r3, r2; "
       "cmp r3, r2; it ne; ldrne r0, [r2, #40]; bx lr",
       {0x4b05, 0x4a05, 0x2800, 0xbf08, 0x460b, 0x2801, 0xbf08, 0x4613, 0x4293, 0xbf18, 0x6a90,
        0x4770},
       {0},
       {0, 32}},
      {"ldr r3, L; ldr r2, L; cmp r0, #0; it eq; moveq r3, r1; subs r1, r3, r2; ldr r0, [r2, r1]; "
       "bx lr",
       {0x4b03, 0x4a03, 0x2800, 0xbf08, 0x460b, 0x1a99, 0x5850, 0x4770},
       {0},
       kAll},
      {"ldr r3, L; ldr r2, L; cmp r0, #0; it eq; moveq r3, r1; subs r1, r2, r3; ldr r0, [r2, r1]; "
       "bx lr",
       {0x4b03, 0x4a03, 0x2800, 0xbf08, 0x460b, 0x1ad1, 0x5850, 0x4770},
       {0},
       kAll},
      {"push {r4, lr}; sub sp, #8; ldr r4, L; str r4, [sp]; mov r0, sp; bl ext; ldr r3, [sp]; cmp "
       "r3, r4; it ne; ldrne r0, [r4, #40]; add sp, #8; pop {r4, pc}",
       {0xb510, 0xb082, 0x4c05, 0x9400, 0x4668, 0xf7ff, 0xfffe, 0x9b00, 0x42a3, 0xbf18, 0x6aa0,
        0xb002, 0xbd10, 0xbf00},
       {0},
       {0, 32}},
      {"push {r3, lr}; ldr r12, L; bl ext; ldr r0, [r12, #4]; pop {r3, pc}",
       {0xb508, 0xf8df, 0xc00c, 0xf7ff, 0xfffe, 0xf8dc, 0x0004, 0xbd08},
       {92},
       {64, 96}},
  });
}

TEST(AnchorValues, PointersWithAnIndex) {
  check_anchors({
      {"push {r4, lr}; ldr r0, L; and r1, r1, #64; add r0, r0, r1; bl ext; pop {r4, pc}",
       {0xb510, 0x4803, 0xf001, 0x0140, 0x4408, 0xf7ff, 0xfffe, 0xbd10},
       {0},
       {0, 32, 64}},
      {"push {r4, lr}; ldr r0, L; and r1, r1, #64; subs r0, r0, r1; bl ext; pop {r4, pc}",
       {0xb510, 0x4803, 0xf001, 0x0140, 0x1a40, 0xf7ff, 0xfffe, 0xbd10},
       {96},
       kAll},
      {"push {r4, lr}; ldr r0, L; add r0, r0, r1; bl ext; pop {r4, pc}",
       {0xb510, 0x4802, 0x4408, 0xf7ff, 0xfffe, 0xbd10},
       {0},
       kAll},
  });
}

}  // namespace
}  // namespace fwseal
