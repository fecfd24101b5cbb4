// Copies of one thing in several objects: of groups and linkonce sections the first one is taken.
#include "graph/comdat.h"

#include <gtest/gtest.h>

#include "tests/unit/graph/resolve_world.h"

namespace fwseal {
namespace {

// ELF: a group whose signature was seen before goes; its definitions mean those of the first one.
TEST(Resolve, OfComdatGroupsTheFirstIsTaken) {
  World world;
  for (const std::string path : {"a.o", "b.o"}) {
    ElfBuilder elf;
    const u32 text = elf.text(".text.f");
    const u32 data = elf.data(".data.f", "data");
    elf.define("f", text);
    elf.define("f_data", data);
    elf.group("f", {text, data});
    world.add(path, elf.build());
  }
  world.link("a.o b.o");
  EXPECT_EQ(world.said(), "");
  EXPECT_EQ(world.meaning("f"), "a.o:(.text.f+0x0)");
  const Object& loser = world.inputs.objects[1];
  EXPECT_TRUE(world.inputs[loser.section(2)].excluded);
  EXPECT_TRUE(world.inputs[loser.section(3)].excluded);
  EXPECT_FALSE(world.inputs[world.inputs.objects[0].section(2)].excluded);
  EXPECT_EQ(world.symbols.of(world.inputs, ObjectId{1}, loser.first_global),
            world.symbols.find("f"));
}

TEST(Resolve, PlainGroupsAreAllTaken) {
  World world;
  for (const std::string path : {"a.o", "b.o"}) {
    ElfBuilder elf;
    const u32 text = elf.text(".text.f");
    elf.group("f", {text}, false);
    world.add(path, elf.build());
  }
  world.link("a.o b.o");
  for (const Object& object : world.inputs.objects)
    EXPECT_FALSE(world.inputs[object.section(2)].excluded);
}

// A copy in the old form and one in the new form, in both orders; and copies that differ.
TEST(Resolve, LinkonceSectionsAndGroupsAreCopiesOfEachOther) {
  for (const bool group_first : {false, true})
    for (const bool same : {false, true}) {
      ElfBuilder group;
      const u32 inner = group.text(".text.f");
      group.define_weak("f", inner);
      group.group("f", {inner});
      ElfBuilder once;
      once.define_weak(same ? "f" : "g", once.text(".gnu.linkonce.t.f"));
      World world;
      world.add("a.o", (group_first ? group : once).build());
      world.add("b.o", (group_first ? once : group).build());
      world.link("a.o b.o");
      const Object& second = world.inputs.objects[1];
      EXPECT_EQ(world.inputs[second.section(group_first ? 1 : 2)].excluded, same);
    }
}

TEST(Resolve, OfLinkonceSectionsTheFirstOfEachNameIsTaken) {
  World world;
  for (const std::string path : {"a.o", "b.o"}) {
    ElfBuilder elf;
    elf.text(".gnu.linkonce.t.f");
    elf.text(path == "a.o" ? ".gnu.linkonce.d.f" : ".gnu.linkonce.r.f");
    world.add(path, elf.build());
  }
  world.link("a.o b.o");
  const Object& second = world.inputs.objects[1];
  EXPECT_TRUE(world.inputs[second.section(1)].excluded);
  EXPECT_TRUE(world.inputs[second.section(2)].excluded);  // .r.f belongs to the .t.f that is gone
}

}  // namespace
}  // namespace fwseal
