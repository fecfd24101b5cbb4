// Bytes by package and unit.
#include "report/packages.h"

#include <gtest/gtest.h>

#include "tests/unit/report/record_world.h"

namespace fwseal {
namespace {

std::string text_of(RecordWorld& world, u64 top = 10) {
  const AtomIndex atoms(world.build());
  return packages_text(atoms, measure_packages(atoms), top);
}

constexpr std::string_view kNothingOfTheRest = "bytes, without padding and merged strings\n";

TEST(Packages, ArchivesAndObjects) {
  RecordWorld world;
  fill(world);
  EXPECT_EQ(text_of(world), cat("     FLASH       RAM  package, unit\n"
                                "       120         0  (objects)\n"
                                "       120         0    app.o\n"
                                "        72        12  libx.a\n"
                                "        72        12    g.o\n",
                                kNothingOfTheRest));
}

TEST(Packages, TheRestIsWhatIsInUse) {
  RecordWorld world;
  fill(world);
  world.graph.used = {300, 12};
  const std::string text = text_of(world);
  EXPECT_NE(text.find("       108         0  (padding, merged strings, veneers)\n"
                      "       300        12  in use\n"),
            std::string::npos)
      << text;
}

// A record may say anything.
TEST(Packages, LessInUseThanThereIs) {
  RecordWorld world;
  fill(world);
  world.graph.used = {1, 1};
  EXPECT_NE(text_of(world).find("         0         0  (padding"), std::string::npos);
}

TEST(Packages, ManyUnits) {
  RecordWorld world;
  for (u32 i = 0; i < 5; i++) {
    world.object("libx.a", "m" + std::to_string(i) + ".o");
    world.atom(".text", 10 * (i + 1));
  }
  EXPECT_EQ(text_of(world, 3), cat("     FLASH  package, unit\n"
                                   "       150  libx.a\n"
                                   "        50    m4.o\n"
                                   "        40    m3.o\n"
                                   "        30    m2.o\n"
                                   "        30    2 more\n",
                                   kNothingOfTheRest));
  // One row for one more would say less than its name.
  EXPECT_EQ(text_of(world, 4).find("more"), std::string::npos);
  EXPECT_NE(text_of(world, 0).find("       150    5 more\n"), std::string::npos);
}

TEST(Packages, ArchivesOfOneName) {
  RecordWorld world;
  world.object("a/libx.a", "m.o");
  world.atom(".text", 8);
  world.object("b/libx.a", "m.o");
  world.atom(".text", 4);
  const AtomIndex atoms(world.build());
  const Packages packages = measure_packages(atoms);
  ASSERT_EQ(packages.rows.size(), 2u);
  EXPECT_EQ(packages.rows[0].path, "a/libx.a");
  EXPECT_EQ(packages.rows[1].path, "b/libx.a");
}

// In one object: by symbols, by sections, and what is of none.
TEST(Packages, UnitsOfOcaml) {
  RecordWorld world;
  world.object("fw.o");
  world.atom(".text", 100, "camlStdlib__List__map_236");
  world.atom(".text", 50, "camlStdlib__List__entry");
  world.atom(".text", 20, "camlStdlib__Map__Make_1146");
  world.atom(".text", 10, "camlStdlib__Map__entry");
  world.atom(".text", 9, "camlCamlinternalOO__entry");
  world.atom(".data.rel.ro.camlFw", 8);
  world.atom(".text", 7, "camlFw__entry");
  world.atom(".text", 6, "caml_curry2");
  EXPECT_EQ(text_of(world), cat("     FLASH  package, unit\n"
                                "       189  Stdlib\n"
                                "       150    Stdlib.List\n"
                                "        30    Stdlib.Map\n"
                                "         9    CamlinternalOO\n"
                                "        15  Fw\n"
                                "         6  (objects)\n"
                                "         6    fw.o\n",
                                kNothingOfTheRest));
}

TEST(Packages, UnitsOfOcamlInArchives) {
  RecordWorld world;
  world.object("stdlib.a", "stdlib__List.o");
  world.atom(".text", 100, "camlStdlib__List__entry");
  world.atom(".rodata", 4);
  EXPECT_EQ(text_of(world), cat("     FLASH  package, unit\n"
                                "       104  stdlib.a\n"
                                "       104    Stdlib.List\n",
                                kNothingOfTheRest));
}

TEST(Packages, NothingAtAll) {
  RecordWorld world;
  EXPECT_EQ(text_of(world), "nothing in the record takes memory\n");
}

TEST(Packages, AsJson) {
  RecordWorld world;
  world.object("lib/libx.a", "g.o");
  world.atom(".data.x", 8, "x", RecordWorld::kData);
  world.graph.used = {8, 8};
  const AtomIndex atoms(world.build());
  EXPECT_EQ(packages_json(atoms, measure_packages(atoms)), R"({
  "schema": "fwseal.packages/1",
  "packages": [
    {
      "name": "libx.a",
      "archive": "lib/libx.a",
      "bytes": {
        "FLASH": 8,
        "RAM": 8
      },
      "units": [
        {
          "name": "g.o",
          "bytes": {
            "FLASH": 8,
            "RAM": 8
          }
        }
      ]
    }
  ],
  "rest": {},
  "used": {
    "FLASH": 8,
    "RAM": 8
  }
}
)");
}

}  // namespace
}  // namespace fwseal
