#include "prune/frame_rows.h"

#include <elf.h>

#include "tests/unit/graph/frame_world.h"

namespace fwseal {
namespace {

// What is said of a table once dead rows and dead functions are out.
class Followed {
 public:
  Followed(FrameResult& cut, u32 frames, std::initializer_list<std::string> live)
      : table_(cut.linked().section(frames)), plan_(cut.plan_without_dead(live)) {
    follow_in_frame_tables(cut.linked().program(), cut.atoms(), cut.reach(), plan_);
  }

  // "place=word ...", and "place>offset ..." of what code descriptions are about.
  std::string text() const {
    std::string all;
    for (const Overwrite& one : plan_.overwrites_of(table_)) {
      all += cat(all.empty() ? "" : " ", one.offset, "=");
      for (u64 i = 0; i < one.bytes.size(); i += 4)
        all += cat(i == 0 ? "" : ",", bytes_of(one.bytes).le<u32>(i));
    }
    for (const Retarget& one : plan_.retargets_of(table_))
      all += cat(all.empty() ? "" : " ", one.place, ">", one.offset);
    return all;
  }

 private:
  SectionId table_;
  Plan plan_;
};

std::string followed(const FrameWorld& world, u32 frames, std::initializer_list<std::string> live) {
  FrameResult cut(world);
  return Followed(cut, frames, live).text();
}

// A CIE of 20 bytes, and rows of 20 bytes each at 20, 40 and 60; functions at 0, 4 and 8.
TEST(FrameRows, DistancesToTheCommonEntry) {
  FrameWorld world;
  const u32 frames = world.table();
  ASSERT_EQ(world.rows[0], 20u);
  ASSERT_EQ(world.rows[2], 60u);
  EXPECT_EQ(followed(world, frames, {"walk", "a", "b", "c"}), "");
  EXPECT_EQ(followed(world, frames, {"walk", "a", "b"}), "28>0 48>4");
  EXPECT_EQ(followed(world, frames, {"walk", "a", "c"}), "64=44 28>0 68>4");
  EXPECT_EQ(followed(world, frames, {"walk", "c"}), "64=24 68>0");
}

TEST(FrameRows, OfSeveralCommonEntries) {
  FrameWorld world;
  FrameText all;
  const u32 first = all.plain_common();
  const u32 a = all.description(first, 0, 4);
  const u32 second = all.plain_common();
  const u32 b = all.description(second, 4, 4);
  const u32 c = all.description(first, 8, 4);
  const u32 frames = world.section(all.bytes);
  for (const u32 row : {a, b, c})
    world.starts_at(frames, row, world.elf.section_symbol(world.text));
  // Without the second one and b.
  EXPECT_EQ(followed(world, frames, {"walk", "a", "c"}), cat(c + 4, "=44 28>0 ", c + 8, ">4"));
  // Without the first one, a and c.
  EXPECT_EQ(followed(world, frames, {"walk", "b"}), cat(b + 8, ">0"));
}

TEST(FrameRows, FunctionsAreFoundByTheirNames) {
  FrameWorld world;
  FrameText all;
  const u32 row = all.description(all.plain_common(), 0, 4);
  const u32 frames = world.section(all.bytes);
  world.starts_at(frames, row, world.elf.refer("c"));
  EXPECT_EQ(followed(world, frames, {"walk", "c"}), "");
}

// A function that gives way to a return is as long as that; what described its end, nothing.
TEST(FrameRows, WhatIsLeftOfHollowFunctions) {
  FrameWorld world;
  FrameText all;
  const u32 common = all.plain_common();
  const u32 whole = all.description(common, 4, 4);
  const u32 end = all.description(common, 6, 2);
  const u32 next = all.description(common, 8, 4);
  const u32 frames = world.section(all.bytes);
  for (const u32 row : {whole, end, next})
    world.starts_at(frames, row, world.elf.section_symbol(world.text));
  FrameResult cut(world);
  Plan plan = cut.plan_without_dead({"walk", "a", "b", "c"});
  const SectionId table = cut.linked().section(frames);
  plan.edits.resize(plan.kept.size());
  plan.edits[index(cut.linked().section(world.text))].add({6, 2, std::string(2, '\0')});
  follow_in_frame_tables(cut.linked().program(), cut.atoms(), cut.reach(), plan);
  const std::span<const Overwrite> changes = plan.overwrites_of(table);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].offset, whole + 12);
  EXPECT_EQ(changes[0].bytes, words({2}));
  EXPECT_EQ(changes[1].offset, end + 8);
  EXPECT_EQ(changes[1].bytes, words({0, 0}));
  ASSERT_EQ(plan.retargets_of(table).size(), 2u);
  EXPECT_EQ(plan.retargets_of(table)[1].offset, 8u);
}

}  // namespace
}  // namespace fwseal
