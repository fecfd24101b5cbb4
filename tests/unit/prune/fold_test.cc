// What may be folded and, first of all, what may not.
#include "prune/fold.h"

#include <gtest/gtest.h>

#include <map>

#include "prune/fold_uses.h"
#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = std::vector<std::string>;

constexpr u16 kMov7 = 0x2007;  // MOVS r0, #7
constexpr u16 kBlFirst = 0xf7ff, kBlSecond = 0xfffe;

// A program of functions called a, b, ..., each in a section of its own, and constants.
class FoldProgram : public CutWorld {
 public:
  u32 function(const std::string& name, const std::vector<u16>& code, u32 alignment = 4,
               const std::string& mark = "$t") {
    const u32 section = elf.section({.name = ".text." + name,
                                     .flags = SHF_ALLOC | SHF_EXECINSTR,
                                     .contents = halfwords(code),
                                     .alignment = alignment});
    elf.define_local(mark, section, 0);
    symbols[name] =
        elf.define(name, section, {.value = 1, .size = size_of(code), .type = STT_FUNC});
    return sections[name] = section;
  }
  // One that refers to something by a word behind its code.
  u32 function_with_word(const std::string& name, u32 symbol, u32 addend = 0) {
    const u32 section = function(name, {kMov7, kReturn, static_cast<u16>(addend), 0});
    elf.relocate(section, 4, R_ARM_ABS32, symbol);
    return section;
  }
  // One that calls something.
  u32 caller(const std::string& name, u32 callee) {
    const u32 section = function(name, {0xb510, kBlFirst, kBlSecond, 0xbd10});
    elf.relocate(section, 2, R_ARM_THM_PC22, callee);
    return section;
  }
  u32 constants(const std::string& name, const std::vector<u32>& values, bool named = true) {
    const u32 section = elf.data(".rodata." + name, words(values), SHF_ALLOC);
    symbols[name] =
        named ? elf.define(name, section,
                           {.size = static_cast<u32>(4 * values.size()), .type = STT_OBJECT})
              : elf.section_symbol(section);
    return sections[name] = section;
  }
  // The root; it calls these, and takes the addresses of those.
  void start(const List& called, const List& taken = {}) {
    std::vector<u16> code;
    for (u64 i = 0; i < called.size(); i++) code.insert(code.end(), {kBlFirst, kBlSecond});
    code.push_back(kReturn);
    const u32 section = function("_start", code);
    if (names_locals) elf.define_local("local", section, 1, STT_FUNC);
    for (u32 i = 0; i < called.size(); i++)
      elf.relocate(section, 4 * i, R_ARM_THM_PC22, symbols.at(called[i]));
    if (taken.empty()) return;
    std::vector<u32> addresses;
    for (const std::string& name : taken) addresses.push_back(symbols.at(name));
    table = add_slots(elf, ".data.table", addresses);
    elf.relocate(section, 4 * static_cast<u32>(called.size()), R_ARM_NONE,
                 elf.section_symbol(table));
  }
  u32 unwind(const std::string& function, u32 word, u32 description = 0) {
    const u32 row = elf.section({.name = ".ARM.exidx." + function,
                                 .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                 .contents = words({0, word}),
                                 .type = SHT_ARM_EXIDX,
                                 .link = sections.at(function)});
    elf.relocate(row, 0, R_ARM_PREL31, elf.section_symbol(sections.at(function)));
    if (description != 0) elf.relocate(row, 4, R_ARM_PREL31, elf.section_symbol(description));
    return row;
  }
  u32 description(const std::string& name, u32 word) {
    return elf.section({.name = ".ARM.extab." + name, .contents = words({word})});
  }

  std::map<std::string, u32> symbols;
  std::map<std::string, u32> sections;
  u32 table = 0;
  bool names_locals = true;

 private:
  static u32 size_of(const std::vector<u16>& code) { return static_cast<u32>(2 * code.size()); }
};

