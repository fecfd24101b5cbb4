// The symbol table of the image.
#pragma once

#include <elf.h>

#include <string>
#include <vector>

#include "graph/program.h"
#include "prune/plan.h"
#include "sections/layout.h"

namespace fwseal {

// Which local symbols are left out.
enum class Discard : u8 {
  kMergedTemporaries,  // the default: .L* in mergeable sections
  kTemporaries,        // -X: all .L*
  kLocals,             // -x: all but mapping symbols, without which code cannot be disassembled
  kNone,               // --discard-none
};

struct SymbolTable {
  std::vector<Elf32_Sym> entries;     // local ones first
  std::vector<u32> extended_indices;  // contents of SHT_SYMTAB_SHNDX; empty if it is not needed
  std::string names;
  u32 local_count = 0;
};

SymbolTable output_symbols(const Program& program, const MergedStrings& merged,
                           const Layout& layout, Discard discard);

}  // namespace fwseal
