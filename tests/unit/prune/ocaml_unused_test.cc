// What goes of the start-up object with units that nobody needs, and what must not.
#include "prune/ocaml_unused.h"

#include "tests/unit/graph/ocaml_module_world.h"

namespace fwseal {
namespace {

// With a table of both units' code. That of camlA has caml_program in it.
struct StartedWorld : ModuleWorld {
  explicit StartedWorld(u32 alignment_ = 4) : ModuleWorld(true) {
    alignment = alignment_;
    function("camlB__entry").finish();
    words_naming("caml_code_segments",
                 {"camlA__code_begin", "camlA__code_end", "camlB__code_begin", "camlB__code_end"});
    words_naming("init_static", {"caml_code_segments"});
  }
};

class Unused {
 public:
  explicit Unused(ModuleWorld& world, const std::vector<std::string>& roots = {"init_static"})
      : result_(world, roots),
        gaps_(find_unused_units(result_.atoms(), result_.live_atoms(), result_.ocaml)) {}

  // "4-8" for each gap in the section of a symbol.
  std::string in(const std::string& name) const {
    const Symbols& symbols = result_.linked().program().symbols;
    std::string text;
    for (const Gap& gap : gaps_)
      if (gap.section == symbols[symbols.find(name)].section)
        text +=
            (text.empty() ? "" : " ") + std::to_string(gap.begin) + "-" + std::to_string(gap.end);
    return text;
  }
  const ModuleResult& result() const { return result_; }
  const std::vector<Gap>& gaps() const { return gaps_; }

