// The symbol table of the image.
#pragma once

#include <elf.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graph/program.h"
#include "prune/plan.h"
#include "sections/layout.h"
#include "sections/symbol_indices.h"

namespace fwseal {

// Which local symbols are left out.
enum class Discard : u8 {
  kMergedTemporaries,  // the default: .L* in mergeable sections
  kTemporaries,        // -X: all .L*
  kLocals,             // -x: all but mapping symbols, without which code cannot be disassembled
  kNone,               // --discard-none
};

struct SymbolOptions {
  Discard discard = Discard::kMergedTemporaries;
  // -r and -q: symbols that relocations refer to are not left out, whatever `discard` says, and may
  // be undefined; SymbolTable::indices is filled.
  bool for_relocations = false;
  // -r without --gc-sections: undefined symbols that no relocation refers to stay as well. Their
  // object may want an archive member for another reason.
  bool all_undefined = false;
  // --retain-symbols-file: no other names, but those that relocations refer to.
  std::optional<std::set<std::string, std::less<>>> retained = {};

  bool retains(std::string_view name) const { return !retained || retained->contains(name); }
};

struct SymbolTable {
  std::vector<Elf32_Sym> entries;     // local ones first
  std::vector<u32> extended_indices;  // contents of SHT_SYMTAB_SHNDX; empty if it is not needed
  std::string names;
  u32 local_count = 0;
  std::optional<SymbolIndices> indices;
};

SymbolTable output_symbols(const Program& program, const MergedStrings& merged,
                           const Layout& layout, const SymbolOptions& options);

}  // namespace fwseal
