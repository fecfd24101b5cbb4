// Sections of OCaml data become several, in place: the object is afterwards as if its compiler had
// written them, and no later pass needs to know.
//
// 1. What refers to the data is looked at (ocaml_references.cc).
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

#include "graph/ocaml_parts.h"
#include "graph/ocaml_references.h"

namespace fwseal {
namespace {

constexpr u32 kWord = 4;

void put_word(std::string& bytes, u64 offset, u32 word) {
  std::memcpy(bytes.data() + offset, &word, sizeof word);
}
std::string copy_of(Bytes bytes) { return std::string(bytes.text()); }

class Rewriter {
 public:
  Rewriter(const OcamlProgram& ocaml, const Isa& isa, const OcamlRamName& ram_name, Inputs& inputs,
           Symbols& symbols, OcamlMaps maps)
      : ocaml_(ocaml),
        isa_(isa),
        ram_name_(ram_name),
        inputs_(inputs),
        symbols_(symbols),
        maps_(std::move(maps)) {}

  OcamlSections run() {
    number_parts();
    for (const auto& [object, added_to] : added_) rewrite_relocations(ObjectId{object});
    for (auto& [section, map] : maps_) make_sections(SectionId{section}, map);
    for (auto& [section, map] : maps_) move_symbols(SectionId{section}, map);
    write_segments();
    insert_sections();
    insert_symbols();
    return result();
  }

 private:
  // What an object gets.
  struct Added {
    std::vector<InputSection> sections;
    std::vector<std::pair<Elf32_Sym, SymbolId>> symbols;
  };

  // ---- Which sections there will be

  void number_parts() {
    for (auto& [section, map] : maps_) {
      const ObjectId object = map.data().object;
      u32& count = counts_[index(object)];
      elf_index_[{section, 0}] = inputs_[SectionId{section}].elf_index;
      for (u32 part = 1; part < map.parts().size(); part++)
        elf_index_[{section, part}] = inputs_.objects[index(object)].section_count + count++;
      added_[index(object)];
    }
  }

