// Sections of OCaml data become several, in place: the object is afterwards as if its compiler had
// written them, and no later pass needs to know.
//
// 1. What refers to the data is looked at: by a symbol, it goes where the symbol goes, so the
//    distance must not lead out of what that stands for; by the symbol of the section, the place
//    says what is meant. Where that cannot be told, the unit stays as it is.
// 2. Each object gets its new sections, behind those that it has, and its symbols and relocations
//    are written anew.
// 3. caml_data_segments gets a pair for what each unit has in RAM. The runtime takes what lies in
//    one of these pairs for a value (runtime/startup_nat.c, init_static); the end of a pair is the
//    address of its last word. The first pair of a unit is what it was: X__data_begin, X__data_end.
#include "graph/ocaml_split.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "graph/ocaml_parts.h"

namespace fwseal {
namespace {

constexpr u32 kWord = 4;
constexpr std::string_view kRamBegin = "__ram_begin";
constexpr std::string_view kRamEnd = "__ram_end";

// The maps of all sections with data, by section.
using Maps = std::map<u32, OcamlDataMap>;

Maps maps_of(const OcamlProgram& ocaml, const Program& program) {
  Maps maps;
  for (const OcamlData& data : ocaml.data) {
    const auto accepted = [&](u32 unit) { return ocaml.units[unit].accepted(); };
    if (std::ranges::any_of(data.units, accepted))
      maps.emplace(std::piecewise_construct, std::forward_as_tuple(index(data.section)),
                   std::forward_as_tuple(ocaml, program, data));
  }
  return maps;
}

// ---- What must be known of each reference

class Checker {
 public:
  Checker(OcamlProgram& ocaml, const Program& program)
      : ocaml_(ocaml), program_(program), maps_(maps_of(ocaml, program)) {}

  void run() {
    check_objects();
    check_names();
    for (u32 i = 0; i < program_.inputs.sections.size() && !maps_.empty(); i++)
      check_references(SectionId{i});
    check_segments();
  }

 private:
  void refuse_all(const OcamlDataMap& map, std::string_view why) {
    if (!refused_.insert(index(map.data().section)).second) return;
    for (const u32 unit : map.data().units) ocaml_.units[unit].refuse(why);
  }
  void refuse_at(const OcamlDataMap& map, u64 offset, std::string_view why) {
    const auto unit = map.unit_at(static_cast<u32>(std::min<u64>(offset, ~u32{0})));
    if (unit)
      ocaml_.units[*unit].refuse(why);
    else
      refuse_all(map, why);
  }

  // What this does not know how to write anew.
  void check_objects() {
    for (const auto& [section, map] : maps_) {
      const Object& object = program_.inputs.objects[index(map.data().object)];
      if (!object.extended_indices.empty() ||
          u64{object.section_count} + map.parts().size() >= SHN_LORESERVE)
        refuse_all(map, "its object has too many sections");
    }
    for (const InputSection& other : program_.inputs.sections) {
      if (!other.has(SHF_LINK_ORDER) || other.excluded) continue;
      const Object& object = program_.inputs.objects[index(other.object)];
      if (other.link >= object.section_count) continue;
      if (const OcamlDataMap* const map = map_of(object.section(other.link)))
        refuse_all(*map, cat(other.name, " describes its data"));
    }
  }

  void check_names() {
    for (OcamlUnit& unit : ocaml_.units)
      for (const std::string_view suffix : {kRamBegin, kRamEnd})
        if (program_.symbols.find(cat(unit.name, suffix)) != kNoSymbol)
          unit.refuse(cat("there is a symbol ", unit.name, suffix));
  }

  const OcamlDataMap* map_of(SectionId section) const {
    const auto found = maps_.find(index(section));
    return found == maps_.end() ? nullptr : &found->second;
  }

  void check_references(SectionId id) {
    const InputSection& section = program_.inputs[id];
    if (section.excluded) return;
    const OcamlDataMap* const around = map_of(id);
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      const RelocationType* const type = program_.isa.find(reference.type);
      if (around != nullptr) check_place(*around, reference, type);
      const Referent to = referent(program_, section.object, reference.symbol);
      if (to.section == kNoSection) continue;
      if (const OcamlDataMap* const map = map_of(to.section))
        check_reference(section, reference, type, to, *map);
    }
  }