struct FoldCase {
  bool all = false;   // fold = "all"
  bool jumps = true;  // the machine has a wide jump
  List apart = {};    // functions in another output section
  u64 reach = 4096;
  List gaps = {};  // functions from whose middle something goes
};

// "b into a: called" for each copy.
class Folded {
 public:
  explicit Folded(const FoldProgram& world, const FoldCase& how = {})
      : world_(world),
        linked_(world.elf, features(how.jumps)),
        atoms_(cut_sections(linked_.program(), linked_.plain())) {
    const Program& program = linked_.program();
    cut_unwind_tables(program, atoms_);
    ClauseOptions options;
    options.root_symbols.push_back({program.symbols.find("_start"), ClauseKind::kEntry});
    const Graph graph = collect_clauses(program, atoms_, options);
    live_ = reach(graph);
    for (u32 i = 0; i < program.inputs.sections.size(); i++)
      plan.kept.push_back(atoms_.any_live(live_, SectionId{i}));
    remove_dead_pieces(program, atoms_, live_, {}, {}, plan);
    for (const std::string& name : how.gaps)
      plan.references[index(section(name))].push_back({.place = 0, .target = 2});
    std::vector<u32> groups(program.inputs.sections.size(), 1);
    for (const std::string& name : how.apart) groups[index(section(name))] = 2;
    const MergedStrings merged;
    const FoldWorld fold_world{program, atoms_, live_, merged, plan, groups, linked_.plain()};
    std::vector<Fold> found =
        find_folds(fold_world, named_atoms(graph, atoms_), how.reach, {how.all});
    leave_out_folded(program, atoms_, live_, std::move(found), plan);
  }

  List text() const {
    constexpr const char* kProofs[] = {"called", "unnamed", "jump", "assumed"};
    List list;
    for (const Fold& fold : plan.folds.all())
      list.push_back(cat(name_at(fold.section, fold.begin), " into ",
                         name_at(fold.into, fold.into_begin), ": ",
                         kProofs[static_cast<u32>(fold.proof)]));
    return list;
  }
  SectionId section(const std::string& name) const {
    return linked_.section(world_.sections.at(name));
  }
  SectionId section(u32 handle) const { return linked_.section(handle); }

  Plan plan;

 private:
  static ArmFeatures features(bool jumps) {
    ArmFeatures features;
    features.has_thumb2 = jumps;
    return features;
  }
  std::string name_at(SectionId id, u64 offset) const {
    for (const Symbol& symbol : linked_.program().symbols.symbols)
      if (symbol.section == id && (symbol.value & ~u64{1}) == offset)
        return std::string(symbol.name);
    const std::string name(linked_.program().inputs[id].name);
    return offset == 0 ? name : cat(name, '+', offset);
  }

  const FoldProgram& world_;
  LinkedObject linked_;
  Atoms atoms_;
  Reach live_;
};

const std::vector<u16> kSeven{kMov7, kNop, kNop, kReturn};

// ---- What is called only

TEST(Fold, CopiesThatAreOnlyCalled) {
  FoldProgram p;
  for (const char* const name : {"a", "b", "c"}) p.function(name, kSeven);
  p.function("other", {kMov7, kNop, kReturn, kReturn});
  p.start({"a", "b", "c", "other"});
  const Folded folded(p);
  EXPECT_EQ(folded.text(), (List{"b into a: called", "c into a: called"}));
  EXPECT_TRUE(folded.plan.keeps(folded.section("a")));
  EXPECT_FALSE(folded.plan.keeps(folded.section("b")));
  const Folds::Place place = folded.plan.folds.resolve(folded.section("c"), 2);
  EXPECT_EQ(place.section, folded.section("a"));
  EXPECT_EQ(place.offset + place.beyond, 2u);
}

TEST(Fold, WhatIsDeadTakesNoPart) {
  FoldProgram p;
  for (const char* const name : {"a", "b"}) p.function(name, kSeven);
  p.start({"b"});
  EXPECT_EQ(Folded(p).text(), List());
}