  std::string name_of(SectionId section, const OcamlPart& part) const {
    const std::string_view unit = ocaml_.units[part.unit].name;
    switch (part.kind) {
      case OcamlPart::Kind::kRam:
        return ram_name_(section, unit);
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
    const Object& owner = inputs_.objects[index(object)];
    if (symbol.section == SHN_UNDEF || symbol.section >= owner.section_count) return nullptr;
    const auto found = maps_.find(index(owner.section(symbol.section)));
    return found == maps_.end() ? nullptr : &found->second;
  }

  // References by the symbol of a section that is taken apart get another one.
  void rewrite_relocations(ObjectId id) {
    const Object& object = inputs_.objects[index(id)];
    for (u32 i = 1; i < object.section_count; i++) {
      InputSection& section = inputs_.sections[index(object.section(i))];
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
      const RelocationType* const type = isa_.find(reference.type);
      if (map == nullptr || type->use == Use::kMarker || type->use == Use::kNone) continue;
      const i64 addend = isa_.read_addend(reference.type, section.contents, reference.offset);
      const i64 place =
          static_cast<i64>(symbol.value) + *isa_.distance_from_symbol(reference.type, addend);
      const OcamlDataMap::Target to = *map->of_target(static_cast<u64>(place));
      if (!contents) contents = copy_of(section.contents);
      if (!entries) entries = copy_of(section.relocations);
      const auto bytes = std::as_writable_bytes(std::span(*contents));
      const auto fault = isa_.write_addend(reference.type, to.distance, bytes, reference.offset);
      assert(!fault);  // it is no further than it was
      const u32 target = to.symbol == 0 ? reference.symbol : to.symbol;
      put_word(*entries, i * sizeof(Elf32_Rel) + offsetof(Elf32_Rel, r_info),
               ELF32_R_INFO(target, reference.type));
    }
    if (contents) section.contents = inputs_.arena.keep_bytes(std::move(*contents));
    if (entries) section.relocations = inputs_.arena.keep_bytes(std::move(*entries));
  }

  // ---- Sections

  void make_sections(SectionId id, OcamlDataMap& map) {
    const InputSection original = inputs_[id];
    std::vector<std::string> entries(map.parts().size());
    std::vector<std::string> contents(map.parts().size());
    for (u32 i = 0; i < map.parts().size(); i++) contents[i] = map.parts()[i].contents;
    for (u64 i = 0; i < relocation_count(original); i++) {
      Elf32_Rel entry;
      std::memcpy(&entry, original.relocations.data() + i * sizeof entry, sizeof entry);
      const OcamlDataMap::Place place = *map.of_byte(entry.r_offset);
      // The addend may be another one by now.
      const u64 size = std::max<u64>(isa_.find(ELF32_R_TYPE(entry.r_info))->size, 1);
      std::memcpy(contents[place.part].data() + place.offset,
                  original.contents.data() + entry.r_offset, size);
      entry.r_offset = place.offset;
      entries[place.part].append(reinterpret_cast<const char*>(&entry), sizeof entry);
    }
    for (u32 i = 0; i < map.parts().size(); i++) {
      InputSection section = original;
      section.contents = inputs_.arena.keep_bytes(std::move(contents[i]));
      section.size = section.contents.size();
      section.relocations = inputs_.arena.keep_bytes(std::move(entries[i]));
      if (i == 0) {
        inputs_.sections[index(id)] = section;
        continue;
      }
      section.name = inputs_.arena.keep(name_of(id, map.parts()[i]));
      section.alignment = kWord;
      section.elf_index = elf_index_.at({index(id), i});
      added_[index(section.object)].sections.push_back(section);
    }
  }

  // ---- Symbols

  void move_symbols(SectionId id, const OcamlDataMap& map) {
    const ObjectId owner = map.data().object;
    Object& object = inputs_.objects[index(owner)];
    std::string table = copy_of(object.symbol_table);
    const u32 old = inputs_[id].elf_index;
    for (u32 i = 1; i < object.symbol_count; i++) {
      Elf32_Sym entry;
      std::memcpy(&entry, table.data() + i * sizeof entry, sizeof entry);
      if (entry.st_shndx != old || ELF32_ST_TYPE(entry.st_info) == STT_SECTION) continue;
      const OcamlDataMap::Place place = map.of_symbol(i, entry.st_value);
      const u32 value = entry.st_value;
      entry.st_shndx = static_cast<u16>(elf_index_.at({index(id), place.part}));
      entry.st_value = place.offset;
      std::memcpy(table.data() + i * sizeof entry, &entry, sizeof entry);
      const SymbolId global = symbols_.of(inputs_, owner, i);
      if (global == kNoSymbol) continue;
      Symbol& symbol = symbols_[global];
      if (symbol.section != id || symbol.value != value || moved_.contains(index(global))) continue;
      moved_[index(global)] = {index(id), place.part};
      symbol.value = place.offset;
    }
    object.symbol_table = inputs_.arena.keep_bytes(std::move(table));
    define_bounds(id, map);
  }

  // X__ram_begin and X__ram_end.
  void define_bounds(SectionId id, const OcamlDataMap& map) {
    const ObjectId owner = map.data().object;
    for (u32 part = 1; part < map.parts().size(); part++) {
      if (map.parts()[part].kind != OcamlPart::Kind::kRam) continue;
      const std::string_view unit = ocaml_.units[map.parts()[part].unit].name;
      const u32 size = static_cast<u32>(map.parts()[part].contents.size());
      for (const auto& [suffix, value] :
           {std::pair(kOcamlRamBegin, 0u), std::pair(kOcamlRamEnd, size)}) {
        const SymbolId global = symbols_.add(inputs_.arena.keep(cat(unit, suffix)));
        Symbol& symbol = symbols_[global];
        symbol.state = SymbolState::kDefined;
        symbol.object = owner;
        symbol.section = id;
        symbol.value = value;
        symbol.visibility = STV_HIDDEN;
        moved_[index(global)] = {index(id), part};
        Elf32_Sym entry{};
        entry.st_shndx = static_cast<u16>(elf_index_.at({index(id), part}));
        entry.st_value = value;
        entry.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE);
        entry.st_other = STV_HIDDEN;
        auto& more = added_[index(owner)].symbols;
        bounds_[index(global)] = static_cast<u32>(more.size());
        more.push_back({entry, global});
      }
    }
  }

