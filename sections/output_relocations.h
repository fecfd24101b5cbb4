// The relocations that stay in the output: all of them in an object (-r), and beside an executable
// a record of what was done (-q).
//
// gABI 4.1, "Relocation": in an object r_offset counts from the start of the section, in an
// executable it is an address. A relocation that referred to a section of an input now refers to
// the section of the output that holds it, so that its addend grows by where it is in there. A
// SHT_REL addend is in the section: relocate() has stored it for -r; with -q the section holds the
// relocated values, as with GNU ld.
#pragma once

#include <elf.h>

#include <string>
#include <vector>

#include "prune/plan.h"
#include "sections/layout.h"
#include "sections/symbol_indices.h"

namespace fwseal {

// In which forms there are relocations for an output section.
struct RelocationForms {
  bool rel = false;
  bool rela = false;
};
RelocationForms relocation_forms(const Program& program, const OutputSection& output);

struct RelocationTable {
  OutputId target = kNoOutput;
  bool has_addends = false;  // SHT_RELA
  std::vector<Elf32_Rela> entries;

  // Of the section that holds it: .relX or .relaX.
  std::string name(const Layout& layout) const;
  // As the file holds them.
  std::string bytes() const;
};

// One table for each form in which an output section has relocations, in the order of the output
// sections, SHT_REL first. A table may be empty if all that its relocations referred to is gone.
std::vector<RelocationTable> output_relocations(const Program& program, const MergedStrings& merged,
                                                const Layout& layout, const SymbolIndices& symbols,
                                                bool relocatable);

}  // namespace fwseal