// The image does not hold what the input says.
TEST(Fold, WhatHasGapsTakesNoPart) {
  for (const std::string name : {"a", "b", "c"}) {
    FoldProgram p;
    for (const char* const each : {"a", "b", "c"}) p.function(each, kSeven);
    p.start({"a", "b", "c"});
    const List others = name == "a"   ? List{"c into b: called"}
                        : name == "b" ? List{"c into a: called"}
                                      : List{"b into a: called"};
    EXPECT_EQ(Folded(p, {.gaps = {name}}).text(), others) << name;
  }
}

TEST(Fold, CallersOfCopiesAreCopies) {
  FoldProgram p;
  const char* const names[] = {"a", "b"};
  for (const std::string name : names) p.function(name, kSeven);
  for (const std::string name : names) p.caller("call_" + name, p.symbols.at(name));
  p.start({"a", "b", "call_a", "call_b"});
  EXPECT_EQ(Folded(p).text(), (List{"b into a: called", "call_b into call_a: called"}));
}

TEST(Fold, CallersOfDifferentLeavesAreNone) {
  FoldProgram p;
  p.function("a", kSeven);
  p.function("b", {kMov7, kNop, kReturn, kReturn});
  p.caller("call_a", p.symbols.at("a"));
  p.caller("call_b", p.symbols.at("b"));
  p.start({"call_a", "call_b"});
  EXPECT_EQ(Folded(p).text(), List());
}

TEST(Fold, CopiesThatCallEachOther) {
  FoldProgram p;
  // even calls odd, and odd calls even, twice.
  std::map<std::string, u32> sections;
  for (const std::string name : {"even1", "odd1", "even2", "odd2"})
    sections[name] = p.function(
        name, {name[0] == 'e' ? u16{0xb510} : u16{0xb5f0}, kBlFirst, kBlSecond, kReturn});
  const std::pair<const char*, const char*> calls[] = {
      {"even1", "odd1"}, {"odd1", "even1"}, {"even2", "odd2"}, {"odd2", "even2"}};
  for (const auto& [from, to] : calls)
    p.elf.relocate(sections[from], 2, R_ARM_THM_PC22, p.symbols.at(to));
  p.start({"even1", "even2"});
  EXPECT_EQ(Folded(p).text(), (List{"even2 into even1: called", "odd2 into odd1: called"}));
}

// ---- What makes a difference

TEST(Fold, AddendsOfRelocationsCount) {
  FoldProgram p;
  p.constants("table", {1, 2, 3});
  p.function_with_word("a", p.symbols.at("table"), 0);
  p.function_with_word("b", p.symbols.at("table"), 4);
  p.function_with_word("c", p.symbols.at("table"), 0);
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p).text(), List{"c into a: called"});
  EXPECT_EQ(Folded(p, {.all = true}).text(), List{"c into a: called"});
}

TEST(Fold, TargetsOfRelocationsCount) {
  FoldProgram p;
  p.constants("one", {1});
  p.constants("two", {2});
  p.function_with_word("a", p.symbols.at("one"));
  p.function_with_word("b", p.symbols.at("two"));
  p.start({"a", "b"});
  EXPECT_EQ(Folded(p, {.all = true}).text(), List());
}

TEST(Fold, OfTwoWhoGiveAwayAnAddressTheAddressCounts) {
  FoldProgram p;
  p.constants("one", {1});
  p.constants("same", {1});
  p.function_with_word("a", p.symbols.at("one"));
  p.function_with_word("b", p.symbols.at("same"));
  p.start({"a", "b"});
  EXPECT_EQ(Folded(p).text(), List());
  EXPECT_EQ(Folded(p, {.all = true}).text(), (List{"same into one: assumed", "b into a: called"}));
}