  // Everything that the relocation changes must stay together.
  void check_place(const OcamlDataMap& map, const Relocation& reference,
                   const RelocationType* type) {
    if (type == nullptr) return refuse_all(map, "its data have a relocation that is not known");
    const u32 size = std::max<u32>(type->size, 1);
    const u64 last = reference.offset + size - 1;
    if (last >= program_.inputs[map.data().section].size) return refuse_all(map, "bad relocation");
    const auto from = map.of_byte(static_cast<u32>(reference.offset));
    const auto to = map.of_byte(static_cast<u32>(last));
    if (from && to && from->part == to->part && from->offset + size - 1 == to->offset) return;
    refuse_at(map, reference.offset, "a relocation lies across what it consists of");
    refuse_at(map, last, "a relocation lies across what it consists of");
  }

  void check_reference(const InputSection& section, const Relocation& reference,
                       const RelocationType* type, const Referent& to, const OcamlDataMap& map) {
    if (type != nullptr && (type->use == Use::kMarker || type->use == Use::kNone)) return;
    if (type == nullptr || section.has_addends ||
        !section.contents.holds(reference.offset, type->size))
      return refuse_all(map, "something refers to its section by a relocation that is not known");
    const i64 addend = program_.isa.read_addend(reference.type, section.contents, reference.offset);
    const std::optional<i64> distance = program_.isa.distance_from_symbol(reference.type, addend);
    const bool is_plain = type->use == Use::kAddress && distance.has_value();
    if (to.type == STT_SECTION) {
      const i64 target = static_cast<i64>(to.value) + distance.value_or(0);
      if (!is_plain) return refuse_all(map, cat("its section is referred to by ", type->name));
      if (target < 0 || !map.of_target(static_cast<u64>(target)))
        refuse_at(map, static_cast<u64>(std::max<i64>(target, 0)),
                  cat("something refers to ", hex(static_cast<u64>(target)),
                      " in its section, and it cannot be told to what there"));
    } else if (!map.are_together(static_cast<u32>(to.value), is_plain ? *distance : addend)) {
      refuse_at(map, to.value,
                cat("something refers to a place far from a symbol of it, by ", type->name));
    }
  }

  // Without a new table none of the others can be taken apart.
  void check_segments() {
    const Symbol& segments = program_.symbols[ocaml_.segments];
    const OcamlDataMap* const map = map_of(segments.section);
    bool is_table = false;
    std::string_view why = "caml_data_segments is not where the start-up object has it";
    if (map != nullptr)
      if (const auto place = map->of_byte(static_cast<u32>(segments.value))) {
        const OcamlPart& part = map->parts()[place->part];
        is_table = part.kind == OcamlPart::Kind::kTable && part.table == "caml_data_segments" &&
                   part.contents.size() == (2 * ocaml_.units.size() + 1) * kWord;
        if (is_table && !ocaml_.units[part.unit].accepted()) {
          is_table = false;
          why = ocaml_.units[part.unit].refusal;
        }
      }
    if (is_table) return;
    const std::string reason = cat("the start-up object stays: ", why);
    for (OcamlUnit& unit : ocaml_.units) unit.refuse(reason);
  }

  OcamlProgram& ocaml_;
  const Program& program_;
  Maps maps_;
  std::unordered_set<u32> refused_;  // sections
};

// ---- Writing objects anew

void put_word(std::string& bytes, u64 offset, u32 word) {
  std::memcpy(bytes.data() + offset, &word, sizeof word);
}
std::string copy_of(Bytes bytes) { return std::string(bytes.text()); }

struct Rewriter {
  // What an object gets.
  struct Added {
    std::vector<InputSection> sections;
    std::vector<std::pair<Elf32_Sym, SymbolId>> symbols;
  };

  const OcamlProgram& ocaml;
  const Isa& isa;
  const OcamlRamName& ram_name;
  Inputs& inputs;
  Symbols& symbols;
  Maps maps;
  std::map<u32, Added> added{};                    // by object
  std::map<std::pair<u32, u32>, u32> elf_index{};  // of (old section, part): ELF section index

