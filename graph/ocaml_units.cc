// Finding the units of an OCaml program.
//
// The start-up object lists them: caml_data_segments has the addresses X__data_begin and
// X__data_end of each unit X, and 0 at its end. What lies between the two is, in the order in which
// the compiler wrote it:
//
//   header, symbol, fields          a block; the header says how many words follow
//   symbol, words                   a table: gc_roots, those of the start-up object, switch tables
//   addresses of C functions        without any symbol: no instruction reads them, they are there
//   for
//                                   the linker to find what defines them
//   0                               then X__data_end, 0, X__frametable
//
// Nothing marks a table, so it ends where the next symbol or the next block begins. A header is
// told by what it must be: no relocation, black (static data are never marked, so the compiler
// writes them as marked already), and of a size that ends where something else begins, with no
// symbols in between but those of the closures inside of a closure. So it can be mistaken for one
// that the last word of a table looks like one. Both are constants and stay side by side then
// (OcamlAtom::joined). A block that is not black is something that this file knows nothing of, and
// refuses the unit.
//
// X__gc_roots lists the blocks that the program and the collector write, 0 at its end. With
// flambda, arrays of floats are written, too.
//
// OCaml 4.13: asmcomp/cmm_helpers.ml (emit_block, emit_gc_roots_table, segment_table),
// asmcomp/emitaux.ml (emit_frames), asmcomp/arm/emit.mlp (begin_assembly, end_assembly);
// runtime/caml/stack.h, runtime/caml/mlvalues.h. 4.11, 4.12 and 4.14 write the same.
#include "graph/ocaml_units.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "graph/ocaml_frames.h"

namespace fwseal {
namespace {

constexpr u32 kWord = 4;
constexpr u32 kClosureTag = 247;
constexpr u32 kInfixTag = 249;
constexpr u32 kFloatArrayTag = 254;

struct Header {
  u32 word = 0;
  u32 tag() const { return word & 0xff; }
  bool is_black() const { return (word >> 8 & 3) == 3; }
  u64 size() const { return u64{word >> 10} * kWord; }  // of the fields, in bytes
};

std::string_view without_suffix(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : std::string_view();
}

// ---- The data of one unit

class UnitReader {
 public:
  UnitReader(const Program& program, const OcamlData& data, OcamlUnit& unit)
      : program_(program),
        data_(data),
        unit_(unit),
        contents_(program.inputs[data.section].contents) {}

  void read(std::optional<u32> roots) {
    if (unit_.begin % kWord != 0 || unit_.data_end % kWord != 0)
      return unit_.refuse("its data are not aligned");
    if (unit_.data_end - unit_.begin < kWord || word(unit_.data_end - kWord) != 0 ||
        word(unit_.data_end) != 0 || is_relocated(unit_.data_end - kWord) ||
        is_relocated(unit_.data_end))
      return unit_.refuse("its data do not end in zero words");
    last_ = unit_.data_end - kWord;
    primitives_ = last_;
    while (primitives_ > unit_.begin && is_relocated(primitives_ - kWord) &&
           data_.labels_in(primitives_ - kWord, primitives_).empty())
      primitives_ -= kWord;
    roots_ = roots;
    read_atoms();
    if (unit_.accepted()) read_frametable();
    if (unit_.accepted() && roots) read_roots(*roots);
    if (unit_.accepted() && !unit_.is_startup()) keep_float_arrays();
  }

 private:
  u32 word(u64 offset) const { return contents_.le<u32>(offset); }
  bool is_relocated(u32 offset) const { return data_.relocation_at(offset) != nullptr; }

  // The end of the block whose header would be there.
  std::optional<u32> block_end(u32 at, bool black = true) const {
    if (last_ - at < kWord || is_relocated(at)) return std::nullopt;
    if (!data_.has_label(at + kWord)) return std::nullopt;
    const Header header{word(at)};
    if (header.is_black() != black || header.size() > last_ - at - kWord) return std::nullopt;
    const u32 end = at + kWord + static_cast<u32>(header.size());
    for (const OcamlLabel& label : data_.labels_in(at + kWord + 1, end))
      if (header.tag() != kClosureTag || !is_infix(at + kWord, label.offset)) return std::nullopt;
    const bool something_begins =
        end >= primitives_ || data_.has_label(end) || data_.has_label(end + kWord);
    if (!something_begins) return std::nullopt;
    return end;
  }
  // A closure inside of one says how far from the first it is.
  bool is_infix(u32 closure, u32 offset) const {
    if (offset % kWord != 0 || is_relocated(offset - kWord)) return false;
    const Header header{word(offset - kWord)};
    return header.tag() == kInfixTag && header.size() == offset - closure;
  }

