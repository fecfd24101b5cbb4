#include "graph/frame_table.h"

#include <elf.h>
#include <gtest/gtest.h>

#include "tests/unit/graph/frame_world.h"

namespace fwseal {
namespace {

using List = std::vector<u32>;

// ---- What must stay

TEST(FrameTable, RowsOfLiveFunctionsStayIfSomethingReadsTheTable) {
  FrameWorld world;
  const u32 frames = world.table();
  FrameResult cut(world);
  EXPECT_EQ(cut.starts(frames), (List{0, world.rows[0], world.rows[1], world.rows[2]}));
  EXPECT_EQ(cut.live(frames, {"walk", "a", "c"}), (List{0, world.rows[0], world.rows[2]}));
  EXPECT_EQ(cut.live(frames, {"walk", "a", "b", "c"}),
            (List{0, world.rows[0], world.rows[1], world.rows[2]}));
}

// As crtbegin.o does, for __register_frame_info.
TEST(FrameTable, WhoRefersToTheBeginningOfAllReads) {
  for (const bool by_label : {false, true}) {
    FrameWorld world;
    const u32 begin = world.section("");
    const u32 label = world.elf.define_local("mine", begin, 0, STT_OBJECT);
    const u32 rows = world.table();
    const u32 start = world.code({kNop, kReturn}, {{"start", 0, 4}}, {}, ".text.start");
    world.elf.relocate(start, 0, R_ARM_ABS32, by_label ? label : world.elf.section_symbol(begin));
    FrameResult cut(world);
    EXPECT_EQ(cut.live(rows, {"start", "b"}), (List{0, world.rows[1]}));
    EXPECT_EQ(cut.live(rows, {"b"}), List{});
  }
}

// crtbegin.o, with and without somebody who registers.
TEST(FrameTable, TheMarkOfCrtbeginIsForRegistering) {
  const auto live = [](const char* name, const std::string& mark, bool defined) {
    FrameWorld world;
    const u32 begin = world.section("");
    world.elf.define_local(mark, begin, 0, STT_OBJECT);
    const u32 rows = world.table();
    const u32 start = world.code({kNop, kReturn}, {{"start", 0, 4}}, {}, ".text.start");
    world.elf.relocate(start, 0, R_ARM_ABS32, world.elf.section_symbol(begin));
    if (defined)
      world.code({kNop, kReturn}, {{name, 0, 4}}, {}, ".text.register");
    else if (*name != '\0')
      world.elf.relocate(start, 0, R_ARM_NONE, world.elf.refer(name, STB_WEAK));
    return FrameResult(world).live(rows, {"start", "b"}).size();
  };
  for (const char* const name : {"__register_frame_info", "__deregister_frame_info"}) {
    EXPECT_EQ(live(name, "__EH_FRAME_BEGIN__", true), 2u);
    EXPECT_EQ(live(name, "another", false), 2u);
    EXPECT_EQ(live(name, "__EH_FRAME_BEGIN__", false), 0u);
  }
  EXPECT_EQ(live("", "__EH_FRAME_BEGIN__", false), 2u);
}

TEST(FrameTable, AReaderForAnyReason) {
  FrameWorld world;
  const u32 frames = world.table();
  FrameResult cut(world);
  cut.frame_readers->always = ClauseKind::kUser;
  EXPECT_EQ(cut.live(frames, {"a"}), (List{0, world.rows[0]}));
}

TEST(FrameTable, TheEndStaysForAReader) {
  FrameWorld world;
  const u32 frames = world.table();
  const u32 end = world.section(words({0}));
  world.elf.define_local("__FRAME_END__", end, 0, STT_OBJECT);
  FrameResult cut(world);
  EXPECT_TRUE(cut.any_live(end, {"walk"}));
  EXPECT_FALSE(cut.any_live(end, {"a"}));
  EXPECT_FALSE(cut.any_live(frames, {"walk"}));
}

TEST(FrameTable, WhatARowRefersToFollowsIt) {
  FrameWorld world;
  const u32 routine = world.code({kNop, kReturn}, {{"routine", 0, 4}}, {}, ".text.routine");
  const u32 data = world.elf.data(".gcc_except_table", words({0}), SHF_ALLOC);
  FrameText all;
  const u32 first = all.plain_common();
  const u32 plain = all.description(first, 0, 4);
  const u32 second = all.common("zPLR", std::string("\x1b\0\0\0\0\x1b\x1b", 7));
  const u32 with_data = all.description(second, 4, 4, std::string("\4\0\0\0\0", 5));
  const u32 frames = world.section(all.bytes);
  world.elf.relocate(frames, second + 19, R_ARM_REL32, world.elf.refer("routine"));
  world.elf.relocate(frames, with_data + 17, R_ARM_REL32, world.elf.section_symbol(data));
  for (const u32 row : {plain, with_data})
    world.starts_at(frames, row, world.elf.section_symbol(world.text));
  FrameResult cut(world);
  EXPECT_EQ(cut.live(frames, {"walk", "a"}), (List{first, plain}));
  EXPECT_FALSE(cut.any_live(routine, {"walk", "a"}));
  EXPECT_EQ(cut.live(frames, {"walk", "b"}), (List{second, with_data}));
  EXPECT_TRUE(cut.any_live(routine, {"walk", "b"}));
  EXPECT_TRUE(cut.any_live(data, {"walk", "b"}));
  EXPECT_FALSE(cut.any_live(data, {"b"}));
}

// What it describes is counted from its beginning.
TEST(FrameTable, ADescriptionOfSeveralFunctionsKeepsThemTogether) {
  FrameWorld world;
  FrameText all;
  const u32 common = all.plain_common();
  const u32 row = all.description(common, 0, 6);
  const u32 frames = world.section(all.bytes);
  world.starts_at(frames, row, world.elf.section_symbol(world.text));
  FrameResult cut(world);
  EXPECT_EQ(cut.starts(world.text), (List{0, 8}));
  EXPECT_EQ(cut.live(frames, {"walk", "b"}), (List{0, row}));
  EXPECT_EQ(cut.live(frames, {"walk", "c"}), List{});
}

// ---- What goes

TEST(FrameTable, NobodyReads) {
  FrameWorld world;
  const u32 frames = world.table();
  FrameResult cut(world);
  EXPECT_EQ(cut.live(frames, {"a", "b", "c"}), List{});
  EXPECT_EQ(cut.live(frames, {"a", "b", "c"}, {frames}), List{});  // KEEP
  EXPECT_EQ(cut.live(frames, {"walk"}, {frames}), List{});
}

TEST(FrameTable, ARowKeepsNoFunctionAndHindersNoCut) {
  FrameWorld world;
  const u32 frames = world.table();
  FrameResult cut(world);
  EXPECT_EQ(cut.starts(world.text), (List{0, 4, 8}));
  EXPECT_EQ(cut.live(world.text, {"walk", "b"}, {frames}), List{4});
}

TEST(FrameTable, GroupsDoNotKeepTables) {
  FrameWorld world;
  const u32 inner = world.code({kNop, kReturn}, {{"inner", 0, 4}}, {}, ".text.inner");
  FrameText all;
  const u32 row = all.description(all.plain_common(), 0, 4);
  const u32 frames = world.section(all.bytes);
  world.starts_at(frames, row, world.elf.section_symbol(inner));
  world.elf.group("inner", {inner, frames});
  FrameResult cut(world);
  EXPECT_FALSE(cut.any_live(frames, {"inner"}));
  EXPECT_TRUE(cut.any_live(frames, {"inner", "walk"}));
  EXPECT_FALSE(cut.any_live(inner, {"walk"}));
}

TEST(FrameTable, WithoutReadersTablesAreDataLikeAll) {
  FrameWorld world;
  const u32 frames = world.table();
  FrameResult cut(world);
  cut.frame_readers.reset();
  EXPECT_NE(cut.live(world.text, {"walk"}, {frames}), List{});
}

TEST(FrameTable, StartsByFunctionsAndByAddresses) {
  FrameWorld world;
  FrameText all;
  const u32 absolute = all.common("zR", std::string(1, '\0'));
  const u32 first = all.description(absolute, 4, 4);
  const u32 bare = all.common("", "");
  const u32 second = all.description(bare, 0, 4);
  const u32 odd = all.common("zRSB", "\x1b");
  const u32 third = all.description(odd, 0, 4);
  const u32 frames = world.section(all.bytes);
  world.starts_at(frames, first, world.elf.section_symbol(world.text), R_ARM_ABS32);
  world.starts_at(frames, second, world.elf.refer("c"), R_ARM_ABS32);
  world.starts_at(frames, third, world.elf.refer("a"));
  FrameResult cut(world);
  EXPECT_EQ(cut.live(frames, {"walk", "b"}), (List{absolute, first}));
  EXPECT_EQ(cut.live(frames, {"walk", "c"}), (List{bare, second}));
  EXPECT_EQ(cut.live(frames, {"walk", "a"}), (List{odd, third}));
}

// ---- What is not plain is kept as any data is

class OddFrames {
 public:
  u32 common = 0;
  u32 row = 0;
  FrameText all;
  FrameWorld world;
};

void expect_odd(const char* what, const auto& change) {
  OddFrames odd;
  odd.common = odd.all.plain_common();
  odd.row = odd.all.description(odd.common, 0, 4);
  const u32 frames = change(odd);
  FrameResult cut(odd.world);
  EXPECT_EQ(cut.starts(frames), List{}) << what;
  EXPECT_TRUE(cut.any_live(frames, {"walk"})) << what;
  EXPECT_FALSE(cut.any_live(frames, {"a"})) << what;
}
// The table, with the relocation that it needs.
u32 finished(OddFrames& odd, u32 alignment = 4, u32 flags = SHF_ALLOC) {
  const u32 frames = odd.world.section(odd.all.bytes, alignment, flags);
  odd.world.starts_at(frames, odd.row, odd.world.elf.section_symbol(odd.world.text));
  return frames;
}
void expect_odd_word(const char* what, u32 offset, u32 value) {
  expect_odd(what, [&](OddFrames& odd) {
    odd.all.bytes.replace(odd.row + offset, 4, words({value}));
    return finished(odd);
  });
}
TEST(FrameTable, TheOddOnesWouldBePlainOtherwise) {
  OddFrames odd;
  odd.common = odd.all.plain_common();
  odd.row = odd.all.description(odd.common, 0, 4);
  const u32 frames = finished(odd);
  EXPECT_EQ(FrameResult(odd.world).starts(frames), (List{0, odd.row}));
}

TEST(FrameTable, OddNumbers) {
  expect_odd_word("a length to behind the end", 0, 0x14);
  expect_odd_word("a length that is not of words", 0, 0xe);
  expect_odd_word("a length that leaves some bytes", 0, 0xc);
  expect_odd_word("the 64-bit format", 0, 0xffff'ffff);
  expect_odd_word("a CIE before the beginning", 4, 0x20);
  expect_odd_word("no CIE there", 4, 4);
  expect_odd_word("more code than there is", 12, 13);
  expect_odd_word("a start outside", 8, 14);
  expect_odd_word("a start between instructions", 8, 1);
}

TEST(FrameTable, OddSizes) {
  expect_odd("records that are not of words", [](OddFrames& odd) {
    const std::string rest = std::string("\0\0\0\0\0\0", 6);
    const auto add = [&](u32 begin) {
      odd.all.bytes += words({18, begin + 4 - odd.common, 0, 4}) + rest;
      return begin;
    };
    odd.all.bytes.resize(odd.row);
    add(odd.row);
    const u32 second = add(odd.row + 22);
    const u32 frames = finished(odd);
    odd.world.starts_at(frames, second, odd.world.elf.section_symbol(odd.world.text));
    return frames;
  });
}

TEST(FrameTable, CodeOfAnotherObject) {
  ElfBuilder elf;
  FrameText all;
  const u32 row = all.description(all.plain_common(), 0, 4);
  const u32 frames = elf.data(".eh_frame", all.bytes, SHF_ALLOC);
  elf.relocate(frames, row + 8, R_ARM_REL32, elf.refer("other"));
  ElfBuilder member;
  add_code(member, "other", halfwords({kNop, kReturn}), 4);
  const LinkedObject linked(elf, member, {"other"});
  ASSERT_NE(linked.program().symbols.find("other"), kNoSymbol);
  const FrameTables tables = read_frame_tables(linked.program());
  ASSERT_EQ(tables.tables.size(), 1u);
  EXPECT_FALSE(tables.tables[0].is_plain);
}

TEST(FrameTable, OddAugmentations) {
  expect_odd("another version", [](OddFrames& odd) {
    odd.all.bytes[8] = 4;
    return finished(odd);
  });
  const auto expect_odd_text = [](const char* what, const std::string& text,
                                  const std::string& data, const std::string& rest) {
    expect_odd(what, [&](OddFrames& odd) {
      odd.all = {};
      odd.row = odd.all.description(odd.all.common(text, data), 0, 4, rest);
      return finished(odd);
    });
  };
  const std::string zero(1, '\0');
  expect_odd_text("of old GCC", "eh", "", zero);
  expect_odd_text("a letter that is not known", "zRX", "\x1b", zero);
  expect_odd_text("a letter twice", "zRR", "\x1b\x1b", zero);
  expect_odd_text("data that are longer", "zR", std::string("\x1b\0", 2), zero);
  expect_odd_text("data that are shorter", "zR", "", zero);
  expect_odd_text("8 bytes", "zR", "\x1c", zero);
  expect_odd_text("2 bytes", "zR", "\x1a", zero);
  expect_odd_text("of variable length", "zR", "\x11", zero);
  expect_odd_text("relative to the data", "zR", "\x3b", zero);
  expect_odd_text("aligned", "zR", "\x50", zero);
  expect_odd_text("indirect", "zR", "\x9b", zero);
  expect_odd_text("absolute, relocated relative", "zR", zero, zero);
  expect_odd_text("a description with other data", "zR", "\x1b", std::string("\4\0\0\0\0", 5));
  expect_odd_text("a description without data", "zRL", "\x1b\x1b", zero);
  expect_odd_text("a distance that the assembler knew", "zRL", "\x1b\x1b",
                  std::string("\4\x8\0\0\0", 5));
}

TEST(FrameTable, OddRelocations) {
  expect_odd("no start", [](OddFrames& odd) { return odd.world.section(odd.all.bytes); });
  expect_odd("two starts", [](OddFrames& odd) {
    const u32 frames = finished(odd);
    odd.world.starts_at(frames, odd.row, odd.world.elf.section_symbol(odd.world.text));
    return frames;
  });
  expect_odd("a start of another kind", [](OddFrames& odd) {
    const u32 frames = odd.world.section(odd.all.bytes);
    odd.world.starts_at(frames, odd.row, odd.world.elf.section_symbol(odd.world.text),
                        R_ARM_PREL31);
    return frames;
  });
  for (const u32 place : {4u, 12u, 17u, 9u, 0u})
    expect_odd("a relocation elsewhere", [&](OddFrames& odd) {
      const u32 frames = finished(odd);
      odd.world.elf.relocate(frames, odd.row + place, R_ARM_ABS32,
                             odd.world.elf.section_symbol(odd.world.text));
      return frames;
    });
  expect_odd("in the CIE", [](OddFrames& odd) {
    const u32 frames = finished(odd);
    odd.world.elf.relocate(frames, 4, R_ARM_NONE, odd.world.elf.refer("a"));
    return frames;
  });
  expect_odd("a start of data", [](OddFrames& odd) {
    const u32 data = odd.world.elf.data(".rodata", words({0}), SHF_ALLOC);
    const u32 frames = odd.world.section(odd.all.bytes);
    odd.world.starts_at(frames, odd.row, odd.world.elf.section_symbol(data));
    return frames;
  });
  expect_odd("a start behind a function's", [](OddFrames& odd) {
    odd.all.bytes.replace(odd.row + 8, 4, words({4}));
    const u32 frames = odd.world.section(odd.all.bytes);
    odd.world.starts_at(frames, odd.row, odd.world.elf.refer("a"));
    return frames;
  });
}

TEST(FrameTable, OddSections) {
  expect_odd("an alignment that would leave gaps", [](OddFrames& odd) { return finished(odd, 8); });
  expect_odd("written to", [](OddFrames& odd) { return finished(odd, 4, SHF_ALLOC | SHF_WRITE); });
}

// Somebody may count from there to somewhere else.
TEST(FrameTable, WhoKnowsAPlaceInATableKeepsItWhole) {
  FrameWorld world;
  const u32 frames = world.table();
  const u32 local = world.elf.define_local("mine", frames, world.rows[1]);
  const u32 start = world.code({kNop, kReturn}, {{"start", 0, 4}}, {}, ".text.start");
  world.elf.relocate(start, 0, R_ARM_ABS32, local);
  FrameResult cut(world);
  EXPECT_EQ(cut.starts(frames), List{});
  EXPECT_TRUE(cut.any_live(frames, {"start"}));
  EXPECT_TRUE(cut.any_live(world.text, {"start"}));

  FrameWorld other;
  const u32 named = other.table();
  other.elf.define("mine", named);
  EXPECT_EQ(FrameResult(other).starts(named), List{});
}

}  // namespace
}  // namespace fwseal