TEST(Fold, OfTwoWhoGiveAwayAFunctionItIsTheSameForGood) {
  FoldProgram p;
  for (const char* const name : {"f", "g"}) p.function(name, kSeven);
  p.function_with_word("a", p.symbols.at("f"));
  p.function_with_word("b", p.symbols.at("g"));
  p.function_with_word("c", p.symbols.at("f"));
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p).text(), (List{"g into f: jump", "c into a: called"}));
}

TEST(Fold, HowATargetIsNamedDoesNotCount) {
  FoldProgram p;
  const u32 data = p.elf.data(".bss.two", words({0, 0}));
  p.symbols["second"] = p.elf.define("second", data, {.value = 4, .size = 4, .type = STT_OBJECT});
  p.function_with_word("a", p.symbols.at("second"), 0);
  p.function_with_word("b", p.elf.section_symbol(data), 4);
  p.function_with_word("c", p.elf.section_symbol(data), 0);
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p).text(), List{"b into a: called"});
}

TEST(Fold, InstructionSetsCount) {
  FoldProgram p;
  p.function("a", kSeven, 4, "$t");
  p.function("b", kSeven, 4, "$a");
  p.function("c", kSeven, 4, "$d");
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p, {.all = true}).text(), List());
}

TEST(Fold, NoCodeOfWhichNothingTellsTheInstructionSet) {
  FoldProgram p;
  for (const char* const name : {"a", "b"}) p.function(name, kSeven, 4, "unmarked");
  p.start({"a", "b"});
  EXPECT_EQ(Folded(p, {.all = true}).text(), List());
}

TEST(Fold, OutputSectionsCount) {
  FoldProgram p;
  for (const char* const name : {"a", "ram", "b"}) p.function(name, kSeven);
  p.start({"a", "ram", "b"});
  EXPECT_EQ(Folded(p, {.all = true, .apart = {"ram"}}).text(), List{"b into a: called"});
}

TEST(Fold, AlignmentCounts) {
  FoldProgram p;
  p.function("a", kSeven, 2);
  p.function("b", kSeven, 4);
  p.function("c", kSeven, 8);
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p, {.all = true}).text(), List());
}

TEST(Fold, NamesOfSectionsCount) {
  FoldProgram p;
  p.function("a", kSeven);
  for (const std::string name : {"b", "c"}) {
    const u32 section = p.elf.section({.name = ".init." + name,
                                       .flags = SHF_ALLOC | SHF_EXECINSTR,
                                       .contents = halfwords(kSeven)});
    p.symbols[name] = p.elf.define(name, section, {.value = 1, .size = 8, .type = STT_FUNC});
  }
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p, {.all = true}).text(), List());
}