  void read_atoms() {
    for (u32 at = unit_.begin; at < last_ && unit_.accepted();) at = read_atom(at);
    unit_.atoms.push_back({last_, unit_.data_end + kWord, OcamlAtom::Kind::kEnd});
  }
  u32 read_atom(u32 at) {
    const OcamlAtom* const before = unit_.atoms.empty() ? nullptr : &unit_.atoms.back();
    const bool is_end_sure = before == nullptr || before->begin == roots_ ||
                             (before->kind == OcamlAtom::Kind::kBlock && !before->is_empty_block());
    const auto add = [&](u32 end, OcamlAtom::Kind kind) {
      unit_.atoms.push_back({at, end, kind, false, !is_end_sure});
      return end;
    };
    if (at == roots_) return add(end_of_roots(at), OcamlAtom::Kind::kRaw);
    if (const std::optional<u32> end = block_end(at)) return add(*end, OcamlAtom::Kind::kBlock);
    if (at >= primitives_) return add(last_, OcamlAtom::Kind::kRaw);
    if (!data_.has_label(at)) {
      unit_.refuse(
          cat("what lies at ", hex(at), " of its data is neither a black block nor named"));
      return last_;
    }
    // A table stands there; or the block before it has the header of this one.
    if (before != nullptr && before->kind == OcamlAtom::Kind::kBlock &&
        !before->is_empty_block() && block_end(at - kWord))
      unit_.refuse(cat("the block at ", hex(before->begin), " overlaps the next one"));
    const u32 end = end_of_table(at);
    if (end < last_ && end - at >= kWord && block_end(end - kWord, false) &&
        Header{word(end - kWord)}.size() != 0)
      unit_.refuse(cat("what lies at ", hex(end - kWord), " may be a block that is not black"));
    if (end % kWord != 0) unit_.refuse(cat("a symbol at ", hex(end), " is not aligned"));
    return add(end, OcamlAtom::Kind::kRaw);
  }
  u32 end_of_roots(u32 at) {
    u32 end = at;
    while (end < last_ && is_relocated(end)) end += kWord;
    if (end >= last_ || word(end) != 0 || !data_.labels_in(at + 1, end + kWord).empty()) {
      unit_.refuse("its gc_roots do not end in 0");
      return last_;
    }
    return end + kWord;
  }
  u32 end_of_table(u32 at) const {
    const auto next = data_.labels_in(at + 1, last_);
    if (next.empty()) return last_;
    const u32 label = next.front().offset;
    const bool is_block = label - at > kWord && label % kWord == 0 && block_end(label - kWord);
    return is_block ? label - kWord : label;
  }

  // ---- The blocks that are written

  OcamlAtom* atom_from(u32 begin) {
    const auto atom = std::ranges::lower_bound(unit_.atoms, begin, {}, &OcamlAtom::begin);
    return atom == unit_.atoms.end() || atom->begin != begin ? nullptr : &*atom;
  }

  void read_roots(u32 at) {
    const OcamlAtom* const list = atom_from(at);
    if (list == nullptr) return unit_.refuse("its gc_roots lie inside of something else");
    const u32 last = list->end - kWord;
    for (; at < last && unit_.accepted(); at += kWord) add_root(*data_.relocation_at(at));
  }
  void add_root(const Relocation& entry) {
    const std::optional<u32> target = ocaml_target(program_, data_, entry);
    OcamlAtom* const block = target && *target >= kWord ? atom_from(*target - kWord) : nullptr;
    if (block == nullptr || block->kind != OcamlAtom::Kind::kBlock)
      return unit_.refuse("its gc_roots list something that is no black block of its own");
    block->in_ram = true;
    if (!block->is_empty_block()) return;
    if (program_.inputs.object_of(data_.section).nameless_symbol(entry.symbol).type == STT_SECTION)
      return unit_.refuse("its gc_roots list an empty block without its name");
    unit_.empty_roots.push_back(entry.symbol);
  }

