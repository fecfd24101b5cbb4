// The address of everything that a relocation can name.
#pragma once

#include <vector>

#include "elfio/isa.h"
#include "graph/program.h"
#include "prune/plan.h"
#include "sections/layout.h"
#include "sections/script_eval.h"

namespace fwseal {

struct AddressBook {
  static constexpr u64 kNowhere = ~u64{0};

  std::vector<u64> sections;  // VMA of each input section (of its blob if merged), or kNowhere
  // Per SymbolId, meant for symbols of the script: address or number, and whether it names a Thumb
  // function and which type it has.
  struct ScriptEntry {
    u64 value = 0;
    bool thumb = false;
    u8 type = STT_NOTYPE;
  };
  std::vector<ScriptEntry> script;
  const MergedStrings* merged = nullptr;
  const std::vector<EditList>* edits = nullptr;

  // Where a byte of an input section lies, or kNowhere.
  u64 address(SectionId section, u64 offset) const;
};

// As things stand between two passes of layout.
AddressBook address_book(const ScriptWorld& world);
AddressBook address_book(const Program& program, const Layout& layout, const MergedStrings& merged);

// What a relocation's formula is made of, apart from what concerns its place: S, T, A, and what
// kind of symbol it is. `addend` is the one that the relocation or its field holds.
struct Target {
  Operands operands;
  Referent referent;
  bool nowhere = false;  // its section is not in the image
};
Target find_target(const Program& program, const AddressBook& book, ObjectId object, u32 symbol,
                   i64 addend);

}  // namespace fwseal