  // The number that a global symbol has in an object, which may not have known it.
  u32 number_in(ObjectId id, std::string_view name) {
    const Object& object = inputs_.objects[index(id)];
    const SymbolId global = symbols_.find(name);
    auto& more = added_[index(id)].symbols;
    const auto same = bounds_.find(index(global));
    if (same != bounds_.end() && symbols_[global].object == id)
      return object.symbol_count + same->second;
    Elf32_Sym entry{};
    entry.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE);
    more.push_back({entry, global});
    return object.symbol_count + static_cast<u32>(more.size() - 1);
  }

  // ---- caml_data_segments

  void write_segments() {
    const u32 table = index(symbols_[ocaml_.segments].section);
    for (auto& [section, map] : maps_)
      for (u32 part = 0; part < map.parts().size(); part++)
        if (map.parts()[part].kind == OcamlPart::Kind::kTable &&
            map.parts()[part].table == "caml_data_segments" && section == table)
          return write_segments(map, elf_index_.at({section, part}));
    assert(false);
  }
  void write_segments(const OcamlDataMap& map, u32 elf) {
    const ObjectId owner = map.data().object;
    auto& sections = added_[index(owner)].sections;
    const auto section = std::ranges::find(sections, elf, &InputSection::elf_index);
    assert(section != sections.end());
    std::vector<u32> pairs(2 * ocaml_.units.size() + 1);  // symbols
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
    for (u64 i = 0; i < ocaml_.units.size(); i++) {
      const OcamlUnit& unit = ocaml_.units[i];
      add(pairs.at(2 * i), 0);
      add(pairs.at(2 * i + 1), 0);
      const std::string begin = cat(unit.name, kOcamlRamBegin);
      if (!unit.accepted() || symbols_.find(begin) == kNoSymbol) continue;
      add(number_in(owner, begin), 0);
      add(number_in(owner, cat(unit.name, kOcamlRamEnd)), -kWord);
    }
    contents += std::string(kWord, '\0');
    section->contents = inputs_.arena.keep_bytes(std::move(contents));
    section->relocations = inputs_.arena.keep_bytes(std::move(entries));
    section->size = section->contents.size();
  }

  // ---- All ids anew

  u32 end_of(u32 object) const {
    return object + 1 < inputs_.read_objects ? index(inputs_.objects[object + 1].first_section)
                                             : inputs_.read_sections;
  }

