// What a relocation refers to.
#include "graph/program.h"

namespace fwseal {
namespace {

Referent global_referent(const Symbols& symbols, SymbolId id) {
  const Symbol& symbol = symbols[id];
  Referent result;
  result.symbol = id;
  result.section = symbol.section;
  result.value = symbol.value;
  result.type = symbol.type;
  result.undefined =
      symbol.state == SymbolState::kUndefined || symbol.state == SymbolState::kUnseen;
  result.weak = result.undefined && symbol.binding == STB_WEAK;
  return result;
}

bool is_regular(u32 elf_section) {
  return elf_section != SHN_UNDEF && elf_section != SHN_ABS && elf_section != SHN_COMMON;
}

}  // namespace

Referent referent(const Program& program, ObjectId object, u32 symbol_index) {
  const SymbolId id = program.symbols.of(program.inputs, object, symbol_index);
  if (id != kNoSymbol) return global_referent(program.symbols, id);
  const Object& owner = program.inputs.objects[index(object)];
  const ElfSymbol symbol = owner.nameless_symbol(symbol_index);
  Referent result;
  result.value = symbol.value;
  result.type = symbol.type;
  if (is_regular(symbol.section)) result.section = owner.section(symbol.section);
  // Symbol 0 stands for "no symbol", whose value is 0 (gABI, "Relocation").
  result.undefined = symbol.section == SHN_UNDEF && symbol_index != 0;
  return result;
}

const Symbol* defined_symbol(const Program& program, SymbolId id) {
  if (id == kNoSymbol) return nullptr;
  const Symbol& symbol = program.symbols[id];
  const bool is_there = symbol.state == SymbolState::kDefined && symbol.section != kNoSection &&
                        !program.inputs[symbol.section].excluded;
  return is_there ? &symbol : nullptr;
}

const Symbol* defined_symbol(const Program& program, std::string_view name) {
  return defined_symbol(program, program.symbols.find(name));
}

std::string_view display_name(const Program& program, ObjectId object, u32 symbol_index) {
  const Object& owner = program.inputs.objects[index(object)];
  const SymbolId id = program.symbols.of(program.inputs, object, symbol_index);
  if (id != kNoSymbol) return program.symbols[id].name;
  const ElfSymbol symbol = owner.symbol(symbol_index);
  if (symbol.name.empty() && is_regular(symbol.section) && !owner.symbols_only)
    return program.inputs[owner.section(symbol.section)].name;
  return symbol.name;
}

}  // namespace fwseal
