// Two units of OCaml, linked alone: camlA, whose entry function stores three closures in its
// module's block, and camlB, whose entry function is the test's:
//
//     caml_program → camlA__entry, camlB__entry
//     camlA__entry: field k of camlA = closure.k, which names camlA__fk, for k = 0, 1, 2
//
// Each closure is a section of its own. What is live of the three functions tells which fields
// count as read.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "graph/clauses.h"
#include "graph/cut.h"
#include "graph/runtime_ocaml.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {

// A function of Thumb code: instructions, and its literals behind them.
class FunctionText {
 public:
  explicit FunctionText(std::string name_) : name(std::move(name_)) {}

  FunctionText& op(u16 instruction) {
    code.push_back(instruction);
    return *this;
  }
  FunctionText& wide(u16 first, u16 second) { return op(first).op(second); }
  // rd = address of the symbol
  FunctionText& address(u16 rd, const std::string& symbol) {
    loads.emplace_back(code.size(), symbol);
    return op(static_cast<u16>(0x4800 | rd << 8));
  }
  FunctionText& load(u16 rd, u16 rn, u16 field) {
    return op(static_cast<u16>(0x6800 | field << 6 | rn << 3 | rd));
  }
  FunctionText& store(u16 rd, u16 rn, u16 field) {
    return op(static_cast<u16>(0x6000 | field << 6 | rn << 3 | rd));
  }
  FunctionText& move(u16 rd, u16 rm) { return op(static_cast<u16>(0x4600 | rm << 3 | rd)); }
  FunctionText& call(const std::string& symbol) {
    calls.emplace_back(2 * code.size(), symbol, R_ARM_THM_PC22);
    return wide(0xf7ff, 0xfffe);
  }
  FunctionText& jump(const std::string& symbol) {
    calls.emplace_back(2 * code.size(), symbol, R_ARM_THM_JUMP24);
    return wide(0xf7ff, 0xbffe);
  }
  // lr = the address of the next instruction, as a handler of exceptions: LDR.W, ADD lr, pc
  FunctionText& handler() {
    handlers.push_back(code.size());
    return wide(0xf8df, 0xe000).op(0x44fe);
  }
  // What caml_program does behind the call of an entry function.
  FunctionText& count() {
    return address(1, "caml_globals_inited").load(2, 1, 0).op(0x1c53).store(3, 1, 0);
  }
  FunctionText& call_register(u16 rm) { return op(static_cast<u16>(0x4780 | rm << 3)); }
  FunctionText& jump_register(u16 rm) { return op(static_cast<u16>(0x4700 | rm << 3)); }
  // rd = a new block
  FunctionText& allocate(u16 rd) {
    return call("caml_alloc1").wide(0xf10a, static_cast<u16>(rd << 8 | 4));
  }
  // A word of data, aligned, and a jump over it.
  FunctionText& skip_data() {
    if (code.size() % 2 == 0)
      op(0xe002).op(0xbf00);
    else
      op(0xe001);
    marks.emplace_back(2 * code.size(), "$d");
    wide(0x1234, 0x5678);
    marks.emplace_back(2 * code.size(), "$t");
    return *this;
  }
  FunctionText& push_frame() { return op(0xb082).wide(0xf8cd, 0xe004); }  // of 8 bytes
  FunctionText& pop_frame() { return wide(0xf8dd, 0xe004).op(0xb002); }
  FunctionText& finish() { return op(0x2001).op(0x4770); }  // the result is a number

  std::string name;
  std::vector<u16> code;
  std::vector<std::pair<u64, std::string>> loads;
  std::vector<std::tuple<u64, std::string, u32>> calls;
  std::vector<std::pair<u64, const char*>> marks;
  std::vector<u64> handlers;
};

class ModuleWorld {
 public:
  // `counts`: caml_program counts the units that it calls, as it must if one is to be left out.
  // `skips`: it has data behind the first one.
  explicit ModuleWorld(bool counts = false, bool skips = false) {
    FunctionText program("caml_program");
    program.push_frame();
    for (const std::string unit : {"camlA", "camlB"}) {
      program.call(unit + "__entry");
      if (counts) program.count();
      if (skips) program.skip_data();
    }
    functions.push_back(program.pop_frame().finish());
    FunctionText entry("camlA__entry");
    entry.address(1, "camlA");
    for (u16 k = 0; k < 3; k++) entry.address(0, "closure." + std::to_string(k)).store(0, 1, k);
    functions.push_back(entry.finish());
    for (int k = 0; k < 3; k++)
      functions.push_back(FunctionText("camlA__f" + std::to_string(k)).finish());
  }