TEST(Fold, RowsOfUnwindingCount) {
  FoldProgram p;
  for (const char* const name : {"a", "b", "c", "none"}) p.function(name, kSeven);
  p.unwind("a", 0x80b0'b0b0);
  p.unwind("b", 0x80a8'b0b0);
  const u32 row = p.unwind("c", 0x80b0'b0b0);
  p.start({"a", "b", "c", "none"});
  const Folded folded(p);
  EXPECT_EQ(folded.text(), List{"c into a: called"});
  EXPECT_FALSE(folded.plan.keeps(folded.section(row)));
}

TEST(Fold, DescriptionsOfUnwindingCount) {
  FoldProgram p;
  for (const char* const name : {"a", "b", "c"}) p.function(name, kSeven);
  p.unwind("a", 0, p.description("a", 1));
  p.unwind("b", 0, p.description("b", 2));
  p.unwind("c", 0, p.description("c", 1));
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p).text(),
            (List{"c into a: called", ".ARM.extab.c into .ARM.extab.a: unnamed"}));
}

// Copies in one section, with a row each, and behind them a function with or without one.
EditList rows_of_copies(bool third_has_row) {
  FoldProgram p;
  std::vector<u16> code;
  for (int i = 0; i < 2; i++) code.insert(code.end(), kSeven.begin(), kSeven.end());
  code.insert(code.end(), {kNop, kMov7, kNop, kReturn});
  const u32 text = p.code(code, {{"a", 0, 8}, {"b", 8, 8}, {"c", 16, 8}});
  for (const char* const name : {"a", "b", "c"}) p.symbols[name] = p.elf.refer(name);
  p.sections["a"] = text;
  std::vector<u32> rows{0, 0x80b0'b0b0, 8, 0x80b0'b0b0};
  if (third_has_row) rows.insert(rows.end(), {16, 0x80b0'b0b0});
  const u32 table = p.elf.section({.name = ".ARM.exidx",
                                   .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                   .contents = words(rows),
                                   .type = SHT_ARM_EXIDX,
                                   .link = text});
  for (u32 i = 0; i < rows.size() / 2; i++)
    p.elf.relocate(table, 8 * i, R_ARM_PREL31, p.elf.section_symbol(text));
  p.start({"a", "b", "c"});
  const Folded folded(p);
  EXPECT_EQ(folded.text(), List{"b into a: called"});
  return folded.plan.edits[index(folded.section(table))];
}

TEST(Fold, RowsOfCopiesGo) {
  const EditList edits = rows_of_copies(true);
  EXPECT_EQ(edits.growth(), -8);
  EXPECT_TRUE(edits.removes(8));
}

TEST(Fold, ARowStaysForWhatStandsBehindACopy) { EXPECT_TRUE(rows_of_copies(false).empty()); }

// ---- Addresses that are taken

TEST(Fold, AJumpKeepsAnAddressThatIsTaken) {
  FoldProgram p;
  for (const char* const name : {"a", "b", "c"}) p.function(name, kSeven);
  p.start({"a"}, {"b", "c"});
  // b stays whole, since an address that is not taken costs nothing.
  const Folded folded(p);
  EXPECT_EQ(folded.text(), (List{"a into b: called", "c into b: jump"}));
  EXPECT_TRUE(folded.plan.keeps(folded.section("c")));
  EXPECT_EQ(folded.plan.edits[index(folded.section("c"))].growth(), -4);
  EXPECT_EQ(folded.plan.folds.find(folded.section("c"), 0), nullptr);
  EXPECT_TRUE(folded.plan.folds.is_jump(folded.section("c"), 2));
  EXPECT_FALSE(folded.plan.folds.is_jump(folded.section("c"), 4));
  EXPECT_EQ(Folded(p, {.all = true}).text(), (List{"b into a: assumed", "c into a: assumed"}));
}

TEST(Fold, NoJumpWhereItCannotBe) {
  FoldProgram p;
  for (const char* const name : {"a", "b"}) p.function(name, kSeven);
  for (const char* const name : {"small1", "small2"}) p.function(name, {kMov7, kReturn});
  p.start({}, {"a", "b", "small1", "small2"});
  EXPECT_EQ(Folded(p).text(), List{"b into a: jump"});
  EXPECT_EQ(Folded(p, {.jumps = false}).text(), List());          // Armv6-M
  EXPECT_EQ(Folded(p, {.reach = u64{16} << 20}).text(), List());  // too far away
}

TEST(Fold, NoJumpWhereSomethingRefersToTheInside) {
  FoldProgram p;
  for (const char* const name : {"a", "b"}) p.function(name, kSeven);
  p.start({}, {"a", "b"});
  const u32 label = p.elf.data(".data.label", words({2}));
  p.elf.relocate(label, 0, R_ARM_ABS32, p.symbols.at("b"));
  p.elf.relocate(p.table, 0, R_ARM_NONE, p.elf.section_symbol(label));
  EXPECT_EQ(Folded(p).text(), List{"a into b: jump"});
  p.elf.relocate(label, 0, R_ARM_ABS32, p.symbols.at("a"));
  EXPECT_EQ(Folded(p).text(), List());
}

TEST(Fold, WhatTheScriptNamesStays) {
  FoldProgram p;
  for (const char* const name : {"a", "b"}) p.function(name, {kBlFirst, kBlSecond, kReturn, kNop});
  p.function("_start", {kBlFirst, kBlSecond, kReturn, kNop});
  for (const char* const name : {"a", "b", "_start"})
    p.elf.relocate(p.sections.at(name), 0, R_ARM_THM_PC22,
                   p.symbols.at(name == std::string("a") ? "b" : "a"));
  // All three are equal; _start is the entry.
  EXPECT_EQ(Folded(p, {.all = true}).text(),
            (List{"a into _start: called", "b into _start: called"}));
}

TEST(Fold, AShortReferenceHoldsItsTarget) {
  FoldProgram p;
  for (const char* const name : {"a", "b"}) p.function(name, kSeven);
  p.start({"a", "b"});
  const u32 near = p.function("near", {0xe7fe});
  p.elf.relocate(near, 0, R_ARM_THM_PC11, p.symbols.at("b"));  // B, 2 KiB
  p.elf.relocate(p.sections.at("_start"), 0, R_ARM_NONE, p.elf.section_symbol(near));
  EXPECT_EQ(Folded(p).text(), List{"a into b: called"});
}

// ---- Constants

TEST(Fold, ConstantsOnlyWithoutName) {
  FoldProgram p;
  p.constants("a", {1, 2});
  p.constants("b", {1, 2});
  p.constants("x", {3, 4}, false);
  p.constants("y", {3, 4}, false);
  p.start({}, {"a", "b", "x", "y"});
  EXPECT_EQ(Folded(p).text(), List{".rodata.y into .rodata.x: unnamed"});
  EXPECT_EQ(Folded(p, {.all = true}).text(),
            (List{"b into a: assumed", ".rodata.y into .rodata.x: unnamed"}));
}

TEST(Fold, NoConstantsWhereLocalNamesWereStripped) {
  FoldProgram p;
  p.names_locals = false;
  p.constants("x", {3, 4}, false);
  p.constants("y", {3, 4}, false);
  p.start({}, {"x", "y"});
  EXPECT_EQ(Folded(p).text(), List());
  EXPECT_EQ(Folded(p, {.all = true}).text(), List{".rodata.y into .rodata.x: assumed"});
}

TEST(Fold, NoVariables) {
  FoldProgram p;
  for (const std::string name : {"a", "b"})
    p.symbols[name] = p.elf.section_symbol(p.elf.data(".data." + name, words({1})));
  p.start({}, {"a", "b"});
  EXPECT_EQ(Folded(p, {.all = true}).text(), List());
}

// ---- Pieces of sections

TEST(Fold, PiecesOfACutSection) {
  FoldProgram p;
  std::vector<u16> code;
  for (int i = 0; i < 3; i++) code.insert(code.end(), kSeven.begin(), kSeven.end());
  const u32 text = p.code(code, {{"a", 0, 8}, {"b", 8, 8}, {"c", 16, 8}});
  for (const char* const name : {"a", "b", "c"}) {
    p.sections[name] = text;
    p.symbols[name] = p.elf.refer(name);
  }
  p.start({"a", "b", "c"});
  const Folded folded(p);
  EXPECT_EQ(folded.text(), (List{"b into a: called", "c into a: called"}));
  EXPECT_EQ(folded.plan.edits[index(folded.section(text))].growth(), -16);
}

TEST(Fold, AFunctionThatRunsIntoAnotherHoldsIt) {
  FoldProgram p;
  // b runs into c, which is a copy of a.
  const u32 text = p.code({kMov7, kReturn, kMov7, kMov7, kMov7, kReturn},
                          {{"a", 0, 4}, {"b", 4, 4}, {"c", 8, 4}});
  for (const char* const name : {"a", "b", "c"}) p.symbols[name] = p.elf.refer(name);
  p.sections["a"] = text;
  p.start({"a", "b", "c"});
  EXPECT_EQ(Folded(p).text(), List{"a into c: called"});
}

}  // namespace
}  // namespace fwseal
