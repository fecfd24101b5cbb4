// Where each symbol of the inputs stands in the symbol table of the output, for the relocations
// that stay in it.
#pragma once

#include <vector>

#include "graph/program.h"
#include "sections/layout.h"

namespace fwseal {

// The symbol of an output section: the table begins with them (output_symbols.cc).
constexpr u32 section_symbol(OutputId output) { return index(output) + 1; }

struct SymbolIndices {
  std::vector<u32> first_local;  // per object: index into `locals`
  std::vector<u32> locals;       // of the local symbols of all objects
  std::vector<u32> globals;      // per SymbolId

  explicit SymbolIndices(const Program& program);

  u32& local(ObjectId object, u32 symbol) { return locals[first_local[index(object)] + symbol]; }
  u32 local(ObjectId object, u32 symbol) const {
    return locals[first_local[index(object)] + symbol];
  }
  // 0 if the symbol is not in the table.
  u32 of(const Program& program, ObjectId object, u32 symbol) const;
};

// The symbols that the relocations of the sections in the output refer to, or that give their
// names to its section groups.
struct SymbolUses {
  std::vector<bool> locals;  // as SymbolIndices::locals
  std::vector<bool> globals;

  SymbolUses(const Program& program, const Layout& layout, const SymbolIndices& indices);
};

}  // namespace fwseal
