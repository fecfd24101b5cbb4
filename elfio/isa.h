// What a linker must know of a machine: its relocations and how to encode their results, what code
// it can add to reach far, and what it must check before it mixes objects.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elfio/arm_step.h"
#include "elfio/bytes.h"
#include "elfio/code.h"
#include "elfio/object.h"
#include "elfio/types.h"

namespace fwseal {

// What a relocation asks of the rest of the program, apart from the value it stores.
enum class Use : u8 {
  kNone,        // R_*_NONE: the reference counts, nothing is stored
  kAddress,     // a value made of S, A, P: data, address-building instructions, ADR
  kBased,       // relative to B
  kCall,        // a branch that saves its return address; may become another branch or a veneer
  kJump,        // a branch that does not
  kGotEntry,    // the address or offset of a GOT entry that holds S
  kGotBase,     // relative to the GOT, no entry needed
  kTlsOffset,   // thread-local storage, local-exec model
  kTlsGotEntry, // a GOT entry that holds an offset within thread-local storage
  kMarker,      // a hint for the linker; nothing is stored and nothing is referenced
  kDynamic,     // for the dynamic linker; an input object must not have it
};

// One row of an ABI's relocation table.
struct RelocationType {
  u32 type = 0;
  std::string_view name;  // "R_ARM_THM_CALL"
  Use use = Use::kAddress;
  u8 size = 4;  // bytes that it changes at its place
};

// The values of AAELF32 2023Q3, "Relocation types", that a relocation's result is made of.
struct Operands {
  u64 S = 0;             // address of the symbol, Thumb bit not included
  i64 A = 0;             // addend
  u64 P = 0;             // address of the place
  u64 T = 0;             // 1 if the symbol is a Thumb function, else 0
  u64 B = 0;             // base of the output segment that holds the symbol
  u64 GOT = 0;           // address of the GOT
  u64 got_entry = 0;     // address of the symbol's GOT entry, for Use::kGotEntry
  u64 tls_offset = 0;    // offset of the symbol from the thread pointer, for TLS
  bool is_function = false;     // STT_FUNC: only then is bit 0 of the address a mode
  bool weak_undefined = false;  // S is 0 because nobody defines the symbol
};

// Why a value cannot be stored. `why` completes "relocation R_X ...": "out of range", "not aligned
// to 2". value, min and max are meant only if has_range.
struct RelocationFault {
  std::string why;
  bool has_range = false;
  i64 value = 0;
  i64 min = 0;
  i64 max = 0;
};

// A veneer: code that we add so that a branch reaches its target. `kind` is the machine's own
// number; one veneer serves every branch of the same target, addend and kind near enough to it.
struct VeneerShape {
  u8 kind = 0;
  u32 size = 0;       // bytes
  u32 alignment = 4;  // bytes
  bool entry_is_thumb = false;
};

// A mapping symbol inside a veneer: "$a", "$t" or "$d" at an offset (AAELF32, "Mapping symbols").
struct VeneerMark {
  std::string_view name;
  u32 offset = 0;
};

class Isa {
 public:
  virtual ~Isa() = default;

  virtual u16 machine() const = 0;
  // nullptr if the ABI has no such type.
  virtual const RelocationType* find(u32 type) const = 0;

  // The addend that a SHT_REL relocation left in the section's bytes. Throws BadInput if the field
  // does not lie in `contents`.
  virtual i64 read_addend(u32 type, Bytes contents, u64 offset) const = 0;
  // The inverse: stores an addend, for -r and -q.
  virtual std::optional<RelocationFault> write_addend(u32 type, i64 addend,
                                                      std::span<std::byte> contents,
                                                      u64 offset) const = 0;
  // Computes the result and stores it at `offset` of `contents`.
  virtual std::optional<RelocationFault> apply(u32 type, const Operands& x,
                                               std::span<std::byte> contents,
                                               u64 offset) const = 0;

  // Does this branch need a veneer? Then of which shape. `contents` and `offset` as in apply: the
  // instruction may decide (BL can become BLX, B cannot).
  virtual std::optional<VeneerShape> veneer_for(u32 type, const Operands& x, Bytes contents,
                                                u64 offset) const = 0;
  // The bytes of the veneer at address P that leads to x.S (+ x.T).
  virtual void write_veneer(const VeneerShape& shape, const Operands& x,
                            std::span<std::byte> out) const = 0;
  virtual std::vector<VeneerMark> veneer_marks(const VeneerShape& shape) const = 0;
  // The addend with which a branch of this type leads exactly to its symbol (Arm: -8, Thumb: -4).
  // A veneer for S and A leads to S + A - bias; the branch to it has the addend bias.
  virtual i64 branch_bias(u32 /*type*/) const { return 0; }
  // How far apart, in bytes, code may lie so that no branch between two places needs a veneer for
  // its distance; and how much code may share one group of veneers behind it.
  virtual u64 shortest_branch_reach() const = 0;
  virtual u64 veneer_group_size() const = 0;
  // Reads the instructions of runs[number], all of whose section's runs are `runs`, in order, and
  // adds to `scan`. `relocated` are the offsets of the section's relocations, sorted: what those
  // instructions refer to is said there. False if there is something that cannot be told with
  // certainty: an unknown instruction, or an address made from the program counter and a register.
  virtual bool scan_code(Bytes /*contents*/, std::span<const CodeRun> /*runs*/, u64 /*number*/,
                         std::span<const u32> /*relocated*/, CodeScan& /*scan*/) const {
    return false;
  }
  // What the instruction at `offset` does, as far as that is followed. kUnknown if there is none.
  virtual ArmStep step_at(CodeMode /*mode*/, Bytes /*contents*/, u64 /*offset*/) const {
    return {};
  }
  // Are these bytes nothing but no-operations and zeroes, as assemblers align functions with?
  virtual bool is_padding(CodeMode /*mode*/, Bytes /*bytes*/) const { return false; }
  // How far behind its symbol a relocation's target lies: the addend, without what the encoding
  // adds to it. Nothing if symbol and addend alone do not say what is referred to.
  virtual std::optional<i64> distance_from_symbol(u32 /*type*/, i64 /*addend*/) const {
    return std::nullopt;
  }
  // Can a relocation of this type lead to any place of the same output section, if that has at most
  // `reach` bytes; by a veneer, if it is a branch?
  virtual bool reaches(u32 /*type*/, u64 /*reach*/) const { return false; }
  // A jump that changes no register and no flag: its bytes, to which this relocation is to be
  // applied with the addend in it. Nothing if the machine has none of 4 bytes that reaches at least
  // kJumpReach bytes.
  struct Jump {
    std::string_view bytes;
    u32 type = 0;
    i64 addend = 0;
  };
  static constexpr u64 kJumpReach = u64{8} << 20;
  virtual std::optional<Jump> jump(CodeMode /*mode*/) const { return std::nullopt; }
  // Encodes a reference anew that is to lead `change` bytes further than before, its place being
  // now at `offset` of `contents`.
  virtual std::optional<RelocationFault> redirect(const CodeReference& /*reference*/,
                                                  i64 /*change*/,
                                                  std::span<std::byte> /*contents*/,
                                                  u64 /*offset*/) const {
    return RelocationFault{"cannot be moved"};
  }

  // Can a branch need a veneer or another instruction because of the instruction set at its target?
  virtual bool mixes_instruction_sets() const = 0;
};

}  // namespace fwseal
