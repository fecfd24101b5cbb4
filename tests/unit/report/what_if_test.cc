#include "report/what_if.h"

#include <gtest/gtest.h>

#include "report/retained.h"
#include "tests/unit/report/record_world.h"

namespace fwseal {
namespace {

class WhatIfTest : public testing::Test {
 protected:
  WhatIfTest() { fill(world_); }
  // Bytes of FLASH and of RAM that would go.
  std::pair<u64, u64> lost(const WhatIfQuestion& question) const {
    const AtomIndex atoms(world_.graph);
    const WhatIfAnswer answer = what_if(atoms, question);
    EXPECT_EQ(answer.unmatched, std::vector<std::string>());
    EXPECT_EQ(answer.bytes.bytes.at(2), 0u);
    return {answer.bytes.bytes.at(0), answer.bytes.bytes.at(1)};
  }
  RecordWorld world_;
};

using Pair = std::pair<u64, u64>;

// FLASH: main 100, f 20, g 10, table 8 (initial values). RAM: table 8, both 4.
TEST_F(WhatIfTest, CountsByRegion) {
  EXPECT_EQ(lost({.without = {"main"}}), Pair(138, 12));
  EXPECT_EQ(lost({.without = {"f"}}), Pair(38, 12));
  EXPECT_EQ(lost({.without = {"f(*"}}), Pair(38, 12));
  EXPECT_EQ(lost({.without = {".data.*"}}), Pair(8, 12));  // and what needs g and table
  EXPECT_EQ(lost({.without = {"both"}}), Pair(0, 4));
  EXPECT_EQ(lost({.without = {"dead"}}), Pair(0, 0));
  EXPECT_EQ(lost({.without = {"g", "table"}}), Pair(18, 12));
  EXPECT_EQ(lost({.without_object = {"libx.a"}}), Pair(18, 12));
  EXPECT_EQ(lost({.without_object = {"*/app.?"}}), Pair(138, 12));
  EXPECT_EQ(lost({.without_edge = {{"f", "g"}}}), Pair(10, 4));
  EXPECT_EQ(lost({.without_edge = {{"table", "both"}}}), Pair(0, 4));  // a premise of two
  EXPECT_EQ(lost({.without_edge = {{"app.o", "libx.a"}}}), Pair(18, 12));
  EXPECT_EQ(lost({.without_edge = {{"g", "f"}}}), Pair(0, 0));  // main refers to f as well
}

TEST_F(WhatIfTest, SaysWhatMatchesNothing) {
  const AtomIndex atoms(world_.graph);
  EXPECT_EQ(what_if(atoms, {.without = {"x*"}, .without_object = {"y"}}).unmatched,
            (std::vector<std::string>{"x*", "y"}));
  EXPECT_EQ(what_if(atoms, {.without_edge = {{"main", "g"}}}).edges, 0u);
}

TEST_F(WhatIfTest, PrintsTheLargest) {
  const AtomIndex atoms(world_.graph);
  EXPECT_EQ(what_if_text(atoms, what_if(atoms, {.without = {"f"}}), 2),
            "would go: 4 atoms with bytes, without padding\n"
            "        38  bytes of FLASH\n"
            "        12  bytes of RAM\n"
            "the largest of them:\n"
            "        20  f(int) in src/app.o:(.text._Z1fi)\n"
            "        16  table in lib/libx.a(g.o):(.data.table)\n"
            "and 2 more (--top)\n");
  EXPECT_EQ(what_if_text(atoms, what_if(atoms, {.without = {"dead"}}), 2), "nothing would go\n");
}

// Retained is what-if of one thing, whatever way it was found: with the tree, by walks, and with no
// budget for walks beyond the rows that are printed.
TEST_F(WhatIfTest, AgreesWithRetained) {
  const AtomIndex atoms(world_.graph);
  for (const u64 steps : {u64{0}, u64{1'000'000}}) {
    const Retained retained = measure_retained(atoms, 10, steps);
    EXPECT_TRUE(retained.complete);
    ASSERT_EQ(retained.atoms.size(), 5u);
    for (const RetainedRow& row : retained.atoms) {
      const WhatIfAnswer answer = what_if(atoms, {.without = {atoms.section(row.atom)}});
      EXPECT_EQ(row.bytes.bytes, answer.bytes.bytes) << atoms.section(row.atom);
      EXPECT_EQ(row.total, answer.bytes.total());
    }
    EXPECT_EQ(retained.atoms[0].total, 150u);
    ASSERT_EQ(retained.objects.size(), 2u);
    EXPECT_EQ(retained.objects[0].name, "src/app.o");
    EXPECT_EQ(retained.objects[0].total, 150u);
    EXPECT_EQ(retained.objects[0].own, 120u);
    EXPECT_EQ(retained.objects[1].total, 30u);
    ASSERT_EQ(retained.archives.size(), 1u);
    EXPECT_EQ(retained.archives[0].total, 30u);
  }
}

TEST_F(WhatIfTest, RetainedSaysWhenItStopsEarly) {
  const AtomIndex atoms(world_.graph);
  const Retained retained = measure_retained(atoms, 1, 0);
  EXPECT_FALSE(retained.complete);
  ASSERT_EQ(retained.atoms.size(), 1u);
  EXPECT_EQ(retained.atoms[0].total, 150u);
  EXPECT_NE(retained_text(atoms, retained).find("may be missing"), std::string::npos);
}

}  // namespace
}  // namespace fwseal
