#include "graph/ocaml_frames.h"

#include "tests/unit/ocaml_world.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

struct Read {
  std::string refusal;
  u64 descriptors = 0;
  u64 locations = 0;
};

Read read(const ElfBuilder& elf) {
  const LinkedObject object(elf);
  const OcamlFrametables tables = read_ocaml_frametables(object.program());
  Read result;
  if (tables.refusal) result.refusal = tables.refusal->why;
  for (const OcamlFrametable& table : tables.tables) {
    result.descriptors += table.descriptors.size();
    result.locations += table.locations.size();
  }
  EXPECT_EQ(tables.refusal.has_value(), tables.tables.empty());
  return result;
}
Read read(OcamlWorld& world) {
  world.finish();
  return read(world.elf);
}

bool refuses(OcamlWorld& world, std::string_view why) {
  const Read result = read(world);
  EXPECT_NE(result.refusal.find(why), std::string::npos) << result.refusal;
  return !result.refusal.empty();
}

TEST(OcamlFrames, AreNotLookedForWithoutOcaml) {
  ElfBuilder elf;
  elf.text(".text", 8);
  const LinkedObject object(elf);
  EXPECT_FALSE(read_ocaml_frametables(object.program()).present);
}

TEST(OcamlFrames, ReadsATable) {
  OcamlWorld world;
  world.finish();
  const LinkedObject object(world.elf);
  const OcamlFrametables tables = read_ocaml_frametables(object.program());
  ASSERT_TRUE(tables.usable()) << tables.refusal->why;
  ASSERT_EQ(tables.tables.size(), 1u);
  EXPECT_EQ(tables.list_end - tables.list_begin, 8u);
  const OcamlFrametable& table = tables.tables[0];
  EXPECT_EQ(table.unit, "camlA");
  ASSERT_EQ(table.descriptors.size(), 6u);
  const FrameDescriptor& allocates = table.descriptors[1];
  EXPECT_EQ(allocates.code, object.section(world.f));
  EXPECT_EQ(allocates.place, 8u);
  EXPECT_TRUE(allocates.is_thumb);
  EXPECT_EQ(allocates.frame_size, 19);
  EXPECT_EQ(allocates.live.text(), std::string_view("\x08\0", 2));
  EXPECT_EQ(allocates.allocations.text(), std::string_view("\x02\0", 2));
  ASSERT_EQ(allocates.debug_count, 2u);
  const u32 number = table.debug[allocates.first_debug];
  ASSERT_NE(number, 0u);
  EXPECT_EQ(table.debug[allocates.first_debug + 1], 0u);
  EXPECT_EQ(table.locations[number - 1].position, 7u);
  EXPECT_EQ(table.names[table.locations[number - 1].name].name, "A.f");
  EXPECT_EQ(table.names[table.locations[number - 1].name].file, "a.ml");
  // A poll point has allocation lengths, and none of them; a callback has no flags.
  EXPECT_TRUE(table.descriptors[3].has_allocations);
  EXPECT_TRUE(table.descriptors[3].allocations.empty());
  EXPECT_FALSE(table.descriptors[5].has_allocations);
  EXPECT_EQ(table.descriptors[5].debug_count, 0u);
  // Behind the last call of a function begins the next one.
  EXPECT_EQ(table.descriptors[2].place, 24u);
  EXPECT_EQ(table.descriptors[2].call(), 22u);
}

TEST(OcamlFrames, ReadsATableWhoseSymbolDoesNotSayItsSize) {
  OcamlWorld world;
  world.is_sized = false;
  world.extra_bytes = 12;
  const Read result = read(world);
  EXPECT_EQ(result.refusal, "");
  EXPECT_EQ(result.descriptors, 6u);
  EXPECT_EQ(result.locations, 3u);
}

