// Undefined symbols: an error only where live code needs them.
#include <algorithm>
#include <string>
#include <unordered_map>

#include "graph/clauses.h"

namespace fwseal {
namespace {

// The functions of the object that was asked about last.
class Functions {
 public:
  explicit Functions(const Inputs& inputs) : inputs_(inputs) {}

  // The one that holds an offset, for "in function `f'": the last one that begins before it.
  std::string_view name_at(SectionId section, u64 offset) {
    if (object_ != inputs_[section].object) read(inputs_[section].object);
    const std::pair place{inputs_[section].elf_index, offset};
    const auto behind = std::ranges::upper_bound(starts_, place, {}, &Start::place);
    if (behind == starts_.begin() || std::prev(behind)->place.first != place.first) return {};
    return std::prev(behind)->name;
  }

 private:
  struct Start {
    std::pair<u32, u64> place;  // ELF section index, offset
    std::string_view name;
  };

  void read(ObjectId id) {
    object_ = id;
    starts_.clear();
    const Object& object = inputs_.objects[index(id)];
    for (u32 i = 0; i < object.symbol_count; i++)
      if (const ElfSymbol symbol = object.symbol(i); symbol.type == STT_FUNC)
        starts_.push_back({{symbol.section, symbol.value & ~u64{1}}, symbol.name});
    std::ranges::stable_sort(starts_, {}, &Start::place);
  }

  const Inputs& inputs_;
  ObjectId object_ = kNoObject;
  std::vector<Start> starts_;
};

// Is there a name that something refers to and nothing defines? In a sound program there is none,
// and nobody needs to look at its relocations.
bool misses_symbol(const Symbols& symbols) {
  return std::ranges::any_of(symbols.symbols, [](const Symbol& symbol) {
    const bool undefined = symbol.state == SymbolState::kUndefined ||
                           (symbol.state == SymbolState::kUnseen && symbol.referenced);
    return undefined && symbol.binding != STB_WEAK;
  });
}

}  // namespace

void report_undefined(const Program& program, const Atoms& atoms, const Reach& live,
                      const UndefinedOptions& options, Diag& diag) {
  if (!misses_symbol(program.symbols)) return;
  constexpr u32 kShown = 3;  // places per symbol; one missing function can have hundreds of callers
  std::unordered_map<u32, u32> seen;
  Functions functions(program.inputs);
  for (u32 i = 0; i < program.inputs.sections.size(); i++) {
    const SectionId id{i};
    const InputSection& section = program.inputs[id];
    if (section.excluded || !atoms.any_live(live, id) || is_debug_section(section)) continue;
    const u64 count = relocation_count(section);
    for (u64 k = 0; k < count; k++) {
      const Relocation reference = relocation(section, k);
      const Referent to = referent(program, section.object, reference.symbol);
      if (!to.undefined || to.weak || to.symbol == kNoSymbol) continue;
      if (!live.live(atoms.at(id, reference.offset))) continue;
      const RelocationType* type = program.isa.find(reference.type);
      if (type != nullptr && type->use == Use::kMarker) continue;
      const u32 times = ++seen[index(to.symbol)];
      if (times > (options.once ? 1 : kShown + 1)) continue;
      const std::string_view raw_name = program.symbols[to.symbol].name;
      if (std::ranges::find(options.ignored, raw_name) != options.ignored.end()) continue;
      const std::string name = diag.symbol(raw_name);
      const Location where = program.inputs.location(id, reference.offset);
      if (times > kShown) {
        diag.note(where, cat("more undefined references to `", name, "' follow"));
        continue;
      }
      const std::string_view function = functions.name_at(id, reference.offset);
      std::string what = cat("undefined reference to `", name, "'");
      if (!function.empty()) what = cat("in function `", diag.symbol(function), "': ", what);
      if (options.warn_only)
        diag.warning(where, what);
      else
        diag.error(where, what);
    }
  }
}

}  // namespace fwseal
