// Objects as ocamlopt writes them, for tests of how their data are taken apart.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "graph/ocaml_split.h"
#include "graph/ocaml_stores.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {

// The .data of an object, word by word.
class OcamlText {
 public:
  void word(u32 value) { words_.push_back({value, {}, false}); }
  void address(const std::string& symbol, u32 addend = 0) {
    words_.push_back({addend, symbol, false});
  }
  // By the symbol of the section.
  void place(const std::string& label, u32 addend = 0) { words_.push_back({addend, label, true}); }
  void label(const std::string& name, u8 binding = STB_GLOBAL, u32 size = 0) {
    labels_.push_back({name, here(), binding, size});
  }

  static u32 header(u32 tag, u32 words, u32 colour = 3) { return words << 10 | colour << 8 | tag; }
  void begin_block(const std::string& name, u32 words, u32 tag = 0, u8 binding = STB_LOCAL) {
    word(header(tag, words));
    label(name, binding);
  }
  // A block of integers.
  void block(const std::string& name, u32 words, u8 binding = STB_LOCAL) {
    begin_block(name, words, 0, binding);
    for (u32 i = 0; i < words; i++) word(2 * i + 1);
  }

  void begin(const std::string& unit) { label(unit + "__data_begin"); }
  void roots(const std::string& unit, const std::vector<std::string>& blocks) {
    label(unit + "__gc_roots");
    for (const std::string& block : blocks) address(block);
    word(0);
  }
  void end(const std::string& unit) {
    word(0);
    label(unit + "__data_end");
    word(0);
    label(unit + "__frametable", STB_GLOBAL, 12);
    word(0);
    word(0x1234);
    word(0x5678);
  }
  // A small unit: its module, which is written, and blocks that refer to each other.
  void unit(const std::string& name) {
    begin(name);
    block(name + "__1", 2);
    block(name, 3, STB_GLOBAL);
    roots(name, {name});
    begin_block(name + "__2", 3);
    place(name + "__1");
    address(name);
    address(name + "__3");
    block(name + "__3", 1, STB_GLOBAL);
    address("caml_primitive");
    end(name);
  }
  void startup(const std::vector<std::string>& units) {
    begin("caml_startup");
    begin_block("caml_exn_Failure", 2, 248, STB_GLOBAL);
    place("caml_startup__1");
    word(5);
    block("caml_startup__1", 1);
    label("caml_globals");
    for (const std::string& unit : units) address(unit + "__gc_roots");
    word(0);
    begin_block("caml_globals_map", 1, 252, STB_GLOBAL);
    word(0x03000000);
    label("caml_data_segments");
    for (const std::string& name : with_startup(units)) {
      address(name + "__data_begin");
      address(name + "__data_end");
    }
    word(0);
    label("caml_frametable");
    for (const std::string& name : with_startup(units)) address(name + "__frametable");
    word(0);
    end("caml_startup");
  }

  u32 here() const { return static_cast<u32>(4 * words_.size()); }
  u32 offset_of(const std::string& name) const {
    for (const Label& label : labels_)
      if (label.name == name) return label.offset;
    return 0;
  }

  // Adds it all to an object; returns the section.
  u32 add_to(ElfBuilder& elf, const std::string& name = ".data") const {
    std::vector<u32> values;
    for (const Word& word : words_)
      values.push_back(word.value + (word.by_section ? offset_of(word.symbol) : 0));
    for (const auto& [number, value] : changes) values.at(number) = value;
    const u32 section = elf.data(name, fwseal::words(values));
    std::map<std::string, u32> symbols;
    for (const Label& label : labels_)
      symbols[label.name] =
          elf.define(label.name, section,
                     {.value = label.offset,
                      .size = label.size,
                      .type = static_cast<u8>(label.size == 0 ? STT_NOTYPE : STT_OBJECT),
                      .binding = label.binding});
    const u32 own = elf.section_symbol(section);
    for (u32 i = 0; i < words_.size(); i++) {
      const Word& word = words_[i];
      if (word.symbol.empty()) continue;
      u32& symbol = symbols[word.symbol];
      if (symbol == 0) symbol = elf.refer(word.symbol);
      elf.relocate(section, 4 * i, R_ARM_ABS32, word.by_section ? own : symbol);
    }
    return section;
  }
  u32 size() const { return static_cast<u32>(words_.size()); }

  std::map<u32, u32> changes;  // by number of the word

