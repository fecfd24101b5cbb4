// The tags of Arm build attributes, for their reader, their merger and its tests.
//
// Addenda32 2023Q3, "Public ("aeabi") attribute tags".
#pragma once

#include <string>
#include <string_view>

#include "elfio/types.h"

namespace fwseal::arm {

enum Tag : u32 {
  kTagFile = 1,
  kTagCpuRawName = 4,
  kTagCpuName = 5,
  kTagCpuArch = 6,
  kTagCpuArchProfile = 7,
  kTagArmIsaUse = 8,
  kTagThumbIsaUse = 9,
  kTagFpArch = 10,
  kTagWmmxArch = 11,
  kTagAdvancedSimdArch = 12,
  kTagPcsConfig = 13,
  kTagPcsR9Use = 14,
  kTagPcsRwData = 15,
  kTagPcsRoData = 16,
  kTagPcsGotUse = 17,
  kTagWcharSize = 18,
  kTagFpRounding = 19,
  kTagFpDenormal = 20,
  kTagFpExceptions = 21,
  kTagFpUserExceptions = 22,
  kTagFpNumberModel = 23,
  kTagAlignNeeded = 24,
  kTagAlignPreserved = 25,
  kTagEnumSize = 26,
  kTagHardFpUse = 27,
  kTagVfpArgs = 28,
  kTagWmmxArgs = 29,
  kTagOptimizationGoals = 30,
  kTagFpOptimizationGoals = 31,
  kTagCompatibility = 32,
  kTagUnalignedAccess = 34,
  kTagFpHpExtension = 36,
  kTagFp16Format = 38,
  kTagMpExtensionUse = 42,
  kTagDivUse = 44,
  kTagDspExtension = 46,
  kTagMveArch = 48,
  kTagPacExtension = 50,
  kTagBtiExtension = 52,
  kTagNodefaults = 64,
  kTagAlsoCompatibleWith = 65,
  kTagT2eeUse = 66,
  kTagConformance = 67,
  kTagVirtualizationUse = 68,
  kTagMpExtensionUseLegacy = 70,
  kTagFramePointerUse = 72,
  kTagBtiUse = 74,
  kTagPacretUse = 76,
};

// Values of Tag_CPU_arch.
enum Arch : u32 {
  kArchV4 = 1,
  kArchV4T = 2,
  kArchV6KZ = 7,
  kArchV6T2 = 8,
  kArchV6K = 9,
  kArchV7 = 10,
  kArchV6M = 11,
  kArchV6SM = 12,
  kArchV7EM = 13,
  kArchV8 = 14,
  kArchV8R = 15,
  kArchV8MBase = 16,
  kArchV8MMain = 17,
  kArchV8_1 = 18,
  kArchV8_3 = 20,
  kArchV8_1MMain = 21,
  kArchV9 = 22,
  // Not in any file: code for Armv4T that keeps to what Armv6-M has too, or the reverse.
  kArchV4TAndV6M = 23,
};

inline constexpr u32 kNoArch = ~0u;

// The architecture that runs code for both; kNoArch if there is none.
u32 combine_arch(u32 a, u32 b);
// As GNU ld names a processor of which it knows no more.
std::string arch_name(u32 arch);
// Tag_CPU_arch and Tag_also_compatible_with in one number.
u32 arch_with_alternative(u32 arch, std::string_view also_compatible_with);

}  // namespace fwseal::arm
