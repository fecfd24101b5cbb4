// One object, cut, and what of it stays: for tests of where sections are cut and what that removes.
#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "graph/clauses.h"
#include "graph/cut.h"
#include "graph/frame_table.h"
#include "graph/unwind.h"
#include "prune/dead_pieces.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {

// Thumb code.
constexpr u16 kNop = 0xbf00;
constexpr u16 kReturn = 0x4770;  // BX LR

struct Part {
  std::string name;
  u32 begin = 0;
  u32 size = 0;
  u8 binding = STB_GLOBAL;
};

class CutWorld {
 public:
  // What made the object; nothing: an assembler.
  explicit CutWorld(const std::string& compiler = "GCC: (tests) 12.2.1") {
    if (!compiler.empty()) elf.data(".comment", compiler + '\0', 0);
  }

  ElfBuilder elf;

  // A section of Thumb code with functions. `data`: where bytes are data, and where code again.
  u32 code(const std::vector<u16>& instructions, const std::vector<Part>& functions,
           const std::vector<u32>& data = {}, const std::string& name = ".text") {
    const u32 section = elf.section(
        {.name = name, .flags = SHF_ALLOC | SHF_EXECINSTR, .contents = halfwords(instructions)});
    if (data.empty() || data[0] != 0) elf.define_local("$t", section, 0);
    for (u32 i = 0; i < data.size(); i++)
      elf.define_local(i % 2 == 0 ? "$d" : "$t", section, data[i]);
    for (const Part& part : functions)
      elf.define(
          part.name, section,
          {.value = part.begin + 1, .size = part.size, .type = STT_FUNC, .binding = part.binding});
    return section;
  }
  // A section of words with objects.
  u32 objects(const std::string& name, const std::vector<u32>& contents,
              const std::vector<Part>& parts, u32 flags = SHF_ALLOC) {
    const u32 section = elf.data(name, words(contents), flags);
    for (const Part& part : parts)
      elf.define(
          part.name, section,
          {.value = part.begin, .size = part.size, .type = STT_OBJECT, .binding = part.binding});
    return section;
  }
  // Data of its own that refers to places behind a symbol.
  u32 pointers(u32 symbol, const std::vector<u32>& addends, const std::string& name = ".data.p",
               u32 type = R_ARM_ABS32) {
    const u32 section = elf.data(name, words(addends));
    for (u32 i = 0; i < addends.size(); i++) elf.relocate(section, 4 * i, type, symbol);
    return section;
  }
};

// To be made once the world is complete.
class CutResult {
 public:
  // `in_functions`: also where only landing pads lead to.
  explicit CutResult(const CutWorld& world, bool in_functions = false)
      : linked_(world.elf),
        atoms_(cut_sections(linked_.program(), linked_.plain(), pads(in_functions))) {
    cut_unwind_tables(linked_.program(), atoms_);
    cut_frame_tables(linked_.program(), atoms_);
  }

  // Who reads the unwind tables; nothing: they follow their code.
  std::optional<UnwindReaders> readers;
  std::optional<UnwindReaders> frame_readers;
  SymbolId symbol(const std::string& name) { return linked_.program().symbols.find(name); }

  using List = std::vector<u32>;

  // Where the pieces begin; nothing if the section is whole.
  List starts(u32 handle) const {
    List result;
    for (const Piece& piece : atoms_.pieces(linked_.section(handle))) result.push_back(piece.begin);
    return result;
  }

  // Which pieces are live if these symbols and sections are roots, by where they begin.
  List live(u32 handle, std::initializer_list<std::string> symbols,
            std::initializer_list<u32> sections = {}) {
    find_live(symbols, sections);
    const SectionId id = linked_.section(handle);
    List result;
    for (u64 i = 0; i < atoms_.pieces(id).size(); i++)
      if (reach_.live(atoms_.atom_of_piece(id, i))) result.push_back(atoms_.pieces(id)[i].begin);
    return result;
  }

  // Is anything of a section live then?
  bool any_live(u32 handle, std::initializer_list<std::string> symbols) {
    find_live(symbols, {});
    return atoms_.any_live(reach_, linked_.section(handle));
  }

  // What is then taken out.
  EditList edits(u32 handle, std::initializer_list<std::string> symbols,
                 std::initializer_list<u32> sections = {}) {
    const Plan plan = plan_without_dead(symbols, sections);
    return plan.edits.empty() ? EditList() : plan.edits[index(linked_.section(handle))];
  }
  Plan plan_without_dead(std::initializer_list<std::string> symbols,
                         std::initializer_list<u32> sections = {}) {
    find_live(symbols, sections);
    Plan plan;
    for (u32 i = 0; i < linked_.program().inputs.sections.size(); i++)
      plan.kept.push_back(atoms_.any_live(reach_, SectionId{i}));
    remove_dead_pieces(linked_.program(), atoms_, reach_, {}, {}, plan);
    return plan;
  }

  LinkedObject& linked() { return linked_; }
  const Atoms& atoms() const { return atoms_; }
  const Reach& reach() const { return reach_; }

 private:
  void find_live(std::initializer_list<std::string> symbols, std::initializer_list<u32> sections) {
    ClauseOptions options;
    options.unwind_readers = readers;
    options.frame_readers = frame_readers;
    for (const std::string& name : symbols) {
      const SymbolId id = linked_.program().symbols.find(name);
      ASSERT_NE(id, kNoSymbol) << name;
      options.root_symbols.push_back({id, ClauseKind::kUndefined});
    }
    for (const u32 handle : sections)
      options.roots.push_back({linked_.section(handle), ClauseKind::kKeep});
    reach_ = fwseal::reach(collect_clauses(linked_.program(), atoms_, options));
  }

  LandingPads pads(bool wanted) {
    if (!wanted) return {};
    return read_landing_pads(linked_.program(), read_unwind_tables(linked_.program()));
  }

  LinkedObject linked_;
  Atoms atoms_;
  Reach reach_;
};

}  // namespace fwseal