  void insert_sections() {
    std::vector<std::pair<u32, u32>> shifts;  // sections from the first on move by the second
    std::vector<InputSection> all;
    u32 copied = 0;
    u32 shift = 0;
    for (auto& [number, more] : added_) {
      Object& object = inputs_.objects[number];
      const u32 end = end_of(number);
      all.insert(all.end(), inputs_.sections.begin() + copied, inputs_.sections.begin() + end);
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
    all.insert(all.end(), inputs_.sections.begin() + copied, inputs_.sections.end());
    inputs_.sections = std::move(all);
    inputs_.read_sections += shift;
    const auto moved_id = [&](SectionId id) {
      const auto behind =
          std::ranges::upper_bound(shifts, index(id), {}, &std::pair<u32, u32>::first);
      return behind == shifts.begin() ? id : SectionId{index(id) + std::prev(behind)->second};
    };
    for (Object& object : inputs_.objects) object.first_section = moved_id(object.first_section);
    for (u32 i = 0; i < symbols_.symbols.size(); i++) {
      Symbol& symbol = symbols_.symbols[i];
      if (symbol.section == kNoSection) continue;
      if (const auto part = moved_.find(i); part != moved_.end())
        symbol.section = inputs_.objects[index(symbol.object)].section(elf_index_.at(part->second));
      else
        symbol.section = moved_id(symbol.section);
    }
    for (auto& [key, elf] : elf_index_)
      section_of_[key] = inputs_.objects[index(maps_.at(key.first).data().object)].section(elf);
  }

  void insert_symbols() {
    std::vector<SymbolId> ids;
    for (u32 i = 0; i < inputs_.objects.size(); i++) {
      const u32 first = static_cast<u32>(ids.size());
      Object& object = inputs_.objects[i];
      const auto begin = symbols_.ids.begin() + symbols_.first[i];
      ids.insert(ids.end(), begin, begin + (object.symbol_count - object.first_global));
      symbols_.first[i] = first;
      const auto more = added_.find(i);
      if (more == added_.end() || more->second.symbols.empty()) continue;
      std::string table =
          copy_of(object.symbol_table.sub(0, object.symbol_count * sizeof(Elf32_Sym)));
      std::string names = copy_of(object.string_table);
      for (auto& [entry, global] : more->second.symbols) {
        entry.st_name = static_cast<u32>(names.size());
        names.append(symbols_[global].name).push_back('\0');
        table.append(reinterpret_cast<const char*>(&entry), sizeof entry);
        ids.push_back(global);
      }
      object.symbol_count += static_cast<u32>(more->second.symbols.size());
      object.symbol_table = inputs_.arena.keep_bytes(std::move(table));
      object.string_table = inputs_.arena.keep_bytes(std::move(names));
    }
    symbols_.ids = std::move(ids);
  }

  OcamlSections result() const {
    OcamlSections sections;
    for (const auto& [section, map] : maps_)
      for (u32 i = 1; i < map.parts().size(); i++) {
        const OcamlPart& part = map.parts()[i];
        const SectionId id = section_of_.at({section, i});
        sections.all.push_back(id);
        if (part.kind == OcamlPart::Kind::kConstants)  // the first of each unit
          sections.units.push_back(
              {ocaml_.units[part.unit].name, id, kNoSection, kNoSection, part.starts});
        else if (part.kind == OcamlPart::Kind::kRam)
          sections.units.back().ram = id;
        else if (part.kind == OcamlPart::Kind::kFrametable)
          sections.units.back().frametable = id;
      }
    std::ranges::sort(sections.all);
    sections.segments = symbols_[ocaml_.segments].section;
    return sections;
  }

  const OcamlProgram& ocaml_;
  const Isa& isa_;
  const OcamlRamName& ram_name_;
  Inputs& inputs_;
  Symbols& symbols_;
  OcamlMaps maps_;
  std::map<u32, Added> added_;                           // by object
  std::map<std::pair<u32, u32>, u32> elf_index_;         // of (old section, part)
  std::map<std::pair<u32, u32>, SectionId> section_of_;  // of (old section, part)
  std::map<u32, u32> counts_;                            // of new sections, by object
  std::unordered_map<u32, std::pair<u32, u32>> moved_;   // by global symbol: (old section, part)
  std::unordered_map<u32, u32> bounds_;  // of the symbols of parts in RAM: number among the added
};

}  // namespace

OcamlSections split_ocaml_units(OcamlProgram& ocaml, const Isa& isa, const OcamlRamName& ram_name,
                                Inputs& inputs, Symbols& symbols) {
  const Program program{inputs, symbols, isa};
  refuse_untold_references(ocaml, program);
  OcamlMaps maps = ocaml_maps(ocaml, program);
  if (maps.empty()) return {};
  return Rewriter{ocaml, isa, ram_name, inputs, symbols, std::move(maps)}.run();
}

void cut_ocaml_units(const OcamlSections& sections, const Inputs& inputs, Atoms& atoms) {
  for (const OcamlParts& unit : sections.units)
    if (unit.starts.size() > 1 && !atoms.is_cut(unit.constants))
      atoms.cut(unit.constants, unit.starts, inputs[unit.constants].size, {});
}

}  // namespace fwseal