  OcamlSections run() {
    number_parts();
    for (const auto& [object, added_to] : added) rewrite_relocations(ObjectId{object});
    for (auto& [section, map] : maps) make_sections(SectionId{section}, map);
    for (auto& [section, map] : maps) move_symbols(SectionId{section}, map);
    write_segments();
    insert_sections();
    insert_symbols();
    return result();
  }

  // ---- Which sections there will be

  void number_parts() {
    for (auto& [section, map] : maps) {
      const ObjectId object = map.data().object;
      u32& count = counts[index(object)];
      elf_index[{section, 0}] = inputs[SectionId{section}].elf_index;
      for (u32 part = 1; part < map.parts().size(); part++)
        elf_index[{section, part}] = inputs.objects[index(object)].section_count + count++;
      added[index(object)];
    }
  }

  std::string name_of(SectionId section, const OcamlPart& part) const {
    const std::string_view unit = ocaml.units[part.unit].name;
    switch (part.kind) {
      case OcamlPart::Kind::kRam:
        return ram_name(section, unit);
      case OcamlPart::Kind::kFrametable:
        return cat(".data.rel.ro.", unit, ".frametable");
      case OcamlPart::Kind::kTable:
        return cat(".data.rel.ro.", part.table);
      default:
        return cat(".data.rel.ro.", unit);
    }
  }

  // ---- Relocations

  const OcamlDataMap* split_section(ObjectId object, const ElfSymbol& symbol) const {
    const Object& owner = inputs.objects[index(object)];
    if (symbol.section == SHN_UNDEF || symbol.section >= owner.section_count) return nullptr;
    const auto found = maps.find(index(owner.section(symbol.section)));
    return found == maps.end() ? nullptr : &found->second;
  }

  // References by the symbol of a section that is taken apart get another one.
  void rewrite_relocations(ObjectId id) {
    const Object& object = inputs.objects[index(id)];
    for (u32 i = 1; i < object.section_count; i++) {
      InputSection& section = inputs.sections[index(object.section(i))];
      if (!section.excluded && !section.relocations.empty()) rewrite(object, section);
    }
  }
  void rewrite(const Object& object, InputSection& section) {
    std::optional<std::string> contents, entries;
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      const ElfSymbol symbol = object.nameless_symbol(reference.symbol);
      if (symbol.type != STT_SECTION) continue;
      const OcamlDataMap* const map = split_section(section.object, symbol);
      const RelocationType* const type = isa.find(reference.type);
      if (map == nullptr || type->use == Use::kMarker || type->use == Use::kNone) continue;
      const i64 addend = isa.read_addend(reference.type, section.contents, reference.offset);
      const i64 place =
          static_cast<i64>(symbol.value) + *isa.distance_from_symbol(reference.type, addend);
      const OcamlDataMap::Target to = *map->of_target(static_cast<u64>(place));
      if (!contents) contents = copy_of(section.contents);
      if (!entries) entries = copy_of(section.relocations);
      const auto bytes = std::as_writable_bytes(std::span(*contents));
      const auto fault = isa.write_addend(reference.type, to.distance, bytes, reference.offset);
      assert(!fault);  // it is no further than it was
      const u32 target = to.symbol == 0 ? reference.symbol : to.symbol;
      put_word(*entries, i * sizeof(Elf32_Rel) + offsetof(Elf32_Rel, r_info),
               ELF32_R_INFO(target, reference.type));
    }
    if (contents) section.contents = inputs.arena.keep_bytes(std::move(*contents));
    if (entries) section.relocations = inputs.arena.keep_bytes(std::move(*entries));
  }

  // ---- Sections

