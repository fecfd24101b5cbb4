#include "sections/cross_reference.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <vector>

#include "sections/map_text.h"

namespace fwseal {
namespace {

constexpr u64 kFileColumn = 50;

// A global symbol in the symbol table of an object. In the order of the table: definitions first,
// then common symbols, then references; of the same kind the object that was read last comes first.
enum class Mention : u8 { kDefinition, kCommon, kReference };
struct Entry {
  SymbolId symbol = kNoSymbol;
  Mention mention = Mention::kReference;
  u32 object = 0;
};

// A symbol of the table, and the first of its entries.
struct Row {
  std::string name;
  u64 first = 0;
};

Mention mention_of(const Object& object, u32 symbol_index) {
  Elf32_Sym symbol;
  std::memcpy(&symbol, object.symbol_table.data() + u64{symbol_index} * sizeof symbol,
              sizeof symbol);
  if (symbol.st_shndx == SHN_UNDEF) return Mention::kReference;
  return symbol.st_shndx == SHN_COMMON ? Mention::kCommon : Mention::kDefinition;
}

std::vector<Entry> entries_by_symbol(const Program& program) {
  const Symbols& symbols = program.symbols;
  std::vector<Entry> entries;
  entries.reserve(symbols.ids.size());
  for (u32 i = 0; i < program.inputs.objects.size(); i++) {
    const Object& object = program.inputs.objects[i];
    for (u32 s = object.first_global; s < object.symbol_count; s++) {
      const SymbolId id = symbols.of(program.inputs, ObjectId{i}, s);
      if (id != kNoSymbol) entries.push_back({id, mention_of(object, s), i});
    }
  }
  const auto order = [](const Entry& a, const Entry& b) {
    return std::tuple(a.symbol, a.mention, b.object) < std::tuple(b.symbol, b.mention, a.object);
  };
  std::sort(entries.begin(), entries.end(), order);
  return entries;
}

bool is_left_out(const Symbol& symbol, const Layout& layout) {
  return symbol.state == SymbolState::kDefined &&
         layout.place_of(symbol.section, symbol.value).output == kNoOutput;
}

}  // namespace

std::string cross_reference_table(const Program& program, const Layout& layout, Demangler names) {
  const std::vector<Entry> entries = entries_by_symbol(program);
  std::vector<Row> rows;
  for (u64 i = 0; i < entries.size(); i++) {
    if (i != 0 && entries[i].symbol == entries[i - 1].symbol) continue;
    const Symbol& symbol = program.symbols[entries[i].symbol];
    if (!is_left_out(symbol, layout)) rows.push_back({names.name(symbol.name), i});
  }
  std::ranges::stable_sort(rows, {}, &Row::name);

  MapText text;
  text.line("\nCross Reference Table\n");
  text.line("Symbol                                            File");
  for (const Row& row : rows) {
    text.add(cat(row.name, " "));
    u64 column = row.name.size() + 1;
    const SymbolId symbol = entries[row.first].symbol;
    for (u64 i = row.first; i < entries.size() && entries[i].symbol == symbol; i++) {
      text.blanks(kFileColumn - std::min(column, kFileColumn));
      text.line(file_text(program.inputs.objects[entries[i].object]));
      column = 0;
    }
  }
  return text.take();
}

}  // namespace fwseal
