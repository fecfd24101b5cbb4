#include "report/why.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/report/record_world.h"

namespace fwseal {
namespace {

class WhyTest : public testing::Test {
 protected:
  WhyTest() { fill(world_); }
  std::string ask(std::string_view word, bool all = false) const {
    const AtomIndex atoms(world_.graph);
    const Why why(atoms);
    return why.text(why.ask(word), all);
  }
  RecordWorld world_;
};

TEST_F(WhyTest, PrintsADerivationDownToARoot) {
  EXPECT_EQ(ask("g"),
            "g in lib/libx.a(g.o):(.text.g): 10 bytes in FLASH\n"
            "  named by f(int) at src/app.o:(.text._Z1fi+0x8)\n"
            "  named by main at src/app.o:(.text.main+0x4)\n"
            "  root: the entry symbol\n");
}

TEST_F(WhyTest, NamesEachPremiseOfAConditionalClause) {
  EXPECT_EQ(ask("both"),
            "both in lib/libx.a(g.o):(.bss.both): 4 bytes in RAM\n"
            "  because of all of: g in lib/libx.a(g.o):(.text.g); "
            "table in lib/libx.a(g.o):(.data.table)\n"
            "  g in lib/libx.a(g.o):(.text.g):\n"
            "  named by f(int) at src/app.o:(.text._Z1fi+0x8)\n"
            "  table in lib/libx.a(g.o):(.data.table):\n"
            "  named by f(int) at src/app.o:(.text._Z1fi+0xc)\n"
            "  named by main at src/app.o:(.text.main+0x4)\n"
            "  root: the entry symbol\n");
}

TEST(WhyOcaml, NamesAreShownAsOcamlWritesThemAndAskedForInBothSpellings) {
  RecordWorld world;
  world.object("fw.o");
  const AtomId entry = world.atom(".text", 40, "camlFw__entry");
  const AtomId plus = world.atom(".text", 10, "camlFw__$2b$2b_12");
  const AtomId other = world.atom(".text", 10, "camlFw__$2b$2b_17");
  world.root(entry);
  world.refer(entry, plus, 4);
  world.refer(entry, other, 8);
  const RecordGraph& graph = world.build();
  const auto ask = [&](std::string_view word, bool plain_names) {
    const AtomIndex atoms(graph, plain_names);
    const Why why(atoms);
    return why.text(why.ask(word), false);
  };
  const std::string plain =
      "Fw.(++) in fw.o:(.text): 10 bytes in FLASH\n"
      "  named by Fw (entry) at fw.o:(.text+0x4)\n"
      "  root: the entry symbol\n";
  EXPECT_EQ(ask("camlFw__$2b$2b_12", true), plain);
  EXPECT_EQ(ask("Fw.(++)", true), plain + "and 1 more by this name (--all)\n");
  EXPECT_EQ(ask("Fw.(++)", false),
            "camlFw__$2b$2b_12 in fw.o:(.text): 10 bytes in FLASH\n"
            "  named by camlFw__entry at fw.o:(.text+0x4)\n"
            "  root: the entry symbol\n"
            "and 1 more by this name (--all)\n");
  EXPECT_EQ(ask("Fw.", true), "");
  const AtomIndex atoms(graph);
  EXPECT_EQ(atoms.matching("Fw.*"), (std::vector<AtomId>{plus, other}));
  EXPECT_EQ(atoms.near("(++)"), std::vector<std::string>{"Fw.(++)"});
}

TEST(WhyOcaml, AFunctionIsNotNamedByTheBoundaryOfItsUnit) {
  RecordWorld world;
  world.object("fw.o");
  const AtomId end = world.atom(".text", 40, "camlA__code_end");
  const AtomId first = world.atom(".text", 40, "camlFw__code_begin");
  world.graph.symbols.push_back({index(first), world.text("camlFw__f_12"), 0});
  const AtomId blocks = world.atom(".data", 40, "camlFw__ram_begin");
  world.graph.symbols.push_back({index(blocks), world.text("camlFw"), 4});
  const RecordGraph& graph = world.build();
  const AtomIndex atoms(graph);
  EXPECT_EQ(atoms.name(blocks), "Fw");
  EXPECT_EQ(atoms.name(first), "Fw.f");
  EXPECT_EQ(atoms.name_at(first, 12), "Fw.f");
  EXPECT_EQ(atoms.name(end), "A (code_end)");
}

TEST_F(WhyTest, SaysWhatIsCircular) {
  EXPECT_EQ(ask("f", true),
            "f(int) in src/app.o:(.text._Z1fi): 20 bytes in FLASH\n"
            "  named by main at src/app.o:(.text.main+0x4)\n"
            "  root: the entry symbol\n"
            "all that keeps it:\n"
            "  named by main at src/app.o:(.text.main+0x4)\n"
            "  named by g at lib/libx.a(g.o):(.text.g+0x2), which it keeps itself\n");
}

TEST_F(WhyTest, SaysWhyNot) {
  EXPECT_EQ(ask("dead"),
            "dead in lib/libx.a(g.o):(.text.dead): removed, 50 bytes of the input\n"
            "  nothing refers to it\n");
  EXPECT_EQ(ask(".init_array"),
            "lib/libx.a(g.o):(.init_array): removed, 4 bytes of the input\n"
            "  it has no effect\n"
            "    named by dead at lib/libx.a(g.o):(.text.dead+0x10)\n");
  EXPECT_EQ(ask("__start_x"),
            "__start_x or __stop_x (a proposition, false)\n"
            "  nothing refers to it\n");
}

// Each way to name the same thing.
TEST_F(WhyTest, FindsByAnyName) {
  for (const char* word :
       {"_Z1fi", "f(int)", "f", ".text._Z1fi", "src/app.o:(.text._Z1fi)", "app.o:(.text._Z1fi)",
        "src/app.o:(.text._Z1fi+0x13)", "app.o:(.text._Z1fi+19)"})
    EXPECT_TRUE(ask(word).starts_with("f(int) in src/app.o:(.text._Z1fi): 20")) << word;
  for (const char* word : {"f()", "app.o:(.text._Z1fi+0x14)", "pp.o", "", ":(", ":()", "x:(+)"})
    EXPECT_EQ(ask(word), "") << word;
  EXPECT_TRUE(ask("libx.a(g.o)").ends_with("and 4 more by this name (--all)\n"));
  for (const char* word : {"lib/libx.a(g.o)", "libx.a", "g.o", "lib/libx.a"})
    EXPECT_EQ(ask(word), ask("libx.a(g.o)")) << word;
}

TEST_F(WhyTest, SuggestsNearNames) {
  const AtomIndex atoms(world_.graph);
  EXPECT_EQ(atoms.near("mian"), std::vector<std::string>{"main"});
  EXPECT_EQ(atoms.near("tabel").at(0), "table");
  EXPECT_EQ(atoms.near("something_else_entirely"), std::vector<std::string>());
}

TEST_F(WhyTest, AnswersInJson) {
  const AtomIndex atoms(world_.graph);
  const Why why(atoms);
  const auto json = nlohmann::json::parse(why.json("g", why.ask("g")));
  const auto& answer = json["answers"][0];
  EXPECT_EQ(answer["symbols"][0], "g");
  EXPECT_EQ(answer["live"], true);
  EXPECT_EQ(answer["derivation"].size(), 3u);
  EXPECT_EQ(answer["derivation"][0]["kind"], "reference");
  EXPECT_EQ(answer["derivation"][0]["premises"][0]["symbol"], "f(int)");
  EXPECT_EQ(answer["derivation"][2]["kind"], "entry");
}

// A derivation as long as the record, and more answers than anyone reads.
TEST(WhyLarge, StaysBounded) {
  RecordWorld world;
  world.object("a.o");
  AtomId last = world.atom(".text", 4, "f");
  world.root(last);
  for (u32 i = 0; i < 20'000; i++) {
    const AtomId next = world.atom(".text", 4, "f");
    world.refer(last, next);
    last = next;
  }
  const AtomIndex atoms(world.build());
  const Why why(atoms);
  EXPECT_LE(why.ask("f").size(), 1000u);
  EXPECT_EQ(why.ask("f").front().derivation.size(), 1u);
}

}  // namespace
}  // namespace fwseal