 private:
  ModuleResult result_;
  std::vector<Gap> gaps_;
};

// caml_program: SUB, STR.W; at 6 and 18 a call of 4 bytes and what counts in 8.
TEST(OcamlUnused, UnitsThatAreNotStarted) {
  StartedWorld world;
  const Unused unused(world);
  EXPECT_EQ(unused.in("caml_program"), "6-30");
  EXPECT_EQ(unused.in("caml_globals"), "0-8");
  EXPECT_EQ(unused.in("caml_code_segments"), "8-16");
  for (const std::string unit : {"camlA", "camlB"})
    for (const std::string what : {"", "__entry", "__gc_roots"})
      EXPECT_FALSE(unused.result().is_live(unit + what)) << unit << what;
}

TEST(OcamlUnused, OneOfThem) {
  StartedWorld world;
  world.function("camlB__reader").address(1, "camlB").load(0, 1, 0).jump_register(14);
  world.words_naming("closure", {"camlB__reader"});
  const Unused unused(world, {"init_static", "closure"});
  EXPECT_EQ(unused.in("caml_program"), "6-18");
  EXPECT_EQ(unused.in("caml_globals"), "0-4");
  EXPECT_EQ(unused.in("caml_code_segments"), "");
  for (const std::string what : {"", "__entry", "__gc_roots"}) {
    EXPECT_FALSE(unused.result().is_live("camlA" + what)) << what;
    EXPECT_TRUE(unused.result().is_live("camlB" + what)) << what;
  }
}

// Code of a unit is code, whoever calls it.
TEST(OcamlUnused, AFunctionOfAUnitThatIsNotStarted) {
  StartedWorld world;
  world.function("camlB__f").finish();
  world.words_naming("closure", {"camlB__f"});
  const Unused unused(world, {"init_static", "closure"});
  EXPECT_EQ(unused.in("caml_globals"), "0-8");
  EXPECT_EQ(unused.in("caml_code_segments"), "");
}

// Whoever asks for the entry function wants the unit started.
TEST(OcamlUnused, AskedForByItsName) {
  StartedWorld world;
  const Unused unused(world, {"init_static", "camlA__entry"});
  EXPECT_EQ(unused.in("caml_program"), "18-30");
  EXPECT_EQ(unused.in("caml_globals"), "4-8");
  EXPECT_TRUE(unused.result().is_live("camlA__gc_roots"));
}

// Its block stays for the reference, and has nothing that the collector would have to know.
TEST(OcamlUnused, ABlockThatIsOnlyNamed) {
  StartedWorld world;
  world.function("camlB__writer").address(1, "camlA").op(0x2001).store(0, 1, 0).finish();
  world.words_naming("closure", {"camlB__writer"});
  const Unused unused(world, {"init_static", "closure"});
  EXPECT_EQ(unused.in("caml_globals"), "0-8");
  EXPECT_TRUE(unused.result().is_live("camlA"));
}

TEST(OcamlUnused, StartUpCodeThatDoesNotCount) {
  ModuleWorld world;
  world.function("camlB__entry").finish();
  const Unused unused(world, {});
  EXPECT_TRUE(unused.gaps().empty());
  EXPECT_TRUE(unused.result().is_live("camlA__entry"));
}

// Of many units: the jump over literals stays.
TEST(OcamlUnused, StartUpCodeWithLiteralsInTheMiddle) {
  ModuleWorld world(true, true);
  world.function("camlB__entry").finish();
  const Unused unused(world, {});
  EXPECT_EQ(unused.in("caml_program"), "6-18 24-36");
  EXPECT_EQ(unused.in("caml_globals"), "0-8");
}

TEST(OcamlUnused, ATableThatNobodyReads) {
  StartedWorld world;
  const Unused unused(world, {});
  EXPECT_EQ(unused.in("caml_code_segments"), "");
  EXPECT_EQ(unused.in("caml_globals"), "0-8");
}

// What would fill up to the alignment ends the table.
TEST(OcamlUnused, WordsOfTablesThatAreAlignedMore) {
  StartedWorld world(8);
  const Unused unused(world);
  EXPECT_TRUE(unused.gaps().empty());
  EXPECT_TRUE(unused.result().is_live("camlA__entry"));
}

// A script sorted functions by name, and where the unit begins and ends with them.
TEST(OcamlUnused, APairThatSaysNothing) {
  for (const u32 size : {0u, 4u}) {
    ModuleWorld world;
    const u32 text = world.elf.section({.name = ".text.C",
                                        .flags = SHF_ALLOC | SHF_EXECINSTR,
                                        .contents = halfwords({0x4770, 0xbf00})});
    world.elf.define("camlC__code_begin", text);
    world.elf.define("camlC__code_end", text, {.value = size});
    world.c_function("camlC__entry");
    world.function("camlB__entry").finish();
    world.words_naming("caml_code_segments", {"camlC__code_begin", "camlC__code_end"});
    const Unused unused(world, {"caml_code_segments"});
    EXPECT_EQ(unused.in("caml_code_segments"), "") << size;
  }
}

// As Dynlink does, and C code may.
TEST(OcamlUnused, SomebodyReadsHowManyAreStarted) {
  for (const bool is_live : {false, true}) {
    StartedWorld world;
    world.c_function("reader", {"caml_globals_inited"});
    const Unused unused(world, {"init_static", is_live ? "reader" : "init_static"});
    EXPECT_EQ(unused.in("caml_program"), is_live ? "" : "6-30");
    EXPECT_EQ(unused.in("caml_globals"), is_live ? "" : "0-8");
  }
}

TEST(OcamlUnused, AScriptHasAnotherNameForATable) {
  for (const std::string table : {"caml_globals", "caml_globals_inited"}) {
    StartedWorld world;
    world.used_by_script = {table};
    const Unused unused(world);
    EXPECT_EQ(unused.in("caml_globals"), "") << table;
    EXPECT_EQ(unused.result().live(), "012");
  }
}

// Behind the last count: STR r3, [r1] and no return address, or no number for r0.
TEST(OcamlUnused, StartUpCodeThatGoesOnOtherwise) {
  using Change = void (*)(FunctionText&);
  const Change changes[] = {[](FunctionText& program) {
                              program.code[15] = 0x600b;
                              program.code[16] = 0xbf00;
                            },
                            [](FunctionText& program) { program.code[18] = 0xbf00; }};
  for (const Change change : changes) {
    StartedWorld world;
    change(world.functions.front());
    const Unused unused(world);
    EXPECT_EQ(unused.in("caml_program"), "6-18");
    EXPECT_EQ(unused.in("caml_globals"), "0-4");
  }
}

TEST(OcamlUnused, StartUpCodeThatDoesSomethingElse) {
  using Change = void (*)(FunctionText&);
  const Change changes[] = {
      [](FunctionText& program) { program.code[7] = 0x1c93; },  // ADDS r3, r2, #2
      [](FunctionText& program) { program.code[7] = 0x1c5b; },  // ADDS r3, r3, #1
      [](FunctionText& program) { program.code[6] = 0x684a; },  // LDR r2, [r1, #4]
      [](FunctionText& program) { program.code[8] = 0x600a; },  // STR r2, [r1]
      [](FunctionText& program) { program.code[8] = 0x604b; },  // STR r3, [r1, #4]
      [](FunctionText& program) { program.loads[0].second = "camlA__f0"; }};
  for (u64 i = 0; i < std::size(changes); i++) {
    StartedWorld world;
    changes[i](world.functions.front());
    const Unused unused(world);
    EXPECT_EQ(unused.in("caml_program"), "18-30") << i;
    EXPECT_EQ(unused.in("caml_globals"), "4-8");
    EXPECT_TRUE(unused.result().is_live("camlA__entry"));
  }
}

}  // namespace
}  // namespace fwseal
