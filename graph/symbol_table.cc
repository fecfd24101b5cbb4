// The table of names: open addressing with linear probing.
//
// A slot is two words: the SymbolId plus one (0 if the slot is free), and 32 bits of the name's
// hash. A probe looks at the name itself only if those bits agree, so that nearly every lookup
// touches one cache line of the table and one name; and growing needs no name at all.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>

#include "graph/resolve.h"

namespace fwseal {

struct Symbols::Table {
  static constexpr u64 kFirstSize = 4096;  // slots; a power of two

  static u32 hash(std::string_view name) {
    return static_cast<u32>(XXH3_64bits(name.data(), name.size()));
  }
  static u64 size(const Symbols& symbols) { return symbols.slots.size() / 2; }

  // The slot that holds the name, or the free one where it belongs.
  static u64 slot_of(const Symbols& symbols, std::string_view name, u32 hash) {
    const u64 mask = size(symbols) - 1;
    for (u64 slot = hash & mask;; slot = (slot + 1) & mask) {
      const u32 found = symbols.slots[2 * slot];
      if (found == 0) return slot;
      if (symbols.slots[2 * slot + 1] == hash && symbols.symbols[found - 1].name == name)
        return slot;
    }
  }

  // Where a name would be found, were it there without collision.
  static const u32* home(const Symbols& symbols, u32 hash) {
    return &symbols.slots[2 * (hash & (size(symbols) - 1))];
  }

  static SymbolId add(Symbols& symbols, std::string_view name, u32 hash) {
    // At most two thirds full: linear probing stays short.
    if (3 * (symbols.symbols.size() + 1) > 2 * size(symbols)) grow(symbols);
    const u64 slot = slot_of(symbols, name, hash);
    if (symbols.slots[2 * slot] != 0) return SymbolId{symbols.slots[2 * slot] - 1};
    symbols.symbols.emplace_back().name = name;
    assert(symbols.symbols.size() < index(kNoSymbol));
    symbols.slots[2 * slot] = static_cast<u32>(symbols.symbols.size());
    symbols.slots[2 * slot + 1] = hash;
    return SymbolId{symbols.slots[2 * slot] - 1};
  }

  static void grow(Symbols& symbols) {
    const std::vector<u32> old = std::move(symbols.slots);
    // Room for all the names that there is memory for already: who reserved it expects them.
    const u64 new_size =
        std::max({kFirstSize, old.size(), std::bit_ceil(symbols.symbols.capacity() * 3 / 2)});
    symbols.slots.assign(2 * new_size, 0);
    const u64 mask = new_size - 1;
    for (u64 i = 0; i < old.size(); i += 2) {
      if (old[i] == 0) continue;
      u64 slot = old[i + 1] & mask;
      while (symbols.slots[2 * slot] != 0) slot = (slot + 1) & mask;
      symbols.slots[2 * slot] = old[i];
      symbols.slots[2 * slot + 1] = old[i + 1];
    }
  }
};

SymbolId Symbols::find(std::string_view name) const {
  if (slots.empty()) return kNoSymbol;
  const u32 found = slots[2 * Table::slot_of(*this, name, Table::hash(name))];
  return found == 0 ? kNoSymbol : SymbolId{found - 1};
}

SymbolId Symbols::add(std::string_view name) { return Table::add(*this, name, Table::hash(name)); }

// A lookup waits for memory three times: for the slot, for the symbol, for its name. Here the
// waiting of a block of names overlaps.
void Symbols::add_all(std::span<const std::string_view> names, std::vector<SymbolId>& result) {
  constexpr u64 kBlock = 64;
  std::array<u32, kBlock> hashes;
  if (slots.empty()) Table::grow(*this);
  for (u64 begin = 0; begin < names.size(); begin += kBlock) {
    const auto block = names.subspan(begin, std::min(kBlock, names.size() - begin));
    for (u64 i = 0; i < block.size(); i++) {
      hashes[i] = Table::hash(block[i]);
      __builtin_prefetch(Table::home(*this, hashes[i]));
    }
    for (u64 i = 0; i < block.size(); i++)
      if (const u32 found = *Table::home(*this, hashes[i]); found != 0)
        __builtin_prefetch(&symbols[found - 1]);
    for (u64 i = 0; i < block.size(); i++)
      if (const u32 found = *Table::home(*this, hashes[i]); found != 0)
        __builtin_prefetch(symbols[found - 1].name.data());
    for (u64 i = 0; i < block.size(); i++) result.push_back(Table::add(*this, block[i], hashes[i]));
  }
}

SymbolId Symbols::of(const Inputs& inputs, ObjectId object, u32 symbol_index) const {
  const u32 first_global = inputs.objects[index(object)].first_global;
  if (symbol_index < first_global) return kNoSymbol;
  return ids[first[index(object)] + symbol_index - first_global];
}

}  // namespace fwseal