 private:
  struct Word {
    u32 value = 0;
    std::string symbol;
    bool by_section = false;
  };
  struct Label {
    std::string name;
    u32 offset = 0;
    u8 binding = STB_GLOBAL;
    u32 size = 0;
  };
  static std::vector<std::string> with_startup(const std::vector<std::string>& units) {
    std::vector<std::string> all{"caml_startup"};
    all.insert(all.end(), units.begin(), units.end());
    return all;
  }

  std::vector<Word> words_;
  std::vector<Label> labels_;
};

// A program of such objects, before and after.
class OcamlRun {
 public:
  explicit OcamlRun(LinkedObject& linked) : linked_(linked) {
    references_before = references();
    auto found = find_ocaml_units(linked.program());
    if (!found) return;
    ocaml = std::move(*found);
    if (!ocaml.refusal.empty()) return;
    stores = keep_stored_in_ram(linked.program(), ocaml);
    sections = split_ocaml_units(
        ocaml, linked.program().isa,
        [](SectionId, std::string_view unit) { return cat(".data.", unit); }, linked.inputs(),
        linked.symbols());
  }

  OcamlProgram ocaml;
  OcamlSections sections;
  std::vector<OcamlStore> stores;
  std::set<std::string> references_before;

  std::string refusal(const std::string& unit) const {
    for (const OcamlUnit& one : ocaml.units)
      if (one.name == unit) return one.refusal;
    return "no such unit";
  }
  // ".data.camlX+4"
  std::string place(const std::string& name) const {
    const Symbols& symbols = linked_.program().symbols;
    const SymbolId id = symbols.find(name);
    if (id == kNoSymbol || symbols[id].section == kNoSection) return "-";
    return cat(linked_.program().inputs[symbols[id].section].name, "+", symbols[id].value);
  }
  std::string local_place(const std::string& name) const {
    for (const Object& object : linked_.program().inputs.objects)
      for (u32 i = 1; i < object.symbol_count; i++)
        if (const ElfSymbol symbol = object.symbol(i); symbol.name == name && symbol.section != 0)
          return cat(linked_.program().inputs[object.section(symbol.section)].name, "+",
                     symbol.value);
    return "-";
  }

  // Who refers to what, by the symbols that stand before both places: the same before and after.
  std::set<std::string> references() const {
    std::set<std::string> all;
    const Program& program = linked_.program();
    for (u32 i = 0; i < program.inputs.sections.size(); i++) {
      const InputSection& section = program.inputs.sections[i];
      for (u64 n = 0; !section.excluded && n < relocation_count(section); n++) {
        const Relocation entry = relocation(section, n);
        const std::string from = name_before(SectionId{i}, entry.offset);
        if (from.starts_with("caml_data_segments")) continue;
        const std::string to = target(program, section, entry);
        // No symbol stands before that.
        if (to != "caml_primitive+0") all.insert(cat(from, " -> ", to));
      }
    }
    return all;
  }
  // What caml_data_segments holds.
  std::vector<std::string> segments() const {
    std::vector<std::string> list;
    const Program& program = linked_.program();
    const Symbol& table = program.symbols[program.symbols.find("caml_data_segments")];
    const InputSection& section = program.inputs[table.section];
    for (u64 n = 0; n < relocation_count(section); n++)
      list.push_back(target(program, section, relocation(section, n)));
    return list;
  }

 private:
  std::string target(const Program& program, const InputSection& section,
                     const Relocation& entry) const {
    const i64 addend = program.isa.read_addend(entry.type, section.contents, entry.offset);
    const ElfSymbol symbol = program.inputs.objects[index(section.object)].symbol(entry.symbol);
    if (symbol.type != STT_SECTION) return cat(symbol.name, "+", addend);
    const Referent to = referent(program, section.object, entry.symbol);
    return name_before(to.section, to.value + static_cast<u64>(addend));
  }
  std::string name_before(SectionId id, u64 offset) const {
    const Program& program = linked_.program();
    const InputSection& section = program.inputs[id];
    const Object& object = program.inputs.objects[index(section.object)];
    std::string name(section.name);
    u64 best = 0;
    bool found = false;
    for (u32 i = 1; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.symbol(i);
      if (symbol.section != section.elf_index || symbol.type == STT_SECTION) continue;
      if (symbol.value > offset || (found && symbol.value <= best)) continue;
      found = true;
      best = symbol.value;
      name = symbol.name;
    }
    return cat(name, "+", offset - best);
  }

  LinkedObject& linked_;
};

}  // namespace fwseal