  // With flambda, an array of floats that is made once, when the unit starts, is static, and the
  // program writes it (middle_end/flambda/inconstant_idents.ml, Pmakearray); it refers to nothing,
  // so it is no root. Without, such an array is a constant, or what one is copied from.
  void keep_float_arrays() {
    std::vector<u32> arrays;
    for (const OcamlAtom& atom : unit_.atoms)
      if (atom.kind == OcamlAtom::Kind::kBlock && !atom.in_ram && !atom.is_empty_block() &&
          Header{word(atom.begin)}.tag() == kFloatArrayTag)
        arrays.push_back(atom.begin + kWord);
    if (arrays.empty() || !is_of_flambda()) return;
    for (const u32 array : arrays)
      if (!keep_in_ram(data_, unit_, array + 1))
        return unit_.refuse(cat("an array of floats at ", hex(array), " may be written"));
  }
  // It names what is static by variables; others have numbers alone.
  bool is_of_flambda() const {
    const Object& object = program_.inputs.object_of(data_.section);
    return std::ranges::any_of(data_.labels_in(unit_.begin, last_), [&](const OcamlLabel& label) {
      std::string_view name = object.symbol(label.symbol).name;
      if (!name.starts_with(unit_.name)) return true;
      name.remove_prefix(unit_.name.size());
      if (name.empty() || name == "__data_begin" || name == "__gc_roots") return false;
      return !name.starts_with("__") || name.size() == 2 ||
             name.find_first_not_of("0123456789", 2) != name.npos;
    });
  }

  // ---- Is the frametable as it must be? It stays as it is, but it tells the version.

  void read_frametable() {
    u64 at = unit_.frametable;
    try {
      const Bytes table = contents_.sub(0, unit_.frametable_end);
      const u32 count = table.le<u32>(at);
      at += kWord;
      for (u32 i = 0; i < count; i++) at = end_of_descriptor(table, at);
    } catch (const BadInput&) {
      unit_.refuse("its frametable is not one of OCaml 4.11 to 4.14");
    }
  }
  u64 end_of_descriptor(Bytes table, u64 at) const {
    constexpr u16 kCallback = 0xffff;
    constexpr u16 kDebug = 1;
    constexpr u16 kAllocates = 2;
    if (!is_relocated(static_cast<u32>(at))) throw BadInput("no return address");
    const u16 size = table.le<u16>(at + 4);
    u64 end = at + 8 + 2 * u64{table.le<u16>(at + 6)};
    u64 infos = 1;
    if (size != kCallback && (size & kAllocates) != 0) {
      infos = table.le<u8>(end);
      end += 1 + infos;
    }
    end = (end + kWord - 1) & ~u64{kWord - 1};
    if (size != kCallback && (size & kDebug) != 0) end += kWord * infos;
    if (!table.holds(0, end)) throw BadInput("descriptor ends behind its table");
    return end;
  }

  const Program& program_;
  const OcamlData& data_;
  OcamlUnit& unit_;
  const Bytes contents_;
  u32 last_ = 0;        // where the blocks and tables end
  u32 primitives_ = 0;  // from here to there are nothing but addresses without a symbol
  std::optional<u32> roots_;
};

// ---- All units

class Finder {
 public:
  Finder(const Program& program, SymbolId segments) : program_(program) {
    result_.segments = segments;
  }

  OcamlProgram run() {
    result_.refusal = other_ocaml(program_);
    if (result_.refusal.empty()) read_segments();
    if (!result_.refusal.empty()) return std::move(result_);
    for (OcamlData& data : result_.data) read(data);
    return std::move(result_);
  }

 private:
  // The names of all units, and where their data are.
  void read_segments() {
    const Symbol& table = program_.symbols[result_.segments];
    const InputSection& section = program_.inputs[table.section];
    const std::vector<Relocation> entries = relocations_of(section);
    const auto word_at = [&](u64 offset) { return section.contents.le<u32>(offset); };
    const auto entry_at = [&](u64 offset) -> const Relocation* {
      const auto entry = std::ranges::lower_bound(entries, offset, {}, &Relocation::offset);
      return entry == entries.end() || entry->offset != offset ? nullptr : &*entry;
    };
    try {
      for (u64 at = table.value;; at += 2 * kWord) {
        const Relocation* const begin = entry_at(at);
        const Relocation* const end = entry_at(at + kWord);
        const u32 addends = word_at(at) | (begin == nullptr ? 0 : word_at(at + kWord));
        if (begin == nullptr && addends == 0) return;
        if (begin == nullptr || end == nullptr || addends != 0)
          throw BadInput("has an entry that is no pair of addresses");
        add_unit(symbol_of(section.object, *begin), symbol_of(section.object, *end));
      }
    } catch (const BadInput& fault) {
      result_.refusal = cat("caml_data_segments ", fault.what());
    }
  }

