// The parts of a section with OCaml data:
//
// - of each unit the blocks that are written; its constants, in their order, from data_begin to the
//   word behind data_end; its frametable, whose inner distances the assembler has resolved;
// - each table of the start-up object, since nobody who needs one needs the others;
// - the rest, which belongs to units that stay as they are and to whatever else `ld -r` has put
//   there. Its pieces keep their places up to the alignment of the section.
//
// Blocks and tables need no more than the alignment of a word: the collector gives no more.
//
// What has its symbol between two atoms could mean the end of one or the beginning of the next. An
// empty block ends at its symbol, where the next one can begin: that is told by the symbol. All
// other symbols there mean what follows; or if that goes to RAM, where the symbol would be the
// place of its header, nothing at all, and they stay with the constants.
#include "graph/ocaml_parts.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace fwseal {
namespace {

constexpr u32 kWord = 4;
constexpr std::array<std::string_view, 5> kTables{"caml_globals", "caml_globals_map",
                                                  "caml_data_segments", "caml_code_segments",
                                                  "caml_frametable"};

}  // namespace

OcamlDataMap::OcamlDataMap(const OcamlProgram& ocaml, const Program& program, const OcamlData& data)
    : ocaml_(ocaml),
      program_(program),
      data_(data),
      contents_(program.inputs[data.section].contents) {
  new_part(OcamlPart::Kind::kRest, OcamlPart::kNoUnit);
  u32 done = 0;
  for (const u32 number : data.units) {
    const OcamlUnit& unit = ocaml.units[number];
    if (!unit.accepted()) continue;
    add_rest(done, unit.begin);
    add_unit(number);
    done = unit.frametable_end;
  }
  add_rest(done, static_cast<u32>(contents_.size()));
  std::ranges::sort(empty_roots_);
  std::ranges::sort(empty_places_);
}

u32 OcamlDataMap::new_part(OcamlPart::Kind kind, u32 unit, std::string_view table) {
  parts_.push_back({kind, unit, table, {}, {}});
  return static_cast<u32>(parts_.size() - 1);
}

void OcamlDataMap::add_range(u32 begin, u32 end, u32 part, u32 constants, u32 aside) {
  std::string& bytes = parts_[part].contents;
  ranges_.push_back({begin, end, part, static_cast<u32>(bytes.size()), constants, aside});
  bytes += contents_.sub(begin, end - begin).text();
}

// What only fills the gap between two units is left out.
void OcamlDataMap::add_rest(u32 begin, u32 end) {
  constexpr u32 kMostPadding = 16;
  if (begin >= end) return;
  const std::string_view bytes = contents_.sub(begin, end - begin).text();
  const bool is_padding = end - begin < kMostPadding &&
                          bytes.find_first_not_of('\0') == std::string_view::npos &&
                          data_.labels_in(begin, end).empty();
  const auto relocated =
      std::ranges::lower_bound(data_.relocations, begin, {}, &Relocation::offset);
  const bool is_relocated = relocated != data_.relocations.end() && relocated->offset < end;
  if (is_padding && !is_relocated) return;
  const u32 alignment = program_.inputs[data_.section].alignment;
  std::string& rest = parts_[0].contents;
  while (rest.size() % alignment != begin % alignment) rest += '\0';
  add_range(begin, end, 0, 0, 0);
}

// The table of the start-up object that the atom is; empty if it is none, or if its end is not
// sure.
std::string_view OcamlDataMap::table_at(const OcamlUnit& unit, const OcamlAtom& atom) const {
  if (!unit.is_startup() || &atom == &unit.atoms.front()) return {};
  if (std::prev(&atom)->is_empty_block()) return {};
  const bool is_raw = atom.kind == OcamlAtom::Kind::kRaw;
  if (is_raw && (contents_.le<u32>(atom.end - kWord) != 0 ||
                 data_.relocation_at(atom.end - kWord) != nullptr))
    return {};
  const u32 place = is_raw ? atom.begin : atom.begin + kWord;
  const Object& object = program_.inputs.objects[index(data_.object)];
  for (const OcamlLabel& label : data_.labels_in(place, place + 1)) {
    const std::string_view name = object.symbol(label.symbol).name;
    const auto table = std::ranges::find(kTables, name);
    if (table != kTables.end()) return *table;
  }
  return {};
}

