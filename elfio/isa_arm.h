// Arm as a linker sees it: two instruction sets that branches must switch between, and branches
// that may be too short.
//
// - A function is entered in Arm or in Thumb state; bit 0 of its address says which (the T of
//   AAELF32), and only if the symbol is an STT_FUNC. What is no function is entered in the state of
//   its caller. M-profile processors have no Arm state.
// - BL can become BLX, and BLX can become BL. No other branch can switch: it needs a veneer.
// - B and BL reach 32 MiB in Arm state; in Thumb state BL and B.W reach 16 MiB, B<cond>.W 1 MiB,
//   and the BL of Thumb-1 4 MiB. What is further away needs a veneer, which may only change ip and
//   the flags.
// - Only SHT_REL is usual: an addend is what the instruction holds, so a field must be read before
//   it is written.
//
// AAELF32 2023Q3, "Relocation"; Arm ARM DDI 0406C and DDI 0403E. Where AAELF32 leaves a choice we
// do what GNU ld 2.40 does.
#pragma once

#include <memory>

#include "elfio/isa.h"

namespace fwseal {

// What the processor can do, as far as it matters to a linker. Without any build attribute we know
// of no extension, as GNU ld.
struct ArmFeatures {
  u32 arch = 0;                 // Tag_CPU_arch
  bool is_m_profile = false;    // there is no Arm state
  bool has_thumb2 = false;      // B.W, B<cond>.W and LDR.W
  bool has_long_bl = false;     // a Thumb BL reaches 16 MiB, not 4
  bool has_blx = false;         // Armv5T: BLX, and a load to pc that switches state
  bool has_movw = false;        // MOVW and MOVT in Thumb state
  bool has_arm_nop = false;     // the NOP hint in Arm state
  bool has_thumb_nop = false;   // the NOP hint in 16 bits
  bool hard_float_abi = false;  // Tag_ABI_VFP_args: EF_ARM_ABI_FLOAT_HARD of the image
};
// From the values of Tag_CPU_arch, Tag_CPU_arch_profile and Tag_THUMB_ISA_use.
ArmFeatures arm_features(u32 arch, u32 profile, u32 thumb_isa_use);

// --target2: what R_ARM_TARGET2, a reference to type information in unwind tables, means.
enum class ArmTarget2 : u8 { kRel, kAbs, kGotRel };

struct ArmOptions {
  bool target1_is_rel = false;            // --target1-rel
  ArmTarget2 target2 = ArmTarget2::kRel;  // GNU ld's default for arm-none-eabi; Linux: kGotRel
  bool fix_v4bx = false;                  // --fix-v4bx: BX becomes MOV PC
  bool use_blx = false;                   // --use-blx: even if the attributes deny it
  bool fix_arm1176 = true;                // --no-fix-arm1176: use BLX on Armv5T to Armv6K
  bool pic_veneer = false;                // --pic-veneer
};

std::unique_ptr<Isa> make_isa_arm(const ArmFeatures& features, const ArmOptions& options);

}  // namespace fwseal
