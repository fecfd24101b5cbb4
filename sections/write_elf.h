// The image as an ELF executable, with its section headers and symbol table; or an object.
#pragma once

#include <string>

#include "graph/program.h"
#include "prune/plan.h"
#include "sections/image.h"
#include "sections/layout.h"
#include "sections/output_symbols.h"

namespace fwseal {

// What relocations the file holds.
enum class KeptRelocations : u8 {
  kNone,
  kRecord,     // -q: an executable, and what was done to link it
  kObject,     // -r: an object
  kAllObject,  // the same, with undefined symbols that no relocation refers to
};

struct ElfOptions {
  u32 elf_flags = EF_ARM_EABI_VER5;  // e_flags: version and float ABI of the inputs
  bool strip_all = false;            // -s: no symbol table
  Discard discard = Discard::kMergedTemporaries;
  KeptRelocations relocations = KeptRelocations::kNone;
  std::optional<std::set<std::string, std::less<>>> retained = {};  // --retain-symbols-file

  bool is_object() const {
    return relocations == KeptRelocations::kObject || relocations == KeptRelocations::kAllObject;
  }
};

// The bytes of the file. Layout::segments and the file offsets must have been planned
// (plan_segments); Layout::entry goes to the header as it is, Thumb bit included.
std::string write_elf(const Program& program, const MergedStrings& merged, const Layout& layout,
                      const Image& image, const ElfOptions& options);

}  // namespace fwseal