  void make_sections(SectionId id, OcamlDataMap& map) {
    const InputSection original = inputs[id];
    std::vector<std::string> entries(map.parts().size());
    std::vector<std::string> contents(map.parts().size());
    for (u32 i = 0; i < map.parts().size(); i++) contents[i] = map.parts()[i].contents;
    for (u64 i = 0; i < relocation_count(original); i++) {
      Elf32_Rel entry;
      std::memcpy(&entry, original.relocations.data() + i * sizeof entry, sizeof entry);
      const OcamlDataMap::Place place = *map.of_byte(entry.r_offset);
      // The addend may be another one by now.
      const u64 size = std::max<u64>(isa.find(ELF32_R_TYPE(entry.r_info))->size, 1);
      std::memcpy(contents[place.part].data() + place.offset,
                  original.contents.data() + entry.r_offset, size);
      entry.r_offset = place.offset;
      entries[place.part].append(reinterpret_cast<const char*>(&entry), sizeof entry);
    }
    for (u32 i = 0; i < map.parts().size(); i++) {
      InputSection section = original;
      section.contents = inputs.arena.keep_bytes(std::move(contents[i]));
      section.size = section.contents.size();
      section.relocations = inputs.arena.keep_bytes(std::move(entries[i]));
      if (i == 0) {
        inputs.sections[index(id)] = section;
        continue;
      }
      section.name = inputs.arena.keep(name_of(id, map.parts()[i]));
      section.alignment = kWord;
      section.elf_index = elf_index.at({index(id), i});
      added[index(section.object)].sections.push_back(section);
    }
  }

  // ---- Symbols

  void move_symbols(SectionId id, const OcamlDataMap& map) {
    const ObjectId owner = map.data().object;
    Object& object = inputs.objects[index(owner)];
    std::string table = copy_of(object.symbol_table);
    const u32 old = inputs[id].elf_index;
    for (u32 i = 1; i < object.symbol_count; i++) {
      Elf32_Sym entry;
      std::memcpy(&entry, table.data() + i * sizeof entry, sizeof entry);
      if (entry.st_shndx != old || ELF32_ST_TYPE(entry.st_info) == STT_SECTION) continue;
      const OcamlDataMap::Place place = map.of_symbol(i, entry.st_value);
      const u32 value = entry.st_value;
      entry.st_shndx = static_cast<u16>(elf_index.at({index(id), place.part}));
      entry.st_value = place.offset;
      std::memcpy(table.data() + i * sizeof entry, &entry, sizeof entry);
      const SymbolId global = symbols.of(inputs, owner, i);
      if (global == kNoSymbol) continue;
      Symbol& symbol = symbols[global];
      if (symbol.section != id || symbol.value != value || moved.contains(index(global))) continue;
      moved[index(global)] = {index(id), place.part};
      symbol.value = place.offset;
    }
    object.symbol_table = inputs.arena.keep_bytes(std::move(table));
    define_bounds(id, map);
  }