  const Symbol& symbol_of(ObjectId object, const Relocation& entry) const {
    const SymbolId id = program_.symbols.of(program_.inputs, object, entry.symbol);
    const RelocationType* const type = program_.isa.find(entry.type);
    if (id == kNoSymbol || type == nullptr || type->use != Use::kAddress)
      throw BadInput("names something that is no unit");
    return program_.symbols[id];
  }

  void add_unit(const Symbol& begin, const Symbol& end) {
    OcamlUnit unit;
    unit.name = without_suffix(begin.name, "__data_begin");
    if (unit.name.empty() || unit.name != without_suffix(end.name, "__data_end") ||
        !unit.name.starts_with("caml"))
      throw BadInput(cat("has a pair of ", begin.name, " and ", end.name));
    if (!names_.insert(unit.name).second) throw BadInput(cat("names ", unit.name, " twice"));
    unit.object = begin.object;
    unit.section = begin.section;
    unit.begin = static_cast<u32>(begin.value);
    unit.data_end = static_cast<u32>(end.value);
    if (!is_in_data(begin) || end.section != begin.section)
      unit.refuse("its data are not in one section");
    else if (end.value < begin.value ||
             !program_.inputs[begin.section].contents.holds(end.value, kWord))
      unit.refuse("its data end before they begin, or outside of their section");
    if (unit.accepted()) find_frametable(unit);
    if (unit.accepted() && !section_of_.try_emplace(index(unit.object), unit.section).second &&
        section_of_.at(index(unit.object)) != unit.section)
      unit.refuse("its object has units in more than one section");
    result_.units.push_back(std::move(unit));
    if (result_.units.back().accepted())
      data_of(result_.units.back()).units.push_back(static_cast<u32>(result_.units.size() - 1));
  }

  bool is_in_data(const Symbol& symbol) const {
    if (symbol.state != SymbolState::kDefined || symbol.section == kNoSection) return false;
    const InputSection& section = program_.inputs[symbol.section];
    return section.type == SHT_PROGBITS && section.has(SHF_ALLOC) && section.has(SHF_WRITE) &&
           !section.excluded && !section.has(SHF_GROUP | SHF_LINK_ORDER | SHF_MERGE | SHF_TLS) &&
           !section.has_addends && section.size == section.contents.size() &&
           section.object == symbol.object;
  }

  const Symbol* found(const OcamlUnit& unit, std::string_view suffix) const {
    const SymbolId id = program_.symbols.find(cat(unit.name, suffix));
    if (id == kNoSymbol) return nullptr;
    const Symbol& symbol = program_.symbols[id];
    return symbol.section == unit.section && symbol.object == unit.object ? &symbol : nullptr;
  }

  void find_frametable(OcamlUnit& unit) const {
    constexpr u32 kMostPadding = 8;
    const Symbol* const table = found(unit, "__frametable");
    const Bytes contents = program_.inputs[unit.section].contents;
    const u32 end = unit.data_end + kWord;
    if (table == nullptr || table->size == 0 || table->value % kWord != 0 || table->value < end ||
        table->value - end > kMostPadding || !contents.holds(table->value, table->size))
      return unit.refuse("it has no frametable behind its data");
    unit.frametable = static_cast<u32>(table->value);
    unit.frametable_end = static_cast<u32>(table->value + table->size);
  }

  OcamlData& data_of(const OcamlUnit& unit) {
    const auto [known, is_new] =
        data_of_.try_emplace(index(unit.section), static_cast<u32>(result_.data.size()));
    if (is_new) result_.data.push_back({unit.object, unit.section, {}, {}, {}});
    return result_.data[known->second];
  }

  // ---- Each section

  std::vector<Relocation> relocations_of(const InputSection& section) const {
    std::vector<Relocation> list;
    for (u64 i = 0; i < relocation_count(section); i++) list.push_back(relocation(section, i));
    std::ranges::stable_sort(list, {}, &Relocation::offset);
    return list;
  }

  void read(OcamlData& data) {
    data.relocations = relocations_of(program_.inputs[data.section]);
    find_labels(data);
    std::ranges::sort(data.units, {}, [&](u32 i) { return result_.units[i].begin; });
    u32 reach = 0;
    for (u64 i = 0; i < data.units.size(); i++) {
      OcamlUnit& unit = result_.units[data.units[i]];
      if (unit.begin < reach) {
        unit.refuse("its data overlap those of another unit");
        result_.units[data.units[i - 1]].refuse("its data overlap those of another unit");
      }
      reach = std::max(reach, unit.frametable_end);
    }
    for (const u32 i : data.units)
      if (OcamlUnit& unit = result_.units[i]; unit.accepted()) read(data, unit);
  }