void OcamlDataMap::add_unit(u32 number) {
  const OcamlUnit& unit = ocaml_.units[number];
  const u32 constants = new_part(OcamlPart::Kind::kConstants, number);
  u32 ram = 0;
  bool ends_empty = false;            // what is in RAM
  const OcamlAtom* before = nullptr;  // in the constants
  for (const OcamlAtom& atom : unit.atoms) {
    const u32 aside = static_cast<u32>(parts_[constants].contents.size());
    u32 part = constants;
    if (atom.in_ram) {
      if (ram == 0) ram = new_part(OcamlPart::Kind::kRam, number);
      part = ram;
      ends_empty = atom.is_empty_block();
      if (ends_empty) empty_places_.push_back(atom.end);
    } else if (const std::string_view table = table_at(unit, atom); !table.empty()) {
      part = new_part(OcamlPart::Kind::kTable, number, table);
    } else {
      const bool joins = before != nullptr &&
                         (before->is_empty_block() || (atom.joined && before->end == atom.begin));
      if (!joins) parts_[constants].starts.push_back(aside);
      before = &atom;
    }
    add_range(atom.begin, atom.end, part, constants, aside);
  }
  // Otherwise the address of the last block would lie outside.
  if (ends_empty) parts_[ram].contents += std::string(kWord, '\0');
  empty_roots_.insert(empty_roots_.end(), unit.empty_roots.begin(), unit.empty_roots.end());
  const u32 frametable = new_part(OcamlPart::Kind::kFrametable, number);
  add_range(unit.frametable, unit.frametable_end, frametable, constants, 0);
}

const OcamlRange* OcamlDataMap::range_at(u32 offset) const {
  const auto behind = std::ranges::upper_bound(ranges_, offset, {}, &OcamlRange::begin);
  if (behind == ranges_.begin() || offset >= std::prev(behind)->end) return nullptr;
  return &*std::prev(behind);
}

std::optional<OcamlDataMap::Place> OcamlDataMap::of_byte(u32 offset) const {
  const OcamlRange* const range = range_at(offset);
  if (range == nullptr) return std::nullopt;
  return Place{range->part, range->to + (offset - range->begin)};
}

bool OcamlDataMap::is_empty_root(u32 symbol) const {
  return std::ranges::binary_search(empty_roots_, symbol);
}

bool OcamlDataMap::is_in_ram(const OcamlRange& range) const {
  return parts_[range.part].kind == OcamlPart::Kind::kRam;
}

OcamlDataMap::Place OcamlDataMap::of_symbol(u32 symbol, u32 offset) const {
  if (is_empty_root(symbol))
    if (const OcamlRange* const block = range_at(offset - kWord); block != nullptr)
      return {block->part, block->to + kWord};
  const OcamlRange* range = range_at(offset);
  if (range == nullptr && offset != 0) {  // where something ends
    range = range_at(offset - 1);
    if (range == nullptr) return {0, static_cast<u32>(parts_[0].contents.size())};
  }
  if (range == nullptr) return {0, 0};
  if (offset == range->begin && is_in_ram(*range)) return {range->constants, range->aside};
  return {range->part, range->to + (offset - range->begin)};
}

// Does this name still mean this place of this object once names are resolved?
bool OcamlDataMap::is_own(const OcamlLabel& label) const {
  const SymbolId id = program_.symbols.of(program_.inputs, data_.object, label.symbol);
  if (id == kNoSymbol) return true;
  const Symbol& symbol = program_.symbols[id];
  return symbol.section == data_.section && symbol.value == label.offset;
}

std::optional<OcamlDataMap::Target> OcamlDataMap::of_target(u64 place) const {
  if (place > contents_.size()) return std::nullopt;
  const u32 offset = static_cast<u32>(place);
  if (std::ranges::binary_search(empty_places_, offset)) return std::nullopt;
  for (const OcamlLabel& label : data_.labels_in(offset, offset + 1)) {
    if (!is_own(label)) continue;
    const Place to = of_symbol(label.symbol, offset);
    return to.part == 0 ? Target{0, to.offset} : Target{label.symbol, 0};
  }
  const OcamlRange* const range = range_at(offset);
  if (range == nullptr) return std::nullopt;
  if (range->part == 0) return Target{0, range->to + (offset - range->begin)};
  if (offset == range->begin) return std::nullopt;
  for (const OcamlLabel& label :
       data_.labels_in(range->begin + (is_in_ram(*range) ? 1 : 0), offset))
    if (is_own(label) && of_symbol(label.symbol, label.offset) == of_byte(label.offset))
      return Target{label.symbol, offset - label.offset};
  return std::nullopt;
}

bool OcamlDataMap::are_together(u32 offset, i64 distance) const {
  if (distance == 0) return true;
  const OcamlRange* const range = range_at(offset);
  if (range == nullptr || std::ranges::binary_search(empty_places_, offset)) return false;
  if (range->begin == offset && is_in_ram(*range)) return false;
  const i64 target = static_cast<i64>(offset) + distance;
  return target >= range->begin && target < range->end;
}

std::optional<u32> OcamlDataMap::unit_at(u32 offset) const {
  const OcamlRange* const range = range_at(offset);
  if (range == nullptr || parts_[range->part].unit == OcamlPart::kNoUnit) return std::nullopt;
  return parts_[range->part].unit;
}

OcamlMaps ocaml_maps(const OcamlProgram& ocaml, const Program& program) {
  OcamlMaps maps;
  for (const OcamlData& data : ocaml.data) {
    const auto accepted = [&](u32 unit) { return ocaml.units[unit].accepted(); };
    if (std::ranges::any_of(data.units, accepted))
      maps.emplace(std::piecewise_construct, std::forward_as_tuple(index(data.section)),
                   std::forward_as_tuple(ocaml, program, data));
  }
  return maps;
}

}  // namespace fwseal
