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
  const MergedStrings* merged = nullptr;
  const std::vector<EditList>* edits = nullptr;
  const Folds* folds = nullptr;
  // Per SymbolId what a relocation's formula takes from it: small, so that a walk over all
  // relocations finds it in a cache.
  struct Global {
    u64 address = 0;  // or number; without the Thumb bit
    bool thumb = false;
    bool nowhere = false;  // its section is not in the image
    bool removed = false;  // it is in code that edits took out; `address` is what is there now
    bool weak_undefined = false;
    bool is_section = false;  // the addend says where in a section of strings it points to
    u8 type = STT_NOTYPE;
  };
  std::vector<Global> globals;

  // Where a byte of an input section lies, or kNowhere.
  u64 address(SectionId section, u64 offset) const;
  // Behind what is left of a section that is in the image.
  u64 end_of(SectionId section, u64 size) const {
    const bool edited = index(section) < edits->size();
    return sections[index(section)] + (edited ? (*edits)[index(section)].map(size) : size);
  }
  // Did edits take it out, with nothing to stand for it?
  bool removes(SectionId section, u64 offset) const {
    return index(section) < edits->size() && (*edits)[index(section)].removes(offset) &&
           folds->find(section, offset) == nullptr;
  }
};

// As things stand between two passes of layout.
AddressBook address_book(const ScriptWorld& world);
AddressBook address_book(const Program& program, const Layout& layout, const MergedStrings& merged);
// Only AddressBook::sections of it.
std::vector<u64> section_addresses(const ScriptWorld& world);

// What the script made of a symbol. One that is nothing but another symbol takes over its type, as
// in GNU ld, so that an alias of a Thumb function can be called.
AddressBook::Global script_global(const ScriptWorld& world, const ScriptValue& symbol);

// What a relocation's formula is made of, apart from what concerns its place: S, T, A, and what
// kind of symbol it is. `addend` is the one that the relocation or its field holds.
struct Target {
  Operands operands;
  bool nowhere = false;  // its section is not in the image
  bool removed = false;  // it is in code that edits took out
};
Target find_target(const Program& program, const AddressBook& book, ObjectId object,
                   const Relocation& reference, i64 addend);

}  // namespace fwseal
