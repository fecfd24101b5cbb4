#include "sections/address_book.h"

namespace fwseal {
namespace {

// A script symbol that is nothing but another symbol takes over its type, as in GNU ld, so that an
// alias of a Thumb function can be called.
AddressBook::ScriptEntry entry_for(const Program& program, u64 value, SymbolId alias_of) {
  AddressBook::ScriptEntry entry{value, false, STT_NOTYPE};
  if (alias_of == kNoSymbol) return entry;
  const Symbol& original = program.symbols[alias_of];
  entry.type = original.type;
  entry.thumb = original.type == STT_FUNC && (original.value & 1) != 0;
  if (entry.thumb) entry.value &= ~u64{1};
  return entry;
}

}  // namespace

u64 AddressBook::address(SectionId section, u64 offset) const {
  const u64 base = sections[index(section)];
  if (base == kNowhere) return kNowhere;
  if (merged->merged(section)) return base + merged->map(section, offset);
  if (index(section) < edits->size()) return base + (*edits)[index(section)].map(offset);
  return base + offset;
}

AddressBook address_book(const ScriptWorld& world) {
  AddressBook book;
  book.merged = world.merged;
  book.edits = world.edits;
  book.sections.assign(world.places.size(), AddressBook::kNowhere);
  for (u64 i = 0; i < world.places.size(); i++) {
    const SectionPlace& place = world.places[i];
    if (place.output == kNoOutput) continue;
    book.sections[i] = world.outputs[index(place.output)].vma + place.offset;
  }
  book.script.reserve(world.symbols.size());
  for (const ScriptValue& symbol : world.symbols) {
    const Value value{symbol.number, symbol.section, symbol.defined};
    book.script.push_back(entry_for(world.program, world.absolute(value), symbol.alias_of));
  }
  return book;
}

AddressBook address_book(const Program& program, const Layout& layout,
                         const MergedStrings& merged) {
  AddressBook book;
  book.merged = &merged;
  book.edits = &layout.edits;
  book.sections.assign(program.inputs.sections.size(), AddressBook::kNowhere);
  for (u64 i = 0; i < layout.places.size(); i++) {
    const SectionPlace& place = layout.places[i];
    if (place.output == kNoOutput) continue;
    book.sections[i] = layout.outputs[index(place.output)].vma + place.offset;
  }
  book.script.reserve(layout.script_symbols.size());
  for (const ScriptSymbol& symbol : layout.script_symbols)
    book.script.push_back({symbol.value, symbol.thumb_function, symbol.type});
  return book;
}

Target find_target(const Program& program, const AddressBook& book, ObjectId object, u32 symbol,
                   i64 addend) {
  Target target;
  target.referent = referent(program, object, symbol);
  const Referent& to = target.referent;
  Operands& x = target.operands;
  x.A = addend;
  u8 type = to.type;
  u64 value = to.value;
  if (to.section != kNoSection) {
    const bool is_thumb = type == STT_FUNC && (value & 1) != 0;
    if (is_thumb) value &= ~u64{1};
    u64 offset = value;
    if (type == STT_SECTION && book.merged->merged(to.section)) {
      // Through the section's own symbol it is the addend that says which piece is meant.
      offset = static_cast<u64>(static_cast<i64>(value) + addend);
      x.A = 0;
    }
    const u64 address = book.address(to.section, offset);
    target.nowhere = address == AddressBook::kNowhere;
    x.S = target.nowhere ? 0 : address;
    x.T = is_thumb ? 1 : 0;
  } else if (to.symbol != kNoSymbol &&
             program.symbols[to.symbol].state == SymbolState::kScript) {
    const AddressBook::ScriptEntry& entry = book.script[index(to.symbol)];
    x.S = entry.value;
    x.T = entry.thumb ? 1 : 0;
    type = entry.type;
  } else if (to.undefined) {
    x.weak_undefined = to.weak;
  } else {
    x.T = type == STT_FUNC ? value & 1 : 0;
    x.S = value - x.T;
  }
  x.is_function = type == STT_FUNC;
  return target;
}

}  // namespace fwseal
