#include "sections/address_book.h"

namespace fwseal {
namespace {

// A function's place and mode, from the value of its symbol.
void split_mode(u64 value, AddressBook::Global& to) {
  to.thumb = to.type == STT_FUNC && (value & 1) != 0;
  to.address = to.thumb ? value & ~u64{1} : value;
}

AddressBook::Global object_global(const AddressBook& book, const Symbol& symbol) {
  AddressBook::Global to;
  to.type = symbol.type;
  if (symbol.section != kNoSection) {
    to.is_section = symbol.type == STT_SECTION;
    split_mode(symbol.value, to);
    to.removed = book.removes(symbol.section, to.address);
    const u64 address = book.address(symbol.section, to.address);
    to.nowhere = address == AddressBook::kNowhere;
    to.address = to.nowhere ? 0 : address;
  } else if (symbol.state == SymbolState::kUndefined || symbol.state == SymbolState::kUnseen) {
    to.weak_undefined = symbol.binding == STB_WEAK;
  } else {
    split_mode(symbol.value, to);
  }
  return to;
}

// After the sections; the script's symbols come from `script_symbol`, by number.
template <typename ScriptSymbolAt>
void fill_globals(const Program& program, AddressBook& book, ScriptSymbolAt script_symbol) {
  const std::vector<Symbol>& symbols = program.symbols.symbols;
  book.globals.reserve(symbols.size());
  for (u32 i = 0; i < symbols.size(); i++)
    book.globals.push_back(symbols[i].state == SymbolState::kScript
                               ? script_symbol(i)
                               : object_global(book, symbols[i]));
}

}  // namespace

u64 AddressBook::address(SectionId input, u64 input_offset) const {
  const auto [section, offset, beyond] = folds->resolve(input, input_offset);
  const u64 base = sections[index(section)];
  if (base == kNowhere) return kNowhere;
  if (merged->merged(section)) return base + merged->map(section, offset);
  if (index(section) < edits->size()) return base + (*edits)[index(section)].map(offset) + beyond;
  return base + offset + beyond;
}

AddressBook::Global script_global(const ScriptWorld& world, const ScriptValue& symbol) {
  AddressBook::Global to;
  to.address = world.absolute({symbol.number, symbol.section, symbol.defined});
  if (symbol.alias_of == kNoSymbol) return to;
  const Symbol& original = world.program.symbols[symbol.alias_of];
  to.type = original.type;
  to.thumb = original.type == STT_FUNC && (original.value & 1) != 0;
  if (to.thumb) to.address &= ~u64{1};
  return to;
}

std::vector<u64> section_addresses(const ScriptWorld& world) {
  std::vector<u64> addresses(world.places.size(), AddressBook::kNowhere);
  for (u64 i = 0; i < addresses.size(); i++) {
    const SectionPlace& place = world.places[i];
    if (place.output != kNoOutput)
      addresses[i] = world.outputs[index(place.output)].vma + place.offset;
  }
  return addresses;
}

AddressBook address_book(const ScriptWorld& world) {
  AddressBook book;
  book.merged = world.merged;
  book.edits = world.edits;
  book.folds = world.folds;
  book.sections = section_addresses(world);
  fill_globals(world.program, book, [&](u32 i) { return script_global(world, world.symbols.at(SymbolId{i})); });
  return book;
}

AddressBook address_book(const Program& program, const Layout& layout,
                         const MergedStrings& merged) {
  AddressBook book;
  book.merged = &merged;
  book.edits = &layout.edits;
  book.folds = &layout.folds;
  book.sections.assign(program.inputs.sections.size(), AddressBook::kNowhere);
  for (u64 i = 0; i < layout.places.size(); i++) {
    const SectionPlace& place = layout.places[i];
    if (place.output == kNoOutput) continue;
    book.sections[i] = layout.outputs[index(place.output)].vma + place.offset;
  }
  fill_globals(program, book, [&](u32 i) {
    const ScriptSymbol& symbol = layout.script_symbols.at(SymbolId{i});
    AddressBook::Global to;
    to.address = symbol.value;
    to.thumb = symbol.thumb_function;
    to.type = symbol.type;
    return to;
  });
  return book;
}

namespace {

// Through the symbol of a section it is the addend that says which byte is meant: how far it lies
// behind the symbol, if bytes in between may have moved.
i64 distance_in_section(const Program& program, const AddressBook& book, const Referent& to,
                        u32 type, i64 addend) {
  if (to.type != STT_SECTION) return 0;
  const std::optional<i64> distance = program.isa.distance_from_symbol(type, addend);
  if (book.merged->merged(to.section)) return distance.value_or(addend);
  const bool edited =
      index(to.section) < book.edits->size() && !(*book.edits)[index(to.section)].empty();
  const bool folded = !book.folds->of(to.section).empty();
  return edited || folded ? distance.value_or(0) : 0;
}

}  // namespace

Target find_target(const Program& program, const AddressBook& book, ObjectId object,
                   const Relocation& reference, i64 addend) {
  Target target;
  Operands& x = target.operands;
  x.A = addend;
  const SymbolId global = program.symbols.of(program.inputs, object, reference.symbol);
  if (global != kNoSymbol && !book.globals[index(global)].is_section) {
    const AddressBook::Global& to = book.globals[index(global)];
    x.S = to.address;
    x.T = to.thumb ? 1 : 0;
    x.weak_undefined = to.weak_undefined;
    x.is_function = to.type == STT_FUNC;
    target.nowhere = to.nowhere;
    target.removed = to.removed;
    return target;
  }
  const Referent to = referent(program, object, reference.symbol);
  x.is_function = to.type == STT_FUNC;
  if (to.undefined) return target;
  x.T = x.is_function ? to.value & 1 : 0;
  x.S = to.value - x.T;
  if (to.section == kNoSection) return target;
  const i64 distance = distance_in_section(program, book, to, reference.type, addend);
  const u64 offset = x.S + static_cast<u64>(distance);
  x.A -= distance;
  const u64 address = book.address(to.section, offset);
  target.removed = book.removes(to.section, offset);
  target.nowhere = address == AddressBook::kNowhere;
  x.S = target.nowhere ? 0 : address;
  return target;
}

}  // namespace fwseal
