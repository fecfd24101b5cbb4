#include "elfio/isa_arm_table.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/elfio/isa_arm_place.h"

namespace fwseal {
namespace {

bool is_plain(const ArmRelocation& row) {
  return row.refusal.empty() && row.value != Value::kNothing && row.field != Field::kArmImmediate &&
         row.type.type != 38 && row.type.type != 41;
}
bool is_hint(const ArmRelocation& row) { return 136 <= row.type.type && row.type.type <= 138; }

// An instruction that the type may stand at.
u32 sample(const ArmRelocation& row) {
  switch (row.type.type) {
    case 10:
    case 16:
      return thumb32(0xf000, 0xd000);
    case 30:
      return thumb32(0xf000, 0x9000);
    case 1:
    case 15:
    case 27:
    case 28:
      return 0xeb000000;
    default:
      return 0;
  }
}

// AAELF32 2023Q3, "Relocation codes": all of them, and the FDPIC ones that GNU tools use.
TEST(IsaArmTable, NamesEveryRelocation) {
  // clang-format off
  const std::map<u32, std::string> names = {
      {0, "R_ARM_NONE"}, {1, "R_ARM_PC24"}, {2, "R_ARM_ABS32"}, {3, "R_ARM_REL32"},
      {4, "R_ARM_LDR_PC_G0"}, {5, "R_ARM_ABS16"}, {6, "R_ARM_ABS12"}, {7, "R_ARM_THM_ABS5"},
      {8, "R_ARM_ABS8"}, {9, "R_ARM_SBREL32"}, {10, "R_ARM_THM_CALL"}, {11, "R_ARM_THM_PC8"},
      {12, "R_ARM_BREL_ADJ"}, {13, "R_ARM_TLS_DESC"}, {14, "R_ARM_THM_SWI8"}, {15, "R_ARM_XPC25"},
      {16, "R_ARM_THM_XPC22"}, {17, "R_ARM_TLS_DTPMOD32"}, {18, "R_ARM_TLS_DTPOFF32"},
      {19, "R_ARM_TLS_TPOFF32"}, {20, "R_ARM_COPY"}, {21, "R_ARM_GLOB_DAT"},
      {22, "R_ARM_JUMP_SLOT"}, {23, "R_ARM_RELATIVE"}, {24, "R_ARM_GOTOFF32"},
      {25, "R_ARM_BASE_PREL"}, {26, "R_ARM_GOT_BREL"}, {27, "R_ARM_PLT32"}, {28, "R_ARM_CALL"},
      {29, "R_ARM_JUMP24"}, {30, "R_ARM_THM_JUMP24"}, {31, "R_ARM_BASE_ABS"},
      {32, "R_ARM_ALU_PCREL_7_0"}, {33, "R_ARM_ALU_PCREL_15_8"}, {34, "R_ARM_ALU_PCREL_23_15"},
      {35, "R_ARM_LDR_SBREL_11_0_NC"}, {36, "R_ARM_ALU_SBREL_19_12_NC"},
      {37, "R_ARM_ALU_SBREL_27_20_CK"}, {38, "R_ARM_TARGET1"}, {39, "R_ARM_SBREL31"},
      {40, "R_ARM_V4BX"}, {41, "R_ARM_TARGET2"}, {42, "R_ARM_PREL31"}, {43, "R_ARM_MOVW_ABS_NC"},
      {44, "R_ARM_MOVT_ABS"}, {45, "R_ARM_MOVW_PREL_NC"}, {46, "R_ARM_MOVT_PREL"},
      {47, "R_ARM_THM_MOVW_ABS_NC"}, {48, "R_ARM_THM_MOVT_ABS"}, {49, "R_ARM_THM_MOVW_PREL_NC"},
      {50, "R_ARM_THM_MOVT_PREL"}, {51, "R_ARM_THM_JUMP19"}, {52, "R_ARM_THM_JUMP6"},
      {53, "R_ARM_THM_ALU_PREL_11_0"}, {54, "R_ARM_THM_PC12"}, {55, "R_ARM_ABS32_NOI"},
      {56, "R_ARM_REL32_NOI"}, {57, "R_ARM_ALU_PC_G0_NC"}, {58, "R_ARM_ALU_PC_G0"},
      {59, "R_ARM_ALU_PC_G1_NC"}, {60, "R_ARM_ALU_PC_G1"}, {61, "R_ARM_ALU_PC_G2"},
      {62, "R_ARM_LDR_PC_G1"}, {63, "R_ARM_LDR_PC_G2"}, {64, "R_ARM_LDRS_PC_G0"},
      {65, "R_ARM_LDRS_PC_G1"}, {66, "R_ARM_LDRS_PC_G2"}, {67, "R_ARM_LDC_PC_G0"},
      {68, "R_ARM_LDC_PC_G1"}, {69, "R_ARM_LDC_PC_G2"}, {70, "R_ARM_ALU_SB_G0_NC"},
      {71, "R_ARM_ALU_SB_G0"}, {72, "R_ARM_ALU_SB_G1_NC"}, {73, "R_ARM_ALU_SB_G1"},
      {74, "R_ARM_ALU_SB_G2"}, {75, "R_ARM_LDR_SB_G0"}, {76, "R_ARM_LDR_SB_G1"},
      {77, "R_ARM_LDR_SB_G2"}, {78, "R_ARM_LDRS_SB_G0"}, {79, "R_ARM_LDRS_SB_G1"},
      {80, "R_ARM_LDRS_SB_G2"}, {81, "R_ARM_LDC_SB_G0"}, {82, "R_ARM_LDC_SB_G1"},
      {83, "R_ARM_LDC_SB_G2"}, {84, "R_ARM_MOVW_BREL_NC"}, {85, "R_ARM_MOVT_BREL"},
      {86, "R_ARM_MOVW_BREL"}, {87, "R_ARM_THM_MOVW_BREL_NC"}, {88, "R_ARM_THM_MOVT_BREL"},
      {89, "R_ARM_THM_MOVW_BREL"}, {90, "R_ARM_TLS_GOTDESC"}, {91, "R_ARM_TLS_CALL"},
      {92, "R_ARM_TLS_DESCSEQ"}, {93, "R_ARM_THM_TLS_CALL"}, {94, "R_ARM_PLT32_ABS"},
      {95, "R_ARM_GOT_ABS"}, {96, "R_ARM_GOT_PREL"}, {97, "R_ARM_GOT_BREL12"},
      {98, "R_ARM_GOTOFF12"}, {99, "R_ARM_GOTRELAX"}, {100, "R_ARM_GNU_VTENTRY"},
      {101, "R_ARM_GNU_VTINHERIT"}, {102, "R_ARM_THM_JUMP11"}, {103, "R_ARM_THM_JUMP8"},
      {104, "R_ARM_TLS_GD32"}, {105, "R_ARM_TLS_LDM32"}, {106, "R_ARM_TLS_LDO32"},
      {107, "R_ARM_TLS_IE32"}, {108, "R_ARM_TLS_LE32"}, {109, "R_ARM_TLS_LDO12"},
      {110, "R_ARM_TLS_LE12"}, {111, "R_ARM_TLS_IE12GP"}, {112, "R_ARM_PRIVATE_0"},
      {113, "R_ARM_PRIVATE_1"}, {114, "R_ARM_PRIVATE_2"}, {115, "R_ARM_PRIVATE_3"},
      {116, "R_ARM_PRIVATE_4"}, {117, "R_ARM_PRIVATE_5"}, {118, "R_ARM_PRIVATE_6"},
      {119, "R_ARM_PRIVATE_7"}, {120, "R_ARM_PRIVATE_8"}, {121, "R_ARM_PRIVATE_9"},
      {122, "R_ARM_PRIVATE_10"}, {123, "R_ARM_PRIVATE_11"}, {124, "R_ARM_PRIVATE_12"},
      {125, "R_ARM_PRIVATE_13"}, {126, "R_ARM_PRIVATE_14"}, {127, "R_ARM_PRIVATE_15"},
      {128, "R_ARM_ME_TOO"}, {129, "R_ARM_THM_TLS_DESCSEQ16"}, {130, "R_ARM_THM_TLS_DESCSEQ32"},
      {131, "R_ARM_THM_GOT_BREL12"}, {132, "R_ARM_THM_ALU_ABS_G0_NC"},
      {133, "R_ARM_THM_ALU_ABS_G1_NC"}, {134, "R_ARM_THM_ALU_ABS_G2_NC"},
      {135, "R_ARM_THM_ALU_ABS_G3"}, {136, "R_ARM_THM_BF16"}, {137, "R_ARM_THM_BF12"},
      {138, "R_ARM_THM_BF18"}, {160, "R_ARM_IRELATIVE"}, {161, "R_ARM_GOTFUNCDESC"},
      {162, "R_ARM_GOTOFFFUNCDESC"}, {163, "R_ARM_FUNCDESC"}, {164, "R_ARM_FUNCDESC_VALUE"},
      {165, "R_ARM_TLS_GD32_FDPIC"}, {166, "R_ARM_TLS_LDM32_FDPIC"}, {167, "R_ARM_TLS_IE32_FDPIC"},
      {168, "R_ARM_PRIVATE_23"}, {169, "R_ARM_PRIVATE_24"}, {170, "R_ARM_PRIVATE_25"},
      {171, "R_ARM_PRIVATE_26"}, {172, "R_ARM_PRIVATE_27"}, {173, "R_ARM_PRIVATE_28"},
      {174, "R_ARM_PRIVATE_29"}, {175, "R_ARM_PRIVATE_30"}, {176, "R_ARM_PRIVATE_31"},
  };
  // clang-format on
  const auto arm = isa();
  for (u32 type = 0; type < 600; type++) {
    const RelocationType* const found = arm->find(type);
    const auto expected = names.find(type);
    ASSERT_EQ(expected != names.end(), found != nullptr) << type;
    if (found == nullptr) continue;
    EXPECT_EQ(type, found->type);
    EXPECT_EQ(expected->second, found->name);
  }
  EXPECT_EQ(EM_ARM, arm->machine());
}

TEST(IsaArmTable, SizesAreThoseOfTheFields) {
  for (const ArmRelocation& row : arm::arm_relocations())
    EXPECT_EQ(arm::codec_of(row.field).size(), row.type.size) << row.type.name;
}

TEST(IsaArmTable, SaysWhatEachTypeNeedsOfTheProgram) {
  const auto arm = isa();
  EXPECT_EQ(Use::kNone, arm->find(0)->use);
  EXPECT_EQ(Use::kAddress, arm->find(2)->use);
  EXPECT_EQ(Use::kCall, arm->find(10)->use);
  EXPECT_EQ(Use::kJump, arm->find(29)->use);
  EXPECT_EQ(Use::kGotBase, arm->find(25)->use);
  EXPECT_EQ(Use::kGotEntry, arm->find(96)->use);
  EXPECT_EQ(Use::kTlsGotEntry, arm->find(107)->use);
  EXPECT_EQ(Use::kTlsOffset, arm->find(108)->use);
  EXPECT_EQ(Use::kMarker, arm->find(40)->use);
  for (u32 type : {12, 13, 17, 18, 19, 20, 21, 22, 23, 160, 161, 162, 163, 164})
    EXPECT_EQ(Use::kDynamic, arm->find(type)->use) << type;
}

// "Overflow" in the tables of AAELF32: both ends fit, one step further does not.
TEST(IsaArmTable, ChecksBothEndsOfEveryRange) {
  const auto arm = isa();
  u32 checked = 0;
  for (const ArmRelocation& row : arm::arm_relocations()) {
    if (!is_plain(row) || !row.range.checked() || is_hint(row)) continue;
    if (row.group > 0) continue;
    const i64 step = arm::codec_of(row.field).step;
    for (i64 X : {row.range.min, row.range.max, row.range.min / 2 / step * step}) {
      Place place(sample(row), *arm, row.type.type);
      const auto fault = place.apply(operands_for(row.value, X));
      EXPECT_FALSE(fault.has_value()) << row.type.name << " " << X << (fault ? fault->why : "");
    }
    for (i64 X : {row.range.min - step, row.range.max + step}) {
      Place place(sample(row), *arm, row.type.type);
      const u32 before = place.bits();
      const auto fault = place.apply(operands_for(row.value, X));
      ASSERT_TRUE(fault.has_value()) << row.type.name << " " << X;
      EXPECT_EQ("out of range", fault->why);
      EXPECT_EQ(X, fault->value);
      EXPECT_EQ(row.range.min, fault->min);
      EXPECT_EQ(row.range.max, fault->max);
      EXPECT_EQ(before, place.bits());
    }
    checked++;
  }
  EXPECT_EQ(33u, checked);
}

// What was stored is what an addend of the same field reads, for every type whose field keeps the
// whole result.
TEST(IsaArmTable, StoresTheResultInItsField) {
  const auto arm = isa();
  for (const ArmRelocation& row : arm::arm_relocations()) {
    if (!is_plain(row) || row.shift != 0 || row.group != 0) continue;
    for (i64 X : {0, 4, 8, 64, 100}) {
      Place place(sample(row), *arm, row.type.type);
      ASSERT_FALSE(place.apply(operands_for(row.value, X)).has_value()) << row.type.name;
      EXPECT_EQ(is_hint(row) ? X | 1 : X, place.addend()) << row.type.name;
    }
  }
}

TEST(IsaArmTable, RefusesByNameWhatNoFirmwareHas) {
  const auto arm = isa();
  for (u32 type : {12,  14,  20,  23,  32,  35,  39,  90,  104, 105,
                   106, 109, 112, 127, 128, 129, 160, 163, 168, 176}) {
    Place place(0x12345678, *arm, type);
    const auto fault = place.apply({});
    ASSERT_TRUE(fault.has_value()) << type;
    EXPECT_FALSE(fault->has_range);
    EXPECT_EQ(0x12345678u, place.bits());
    EXPECT_EQ(0, place.addend());
  }
  EXPECT_THROW(arm->read_addend(159, {}, 0), BadInput);
  std::byte memory[4] = {};
  EXPECT_THROW((void)arm->apply(200, {}, memory, 0), BadInput);
}

TEST(IsaArmTable, MarkersChangeNothing) {
  const auto arm = isa();
  for (u32 type : {0, 40, 99, 100, 101}) {
    Place place(0x12345678, *arm, type);
    EXPECT_FALSE(place.apply(to_label(0x8000, 4, 0)).has_value());
    EXPECT_EQ(0x12345678u, place.bits());
  }
}

// For every type: what write_addend accepts is what read_addend gives back.
TEST(IsaArmTable, AddendsSurvive) {
  const auto arm = isa();
  for (const ArmRelocation& row : arm::arm_relocations()) {
    if (!row.refusal.empty() || row.field == Field::kNone || row.type.type == 40) continue;
    u32 kept = 0;
    for (i64 addend : {i64{-4}, i64{0}, i64{4}, i64{64}, i64{-1020}, i64{0x7fff}, i64{-0x8000},
                       i64{0x12345678}, i64{-0x80000000ll}}) {
      std::byte memory[4] = {};
      if (arm->write_addend(row.type.type, addend, memory, 0)) continue;
      kept++;
      const i64 again = arm->read_addend(row.type.type, Bytes(memory), 0);
      EXPECT_EQ(is_hint(row) ? addend | 1 : addend, again) << row.type.name;
    }
    EXPECT_GE(kept, 3u) << row.type.name;
  }
  std::byte memory[4] = {};
  EXPECT_EQ("out of range", arm->write_addend(10, 1 << 24, memory, 0)->why);
  EXPECT_EQ("not aligned to 4", arm->write_addend(28, 2, memory, 0)->why);
  EXPECT_EQ("cannot hold the addend 257", arm->write_addend(58, 257, memory, 0)->why);
  EXPECT_FALSE(arm->write_addend(2, 0xffffffff, memory, 0).has_value());
}

TEST(IsaArmTable, AddendsOfTheExamples) {
  const auto arm = isa();
  EXPECT_EQ(-1020, Place(0xe2410fff, *arm, 58).addend());
  EXPECT_EQ(16, Place(0xe59f0010, *arm, 63).addend());
  EXPECT_EQ(-4, Place(thumb32(0xf7ff, 0xfffe), *arm, 10).addend());
  EXPECT_EQ(-16, Place(0xf0, *arm, 8).addend());
  EXPECT_EQ(-8, Place(0xebfffffe, *arm, 28).addend());
  EXPECT_EQ(-0x8000, Place(0xe3080000, *arm, 44).addend());
  EXPECT_EQ(-4, arm->branch_bias(10));
  EXPECT_EQ(-8, arm->branch_bias(29));
  EXPECT_EQ(0, arm->branch_bias(2));
}

TEST(IsaArmTable, APlaceOutsideTheSectionIsBadInput) {
  const auto arm = isa();
  std::byte memory[4] = {};
  for (const ArmRelocation& row : arm::arm_relocations()) {
    if (!row.refusal.empty() || row.field == Field::kNone || row.type.type == 40) continue;
    for (u64 offset : {u64{4}, ~u64{0}}) {
      EXPECT_THROW(arm->read_addend(row.type.type, Bytes(memory), offset), BadInput);
      EXPECT_THROW((void)arm->apply(row.type.type, {}, memory, offset), BadInput);
      EXPECT_THROW((void)arm->write_addend(row.type.type, 0, memory, offset), BadInput);
    }
  }
}

// Every type at random places never does worse than a fault or BadInput.
TEST(IsaArmTable, AnyBitsGiveAResultOrAReason) {
  const auto arm = isa();
  u32 random = 12345;
  const auto next = [&] { return random = random * 1664525 + 1013904223; };
  for (u32 type = 0; type < 256; type++)
    for (u32 i = 0; i < 200 && arm->find(type) != nullptr; i++) {
      Place place(next(), *arm, type);
      Operands x = to_label(next(), static_cast<i64>(next()), next());
      x.is_function = next() >> 31;
      x.T = x.is_function ? next() >> 31 : 0;
      x.weak_undefined = next() >> 29 == 0;
      const auto fault = place.apply(x);
      EXPECT_TRUE(!fault || !fault->why.empty());
      (void)place.addend();
      (void)arm->veneer_for(type, x, Bytes(std::span(place.memory, 4)), 0);
    }
}

}  // namespace
}  // namespace fwseal
