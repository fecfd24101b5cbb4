#include "elfio/isa_arm.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/unit/elfio/isa_arm_place.h"

namespace fwseal {
namespace {

TEST(IsaArm, ResultsWrapAt32Bits) {
  EXPECT_EQ(0x10u, applied(3, 0, to_label(0, 0x10, 0x100000000)));
  EXPECT_EQ(0xfffffff0u, applied(2, 0, to_label(0xffffffe0, 0x10, 0)));
  // From the top of memory to its bottom.
  EXPECT_EQ(0xea000002u, applied(29, 0xea000000, to_label(0x8, -8, 0xfffffff8)));
}

TEST(IsaArm, AddressesOfThumbFunctionsHaveBitZero) {
  for (u32 type : {2, 38, 94}) {
    EXPECT_EQ(0x1001u, applied(type, 0, to_function(0x1000, 0, 0, true))) << type;
    EXPECT_EQ(0x1000u, applied(type, 0, to_function(0x1000, 0, 0, false))) << type;
  }
  EXPECT_EQ(0x1000u, applied(55, 0, to_function(0x1000, 0, 0, true)));
  EXPECT_EQ(0x0f01u, applied(3, 0, to_function(0x1000, 0, 0x100, true)));
  EXPECT_EQ(0x0f00u, applied(56, 0, to_function(0x1000, 0, 0x100, true)));
  EXPECT_EQ(0x0f01u, applied(42, 0, to_function(0x1000, 0, 0x100, true)));
  EXPECT_EQ(0x80000f00u, applied(42, 0x80000000, to_function(0x1000, 0, 0x100, false)));
}

// The two halves of a number, in either instruction set, with and without P and B.
TEST(IsaArm, MovwAndMovtMakeANumber) {
  struct Pair {
    u32 low, high;
    bool thumb;
    Value value;
  };
  for (const Pair& pair : {Pair{43, 44, false, Value::kSA}, Pair{45, 46, false, Value::kSAP},
                           Pair{84, 85, false, Value::kSAB}, Pair{47, 48, true, Value::kSA},
                           Pair{49, 50, true, Value::kSAP}, Pair{87, 88, true, Value::kSAB}})
    for (i64 X : {i64{0}, i64{0x12345678}, i64{-1}, i64{0x8000}, i64{0xffff}, i64{-0x12345678}}) {
      const Operands x = operands_for(pair.value, X);
      const auto read = pair.thumb ? arm::read_thumb_mov16 : arm::read_arm_mov16;
      const u32 low = static_cast<u32>(read(applied(pair.low, 0, x))) & 0xffff;
      const u32 high = static_cast<u32>(read(applied(pair.high, 0, x))) & 0xffff;
      EXPECT_EQ(static_cast<u32>(X), high << 16 | low) << pair.low;
    }
}

// AAELF32, "Group relocations": the instructions of a sequence add up to X.
TEST(IsaArm, GroupsAddUp) {
  constexpr u32 kAdd = 0xe28f0000, kLdr = 0xe5900000, kLdrh = 0xe1d000b0, kVldr = 0xed900b00;
  for (i64 i = -2000; i <= 2000; i++) {
    const i64 X = i * 1'048'573;
    const Operands x = operands_for(Value::kSAP, X);
    const i64 g0 = arm::read_arm_immediate(applied(57, kAdd, x));
    const i64 g1 = arm::read_arm_immediate(applied(59, kAdd, x));
    const i64 rest = X - g0 - g1;
    const auto arm = isa();
    Place ldr(kLdr, *arm, 63);
    EXPECT_EQ(std::abs(rest) > 4095, ldr.apply(x).has_value()) << X;
    EXPECT_EQ(std::abs(rest) > 4095 ? 0 : rest, ldr.addend());
    Place ldrh(kLdrh, *arm, 66);
    EXPECT_EQ(std::abs(rest) > 255, ldrh.apply(x).has_value()) << X;
    Place vldr(kVldr, *arm, 69);
    EXPECT_EQ(std::abs(rest) > 1020 || rest % 4 != 0, vldr.apply(x).has_value()) << X;
    Place last(kAdd, *arm, 60);
    EXPECT_EQ(rest != 0, last.apply(x).has_value()) << X;
  }
}

TEST(IsaArm, GroupsRelativeToTheSegment) {
  for (u32 type : {70u, 72u}) {
    const Operands x = operands_for(Value::kSATB, -0x12345);
    EXPECT_EQ(applied(type - 13, 0xe28f0000, operands_for(Value::kSAP, -0x12345)),
              applied(type, 0xe28f0000, x));
  }
  const Operands x = operands_for(Value::kSAB, 0x12345);
  EXPECT_EQ(0xe59f0001u, applied(77, 0xe59f0000, x));  // 0x12000 and 0x344 are gone
  EXPECT_EQ(0xe59f0345u, applied(76, 0xe59f0000, x));
}

TEST(IsaArm, TheSignOfALoadIsThatOfTheWhole) {
  EXPECT_EQ(0xe51f0000u, applied(62, 0xe59f0000, operands_for(Value::kSAP, -0x100)));
  EXPECT_EQ(0xe59f0000u, applied(62, 0xe51f0000, operands_for(Value::kSAP, 0x100)));
}

TEST(IsaArm, ThumbLoadsCountFromAMultipleOfFour) {
  EXPECT_EQ(thumb32(0xf8df, 0x0100), applied(54, thumb32(0xf85f, 0), to_label(0x8100, 0, 0x8002)));
  EXPECT_EQ(thumb32(0xf85f, 0x0100), applied(54, thumb32(0xf8df, 0), to_label(0x7f00, 0, 0x8002)));
  EXPECT_EQ(0x4840u, applied(11, 0x4800, to_label(0x8100, 0, 0x8002)));
  // ADR of a Thumb function makes an address to call, in both directions.
  const u32 adr = thumb32(0xf20f, 0);
  EXPECT_EQ(thumb32(0xf20f, 0x1001), applied(53, adr, to_function(0x8100, 0, 0x8002, true)));
  EXPECT_EQ(thumb32(0xf2af, 0x00ff), applied(53, adr, to_function(0x7f00, 0, 0x8002, true)));
}

TEST(IsaArm, AGroupNeedsAnAddOrASub) {
  EXPECT_EQ("needs an ADD or SUB with an immediate",
            refusal(58, 0xe5900000, operands_for(Value::kSAP, 0)));
  EXPECT_EQ("out of range: 257 leaves 0x1 after group 0",
            refusal(58, 0xe28f0000, operands_for(Value::kSAP, 257)));
  // An empty group of a negative number subtracts.
  EXPECT_EQ(0xe24f0000u, applied(59, 0xe28f0000, operands_for(Value::kSAP, -4)));
}

// AAELF32, table "Armv8.1-M Mainline Branch Future relocations": a NOP if it is too far.
TEST(IsaArm, ABranchFutureThatCannotReachIsNoOperation) {
  for (const auto& [type, reach] : {std::pair{136u, 1 << 16}, {137u, 1 << 12}, {138u, 1 << 18}}) {
    const u32 insn = thumb32(0xf0c0, 0xe001);
    EXPECT_NE(0xf3af8000u, applied(type, insn, operands_for(Value::kSATP, reach - 1)));
    EXPECT_NE(0xf3af8000u, applied(type, insn, operands_for(Value::kSATP, -reach)));
    EXPECT_EQ(0xf3af8000u, applied(type, insn, operands_for(Value::kSATP, reach)));
    EXPECT_EQ(0xf3af8000u, applied(type, insn, operands_for(Value::kSATP, -reach - 1)));
  }
}

TEST(IsaArm, ArmCallsSwitchByBlx) {
  const u64 P = 0x8000;
  EXPECT_EQ(0xeb0003feu, applied(28, 0xeb000000, to_function(0x9000, -8, P, false)));
  EXPECT_EQ(0xfa0003feu, applied(28, 0xeb000000, to_function(0x9000, -8, P, true)));
  EXPECT_EQ(0xfb0003feu, applied(28, 0xeb000000, to_function(0x9002, -8, P, true)));
  EXPECT_EQ(0xeb0003feu, applied(28, 0xfb000000, to_function(0x9000, -8, P, false)));
  EXPECT_EQ(0xfb0003feu, applied(15, 0xfa000000, to_function(0x9002, -8, P, true)));
  // BL<cond>, B and what is relocated as a jump cannot.
  for (u32 insn : {0x0b000000u, 0xea000000u})
    EXPECT_EQ("would have to switch to Thumb state, which only BL can",
              refusal(28, insn, to_function(0x9000, -8, P, true)));
  EXPECT_NE("", refusal(29, 0xeb000000, to_function(0x9000, -8, P, true)));
  // A label is entered as the programmer wrote it.
  EXPECT_EQ(0xfa0003feu, applied(28, 0xfa000000, to_label(0x9000, -8, P)));
  EXPECT_EQ("not aligned to 4", refusal(28, 0xeb000000, to_label(0x9002, -8, P)));
}

// H gives BLX two bytes more.
TEST(IsaArm, BlxReachesBothEnds) {
  const u64 P = 0x10000000;
  const auto fits = [&](i64 X) {
    return refusal(28, 0xeb000000, to_function(P + static_cast<u64>(X) + 8, -8, P, true)).empty();
  };
  EXPECT_TRUE(fits((1 << 25) - 2));
  EXPECT_FALSE(fits(1 << 25));
  EXPECT_TRUE(fits(-(1 << 25)));
  EXPECT_FALSE(fits(-(1 << 25) - 2));
}

// GNU ld 2.40: up to Armv6K BLX is avoided for an erratum, unless the user says otherwise.
TEST(IsaArm, BlxDependsOnArchitectureAndOptions) {
  const auto becomes_blx = [](u32 arch, const ArmOptions& options) {
    const auto arm = make_isa_arm(arm_features(arch, 0, 1), options);
    Place place(0xeb000000, *arm, 28);
    return !place.apply(to_function(0x9000, -8, 0x8000, true)).has_value();
  };
  for (u32 arch = 0; arch <= 10; arch++) {
    EXPECT_EQ(arch == 8 || arch == 10, becomes_blx(arch, {})) << arch;
    EXPECT_EQ(arch > 2, becomes_blx(arch, {.fix_arm1176 = false})) << arch;
    EXPECT_TRUE(becomes_blx(arch, {.use_blx = true})) << arch;
  }
  // One that the programmer wrote for a label stays.
  const ArmFeatures v6 = arm_features(kArchV6, 0, 1);
  EXPECT_EQ(0xfa0003feu, applied(28, 0xfa000000, to_label(0x9000, -8, 0x8000), v6));
}

TEST(IsaArm, ThumbCallsSwitchByBlx) {
  constexpr u32 kBl = thumb32(0xf000, 0xd000), kBlx = thumb32(0xf000, 0xc000);
  const i64 A = -4;
  EXPECT_EQ(thumb32(0xf000, 0xfffe), applied(10, kBl, to_function(0x9000, A, 0x8000, true)));
  EXPECT_EQ(thumb32(0xf000, 0xeffe), applied(10, kBl, to_function(0x9000, A, 0x8000, false)));
  // From an odd halfword BLX still counts from a multiple of 4.
  EXPECT_EQ(thumb32(0xf000, 0xeffe), applied(10, kBl, to_function(0x9000, A, 0x8002, false)));
  EXPECT_EQ(thumb32(0xf000, 0xfffd), applied(10, kBl, to_function(0x9000, A, 0x8002, true)));
  EXPECT_EQ(thumb32(0xf000, 0xfffe), applied(10, kBlx, to_function(0x9000, A, 0x8000, true)));
  EXPECT_EQ(thumb32(0xf000, 0xfffe), applied(16, kBlx, to_function(0x9000, A, 0x8000, true)));
  EXPECT_EQ("not aligned to 4", refusal(10, kBl, to_function(0x9002, A, 0x8000, false)));
  for (const auto& [type, insn] :
       {std::pair{30u, thumb32(0xf000, 0x9000)}, {51u, thumb32(0xf000, 0x8000)}, {102u, 0xe000u}})
    EXPECT_EQ("would have to switch to Arm state, which only BL can",
              refusal(type, insn, to_function(0x8100, A, 0x8000, false)));
  // An address with bit 0 set that is no function, from a linker script.
  EXPECT_EQ(thumb32(0xf000, 0xfffe), applied(10, kBl, to_label(0x9001, A, 0x8000)));
}

TEST(IsaArm, MProfileNeverSwitches) {
  const ArmFeatures features = arm_features(kArchV6M, 'M', 1);
  constexpr u32 kBl = thumb32(0xf000, 0xd000), kBlx = thumb32(0xf000, 0xc000);
  const Operands x = to_function(0x9000, -4, 0x8000, false);  // .thumb_func was forgotten
  EXPECT_EQ(thumb32(0xf000, 0xfffe), applied(10, kBl, x, features));
  EXPECT_EQ(thumb32(0xf000, 0xfffe), applied(10, kBlx, x, features));
  EXPECT_FALSE(make_isa_arm(features, {})->mixes_instruction_sets());
}

TEST(IsaArm, Thumb1BlReachesFourMebibytes) {
  const auto old = make_isa_arm(arm_features(kArchV4T, 0, 1), {});
  for (const auto& [distance, fits] : {std::pair{(1 << 22) + 2, true},
                                       {(1 << 22) + 4, false},
                                       {-(1 << 22) + 4, true},
                                       {-(1 << 22) + 2, false}}) {
    const Operands x = to_function(0x10000000u + static_cast<u32>(distance), -4, 0x10000000, true);
    Place place(thumb32(0xf000, 0xd000), *old, 10);
    EXPECT_EQ(!fits, place.apply(x).has_value()) << distance;
    EXPECT_NE(0u, applied(10, thumb32(0xf000, 0xd000), x));  // Thumb-2
  }
}

TEST(IsaArm, ABranchToNobodyIsNoOperation) {
  Operands nobody;
  nobody.P = 0x8000;
  nobody.weak_undefined = true;
  const ArmFeatures v7 = arm_features(kArchV7, 'A', 3), v6m = arm_features(kArchV6M, 'M', 1),
                    v6 = arm_features(kArchV6, 0, 1);
  EXPECT_EQ(0xe320f000u, applied(28, 0xebfffffe, nobody, v7));
  EXPECT_EQ(0x0320f000u, applied(29, 0x0afffffe, nobody, v7));
  EXPECT_EQ(0xe320f000u, applied(28, 0xfafffffe, nobody, v7)) << "BLX has no condition";
  EXPECT_EQ(0xe1a00000u, applied(28, 0xebfffffe, nobody, v6));
  EXPECT_EQ(0xf3af8000u, applied(10, thumb32(0xf7ff, 0xfffe), nobody, v7));
  EXPECT_EQ(0xe000bf00u, applied(10, thumb32(0xf7ff, 0xfffe), nobody, v6m));
  EXPECT_EQ(0xf3af8000u, applied(51, thumb32(0xf43f, 0xaffe), nobody, v7));
  EXPECT_EQ(0xbf00u, applied(102, 0xe7fe, nobody, v6m));
  EXPECT_EQ(0x46c0u, applied(102, 0xe7fe, nobody, v6));
}

TEST(IsaArm, AddressesOfNobodyCountFromZero) {
  Operands nobody = to_label(0, 4, 0x90000000);
  nobody.weak_undefined = true;
  EXPECT_EQ(4u, applied(2, 0, nobody));
  EXPECT_EQ(0x70000004u, applied(3, 0, nobody));
  EXPECT_EQ(0xf0000004u, applied(42, 0x80000000, nobody)) << "not checked, as GNU ld";
  EXPECT_EQ(0xe3000004u, applied(43, 0xe3000000, nobody));
}

TEST(IsaArm, TargetsAreThePlatformsChoice) {
  const auto find_use = [](ArmTarget2 target2) {
    return make_isa_arm(arm_features(kArchV7, 'A', 3), {.target2 = target2})->find(41)->use;
  };
  EXPECT_EQ(Use::kGotEntry, find_use(ArmTarget2::kGotRel));
  EXPECT_EQ(Use::kAddress, find_use(ArmTarget2::kRel));
  EXPECT_EQ(Use::kAddress, find_use(ArmTarget2::kAbs));

  Operands x = to_label(0x9000, 0, 0x8000);
  x.got_entry = 0xa000;
  const auto result = [&](u32 type, const ArmOptions& options) {
    const auto arm = isa(options);
    Place place(0, *arm, type);
    EXPECT_FALSE(place.apply(x).has_value());
    return place.bits();
  };
  EXPECT_EQ(0x9000u, result(38, {}));
  EXPECT_EQ(0x1000u, result(38, {.target1_is_rel = true}));
  EXPECT_EQ(0x1000u, result(41, {}));
  EXPECT_EQ(0x9000u, result(41, {.target2 = ArmTarget2::kAbs}));
  EXPECT_EQ(0x2000u, result(41, {.target2 = ArmTarget2::kGotRel}));
}

TEST(IsaArm, BxBecomesMovForArmv4OnlyIfAsked) {
  const auto kept = isa(), fixed = isa({.fix_v4bx = true});
  Place as_it_is(0xe12fff13, *kept, 40), changed(0x012fff13, *fixed, 40), wrong(0, *fixed, 40);
  EXPECT_FALSE(as_it_is.apply({}).has_value());
  EXPECT_EQ(0xe12fff13u, as_it_is.bits());
  EXPECT_FALSE(changed.apply({}).has_value());
  EXPECT_EQ(0x01a0f003u, changed.bits());
  EXPECT_EQ("needs a BX instruction", wrong.apply({})->why);
  EXPECT_EQ(Use::kAddress, fixed->find(40)->use) << "so that nobody skips it";
}

TEST(IsaArm, FeaturesFollowTheArchitecture) {
  struct Row {
    u32 arch, profile, thumb;
    bool m, thumb2, long_bl, blx, movw;
  };
  for (const Row& row :
       {Row{0, 0, 0, false, false, false, false, false},
        Row{2, 0, 1, false, false, false, false, false},
        Row{4, 0, 1, false, false, false, true, false}, Row{8, 0, 3, false, true, true, true, true},
        Row{8, 0, 2, false, true, true, true, true}, Row{10, 'A', 3, false, true, true, true, true},
        Row{10, 'M', 2, true, true, true, true, true},
        Row{11, 0, 1, true, false, true, true, false},
        Row{12, 'M', 3, true, false, true, true, false},
        Row{13, 'M', 2, true, true, true, true, true},
        Row{14, 'A', 3, false, true, true, true, true},
        Row{16, 'M', 3, true, false, true, true, true}, Row{17, 0, 3, true, true, true, true, true},
        Row{21, 'M', 3, true, true, true, true, true},
        Row{22, 'A', 3, false, true, true, true, true}}) {
    const ArmFeatures f = arm_features(row.arch, row.profile, row.thumb);
    EXPECT_EQ(row.m, f.is_m_profile) << row.arch;
    EXPECT_EQ(row.thumb2, f.has_thumb2) << row.arch;
    EXPECT_EQ(row.long_bl, f.has_long_bl) << row.arch;
    EXPECT_EQ(row.blx, f.has_blx) << row.arch;
    EXPECT_EQ(row.movw, f.has_movw) << row.arch;
  }
}

}  // namespace
}  // namespace fwseal