  // A function of camlB.
  FunctionText& function(const std::string& name) {
    functions.emplace_back(name);
    return functions.back();
  }
  // C code with relocations, one a word.
  void c_function(const std::string& name, const std::vector<std::string>& names = {}) {
    const u32 size = 4 * static_cast<u32>(names.size()) + 4;
    const u32 section =
        elf.section({.name = ".text." + name,
                     .flags = SHF_ALLOC | SHF_EXECINSTR,
                     .contents = halfwords({0x4770, 0xbf00}) + std::string(size - 4, '\0')});
    elf.define_local("$t", section);
    elf.define_local("$d", section, 4);
    elf.define(name, section, {.value = 1, .size = size, .type = STT_FUNC});
    for (u32 i = 0; i < names.size(); i++) refer(section, 4 + 4 * i, names[i]);
  }
  void words_naming(const std::string& name, const std::vector<std::string>& names) {
    const u32 section = elf.section({.name = ".data." + name,
                                     .flags = SHF_ALLOC | SHF_WRITE,
                                     .contents = std::string(4 * names.size() + 4, '\0'),
                                     .alignment = alignment});
    elf.define(name, section, {.size = static_cast<u32>(4 * names.size()), .type = STT_OBJECT});
    for (u32 i = 0; i < names.size(); i++) refer(section, 4 * i, names[i]);
  }

  ElfBuilder elf;
  std::deque<FunctionText> functions;
  u32 alignment = 4;  // of words_naming
  std::vector<std::string> used_by_script;
  bool has_strange_code = false;  // the last functions are in no unit
  std::string returns_to_data;    // the function whose last instruction is a call in a frametable
  u32 text = 0;                   // once it is finished, the section of all functions of OCaml

  void finish() {
    text = add_text();
    add_unit("A", begins.at("camlA__entry"), begins.at("camlB__begins"));
    add_unit("B", begins.at("camlB__begins"),
             has_strange_code ? begins.at("camlB__begins") : text_size);
    for (int k = 0; k < 3; k++)
      words_naming("closure." + std::to_string(k), {"camlA__f" + std::to_string(k)});
    words_naming("caml_globals", {"camlA__gc_roots", "camlB__gc_roots"});
    words_naming("caml_frametable", {"camlA__frametable", "camlB__frametable"});
    c_function("caml_oldify_local_roots", {"caml_globals"});
    c_function("c_function");
    words_naming("caml_globals_inited", {});
    add_runtime();
  }

 private:
  void refer(u32 section, u32 offset, const std::string& name) {
    elf.relocate(section, offset, R_ARM_ABS32, elf.refer(name));
  }

  u32 add_text() {
    std::string bytes;
    std::vector<std::tuple<u32, std::string, u32>> relocations;
    std::vector<std::pair<u32, const char*>> marks;
    std::vector<std::tuple<std::string, u32, u32>> symbols;
    for (FunctionText& one : functions) {
      const u32 begin = static_cast<u32>(bytes.size());
      if (begins.size() == 5) begins["camlB__begins"] = begin;
      begins[one.name] = begin;
      if (one.code.size() % 2 != 0) one.op(0xbf00);
      const u32 literals = begin + 2 * static_cast<u32>(one.code.size());
      literals_[one.name] = literals;
      for (u32 i = 0; i < one.loads.size(); i++) {
        const u32 place = begin + 2 * static_cast<u32>(one.loads[i].first);
        const u32 literal = literals + 4 * i;
        one.code[one.loads[i].first] |= static_cast<u16>((literal - ((place + 4) & ~3u)) / 4);
        relocations.emplace_back(literal, one.loads[i].second, R_ARM_ABS32);
      }
      const u32 distances = literals + 4 * static_cast<u32>(one.loads.size());
      for (u32 i = 0; i < one.handlers.size(); i++) {
        const u32 place = begin + 2 * static_cast<u32>(one.handlers[i]);
        one.code[one.handlers[i] + 1] |= static_cast<u16>(distances + 4 * i - ((place + 4) & ~3u));
      }
      for (const auto& [place, name, type] : one.calls)
        relocations.emplace_back(begin + static_cast<u32>(place), name, type);
      marks.emplace_back(begin, "$t");
      for (const auto& [place, mark] : one.marks)
        marks.emplace_back(begin + static_cast<u32>(place), mark);
      if (!one.loads.empty() || !one.handlers.empty()) marks.emplace_back(literals, "$d");
      bytes += halfwords(one.code) + std::string(4 * one.loads.size(), '\0');
      bytes += std::string(4 * one.handlers.size(), '\xff');  // -1, with the bit of Thumb
      symbols.emplace_back(one.name, begin, static_cast<u32>(bytes.size()) - begin);
    }
    text_size = static_cast<u32>(bytes.size());
    const u32 section =
        elf.section({.name = ".text", .flags = SHF_ALLOC | SHF_EXECINSTR, .contents = bytes});
    for (const auto& [place, mark] : marks) elf.define_local(mark, section, place);
    for (const auto& [name, begin, size] : symbols)
      elf.define(name, section, {.value = begin + 1, .size = size, .type = STT_FUNC});
    for (const auto& [place, name, type] : relocations)
      elf.relocate(section, place, type, elf.refer(name));
    return section;
  }

