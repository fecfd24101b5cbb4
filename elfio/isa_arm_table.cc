// The relocation table of the Arm ABI, and its arithmetic.
#include "elfio/isa_arm_table.h"

#include <array>
#include <iterator>

namespace fwseal::arm {
namespace {

using F = Field;
using enum Value;
using enum Use;

// Named after the bits of a branch's offset, or of an unsigned or signed immediate.
constexpr Range kAny;
constexpr Range kByte{-128, 255};      // AAELF32 2023Q3, "Static Data relocations": signed or
constexpr Range kHalf{-32768, 65535};  // unsigned, so nobody can tell a small overflow
constexpr Range kSigned31{-(i64{1} << 30), (i64{1} << 30) - 1};
constexpr Range kUnsigned7{0, 124};
constexpr Range kUnsigned10{0, 1020};
constexpr Range kUnsigned12{0, 4095};
constexpr Range kUnsigned16{0, 65535};
constexpr Range kOffset8{-255, 255};
constexpr Range kOffset10{-1020, 1020};
constexpr Range kOffset12{-4095, 4095};
constexpr Range kNoResidual{0, 0};  // of what the last group leaves over
constexpr Range kForward7{0, 126};
constexpr Range kBranch9{-256, 254};
constexpr Range kBranch12{-2048, 2046};
constexpr Range kBranch21{-(1 << 20), (1 << 20) - 2};
constexpr Range kBranch25{-(1 << 24), (1 << 24) - 2};  // a Thumb-1 BL reaches less, see isa_arm.cc
constexpr Range kBranch26{-(1 << 25), (1 << 25) - 4};
constexpr Range kFuture13{-(1 << 12), (1 << 12) - 1};  // bit 0 is T
constexpr Range kFuture17{-(1 << 16), (1 << 16) - 1};
constexpr Range kFuture19{-(1 << 18), (1 << 18) - 1};

constexpr std::string_view kForLoader =
    "is for the dynamic linker; an object file must not have it";
constexpr std::string_view kObsolete = "is obsolete; AAELF32 no longer says what it means";
constexpr std::string_view kUndescribed =
    "is deprecated and AAELF32 no longer says what it changes; recompile with R_ARM_*_SB_G*";
constexpr std::string_view kPrivate = "is private to another toolchain, whose linker must be used";
constexpr std::string_view kFdpic = "belongs to FDPIC, which needs a dynamic linker";
constexpr std::string_view kDescriptor =
    "needs TLS descriptors and a dynamic linker; compile with -mtls-dialect=gnu "
    "-ftls-model=local-exec";
constexpr std::string_view kDynamicTls =
    "needs a dynamic linker's thread-local storage; compile with -ftls-model=local-exec";

constexpr ArmRelocation row(u32 type, std::string_view name, Use use, Value value, Field field,
                            Range range = kAny, u8 group = 0, u8 shift = 0) {
  return {{type, name, use, size_of(field)}, value, field, range, group, shift, {}};
}
constexpr ArmRelocation refused(u32 type, std::string_view name, Use use, std::string_view why) {
  return {{type, name, use, 0}, kNothing, F::kNone, kAny, 0, 0, why};
}

// clang-format off
constexpr ArmRelocation kTable[] = {
    // code, name, use, value, field, range, group, shift
    row(0, "R_ARM_NONE",               kNone, kNothing, F::kNone),
    row(1, "R_ARM_PC24",               kCall, kSATP, F::kArmBranch24, kBranch26),
    row(2, "R_ARM_ABS32",              kAddress, kSAT, F::kWord32),
    row(3, "R_ARM_REL32",              kAddress, kSATP, F::kWord32),
    row(4, "R_ARM_LDR_PC_G0",          kAddress, kSAP, F::kArmOffset12, kOffset12),
    row(5, "R_ARM_ABS16",              kAddress, kSA, F::kHalf16, kHalf),
    row(6, "R_ARM_ABS12",              kAddress, kSA, F::kArmOffset12, kOffset12),
    row(7, "R_ARM_THM_ABS5",           kAddress, kSA, F::kThumbOffset5, kUnsigned7),
    row(8, "R_ARM_ABS8",               kAddress, kSA, F::kByte8, kByte),
    row(9, "R_ARM_SBREL32",            kBased,   kSATB, F::kWord32),
    row(10, "R_ARM_THM_CALL",          kCall, kSATP, F::kThumbBranch24, kBranch25),
    row(11, "R_ARM_THM_PC8",           kAddress, kSAPa, F::kThumbLiteral8, kUnsigned10),
    refused(12, "R_ARM_BREL_ADJ",      kDynamic, kForLoader),
    refused(13, "R_ARM_TLS_DESC",      kDynamic, kForLoader),
    refused(14, "R_ARM_THM_SWI8",      kAddress, kObsolete),
    row(15, "R_ARM_XPC25",             kCall, kSATP, F::kArmBranch24, kBranch26),
    row(16, "R_ARM_THM_XPC22",         kCall, kSATP, F::kThumbBranch24, kBranch25),
    refused(17, "R_ARM_TLS_DTPMOD32",  kDynamic, kForLoader),
    refused(18, "R_ARM_TLS_DTPOFF32",  kDynamic, kForLoader),
    refused(19, "R_ARM_TLS_TPOFF32",   kDynamic, kForLoader),
    refused(20, "R_ARM_COPY",          kDynamic, kForLoader),
    refused(21, "R_ARM_GLOB_DAT",      kDynamic, kForLoader),
    refused(22, "R_ARM_JUMP_SLOT",     kDynamic, kForLoader),
    refused(23, "R_ARM_RELATIVE",      kDynamic, kForLoader),
    row(24, "R_ARM_GOTOFF32",          kGotBase, kSATGot, F::kWord32),
    row(25, "R_ARM_BASE_PREL",         kGotBase, kGotAP, F::kWord32),
    row(26, "R_ARM_GOT_BREL",          kGotEntry, kEntryAGot, F::kWord32),
    row(27, "R_ARM_PLT32",             kCall, kSATP, F::kArmBranch24, kBranch26),
    row(28, "R_ARM_CALL",              kCall, kSATP, F::kArmBranch24, kBranch26),
    row(29, "R_ARM_JUMP24",            kJump, kSATP, F::kArmBranch24, kBranch26),
    row(30, "R_ARM_THM_JUMP24",        kJump, kSATP, F::kThumbBranch24, kBranch25),
    row(31, "R_ARM_BASE_ABS",          kGotBase, kGotA, F::kWord32),
    refused(32, "R_ARM_ALU_PCREL_7_0", kAddress, kObsolete),
    refused(33, "R_ARM_ALU_PCREL_15_8", kAddress, kObsolete),
    refused(34, "R_ARM_ALU_PCREL_23_15", kAddress, kObsolete),
    refused(35, "R_ARM_LDR_SBREL_11_0_NC", kAddress, kUndescribed),
    refused(36, "R_ARM_ALU_SBREL_19_12_NC", kAddress, kUndescribed),
    refused(37, "R_ARM_ALU_SBREL_27_20_CK", kAddress, kUndescribed),
    row(38, "R_ARM_TARGET1",           kAddress, kSAT, F::kWord32),
    refused(39, "R_ARM_SBREL31",       kAddress, kUndescribed),
    row(40, "R_ARM_V4BX",              kMarker, kNothing, F::kWord32),
    row(41, "R_ARM_TARGET2",           kAddress, kSATP, F::kWord32),
    row(42, "R_ARM_PREL31",            kAddress, kSATP, F::kWord31, kSigned31),
    row(43, "R_ARM_MOVW_ABS_NC",       kAddress, kSAT, F::kArmMov16),
    row(44, "R_ARM_MOVT_ABS",          kAddress, kSA, F::kArmMov16, kAny, 0, 16),
    row(45, "R_ARM_MOVW_PREL_NC",      kAddress, kSATP, F::kArmMov16),
    row(46, "R_ARM_MOVT_PREL",         kAddress, kSAP, F::kArmMov16, kAny, 0, 16),
    row(47, "R_ARM_THM_MOVW_ABS_NC",   kAddress, kSAT, F::kThumbMov16),
    row(48, "R_ARM_THM_MOVT_ABS",      kAddress, kSA, F::kThumbMov16, kAny, 0, 16),
    row(49, "R_ARM_THM_MOVW_PREL_NC",  kAddress, kSATP, F::kThumbMov16),
    row(50, "R_ARM_THM_MOVT_PREL",     kAddress, kSAP, F::kThumbMov16, kAny, 0, 16),
    row(51, "R_ARM_THM_JUMP19",        kJump, kSATP, F::kThumbBranch19, kBranch21),
    row(52, "R_ARM_THM_JUMP6",         kJump, kSAP, F::kThumbBranch6, kForward7),
    row(53, "R_ARM_THM_ALU_PREL_11_0", kAddress, kSATPa, F::kThumbAdr12, kOffset12),
    row(54, "R_ARM_THM_PC12",          kAddress, kSAPa, F::kThumbLiteral12, kOffset12),
    row(55, "R_ARM_ABS32_NOI",         kAddress, kSA, F::kWord32),
    row(56, "R_ARM_REL32_NOI",         kAddress, kSAP, F::kWord32),
    row(57, "R_ARM_ALU_PC_G0_NC",      kAddress, kSATP, F::kArmImmediate, kAny),
    row(58, "R_ARM_ALU_PC_G0",         kAddress, kSATP, F::kArmImmediate, kNoResidual),
    row(59, "R_ARM_ALU_PC_G1_NC",      kAddress, kSATP, F::kArmImmediate, kAny, 1),
    row(60, "R_ARM_ALU_PC_G1",         kAddress, kSATP, F::kArmImmediate, kNoResidual, 1),
    row(61, "R_ARM_ALU_PC_G2",         kAddress, kSATP, F::kArmImmediate, kNoResidual, 2),
    row(62, "R_ARM_LDR_PC_G1",         kAddress, kSAP, F::kArmOffset12, kOffset12, 1),
    row(63, "R_ARM_LDR_PC_G2",         kAddress, kSAP, F::kArmOffset12, kOffset12, 2),
    row(64, "R_ARM_LDRS_PC_G0",        kAddress, kSAP, F::kArmOffset8, kOffset8),
    row(65, "R_ARM_LDRS_PC_G1",        kAddress, kSAP, F::kArmOffset8, kOffset8, 1),
    row(66, "R_ARM_LDRS_PC_G2",        kAddress, kSAP, F::kArmOffset8, kOffset8, 2),
    row(67, "R_ARM_LDC_PC_G0",         kAddress, kSAP, F::kArmOffset10, kOffset10),
    row(68, "R_ARM_LDC_PC_G1",         kAddress, kSAP, F::kArmOffset10, kOffset10, 1),
    row(69, "R_ARM_LDC_PC_G2",         kAddress, kSAP, F::kArmOffset10, kOffset10, 2),
    row(70, "R_ARM_ALU_SB_G0_NC",      kBased,   kSATB, F::kArmImmediate, kAny),
    row(71, "R_ARM_ALU_SB_G0",         kBased,   kSATB, F::kArmImmediate, kNoResidual),
    row(72, "R_ARM_ALU_SB_G1_NC",      kBased,   kSATB, F::kArmImmediate, kAny, 1),
    row(73, "R_ARM_ALU_SB_G1",         kBased,   kSATB, F::kArmImmediate, kNoResidual, 1),
    row(74, "R_ARM_ALU_SB_G2",         kBased,   kSATB, F::kArmImmediate, kNoResidual, 2),
    row(75, "R_ARM_LDR_SB_G0",         kBased,   kSAB, F::kArmOffset12, kOffset12),
    row(76, "R_ARM_LDR_SB_G1",         kBased,   kSAB, F::kArmOffset12, kOffset12, 1),
    row(77, "R_ARM_LDR_SB_G2",         kBased,   kSAB, F::kArmOffset12, kOffset12, 2),
    row(78, "R_ARM_LDRS_SB_G0",        kBased,   kSAB, F::kArmOffset8, kOffset8),
    row(79, "R_ARM_LDRS_SB_G1",        kBased,   kSAB, F::kArmOffset8, kOffset8, 1),
    row(80, "R_ARM_LDRS_SB_G2",        kBased,   kSAB, F::kArmOffset8, kOffset8, 2),
    row(81, "R_ARM_LDC_SB_G0",         kBased,   kSAB, F::kArmOffset10, kOffset10),
    row(82, "R_ARM_LDC_SB_G1",         kBased,   kSAB, F::kArmOffset10, kOffset10, 1),
    row(83, "R_ARM_LDC_SB_G2",         kBased,   kSAB, F::kArmOffset10, kOffset10, 2),
    row(84, "R_ARM_MOVW_BREL_NC",      kBased,   kSATB, F::kArmMov16),
    row(85, "R_ARM_MOVT_BREL",         kBased,   kSAB, F::kArmMov16, kAny, 0, 16),
    row(86, "R_ARM_MOVW_BREL",         kBased,   kSATB, F::kArmMov16, kUnsigned16),
    row(87, "R_ARM_THM_MOVW_BREL_NC",  kBased,   kSATB, F::kThumbMov16),
    row(88, "R_ARM_THM_MOVT_BREL",     kBased,   kSAB, F::kThumbMov16, kAny, 0, 16),
    row(89, "R_ARM_THM_MOVW_BREL",     kBased,   kSATB, F::kThumbMov16, kUnsigned16),
    refused(90, "R_ARM_TLS_GOTDESC",   kTlsOffset, kDescriptor),
    refused(91, "R_ARM_TLS_CALL",      kTlsOffset, kDescriptor),
    refused(92, "R_ARM_TLS_DESCSEQ",   kTlsOffset, kDescriptor),
    refused(93, "R_ARM_THM_TLS_CALL",  kTlsOffset, kDescriptor),
    row(94, "R_ARM_PLT32_ABS",         kAddress, kSAT, F::kWord32),
    row(95, "R_ARM_GOT_ABS",           kGotEntry, kEntryA, F::kWord32),
    row(96, "R_ARM_GOT_PREL",          kGotEntry, kEntryAP, F::kWord32),
    row(97, "R_ARM_GOT_BREL12",        kGotEntry, kEntryAGot, F::kArmOffset12, kOffset12),
    row(98, "R_ARM_GOTOFF12",          kGotBase, kSAGot, F::kArmOffset12, kOffset12),
    row(99, "R_ARM_GOTRELAX",          kMarker, kNothing, F::kNone),
    row(100, "R_ARM_GNU_VTENTRY",      kMarker, kNothing, F::kNone),
    row(101, "R_ARM_GNU_VTINHERIT",    kMarker, kNothing, F::kNone),
    row(102, "R_ARM_THM_JUMP11",       kJump, kSAP, F::kThumbBranch11, kBranch12),
    row(103, "R_ARM_THM_JUMP8",        kJump, kSAP, F::kThumbBranch8, kBranch9),
    refused(104, "R_ARM_TLS_GD32",     kTlsOffset, kDynamicTls),
    refused(105, "R_ARM_TLS_LDM32",    kTlsOffset, kDynamicTls),
    refused(106, "R_ARM_TLS_LDO32",    kTlsOffset, kDynamicTls),
    row(107, "R_ARM_TLS_IE32",         kTlsGotEntry, kEntryAP, F::kWord32),
    row(108, "R_ARM_TLS_LE32",         kTlsOffset, kTlsA, F::kWord32),
    refused(109, "R_ARM_TLS_LDO12",    kTlsOffset, kDynamicTls),
    row(110, "R_ARM_TLS_LE12",         kTlsOffset, kTlsA, F::kArmOffset12, kOffset12),
    row(111, "R_ARM_TLS_IE12GP",       kTlsGotEntry, kEntryAGot, F::kArmOffset12, kOffset12),
    refused(112, "R_ARM_PRIVATE_0",    kAddress, kPrivate),
    refused(113, "R_ARM_PRIVATE_1",    kAddress, kPrivate),
    refused(114, "R_ARM_PRIVATE_2",    kAddress, kPrivate),
    refused(115, "R_ARM_PRIVATE_3",    kAddress, kPrivate),
    refused(116, "R_ARM_PRIVATE_4",    kAddress, kPrivate),
    refused(117, "R_ARM_PRIVATE_5",    kAddress, kPrivate),
    refused(118, "R_ARM_PRIVATE_6",    kAddress, kPrivate),
    refused(119, "R_ARM_PRIVATE_7",    kAddress, kPrivate),
    refused(120, "R_ARM_PRIVATE_8",    kAddress, kPrivate),
    refused(121, "R_ARM_PRIVATE_9",    kAddress, kPrivate),
    refused(122, "R_ARM_PRIVATE_10",   kAddress, kPrivate),
    refused(123, "R_ARM_PRIVATE_11",   kAddress, kPrivate),
    refused(124, "R_ARM_PRIVATE_12",   kAddress, kPrivate),
    refused(125, "R_ARM_PRIVATE_13",   kAddress, kPrivate),
    refused(126, "R_ARM_PRIVATE_14",   kAddress, kPrivate),
    refused(127, "R_ARM_PRIVATE_15",   kAddress, kPrivate),
    refused(128, "R_ARM_ME_TOO",       kAddress, kObsolete),
    refused(129, "R_ARM_THM_TLS_DESCSEQ16", kTlsOffset, kDescriptor),
    refused(130, "R_ARM_THM_TLS_DESCSEQ32", kTlsOffset, kDescriptor),
    row(131, "R_ARM_THM_GOT_BREL12",   kGotEntry, kEntryAGot, F::kThumbOffset12, kUnsigned12),
    row(132, "R_ARM_THM_ALU_ABS_G0_NC", kAddress, kSAT, F::kThumbImmediate8),
    row(133, "R_ARM_THM_ALU_ABS_G1_NC", kAddress, kSA, F::kThumbImmediate8, kAny, 0, 8),
    row(134, "R_ARM_THM_ALU_ABS_G2_NC", kAddress, kSA, F::kThumbImmediate8, kAny, 0, 16),
    row(135, "R_ARM_THM_ALU_ABS_G3",   kAddress, kSA, F::kThumbImmediate8, kAny, 0, 24),
    row(136, "R_ARM_THM_BF16",         kJump, kSATP, F::kThumbFuture16, kFuture17),
    row(137, "R_ARM_THM_BF12",         kJump, kSATP, F::kThumbFuture12, kFuture13),
    row(138, "R_ARM_THM_BF18",         kJump, kSATP, F::kThumbFuture18, kFuture19),
    refused(160, "R_ARM_IRELATIVE",    kDynamic, kForLoader),
    refused(161, "R_ARM_GOTFUNCDESC",  kDynamic, kFdpic),
    refused(162, "R_ARM_GOTOFFFUNCDESC", kDynamic, kFdpic),
    refused(163, "R_ARM_FUNCDESC",     kDynamic, kFdpic),
    refused(164, "R_ARM_FUNCDESC_VALUE", kDynamic, kFdpic),
    refused(165, "R_ARM_TLS_GD32_FDPIC", kDynamic, kFdpic),
    refused(166, "R_ARM_TLS_LDM32_FDPIC", kDynamic, kFdpic),
    refused(167, "R_ARM_TLS_IE32_FDPIC", kDynamic, kFdpic),
    refused(168, "R_ARM_PRIVATE_23",   kAddress, kPrivate),
    refused(169, "R_ARM_PRIVATE_24",   kAddress, kPrivate),
    refused(170, "R_ARM_PRIVATE_25",   kAddress, kPrivate),
    refused(171, "R_ARM_PRIVATE_26",   kAddress, kPrivate),
    refused(172, "R_ARM_PRIVATE_27",   kAddress, kPrivate),
    refused(173, "R_ARM_PRIVATE_28",   kAddress, kPrivate),
    refused(174, "R_ARM_PRIVATE_29",   kAddress, kPrivate),
    refused(175, "R_ARM_PRIVATE_30",   kAddress, kPrivate),
    refused(176, "R_ARM_PRIVATE_31",   kAddress, kPrivate),
};
// clang-format on

constexpr u32 kCodes = 177;  // AAELF32 reserves the rest for dynamic relocations

// For each code the position in the table, plus 1.
constexpr std::array<u8, kCodes> index_by_code() {
  std::array<u8, kCodes> positions{};
  for (std::size_t i = 0; i < std::size(kTable); i++)
    positions[kTable[i].type.type] = static_cast<u8>(i + 1);
  return positions;
}
constexpr std::array<u8, kCodes> kPositions = index_by_code();

constexpr bool in_order() {
  for (std::size_t i = 1; i < std::size(kTable); i++)
    if (kTable[i - 1].type.type >= kTable[i].type.type) return false;
  return std::size(kTable) < 256;
}
static_assert(in_order());

}  // namespace

std::span<const ArmRelocation> arm_relocations() { return kTable; }

const ArmRelocation* find_arm_relocation(u32 type) {
  if (type >= kCodes || kPositions[type] == 0) return nullptr;
  return &kTable[kPositions[type] - 1];
}

i64 value_of(Value value, const Operands& x) {
  const u64 SA = x.S + static_cast<u64>(x.A);
  const u64 SAT = SA | x.T;
  const u64 Pa = x.P & ~u64{3};
  const u64 entry = x.got_entry + static_cast<u64>(x.A);
  const u64 got = x.GOT + static_cast<u64>(x.A);
  const auto result = [&]() -> u64 {
    switch (value) {
      case kNothing:
        return 0;
      case kSA:
        return SA;
      case kSAT:
        return SAT;
      case kSAP:
        return SA - x.P;
      case kSATP:
        return SAT - x.P;
      case kSAPa:
        return SA - Pa;
      case kSATPa:
        return SAT - Pa;
      case kSAB:
        return SA - x.B;
      case kSATB:
        return SAT - x.B;
      case kSAGot:
        return SA - x.GOT;
      case kSATGot:
        return SAT - x.GOT;
      case kGotA:
        return got;
      case kGotAP:
        return got - x.P;
      case kEntryA:
        return entry;
      case kEntryAP:
        return entry - x.P;
      case kEntryAGot:
        return entry - x.GOT;
      case kTlsA:
        return x.tls_offset + static_cast<u64>(x.A);
    }
    return 0;
  };
  return sign_extend(result() & 0xffffffff, 32);
}

}  // namespace fwseal::arm