  void find_labels(OcamlData& data) const {
    const Object& object = program_.inputs.objects[index(data.object)];
    const u32 elf_index = program_.inputs[data.section].elf_index;
    for (u32 i = 1; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.nameless_symbol(i);
      if (symbol.section != elf_index || symbol.type == STT_SECTION) continue;
      if (symbol.binding == STB_LOCAL && object.symbol(i).name.starts_with('$')) continue;
      data.labels.push_back({static_cast<u32>(symbol.value), i});
    }
    std::ranges::sort(data.labels, [](const OcamlLabel& a, const OcamlLabel& b) {
      return a.offset != b.offset ? a.offset < b.offset : a.symbol < b.symbol;
    });
  }

  void read(const OcamlData& data, OcamlUnit& unit) const {
    const Symbol* const roots = found(unit, "__gc_roots");
    if (roots == nullptr && !unit.is_startup()) return unit.refuse("it has no gc_roots");
    std::optional<u32> place;
    if (roots != nullptr) place = static_cast<u32>(roots->value);
    UnitReader(program_, data, unit).read(place);
  }

  const Program& program_;
  OcamlProgram result_;
  std::unordered_map<u32, u32> data_of_;           // by section
  std::unordered_map<u32, SectionId> section_of_;  // by object: the one with data of units
  std::unordered_set<std::string_view> names_;
};

}  // namespace

bool OcamlUnit::is_startup() const { return name == "caml_startup"; }

std::span<const OcamlLabel> OcamlData::labels_in(u32 begin, u32 end) const {
  const auto first = std::ranges::lower_bound(labels, begin, {}, &OcamlLabel::offset);
  auto last = first;
  if (begin < end)
    last = std::ranges::lower_bound(first, labels.end(), end, {}, &OcamlLabel::offset);
  return {first, last};
}

const Relocation* OcamlData::relocation_at(u32 offset) const {
  const auto found = std::ranges::lower_bound(relocations, offset, {}, &Relocation::offset);
  return found == relocations.end() || found->offset != offset ? nullptr : &*found;
}

bool keep_in_ram(const OcamlData& data, OcamlUnit& unit, u32 offset) {
  const auto behind = std::ranges::upper_bound(unit.atoms, offset, {}, &OcamlAtom::begin);
  if (behind == unit.atoms.begin()) return false;
  OcamlAtom& atom = *std::prev(behind);
  if (atom.in_ram) return true;
  // What ends there may be an empty block, and what begins there a header that is none.
  const bool is_sure = atom.kind == OcamlAtom::Kind::kBlock && !atom.joined &&
                       !data.has_label(atom.begin) && !atom.is_empty_block() &&
                       offset > atom.begin && offset < atom.end;
  if (is_sure) atom.in_ram = true;
  return is_sure;
}

std::optional<u32> ocaml_target(const Program& program, const OcamlData& data,
                                const Relocation& reference) {
  const InputSection& section = program.inputs[data.section];
  const RelocationType* const type = program.isa.find(reference.type);
  if (type == nullptr || type->use != Use::kAddress ||
      !section.contents.holds(reference.offset, type->size))
    return std::nullopt;
  const Referent to = referent(program, section.object, reference.symbol);
  if (to.section != data.section) return std::nullopt;
  const std::optional<i64> distance = program.isa.distance_from_symbol(
      reference.type, program.isa.read_addend(reference.type, section.contents, reference.offset));
  if (!distance) return std::nullopt;
  const i64 target = static_cast<i64>(to.value) + *distance;
  if (target < 0 || static_cast<u64>(target) > section.size) return std::nullopt;
  if (to.type != STT_SECTION && *distance != 0) return std::nullopt;
  return static_cast<u32>(target);
}

std::optional<OcamlProgram> find_ocaml_units(const Program& program) {
  const SymbolId segments = program.symbols.find("caml_data_segments");
  if (segments == kNoSymbol || program.symbols[segments].state != SymbolState::kDefined ||
      program.symbols[segments].section == kNoSection)
    return std::nullopt;
  return Finder(program, segments).run();
}

}  // namespace fwseal
