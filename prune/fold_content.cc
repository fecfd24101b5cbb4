// What an atom is made of.
//
// Two atoms have equal contents if one can stand for the other as long as what they refer to can:
// the same bytes, but for the fields of relocations; the same relocations at the same places, with
// the same distances behind what they name; code and data in the same runs, in the same instruction
// set; the same rows of unwinding. What a frame table describes is equal to nothing. Alignment
// counts as what the section's and the place in it promise together, and code must stand at the
// same place modulo 4, from which literals are counted (Arm ARM, "Align(PC, 4)").
//
// Where a reference only calls, or reaches constants that only the compiler knows of, any copy of
// its target will do. Where the program sees the address, it must be the very same one, unless the
// user says that addresses are not compared: a function that returns the address of f is no copy of
// one that returns that of f's copy.
#include "prune/fold_content.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

#include "elfio/code.h"
#include "graph/frame_table.h"

namespace fwseal {
namespace {

constexpr u64 kBytesAt = 8;  // in the content: behind their number

// What a reference in the bytes is to.
enum class Mark : u8 { kNumber, kSymbol, kString, kCopy, kAtom, kMarker, kRow, kRun };

void put(std::string& bytes, u64 value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void put(std::string& bytes, Mark mark) { bytes.push_back(static_cast<char>(mark)); }

bool is_under(std::string_view name, std::string_view stem) {
  return name.starts_with(stem) && (name.size() == stem.size() || name[stem.size()] == '.');
}

u64 place_of_symbol(u8 type, u64 value) { return type == STT_FUNC ? value & ~u64{1} : value; }

// AAELF32 2023Q3, "Mapping symbols"; and what compilers call by names that no program can say.
bool names_nothing(std::string_view name) {
  return name.empty() || name.starts_with('$') || name.starts_with(".L");
}

}  // namespace

ContentReader::ContentReader(const FoldWorld& world, const FoldOptions& options)
    : world_(world), options_(options) {
  find_candidates();
}

// ---- Which atoms

ContentReader::Kind ContentReader::kind_of(SectionId id) const {
  const InputSection& section = world_.program.inputs[id];
  constexpr u64 kUnsuited = SHF_WRITE | SHF_MERGE | SHF_TLS | SHF_LINK_ORDER;
  const bool suited = section.type == SHT_PROGBITS && section.has(SHF_ALLOC) &&
                      !section.has(kUnsuited) && !section.excluded && section.size != 0 &&
                      section.contents.size() == section.size;
  if (!suited || !world_.plan.keeps(id) || world_.group_of[index(id)] == 0) return Kind::kNone;
  // Code counts the distances between such pieces.
  if (world_.atoms.is_anchored(id)) return Kind::kNone;
  // What stands in the image there is not what the input says.
  if (!world_.plan.overwrites_of(id).empty() || !world_.plan.references_of(id).empty())
    return Kind::kNone;
  if (section.has(SHF_EXECINSTR)) {
    const bool is_text =
        is_under(section.name, ".text") || section.name.starts_with(".gnu.linkonce.t.");
    return is_text ? Kind::kCode : Kind::kNone;
  }
  if (section.name.starts_with(".ARM.extab")) return Kind::kUnnamed;
  return is_under(section.name, ".rodata") && world_.plain[index(id)] ? Kind::kUnnamed
                                                                      : Kind::kNone;
}

void ContentReader::find_candidates() {
  kinds_.resize(world_.atoms.count(), Kind::kNone);
  for (u32 s = 0; s < world_.program.inputs.read_sections; s++) {
    const SectionId id{s};
    const Kind kind = kind_of(id);
    if (kind == Kind::kNone) continue;
    const u64 pieces = world_.atoms.pieces(id).size();
    if (pieces == 0) kinds_[s] = kind;
    for (u64 i = 0; i < pieces; i++)
      if (const AtomId atom = world_.atoms.atom_of_piece(id, i); can_be_equal(atom))
        kinds_[index(atom)] = kind;
  }
}

// A function that was cut inside is more than one piece.
bool ContentReader::can_be_equal(AtomId atom) const {
  return world_.live.live(atom) && !world_.atoms.is_part(atom) && !world_.atoms.has_parts(atom);
}

void ContentReader::limit_to(std::span<const AtomId> atoms) {
  std::vector<Kind> kinds(kinds_.size(), Kind::kNone);
  std::vector<u32> objects;  // with data
  bool any_code = false;
  for (const AtomId atom : atoms) {
    kinds[index(atom)] = kinds_[index(atom)];
    any_code = any_code || is_code(atom);
    const u32 object = index(world_.program.inputs[place_of(atom).section].object);
    if (is_unnamed(atom) && (objects.empty() || objects.back() != object))
      objects.push_back(object);
  }
  kinds_ = std::move(kinds);
  std::ranges::sort(objects);
  objects.erase(std::unique(objects.begin(), objects.end()), objects.end());
  for (const u32 object : objects) name_data(world_.program.inputs.objects[object]);
  if (any_code) find_rows();
  if (any_code) find_described();
}

void ContentReader::name_data(const Object& object) {
  const Inputs& inputs = world_.program.inputs;
  bool names_locals = false;
  for (u32 i = 1; i < object.symbol_count; i++) {
    const ElfSymbol symbol = object.nameless_symbol(i);
    const bool is_local = i < object.first_global;
    names_locals =
        names_locals || (is_local && (symbol.type == STT_FUNC || symbol.type == STT_OBJECT));
    if (symbol.type == STT_SECTION || symbol.section == SHN_UNDEF ||
        symbol.section >= object.section_count)
      continue;
    const SectionId section = object.section(symbol.section);
    if (inputs[section].has(SHF_WRITE | SHF_EXECINSTR)) continue;
    Kind& kind = kinds_[index(world_.atoms.at(section, symbol.value))];
    if (kind == Kind::kUnnamed && !names_nothing(object.symbol(i).name)) kind = named_kind();
  }
  if (!names_locals) name_all_of(object);
}

// Local names may have been stripped: then nothing tells what has one in the source.
void ContentReader::name_all_of(const Object& object) {
  for (u32 i = 0; i < object.section_count; i++) {
    const SectionId id = object.section(i);
    if (kinds_[index(id)] != Kind::kUnnamed && !world_.atoms.is_cut(id)) continue;
    if (world_.program.inputs[id].name.starts_with(".ARM.extab")) continue;
    if (kinds_[index(id)] == Kind::kUnnamed) kinds_[index(id)] = named_kind();
    for (u64 k = 0; k < world_.atoms.pieces(id).size(); k++) {
      Kind& kind = kinds_[index(world_.atoms.atom_of_piece(id, k))];
      if (kind == Kind::kUnnamed) kind = named_kind();
    }
  }
}

ContentReader::Place ContentReader::place_of(AtomId atom) const {
  if (world_.atoms.is_piece(atom)) {
    const Piece& piece = world_.atoms.piece(atom);
    return {piece.section, piece.begin, piece.end};
  }
  const SectionId section{index(atom)};
  return {section, 0, world_.program.inputs[section].size};
}

// ---- Unwinding

void ContentReader::find_described() {
  if (!world_.atoms.may_have_frame_tables()) return;
  const FrameTables tables = read_frame_tables(world_.program);
  for (const FrameTable& table : tables.tables)
    for (const FrameRow& row : tables.rows_of(table))
      if (row.code != kNoSection && world_.live.live(world_.atoms.at(table.section, row.begin)))
        described_.insert(index(world_.atoms.at(row.code, row.start)));
}

void ContentReader::find_rows() {
  odd_tables_.resize(world_.program.inputs.sections.size());
  const UnwindTables tables = read_unwind_tables(world_.program);
  for (const UnwindTable& table : tables.tables) {
    if (!world_.plan.keeps(table.section)) continue;
    if (table.row_count == 0) odd_tables_[index(table.code)] = true;
    const std::span<const UnwindRow> rows = tables.rows_of(table);
    for (u64 i = 0; i < rows.size(); i++) {
      const u64 offset = i * kUnwindRowSize;
      if (!world_.live.live(world_.atoms.at(table.section, offset))) continue;
      const u32 word = world_.program.inputs[table.section].contents.le<u32>(offset + 4);
      rows_.push_back({table.code, rows[i].start, i, word, rows[i]});
    }
  }
  std::ranges::sort(rows_, {},
                    [](const CodeRow& row) { return std::tuple(row.code, row.start, row.number); });
}

// The row that is good for the first byte, and those that follow. What they say counts from where
// they begin.
bool ContentReader::add_rows(const Place& place, AtomContent& content) const {
  if (!odd_tables_.empty() && odd_tables_[index(place.section)]) return false;
  auto row =
      std::ranges::upper_bound(rows_, std::pair(place.section, place.begin), {},
                               [](const CodeRow& one) { return std::pair(one.code, one.start); });
  if (row != rows_.begin() && std::prev(row)->code == place.section) --row;
  for (; row != rows_.end() && row->code == place.section && row->start < place.end; ++row) {
    put(content.bytes, Mark::kRow);
    put(content.bytes, row->start - place.begin);
    put(content.bytes, u64{row->said.description == kNoSection ? row->word : 0});
    if (row->said.description == kNoSection) continue;
    const AtomId description = world_.atoms.at(row->said.description, row->said.place);
    add_atom(description, row->said.place - place_of(description).begin, true, content);
  }
  return true;
}

// ---- Contents

const std::vector<CodeRun>* ContentReader::runs_of(SectionId id) {
  const InputSection& section = world_.program.inputs[id];
  const auto [object, added] = runs_.try_emplace(index(section.object));
  if (added)
    object->second =
        code_runs(world_.program.inputs, world_.program.inputs.objects[index(section.object)]);
  const auto runs = object->second.find(section.elf_index);
  return runs == object->second.end() ? nullptr : &runs->second;
}

CodeMode ContentReader::mode_of(AtomId function) {
  const Place place = place_of(function);
  const std::vector<CodeRun>* const runs = runs_of(place.section);
  if (runs == nullptr) return CodeMode::kData;
  const auto behind = std::ranges::upper_bound(*runs, place.begin, {}, &CodeRun::begin);
  return behind == runs->begin() ? CodeMode::kData : std::prev(behind)->mode;
}

// The numbers of the relocations in an atom, in their order.
const std::vector<u32>& ContentReader::relocations_in(SectionId id, AtomId atom) {
  const InputSection& section = world_.program.inputs[id];
  const u64 count = relocation_count(section);
  if (!world_.atoms.is_cut(id)) {
    all_relocations_.resize(count);
    for (u32 i = 0; i < count; i++) all_relocations_[i] = i;
    return all_relocations_;
  }
  const auto [lists, added] = relocations_.try_emplace(index(id));
  const u32 first = index(world_.atoms.atom_of_piece(id, 0));
  if (added) {
    lists->second.resize(world_.atoms.pieces(id).size());
    for (u32 i = 0; i < count; i++)
      lists->second[index(world_.atoms.at(id, relocation(section, i).offset)) - first].push_back(i);
  }
  return lists->second[index(atom) - first];
}

// Without the bytes that relocations change, and without what they name. What compiler and
// assembler resolved themselves within a section that is cut is not known so cheaply.
u64 ContentReader::fingerprint(AtomId atom) {
  const Place place = place_of(atom);
  const InputSection& section = world_.program.inputs[place.section];
  const u64 seed = (place.end - place.begin) << 20 ^ world_.group_of[index(place.section)];
  if (world_.atoms.is_cut(place.section)) return seed;
  buffer_ = section.contents.text();
  const u64 count = relocation_count(section);
  for (u64 i = 0; i < count; i++) {
    const Relocation entry = relocation(section, i);
    const RelocationType* const type = world_.program.isa.find(entry.type);
    if (type == nullptr || !section.contents.holds(entry.offset, type->size)) continue;
    if (type->use != Use::kNone && type->use != Use::kMarker)
      std::memset(buffer_.data() + entry.offset, static_cast<int>(entry.type), type->size);
  }
  return XXH3_64bits_withSeed(buffer_.data(), buffer_.size(), seed);
}

bool ContentReader::read(AtomId atom, AtomContent& content) {
  return read_most(atom, content) && add_runs(place_of(atom), content);
}

bool ContentReader::read_most(AtomId atom, AtomContent& content) {
  content.bytes.clear();
  content.references.clear();
  const Place place = place_of(atom);
  add_bytes(place, content);
  return add_relocations(atom, place, content) && add_crossings(place, content) &&
         (!is_code(atom) || (!described_.contains(index(atom)) && add_rows(place, content)));
}

// First the bytes themselves, so that fields can be cleared where they stand.
void ContentReader::add_bytes(const Place& place, AtomContent& content) const {
  const InputSection& section = world_.program.inputs[place.section];
  put(content.bytes, place.end - place.begin);
  content.bytes += section.contents.sub(place.begin, place.end - place.begin).text();
  const u64 lowest_bit = place.begin & (~place.begin + 1);
  const u64 alignment =
      place.begin == 0 ? section.alignment : std::min<u64>(section.alignment, lowest_bit);
  put(content.bytes, alignment);
  put(content.bytes, section.alignment < 4 ? 4 : place.begin % 4);
  put(content.bytes, section.flags & ~u64{SHF_GROUP});
  put(content.bytes, section.entry_size);
  put(content.bytes, world_.group_of[index(place.section)]);
}

// Without marks, code of either instruction set can have the same bytes.
bool ContentReader::add_runs(const Place& place, AtomContent& content) {
  if (!world_.program.inputs[place.section].has(SHF_EXECINSTR)) return true;
  const std::vector<CodeRun>* const runs = runs_of(place.section);
  if (runs == nullptr) return false;
  auto run = std::ranges::upper_bound(*runs, place.begin, {}, &CodeRun::begin);
  if (run == runs->begin()) return false;
  for (--run; run != runs->end() && run->begin < place.end; ++run) {
    put(content.bytes, Mark::kRun);
    put(content.bytes, std::max(run->begin, place.begin) - place.begin);
    put(content.bytes, static_cast<u64>(run->mode));
  }
  return true;
}

bool ContentReader::add_relocations(AtomId atom, const Place& place, AtomContent& content) {
  const InputSection& section = world_.program.inputs[place.section];
  if (relocation_count(section) == 0) return true;
  for (const u32 number : relocations_in(place.section, atom))
    if (!add_relocation(place, relocation(section, number), content)) return false;
  return true;
}

bool ContentReader::add_relocation(const Place& place, const Relocation& entry,
                                   AtomContent& content) {
  const RelocationType* const type = world_.program.isa.find(entry.type);
  if (type == nullptr || type->use == Use::kDynamic) return false;
  const u64 offset = entry.offset - place.begin;
  const u64 size = place.end - place.begin;
  if (entry.offset < place.begin || offset > size) return false;
  put(content.bytes, u64{entry.type});
  put(content.bytes, offset);
  if (type->use == Use::kMarker) {
    put(content.bytes, Mark::kMarker);
    return true;
  }
  if (type->use != Use::kNone) {
    if (size - offset < type->size) return false;
    const auto bytes = std::as_writable_bytes(std::span(content.bytes).subspan(kBytesAt, size));
    // Whatever the addend was, it is compared with the place that it names.
    world_.program.isa.write_addend(entry.type, 0, bytes, offset);
  }
  return add_referent(place.section, entry, *type, content);
}

bool ContentReader::add_crossings(const Place& place, AtomContent& content) {
  const std::span<const CodeReference> all = world_.atoms.crossings(place.section);
  auto crossing = std::ranges::lower_bound(all, place.begin, {}, &CodeReference::place);
  for (; crossing != all.end() && crossing->place < place.end; ++crossing) {
    if (crossing->form == CodeReference::kFixed) return false;
    const u64 offset = crossing->place - place.begin;
    const auto bytes =
        std::as_writable_bytes(std::span(content.bytes).subspan(kBytesAt, place.end - place.begin));
    const i64 distance = i64{crossing->target} - i64{crossing->place};
    // If no such distance can be encoded, it must be the same in both.
    const bool cleared = !world_.program.isa.redirect(*crossing, -distance, bytes, offset);
    put(content.bytes, offset);
    put(content.bytes, u64{crossing->form} << 1 | (cleared ? 1 : 0));
    const AtomId to = world_.atoms.at(place.section, crossing->target);
    add_atom(to, crossing->target - place_of(to).begin, crossing->takes_address, content);
  }
  return true;
}

// ---- References

bool ContentReader::add_referent(SectionId from, const Relocation& entry,
                                 const RelocationType& type, AtomContent& content) const {
  const Program& program = world_.program;
  const InputSection& section = program.inputs[from];
  const Referent to = referent(program, section.object, entry.symbol);
  const i64 addend = section.has_addends
                         ? entry.addend
                         : program.isa.read_addend(entry.type, section.contents, entry.offset);
  put(content.bytes, static_cast<u64>(to.type == STT_FUNC ? 2 + (to.value & 1) : 0));
  if (to.section == kNoSection) {
    put(content.bytes, to.symbol == kNoSymbol ? Mark::kNumber : Mark::kSymbol);
    put(content.bytes, to.symbol == kNoSymbol ? to.value : index(to.symbol));
    put(content.bytes, static_cast<u64>(addend));
    return !to.undefined || to.weak;
  }
  if (!world_.plan.keeps(to.section)) return false;
  const bool by_section = to.type == STT_SECTION;
  const std::optional<i64> known = program.isa.distance_from_symbol(entry.type, addend);
  if (world_.merged.merged(to.section)) {
    const i64 inside = by_section ? known.value_or(addend) : 0;
    put(content.bytes, Mark::kString);
    put(content.bytes, u64{world_.merged.blob_of[index(to.section)]});
    put(content.bytes, world_.merged.map(to.section, to.value + static_cast<u64>(inside)));
    put(content.bytes, static_cast<u64>(addend - inside));
    return true;
  }
  const i64 distance = known.value_or(0);
  const u64 symbol = place_of_symbol(to.type, to.value);
  const u64 place = symbol + static_cast<u64>(distance);
  const AtomId atom = world_.atoms.at(to.section, by_section ? place : symbol);
  const bool calls = type.use == Use::kCall || type.use == Use::kJump || type.use == Use::kNone;
  put(content.bytes, static_cast<u64>(addend - distance));
  add_atom(atom, place - place_of(atom).begin, !calls, content);
  return true;
}

void ContentReader::add_atom(AtomId to, u64 offset, bool exposes, AtomContent& content) const {
  const bool any_copy =
      is_candidate(to) && (!exposes || is_unnamed(to) || options_.assume_no_comparison);
  put(content.bytes, any_copy ? Mark::kCopy : Mark::kAtom);
  put(content.bytes, offset);
  if (any_copy)
    content.references.push_back(to);
  else
    put(content.bytes, index(to));
}

}  // namespace fwseal
