// Code for anchors_test.cc: functions that reach data through the address in the word or words
// behind them, as GNU as 2.40 encodes them. L is the first word.
#pragma once

#include <vector>

#include "elfio/types.h"

namespace fwseal {

using Code = std::vector<u16>;

// ldr r3, L; ldr r0, [r3, #40]; bx lr
inline const Code kDirect{0x4b01, 0x6a98, 0x4770, 0xbf00};
// ldr r3, L; ldr r3, [r3, #40]; bx lr
inline const Code kOverwritten{0x4b01, 0x6a9b, 0x4770, 0xbf00};
// ldr r3, L; and r0, r0, #7; ldr r0, [r3, r0, lsl #2]; bx lr
inline const Code kMasked{0x4b02, 0xf000, 0x0007, 0xf853, 0x0020, 0x4770};
// ldr r3, L; and r0, r0, #7; adds r0, #8; ldr r0, [r3, r0, lsl #2]; bx lr
inline const Code kMaskedFrom8{0x4b03, 0xf000, 0x0007, 0x3008, 0xf853, 0x0020, 0x4770, 0xbf00};
// ldr r3, L; ldr r0, [r3, r0, lsl #2]; bx lr
inline const Code kAnyIndex{0x4b01, 0xf853, 0x0020, 0x4770};
// ldr r3, L; uxtb r0, r0; ldrb r0, [r3, r0]; bx lr
inline const Code kByteIndex{0x4b01, 0xb2c0, 0x5c18, 0x4770};
// ldr r3, L; ubfx r0, r0, #4, #3; ldr r0, [r3, r0, lsl #2]; bx lr
inline const Code kBitField{0x4b02, 0xf3c0, 0x1002, 0xf853, 0x0020, 0x4770};
// ldr r3, L; lsrs r0, r0, #29; add r3, r3, r0, lsl #2; ldr r0, [r3]; bx lr
inline const Code kShiftedIndex{0x4b02, 0x0f40, 0xeb03, 0x0380, 0x6818, 0x4770};
// ldr r3, L; cmp r0, #7; bhi 1f; ldr r0, [r3, r0, lsl #2]; 1: bx lr
inline const Code kAtMost7{0x4b02, 0x2807, 0xd801, 0xf853, 0x0020, 0x4770};
// ldr r3, L; cmp r0, #7; bls 1f; ldr r0, [r3, r0, lsl #2]; 1: bx lr
inline const Code kMoreThan7{0x4b02, 0x2807, 0xd901, 0xf853, 0x0020, 0x4770};
// ldr r3, L; cmp r0, #7; bgt 1f; ldr r0, [r3, r0, lsl #2]; 1: bx lr
inline const Code kSignedAtMost7{0x4b02, 0x2807, 0xdc01, 0xf853, 0x0020, 0x4770};
// ldr r3, L; cmp r0, #8; it lo; ldrlo.w r0, [r3, r0, lsl #2]; bx lr
inline const Code kBelowInItBlock{0x4b02, 0x2808, 0xbf38, 0xf853, 0x0020, 0x4770};
// ldr r3, L; movs r1, #0; 1: ldr r2, [r3, r1, lsl #2]; adds r1, #1; cmp r1, #8; bne 1b; bx lr
inline const Code kCountedLoop{0x4b03, 0x2100, 0xf853, 0x2021, 0x3101, 0x2908, 0xd1fa, 0x4770};
// ldr r3, L; movs r1, #8; 1: ldr r2, [r3, r1, lsl #2]; adds r1, #1; cmp r1, #16; bne 1b; bx lr
inline const Code kCountedFrom8{0x4b03, 0x2108, 0xf853, 0x2021, 0x3101, 0x2910, 0xd1fa, 0x4770};
// ldr r3, L; movs r1, #7; 1: ldr r2, [r3, r1, lsl #2]; subs r1, #1; bpl 1b; bx lr
inline const Code kDownToZero{0x4b03, 0x2107, 0xf853, 0x2021, 0x3901, 0xd5fb, 0x4770, 0xbf00};
// ldr r3, L; add r1, r3, #32; 1: ldr r2, [r3], #4; cmp r3, r1; bne 1b; bx lr
inline const Code kToEndPointer{0x4b03, 0xf103, 0x0120, 0xf853, 0x2b04, 0x428b, 0xd1fb, 0x4770};
// ldr r3, L; add r1, r3, #32; 1: ldr r2, [r1, #-4]!; cmp r1, r3; bne 1b; bx lr
inline const Code kBackFromEnd{0x4b03, 0xf103, 0x0120, 0xf851, 0x2d04, 0x4299, 0xd1fb, 0x4770};
// ldr r3, L; 1: ldr r2, [r3], #4; subs r0, #1; bne 1b; bx lr
inline const Code kAnyCount{0x4b02, 0xf853, 0x2b04, 0x3801, 0xd1fb, 0x4770};
// ldr r3, L; 1: cmp r0, #32; blo 2f; ldr r2, [r3]; 2: adds r3, #4; adds r0, #1; cmp r0, r1; bne 1b;
// bx lr
inline const Code kConditionalFirstAccess{0x4b04, 0x2820, 0xd300, 0x681a, 0x3304,
                                          0x3001, 0x4288, 0xd1f8, 0x4770, 0xbf00};
// ldr r3, L; movs r1, #0; 1: movs r2, #0; 2: ldrb r4, [r3, r2]; adds r2, #1; cmp r2, #4; bne 2b;
// adds r3, #4; adds r1, #1; cmp r1, #8; bne 1b; bx lr
inline const Code kNestedLoops{0x4b05, 0x2100, 0x2200, 0x5c9c, 0x3201, 0x2a04,
                               0xd1fb, 0x3304, 0x3101, 0x2908, 0xd1f6, 0x4770};
// ldr r3, L; and r0, r0, #1; movs r1, #16; mla r3, r1, r0, r3; and r2, r2, #3; ldr r0, [r3, r2, lsl
// #2]; bx lr
inline const Code kRow{0x4b05, 0xf000, 0x0001, 0x2110, 0xfb01, 0x3300,
                       0xf002, 0x0203, 0xf853, 0x0022, 0x4770, 0xbf00};
// ldr r3, L; sub sp, #8; str r3, [sp, #4]; movs r3, #0; ldr r2, [sp, #4]; ldr r0, [r2]; add sp, #8;
// bx lr
inline const Code kSpilled{0x4b03, 0xb082, 0x9301, 0x2300, 0x9a01, 0x6810, 0xb002, 0x4770};
// ldr r3, L; sub sp, #8; add r3, r0; str r3, [sp, #4]; movs r3, #0; ldr r2, [sp, #4]; ldr r0, [r2];
// add sp, #8; bx lr
inline const Code kSpilledWithAnyIndex{0x4b04, 0xb082, 0x4403, 0x9301, 0x2300,
                                       0x9a01, 0x6810, 0xb002, 0x4770, 0xbf00};
// ldr r3, L; sub sp, #8; strb r3, [sp, #4]; add sp, #8; bx lr
inline const Code kPartlySpilled{0x4b02, 0xb082, 0xf88d, 0x3004, 0xb002, 0x4770};
// ldr r3, L; sub sp, #8; str r3, [sp, #4]; ldr r2, [sp, r0, lsl #2]; movs r3, #0; ldr r0, [r2, #4];
// add sp, #8; bx lr
inline const Code kFromComputedPlaceOfFrame{0x4b04, 0xb082, 0x9301, 0xf85d, 0x2020,
                                            0x2300, 0x6850, 0xb002, 0x4770, 0xbf00};
// push {r4, lr}; ldr r0, L; bl ext; pop {r4, pc}
inline const Code kArgument{0xb510, 0x4802, 0xf7ff, 0xfffe, 0xbd10, 0xbf00};
// push {r2, r3, r4, lr}; ldr r4, L; str r4, [sp]; movs r4, #0; bl ext; pop {r2, r3, r4, pc}
inline const Code kStackArgument{0xb51c, 0x4c03, 0x9400, 0x2400, 0xf7ff, 0xfffe, 0xbd1c, 0xbf00};
// push {r3, lr}; ldr r12, L; bl ext; ldr r0, [r12, #4]; pop {r3, pc}
inline const Code kUsedAfterCall{0xb508, 0xf8df, 0xc00c, 0xf7ff, 0xfffe, 0xf8dc, 0x0004, 0xbd08};
// push {r4, lr}; ldr r4, L; bl ext; ldr r0, [r4, #4]; pop {r4, pc}
inline const Code kKeptOverCall{0xb510, 0x4c02, 0xf7ff, 0xfffe, 0x6860, 0xbd10};
// ldr r0, L; bx lr
inline const Code kResult{0x4800, 0x4770};
// ldr r3, L; str r3, [r0]; bx lr
inline const Code kStored{0x4b01, 0x6003, 0x4770, 0xbf00};
// ldr r0, L; b.w ext
inline const Code kTailCall{0x4801, 0xf7ff, 0xbffe, 0xbf00};
// ldr r4, L; b.w ext
inline const Code kTailCallWithMore{0x4c01, 0xf7ff, 0xbffe, 0xbf00};
// ldr r3, L; eors r3, r1; ldr r0, [r3]; bx lr
inline const Code kExclusiveOr{0x4b01, 0x404b, 0x6818, 0x4770};
// ldr r3, L; rsb r2, r3, r1; sub r1, r1, r2; ldr r0, [r1, #64]; bx lr
inline const Code kByDifference{0x4b03, 0xebc3, 0x0201, 0xeba1, 0x0102, 0x6c08, 0x4770, 0xbf00};
// ldr r3, L; add r2, r3, #16; subs r2, r2, r3; ldr r0, [r3, r2]; bx lr
inline const Code kDifferenceOfTwo{0x4b02, 0xf103, 0x0210, 0x1ad2, 0x5898, 0x4770};
// ldr r3, L; mrs r1, primask; ldr r0, [r3]; bx lr
inline const Code kUnknownInstruction{0x4b02, 0xf3ef, 0x8110, 0x6818, 0x4770, 0xbf00};
// ldr r0, L; ldr r0, [r0]; bx lr; mov r0, r3; bx lr
inline const Code kNotReached{0x4802, 0x6800, 0x4770, 0x4618, 0x4770, 0xbf00};
// ldr r3, L; sub sp, sp, r0; ldr r0, [r3]; bx lr
inline const Code kMovedStack{0x4b02, 0xebad, 0x0d00, 0x6818, 0x4770, 0xbf00};
// ldr r3, L; cmp r0, #1; bhi 3f; tbb [pc, r0]; 4: .byte (1f-4b)/2; .byte (2f-4b)/2; .balign 2; 1:
// ldr r0, [r3]; bx lr; 2: ldr r0, [r3, #36]; bx lr; 3: bx lr
inline const Code kTable{0x4b05, 0x2801, 0xd806, 0xe8df, 0xf000, 0x0301,
                         0x6818, 0x4770, 0x6a58, 0x4770, 0x4770, 0xbf00};
// ldr r3, L; ldrd r0, r1, [r3, #28]; bx lr
inline const Code kPairOverTheEdge{0x4b01, 0xe9d3, 0x0107, 0x4770};
// ldr r3, L; ldmia r3!, {r0, r1, r2}; ldmia r3, {r0, r1, r2}; bx lr
inline const Code kMany{0x4b02, 0xcb07, 0xe893, 0x0007, 0x4770, 0xbf00};
// ldr r3, L; ldr r0, [r3]; ldr r1, [r3, #68]; bx lr
inline const Code kFirstAndLast{0x4b01, 0x6818, 0x6c59, 0x4770};
// ldr r3, L; ldr r2, L+4; cmp r0, #0; it eq; moveq r3, r2; ldr r0, [r3]; bx lr
inline const Code kEither{0x4b03, 0x4a04, 0x2800, 0xbf08, 0x4613, 0x6818, 0x4770, 0xbf00};
// ldr r3, L; ldr r1, L+4; 1: ldr r2, [r3], #4; cmp r3, r1; bne 1b; bx lr
inline const Code kStartAndEnd{0x4b03, 0x4904, 0xf853, 0x2b04, 0x428b, 0xd1fb, 0x4770, 0xbf00};
// ldr r3, L; 1: subs r0, #4; ldr r2, [r0]; cmp r0, r3; bne 1b; bx lr
inline const Code kComparedWithArgument{0x4b02, 0x3804, 0x6802, 0x4298, 0xd1fb, 0x4770};
// ldr r3, L; ldr r2, L+4; ldr r0, [r3]; ldr r1, [r2]; bx lr
inline const Code kTwoLiterals{0x4b02, 0x4a03, 0x6818, 0x6811, 0x4770, 0xbf00};
// push {lr}; ldr r3, L; bl 1f; nop; 1: ldr r0, [r3]; pop {pc}
inline const Code kFarJump{0xb500, 0x4b03, 0xf000, 0xf801, 0xbf00, 0x6818, 0xbd00, 0xbf00};
// ldr r3, L; ldr r0, [r3]; 1: b 1b
inline const Code kEndless{0x4b01, 0x6818, 0xe7fe, 0xbf00};
// push {r4, lr}; ldr r3, L; ldr r0, [r3]; bl ext
inline const Code kNoReturn{0xb510, 0x4b02, 0x6818, 0xf7ff, 0xfffe, 0xbf00};
// movw r3, #0; movt r3, #0; ldr r0, [r3, #4]; bx lr
inline const Code kHalves{0xf240, 0x0300, 0xf2c0, 0x0300, 0x6858, 0x4770};
// movw r3, #0; ldr r0, [r3, #4]; bx lr
inline const Code kOneHalf{0xf240, 0x0300, 0x6858, 0x4770};
// adr r1, L; ldr r3, L; ldr r0, [r3]; bx lr
inline const Code kCodeAddress{0xa101, 0x4b01, 0x6818, 0x4770};
// ldrb r0, L; bx lr
inline const Code kBytesOfLiteral{0xf89f, 0x0004, 0x4770, 0xbf00};
// ldr r3, L; and r1, r1, #7; str r0, [r3, r1, lsl #2]; bx lr
inline const Code kStoreToData{0x4b02, 0xf001, 0x0107, 0xf843, 0x0021, 0x4770};
// push {r4, lr}; sub sp, #8; ldr r4, L; mov r0, sp; bl ext; ldr r0, [r4, #4]; add sp, #8; pop {r4,
// pc}
inline const Code kFramePassed{0xb510, 0xb082, 0x4c03, 0x4668, 0xf7ff,
                               0xfffe, 0x6860, 0xb002, 0xbd10, 0xbf00};
// push {r4, lr}; sub sp, #8; movs r1, #1; str r1, [sp, #4]; mov r0, sp; bl ext; ldr r1, [sp, #4];
// ldr r4, L; ldr r0, [r4, r1, lsl #2]; add sp, #8; pop {r4, pc}
inline const Code kFrameIndexChangedByCall{0xb510, 0xb082, 0x2101, 0x9101, 0x4668, 0xf7ff, 0xfffe,
                                           0x9901, 0x4c02, 0xf854, 0x0021, 0xb002, 0xbd10, 0xbf00};
// sub sp, #8; movs r1, #1; str r1, [sp, #4]; ldr r1, [sp, #4]; ldr r3, L; ldr r0, [r3, r1, lsl #2];
// add sp, #8; bx lr
inline const Code kFrameIndex{0xb082, 0x2101, 0x9101, 0x9901, 0x4b02,
                              0xf853, 0x0021, 0xb002, 0x4770, 0xbf00};

}  // namespace fwseal