TEST(OcamlFrames, RefusesOtherVersions) {
  ElfBuilder five;
  const u32 list = five.data(".data", std::string(8, '\0'));
  five.define("caml_frametable", list);
  const u32 text = five.text(".text", 8);
  five.define("caml_find_frame_descr", text, {.value = 1, .size = 8, .type = STT_FUNC});
  EXPECT_NE(read(five).refusal.find("OCaml 5"), std::string::npos);
  ElfBuilder unknown;
  unknown.define("caml_frametable", unknown.data(".data", std::string(8, '\0')));
  EXPECT_NE(read(unknown).refusal.find("none of OCaml 4.11 to 4.14"), std::string::npos);
  ElfBuilder old;
  old.define("caml_frametable", old.data(".data", std::string(8, '\0')));
  old.define("caml_frame_descriptors", old.bss(".bss.a", 4));
  old.define("caml_frame_descriptors_mask", old.bss(".bss.b", 4));
  old.define("caml_garbage_collection", old.text(".text.c", 8),
             {.value = 1, .size = 8, .type = STT_FUNC});
  EXPECT_NE(read(old).refusal.find("before 4.11"), std::string::npos);
}

TEST(OcamlFrames, RefusesWhatIsOdd) {
  {
    OcamlWorld world;
    world.extra_bytes = 4;
    EXPECT_TRUE(refuses(world, "bytes that nothing refers to"));
  }
  {
    OcamlWorld world;
    world.frames.descriptors[0].label = world.f_labels[2];
    EXPECT_TRUE(refuses(world, "two of them"));
  }
  {
    OcamlWorld world;
    world.frames.descriptors[0].label = world.elf.section_symbol(world.elf.data(".data.x", "1234"));
    EXPECT_TRUE(refuses(world, "no code"));
  }
  {
    OcamlWorld world;
    world.frames.descriptors[0].label = world.elf.refer("caml_undefined", STB_WEAK);
    EXPECT_TRUE(refuses(world, "no code"));
  }
  {
    OcamlWorld world;  // a callback, in which bit 0 does not mean debuginfo
    world.frames.descriptors[0].frame_size = 0xffff;
    world.frames.descriptors[0].debug = {0};
    EXPECT_TRUE(refuses(world, "camlA"));
  }
  {
    OcamlWorld world;
    world.frames.descriptors[2].debug = {-1};  // no allocation that could be without
    EXPECT_TRUE(refuses(world, "leads nowhere"));
  }
  {
    OcamlWorld world;
    world.flips = {{0, 1}};  // one descriptor more than there are
    EXPECT_TRUE(refuses(world, "camlA"));
  }
  {
    OcamlWorld world;
    world.finish();
    world.elf.relocate(world.table, 12 + 4, R_ARM_ABS32, world.f_labels[1]);  // a frame's size
    EXPECT_NE(read(world.elf).refusal, "");
  }
  {
    OcamlWorld world;
    world.finish();
    world.elf.relocate(world.list, 8, R_ARM_ABS32, world.elf.refer("camlA__frametable"));
    EXPECT_NE(read(world.elf).refusal, "");  // the same table twice, and then no end
  }
}

TEST(OcamlFrames, EveryPrefixAndEveryFlippedBitIsReadOrRefused) {
  OcamlWorld good;
  const u64 size = good.frames.text().size();
  for (u32 cut = 1; cut < size; cut++) {
    for (const bool is_sized : {true, false}) {
      OcamlWorld world;
      world.cut_to = cut;
      world.is_sized = is_sized;
      EXPECT_NE(read(world).refusal, "") << cut;
    }
  }
  for (u32 at = 0; at < size; at++) {
    for (const int flip : {0x01, 0x02, 0x04, 0x40, 0x80, 0xff}) {
      OcamlWorld world;
      world.flips = {{at, static_cast<u8>(flip)}};
      world.is_sized = (at & 1) != 0;
      const Read result = read(world);
      EXPECT_TRUE(!result.refusal.empty() || result.descriptors == 6) << at;
    }
  }
}

}  // namespace
}  // namespace fwseal