  // `begin` of A: caml_program, the start-up code, is taken for a part of it.
  void add_unit(const std::string& letter, u32 begin, u32 end) {
    const std::string unit = "caml" + letter;
    elf.define(unit + "__code_begin", text, {.value = letter == "A" ? 0 : begin});
    elf.define(unit + "__code_end", text, {.value = end});
    const u32 fields = 3;
    const u32 data = elf.data(".data." + unit, words({fields << 10 | 3 << 8, 1, 1, 1}));
    elf.define(unit, data, {.value = 4});
    const u32 list = elf.data(".data." + unit + "__gc_roots", words({0, 0}));
    elf.define(unit + "__gc_roots", list);
    refer(list, 0, unit);
    const u32 table = elf.data(".data." + unit + "__frametable", words({0, 0}));
    elf.define(unit + "__frametable", table, {.size = 8, .type = STT_OBJECT});
    if (letter == "B" && !returns_to_data.empty()) {
      const u32 place = literals_.at(returns_to_data);
      elf.relocate(table, 4, R_ARM_ABS32, elf.define_local(".L100", text, place | 1, STT_FUNC));
    }
  }

  void add_runtime() {
    const u32 section =
        elf.section({.name = ".text.runtime",
                     .flags = SHF_ALLOC | SHF_EXECINSTR,
                     .contents = halfwords({0x4770, 0xbf00, 0x4770, 0xbf00, 0x4770, 0xbf00})});
    elf.define_local("$t", section);
    elf.define("caml_system__code_begin", section);
    elf.define("caml_system__code_end", section, {.value = 12});
    elf.define("caml_alloc1", section, {.value = 9, .size = 4, .type = STT_FUNC});
    elf.define("caml_c_call", section, {.value = 1, .size = 4, .type = STT_FUNC});
    elf.define("caml_raise_exn", section, {.value = 5, .size = 4, .type = STT_FUNC});
  }

  std::map<std::string, u32> begins;
  std::map<std::string, u32> literals_;
  u32 text_size = 0;
};

// To be made once the world is complete.
class ModuleResult {
 public:
  explicit ModuleResult(ModuleWorld& world, const std::vector<std::string>& roots = {})
      : linked_((world.finish(), world.elf)),
        atoms_(cut_sections(linked_.program(), linked_.plain(), {})),
        ocaml(follow_ocaml(linked_.program(), atoms_)) {
    ClauseOptions options;
    options.ocaml = ocaml.empty() ? nullptr : &ocaml;
    std::vector<std::string> names = roots;
    names.insert(names.end(), {"caml_program", "caml_oldify_local_roots"});
    for (const std::string& name : names)
      options.root_symbols.push_back({symbol(name), ClauseKind::kEntry});
    for (const std::string& name : world.used_by_script)
      options.script_definitions.push_back({kNoSymbol, {symbol(name)}});
    graph_ = collect_clauses(linked_.program(), atoms_, options);
    reach_ = reach(graph_);
  }

  bool is_live(const std::string& name) const {
    const Symbol& one = linked_.program().symbols[symbol(name)];
    return reach_.live(atoms_.at(one.section, one.value & ~u64{1}));
  }
  // The numbers of the functions of camlA that are.
  std::string live() const {
    std::string numbers;
    for (const char k : {'0', '1', '2'})
      if (is_live(std::string("camlA__f") + k)) numbers += k;
    return numbers;
  }
  std::string refusals() const {
    std::string text;
    for (const OcamlRefusal& refusal : ocaml.refusals) text += refusal.why + '\n';
    return text;
  }
  u64 cleared() const { return dead_names(linked_.program(), atoms_, reach_, ocaml).size(); }

  const LinkedObject& linked() const { return linked_; }
  const Atoms& atoms() const { return atoms_; }
  const Reach& live_atoms() const { return reach_; }

 private:
  SymbolId symbol(const std::string& name) const {
    const SymbolId id = linked_.program().symbols.find(name);
    EXPECT_NE(id, kNoSymbol) << name;
    return id;
  }

  LinkedObject linked_;
  Atoms atoms_;

 public:
  OcamlClauses ocaml;

 private:
  Graph graph_;
  Reach reach_;
};

}  // namespace fwseal