  // X__ram_begin and X__ram_end.
  void define_bounds(SectionId id, const OcamlDataMap& map) {
    const ObjectId owner = map.data().object;
    for (u32 part = 1; part < map.parts().size(); part++) {
      if (map.parts()[part].kind != OcamlPart::Kind::kRam) continue;
      const std::string_view unit = ocaml.units[map.parts()[part].unit].name;
      const u32 size = static_cast<u32>(map.parts()[part].contents.size());
      for (const auto& [suffix, value] : {std::pair(kRamBegin, 0u), std::pair(kRamEnd, size)}) {
        const SymbolId global = symbols.add(inputs.arena.keep(cat(unit, suffix)));
        Symbol& symbol = symbols[global];
        symbol.state = SymbolState::kDefined;
        symbol.object = owner;
        symbol.section = id;
        symbol.value = value;
        symbol.visibility = STV_HIDDEN;
        moved[index(global)] = {index(id), part};
        Elf32_Sym entry{};
        entry.st_shndx = static_cast<u16>(elf_index.at({index(id), part}));
        entry.st_value = value;
        entry.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE);
        entry.st_other = STV_HIDDEN;
        auto& more = added[index(owner)].symbols;
        bounds[index(global)] = static_cast<u32>(more.size());
        more.push_back({entry, global});
      }
    }
  }

  // The number that a global symbol has in an object, which may not have known it.
  u32 number_in(ObjectId id, std::string_view name) {
    const Object& object = inputs.objects[index(id)];
    const SymbolId global = symbols.find(name);
    auto& more = added[index(id)].symbols;
    const auto same = bounds.find(index(global));
    if (same != bounds.end() && symbols[global].object == id)
      return object.symbol_count + same->second;
    Elf32_Sym entry{};
    entry.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE);
    more.push_back({entry, global});
    return object.symbol_count + static_cast<u32>(more.size() - 1);
  }

  // ---- caml_data_segments

  void write_segments() {
    const u32 table = index(symbols[ocaml.segments].section);
    for (auto& [section, map] : maps)
      for (u32 part = 0; part < map.parts().size(); part++)
        if (map.parts()[part].kind == OcamlPart::Kind::kTable &&
            map.parts()[part].table == "caml_data_segments" && section == table)
          return write_segments(map, elf_index.at({section, part}));
    assert(false);
  }
  void write_segments(const OcamlDataMap& map, u32 elf) {
    const ObjectId owner = map.data().object;
    auto& sections = added[index(owner)].sections;
    const auto section = std::ranges::find(sections, elf, &InputSection::elf_index);
    assert(section != sections.end());
    std::vector<u32> pairs(2 * ocaml.units.size() + 1);  // symbols
    for (u64 i = 0; i < relocation_count(*section); i++) {
      const Relocation entry = relocation(*section, i);
      pairs.at(entry.offset / kWord) = entry.symbol;
    }
    const u32 type = relocation(*section, 0).type;
    std::string contents, entries;
    const auto add = [&](u32 symbol, u32 addend) {
      const Elf32_Rel entry{static_cast<u32>(contents.size()), ELF32_R_INFO(symbol, type)};
      entries.append(reinterpret_cast<const char*>(&entry), sizeof entry);
      contents.append(reinterpret_cast<const char*>(&addend), sizeof addend);
    };
    for (u64 i = 0; i < ocaml.units.size(); i++) {
      const OcamlUnit& unit = ocaml.units[i];
      add(pairs.at(2 * i), 0);
      add(pairs.at(2 * i + 1), 0);
      const std::string begin = cat(unit.name, kRamBegin);
      if (!unit.accepted() || symbols.find(begin) == kNoSymbol) continue;
      add(number_in(owner, begin), 0);
      add(number_in(owner, cat(unit.name, kRamEnd)), -kWord);
    }
    contents += std::string(kWord, '\0');
    section->contents = inputs.arena.keep_bytes(std::move(contents));
    section->relocations = inputs.arena.keep_bytes(std::move(entries));
    section->size = section->contents.size();
  }

  // ---- All ids anew

  u32 end_of(u32 object) const {
    return object + 1 < inputs.read_objects ? index(inputs.objects[object + 1].first_section)
                                            : inputs.read_sections;
  }

  void insert_sections() {
    std::vector<std::pair<u32, u32>> shifts;  // sections from the first on move by the second
    std::vector<InputSection> all;
    u32 copied = 0;
    u32 shift = 0;
    for (auto& [number, more] : added) {
      Object& object = inputs.objects[number];
      const u32 end = end_of(number);
      all.insert(all.end(), inputs.sections.begin() + copied, inputs.sections.begin() + end);
      copied = end;
      const u32 first = static_cast<u32>(all.size());
      std::ranges::sort(more.sections, {}, &InputSection::elf_index);
      all.insert(all.end(), more.sections.begin(), more.sections.end());
      shift += static_cast<u32>(more.sections.size());
      shifts.push_back({end, shift});
      const u32 begin =
          index(object.first_section) + shift - static_cast<u32>(more.sections.size());
      for (u32 i = 0; i < more.sections.size(); i++) {
        assert(more.sections[i].elf_index == object.section_count + i);
        if (!object.slots.empty()) object.slots.push_back(first + i - begin);
      }
      assert(!object.slots.empty() || first - begin == object.section_count);
      object.section_count += static_cast<u32>(more.sections.size());
    }
    all.insert(all.end(), inputs.sections.begin() + copied, inputs.sections.end());
    inputs.sections = std::move(all);
    inputs.read_sections += shift;
    const auto moved_id = [&](SectionId id) {
      const auto behind =
          std::ranges::upper_bound(shifts, index(id), {}, &std::pair<u32, u32>::first);
      return behind == shifts.begin() ? id : SectionId{index(id) + std::prev(behind)->second};
    };
    for (Object& object : inputs.objects) object.first_section = moved_id(object.first_section);
    for (u32 i = 0; i < symbols.symbols.size(); i++) {
      Symbol& symbol = symbols.symbols[i];
      if (symbol.section == kNoSection) continue;
      if (const auto part = moved.find(i); part != moved.end())
        symbol.section = inputs.objects[index(symbol.object)].section(elf_index.at(part->second));
      else
        symbol.section = moved_id(symbol.section);
    }
    for (auto& [key, elf] : elf_index)
      section_of[key] = inputs.objects[index(maps.at(key.first).data().object)].section(elf);
  }

  void insert_symbols() {
    std::vector<SymbolId> ids;
    for (u32 i = 0; i < inputs.objects.size(); i++) {
      const u32 first = static_cast<u32>(ids.size());
      Object& object = inputs.objects[i];
      const auto begin = symbols.ids.begin() + symbols.first[i];
      ids.insert(ids.end(), begin, begin + (object.symbol_count - object.first_global));
      symbols.first[i] = first;
      const auto more = added.find(i);
      if (more == added.end() || more->second.symbols.empty()) continue;
      std::string table =
          copy_of(object.symbol_table.sub(0, object.symbol_count * sizeof(Elf32_Sym)));
      std::string names = copy_of(object.string_table);
      for (auto& [entry, global] : more->second.symbols) {
        entry.st_name = static_cast<u32>(names.size());
        names.append(symbols[global].name).push_back('\0');
        table.append(reinterpret_cast<const char*>(&entry), sizeof entry);
        ids.push_back(global);
      }
      object.symbol_count += static_cast<u32>(more->second.symbols.size());
      object.symbol_table = inputs.arena.keep_bytes(std::move(table));
      object.string_table = inputs.arena.keep_bytes(std::move(names));
    }
    symbols.ids = std::move(ids);
  }

  OcamlSections result() const {
    OcamlSections sections;
    for (const auto& [section, map] : maps)
      for (u32 i = 1; i < map.parts().size(); i++) {
        const OcamlPart& part = map.parts()[i];
        const SectionId id = section_of.at({section, i});
        if (part.kind == OcamlPart::Kind::kConstants)  // the first of each unit
          sections.units.push_back(
              {ocaml.units[part.unit].name, id, kNoSection, kNoSection, part.starts});
        else if (part.kind == OcamlPart::Kind::kRam)
          sections.units.back().ram = id;
        else if (part.kind == OcamlPart::Kind::kFrametable)
          sections.units.back().frametable = id;
      }
    sections.segments = symbols[ocaml.segments].section;
    return sections;
  }

  std::map<u32, u32> counts{};                           // of new sections, by object
  std::unordered_map<u32, std::pair<u32, u32>> moved{};  // by global symbol: (section, part)
  std::unordered_map<u32, u32> bounds{};  // of X__ram_begin and X__ram_end: number among the added
  std::map<std::pair<u32, u32>, SectionId> section_of{};  // of (old section, part)
};

}  // namespace

OcamlSections split_ocaml_units(OcamlProgram& ocaml, const Isa& isa, const OcamlRamName& ram_name,
                                Inputs& inputs, Symbols& symbols) {
  const Program program{inputs, symbols, isa};
  Checker(ocaml, program).run();
  Maps maps = maps_of(ocaml, program);
  if (maps.empty()) return {};
  return Rewriter{ocaml, isa, ram_name, inputs, symbols, std::move(maps)}.run();
}

void cut_ocaml_units(const OcamlSections& sections, const Inputs& inputs, Atoms& atoms) {
  for (const OcamlParts& unit : sections.units)
    if (unit.starts.size() > 1 && !atoms.is_cut(unit.constants))
      atoms.cut(unit.constants, unit.starts, inputs[unit.constants].size, {});
}

}  // namespace fwseal
