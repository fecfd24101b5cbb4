// Undefined symbols: an error only where live code needs them.
#include <algorithm>
#include <string>
#include <unordered_map>

#include "graph/clauses.h"

namespace fwseal {
namespace {

// The function that holds an offset, for "in function `f'": the last one that begins before it.
std::string_view function_at(const Object& object, u32 elf_section, u64 offset) {
  std::string_view name;
  u64 best = 0;
  for (u32 i = 0; i < object.symbol_count; i++) {
    const ElfSymbol symbol = object.symbol(i);
    const u64 value = symbol.value & ~u64{1};
    if (symbol.section != elf_section || symbol.type != STT_FUNC || value > offset) continue;
    if (!name.empty() && value < best) continue;
    name = symbol.name;
    best = value;
  }
  return name;
}

}  // namespace

void report_undefined(const Program& program, const Reach& live, bool warn_only, Diag& diag) {
  constexpr u32 kShown = 3;  // places per symbol; one missing function can have hundreds of callers
  std::unordered_map<u32, u32> seen;
  for (u32 i = 0; i < program.inputs.sections.size(); i++) {
    const SectionId id{i};
    const InputSection& section = program.inputs[id];
    if (section.excluded || !live.live(atom_of(id)) || is_debug_section(section)) continue;
    const u64 count = relocation_count(section);
    for (u64 k = 0; k < count; k++) {
      const Relocation reference = relocation(section, k);
      const Referent to = referent(program, section.object, reference.symbol);
      if (!to.undefined || to.weak || to.symbol == kNoSymbol) continue;
      const RelocationType* type = program.isa.find(reference.type);
      if (type != nullptr && type->use == Use::kMarker) continue;
      const u32 times = ++seen[index(to.symbol)];
      if (times > kShown + 1) continue;
      const std::string_view name = program.symbols[to.symbol].name;
      const Object& object = program.inputs.object_of(id);
      const Location where = program.inputs.location(id, reference.offset);
      if (times > kShown) {
        diag.note(where, cat("more undefined references to `", name, "' follow"));
        continue;
      }
      const std::string_view function =
          function_at(object, index(id) - index(object.first_section), reference.offset);
      std::string what = cat("undefined reference to `", name, "'");
      if (!function.empty()) what = cat("in function `", function, "': ", what);
      if (warn_only)
        diag.warning(where, what);
      else
        diag.error(where, what);
    }
  }
}

}  // namespace fwseal
