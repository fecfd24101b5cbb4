// The encodings in which an instruction names another place by its distance from the program
// counter.
#pragma once

#include <optional>
#include <span>

#include "elfio/code.h"
#include "elfio/isa.h"

namespace fwseal::arm {

enum class Form : u8 {
  kFixed,  // CodeReference::kFixed
  kArmBranch,
  kArmBlx,
  kArmLiteral12,   // LDR, LDRB, PLD
  kArmLiteral8,    // LDRH, LDRSB, LDRSH, LDRD
  kArmLiteral10,   // VLDR, LDC
  kArmAddress,     // ADD and SUB of the program counter
  kThumbBranch8,   // B<cond>
  kThumbBranch11,  // B
  kThumbCompare,   // CBZ, CBNZ
  kThumbBranch19,  // B<cond>.W
  kThumbBranch24,  // B.W, BL
  kThumbBlx,
  kThumbLiteral8,   // LDR
  kThumbAddress8,   // ADR
  kThumbLiteral12,  // LDR.W and the like
  kThumbLiteral10,  // LDRD, VLDR, LDC
  kThumbAddress12,  // ADR.W
  kCount,
};

struct FormCodec {
  u8 size = 4;  // bytes of the instruction
  bool thumb = false;
  bool aligned = false;  // counts from the program counter rounded down to a multiple of 4
  u8 step = 1;           // every distance is a multiple of it
  i64 min = 0;           // the distances it can hold
  i64 max = 0;
  i64 (*read)(u32) = nullptr;
  u32 (*write)(u32, i64) = nullptr;

  // What distances count from (Arm ARM DDI 0406C, "PC, the program counter").
  u64 base(u64 place) const {
    const u64 counter = place + (thumb ? 4 : 8);
    return aligned ? counter & ~u64{3} : counter;
  }
};
const FormCodec& codec_of(Form form);

// Isa::redirect.
std::optional<RelocationFault> redirect(const CodeReference& reference, i64 change,
                                        std::span<std::byte> contents, u64 offset);

}  // namespace fwseal::arm
