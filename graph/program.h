// The program as every later pass sees it: what was read, and what the names mean.
#pragma once

#include "elfio/isa.h"
#include "graph/atoms.h"
#include "graph/resolve.h"

namespace fwseal {

struct Program {
  const Inputs& inputs;
  const Symbols& symbols;
  const Isa& isa;
};

// What a relocation refers to, after names are resolved. Exactly one of `symbol` and `section` is
// set for a reference to a section's bytes through a local symbol; a global has both if it is
// defined in a section.
struct Referent {
  SymbolId symbol = kNoSymbol;     // of a global symbol
  SectionId section = kNoSection;  // that holds the definition; kNoSection if there is none
  u64 value = 0;                   // offset in the section, or an absolute value
  u8 type = STT_NOTYPE;            // STT_SECTION: the offset depends on the addend
  bool undefined = false;
  bool weak = false;  // and undefined: the address is 0
};
Referent referent(const Program& program, ObjectId object, u32 symbol_index);

// The symbol, if an object defines it in a section that takes part.
const Symbol* defined_symbol(const Program& program, SymbolId id);
const Symbol* defined_symbol(const Program& program, std::string_view name);

// What a symbol of an object is called in a message: its name, or that of the section it stands
// for.
std::string_view display_name(const Program& program, ObjectId object, u32 symbol_index);

}  // namespace fwseal
