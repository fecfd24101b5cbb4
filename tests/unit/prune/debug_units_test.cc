// What entries and lists say about code of which parts are gone. The code of all tests: functions
// at 0, 16, 32 and 48, of 16 bytes each; the first and the third are gone.
#include "prune/debug_units.h"

#include <gtest/gtest.h>

#include "tests/unit/prune/debug_world.h"

namespace fwseal {
namespace {

constexpr u64 kCode = 64;
EditList first_and_third() { return taken_out({{0, 16, 0}, {32, 48, 0}}); }
constexpr u64 kGone = 0xffff'ffff;

// Forms and attributes, by the numbers of the standard.
enum : u8 {
  kAddr = 0x01,
  kData2 = 0x05,
  kData4 = 0x06,
  kUdata = 0x0f,
  kSecOffset = 0x17,
  kAddrx = 0x1b,
  kLoclistx = 0x22,
  kRnglistx = 0x23,
  kImplicit = 0x21,
};
enum : u8 {
  kLocation = 0x02,
  kLow = 0x11,
  kHigh = 0x12,
  kRanges = 0x55,
  kEntryPc = 0x52,
  kAddrBase = 0x73,
  kRnglistsBase = 0x74,
  kReturnPc = 0x7d,
};
constexpr u64 kLoclistsBase = 0x8c;

// An abbreviation: with attributes and their forms, one after the other.
Assembly& abbreviation(Assembly& to, u64 code, u64 tag, bool children,
                       const std::vector<u64>& attributes) {
  to.uleb(code).uleb(tag).byte(children ? 1 : 0);
  for (const u64 number : attributes) to.uleb(number);
  return to.byte(0).byte(0);
}

Assembly unit_header(u64 version) {
  Assembly unit;
  unit.half(version);
  if (version >= 5) return unit.byte(1).byte(4).offset(".debug_abbrev", 0);
  return unit.offset(".debug_abbrev", 0).byte(4);
}

struct Followed {
  std::map<std::string, std::string> sections;
  std::string said;

  u64 number(const std::string& section, u64 place, u64 size) const {
    u64 value = 0;
    for (u64 i = 0; i < size; i++)
      value |= u64{static_cast<u8>(sections.at(section).at(place + i))} << 8 * i;
    return value;
  }
  std::vector<u64> words(const std::string& section, u64 begin, u64 count) const {
    std::vector<u64> values;
    for (u64 i = 0; i < count; i++) values.push_back(number(section, begin + 4 * i, 4));
    return values;
  }
};
Followed follow(DebugWorld& world, const EditList& edits = first_and_third()) {
  Followed result;
  result.sections = world.follow(edits, result.said);
  return result;
}

using Words = std::vector<u64>;

TEST(DebugUnits, BoundsOfUnitsAndFunctions) {
  DebugWorld world(kCode);
  Assembly abbrev;
  abbreviation(abbrev, 1, 0x11, true, {kLow, kAddr, kHigh, kUdata});
  abbreviation(abbrev, 2, 0x2e, false, {kLow, kAddr, kHigh, kData4});
  abbreviation(abbrev, 3, 0x2e, false, {kLow, kAddr, kHigh, kAddr});
  world.add(".debug_abbrev", abbrev.byte(0));
  Assembly unit = unit_header(4);
  unit.byte(1).code(0).uleb(kCode, 2);
  std::vector<u64> by_length;
  std::vector<u64> by_address;
  for (u64 function = 0; function < kCode; function += 16) {
    by_length.push_back(4 + unit.size() + 1);
    unit.byte(2).code(function).word(16);
    by_address.push_back(4 + unit.size() + 1);
    unit.byte(3).code(function).code(function + 16);
  }
  Assembly info;
  world.add(".debug_info", info.unit(unit.byte(0)));
  const Followed after = follow(world);
  EXPECT_EQ(after.said, "");
  const std::string name = ".debug_info";
  EXPECT_EQ(after.number(name, 12, 4), 0u) << "the unit begins where its first function was";
  EXPECT_EQ(after.number(name, 16, 2), 0x00a0u) << "32, in two bytes";
  EXPECT_EQ(after.words(name, by_length[0], 2), (Words{kGone, 16}));
  EXPECT_EQ(after.words(name, by_length[1], 2), (Words{0, 16}));
  EXPECT_EQ(after.words(name, by_length[2], 2), (Words{kGone, 16}));
  EXPECT_EQ(after.words(name, by_length[3], 2), (Words{16, 16}));
  EXPECT_EQ(after.words(name, by_address[0], 2), (Words{kGone, kGone}));
  EXPECT_EQ(after.words(name, by_address[1], 2), (Words{0, 16}));
  EXPECT_EQ(after.words(name, by_address[2], 2), (Words{kGone, kGone}));
  EXPECT_EQ(after.words(name, by_address[3], 2), (Words{16, 32}));
}

TEST(DebugUnits, AUnitThatIsAllGone) {
  DebugWorld world(kCode);
  Assembly abbrev;
  abbreviation(abbrev, 1, 0x11, false, {kLow, kAddr, kHigh, kData4});
  world.add(".debug_abbrev", abbrev.byte(0));
  Assembly info;
  for (u64 function = 0; function < kCode; function += 16)
    info.unit(unit_header(4).byte(1).code(function).word(16));
  world.add(".debug_info", info);
  const Followed after = follow(world);
  const u64 size = info.size() / 4;
  EXPECT_EQ(after.words(".debug_info", 12, 2), (Words{kGone, 16}));
  EXPECT_EQ(after.words(".debug_info", size + 12, 2), (Words{0, 16}));
  EXPECT_EQ(after.words(".debug_info", 2 * size + 12, 2), (Words{kGone, 16}));
  EXPECT_EQ(after.words(".debug_info", 3 * size + 12, 2), (Words{16, 16}));
}

// The address behind a call at the end of a function is its end, not the next function.
TEST(DebugUnits, PointsAtTheEnd) {
  DebugWorld world(kCode);
  Assembly abbrev;
  abbreviation(abbrev, 1, 0x11, true, {kLow, kAddr, kHigh, kData4});
  abbreviation(abbrev, 2, 0x2e, true, {kLow, kAddr, kHigh, kData4});
  abbreviation(abbrev, 3, 0x48, false, {kReturnPc, kAddr});
  abbreviation(abbrev, 4, 0x0a, false, {kLow, kAddr});
  world.add(".debug_abbrev", abbrev.byte(0));
  Assembly unit = unit_header(4);
  unit.byte(1).code(0).word(kCode);
  unit.byte(2).code(16).word(16);
  const u64 points = 4 + unit.size() + 1;
  unit.byte(3).code(24).byte(3).code(32).byte(4).code(32).byte(0);
  unit.byte(2).code(32).word(16);
  const u64 dead = 4 + unit.size() + 1;
  unit.byte(3).code(40).byte(3).code(48).byte(0).byte(0);
  Assembly info;
  world.add(".debug_info", info.unit(unit));
  const Followed after = follow(world);
  EXPECT_EQ(after.number(".debug_info", points, 4), 8u);
  EXPECT_EQ(after.number(".debug_info", points + 5, 4), 16u);
  EXPECT_EQ(after.number(".debug_info", points + 10, 4), 16u);
  EXPECT_EQ(after.number(".debug_info", dead, 4), kGone);
}

TEST(DebugUnits, OldLists) {
  DebugWorld world(kCode);
  Assembly abbrev;
  abbreviation(abbrev, 1, 0x11, true, {kLow, kAddr, kHigh, kData4});
  abbreviation(abbrev, 2, 0x34, false, {kRanges, kSecOffset, kLocation, kSecOffset});
  world.add(".debug_abbrev", abbrev.byte(0));
  Assembly ranges;
  ranges.word(99).word(98);  // belongs to nobody
  ranges.word(2).word(6).word(20).word(24).word(16).word(32).word(16).word(16);
  ranges.word(kGone).code(32).word(0).word(4).word(18).word(22);
  ranges.code(16).code(32).code(0).code(16).code(0).code(64).word(0).word(0);
  world.add(".debug_ranges", ranges);
  Assembly locations;
  locations.word(34).word(36).half(1).byte(0x50).word(52).word(64).half(2).byte(0x30).byte(0x9f);
  locations.word(0).word(0);
  world.add(".debug_loc", locations);
  Assembly unit = unit_header(4);
  unit.byte(1).code(0).word(kCode);
  unit.byte(2).offset(".debug_ranges", 8).offset(".debug_loc", 0).byte(0);
  Assembly info;
  world.add(".debug_info", info.unit(unit));
  const Followed after = follow(world);
  EXPECT_EQ(after.said, "");
  EXPECT_EQ(after.words(".debug_ranges", 0, 10), (Words{99, 98, 1, 1, 4, 8, 0, 16, 1, 1}))
      << "an empty range at the base would be the end";
  // The base is in dead code: distances count from what follows it.
  EXPECT_EQ(after.words(".debug_ranges", 40, 14),
            (Words{kGone, 16, 1, 1, 2, 6, 0, 16, 1, 1, 0, 32, 0, 0}));
  EXPECT_EQ(after.words(".debug_loc", 0, 2), (Words{1, 1}));
  EXPECT_EQ(after.words(".debug_loc", 11, 2), (Words{20, 32}));
}

// By numbers of addresses and lists, as Clang does. The address of the first function, which is
// dead, is what everything else is counted from.
using Sections = std::vector<std::pair<std::string, Assembly>>;
Sections numbered_sections() {
  Sections sections;
  Assembly abbrev;
  abbreviation(abbrev, 1, 0x11, true,
               {kLow, kAddrx, kHigh, kData4, kAddrBase, kSecOffset, kRnglistsBase, kSecOffset,
                kLoclistsBase, kSecOffset});
  abbreviation(abbrev, 2, 0x2e, false, {kLow, kAddrx, kHigh, kUdata});
  abbreviation(abbrev, 3, 0x34, false, {kRanges, kRnglistx, kLocation, kLoclistx});
  sections.emplace_back(".debug_abbrev", abbrev.byte(0));
  Assembly addresses;
  addresses.half(5).byte(4).byte(0).code(0).code(16).code(32).code(64);
  Assembly address_section;
  sections.emplace_back(".debug_addr", address_section.unit(addresses));
  Assembly ranges;
  ranges.half(5).byte(4).byte(0).word(1).word(4);
  ranges.byte(4).uleb(20).uleb(30);  // 16: of the second function
  ranges.byte(4).uleb(2).uleb(4);    // 19: of the first
  ranges.byte(1).uleb(2);            // 22: from the third on
  ranges.byte(4).uleb(18).uleb(22);  // 24: of the fourth
  ranges.byte(3).uleb(1).uleb(16);   // 27
  ranges.byte(3).uleb(2).uleb(16);   // 30: the third
  ranges.byte(2).uleb(0).uleb(3);    // 33: all
  ranges.byte(5).code(0).byte(7).code(16).uleb(16, 2).byte(6).code(0).code(16).byte(0);
  Assembly range_section;
  sections.emplace_back(".debug_rnglists", range_section.unit(ranges));
  Assembly locations;
  locations.half(5).byte(4).byte(0).word(1).word(4);
  locations.byte(9).uleb(1).uleb(2);  // 16: numbers of views
  locations.byte(4).uleb(52, 3).uleb(60, 2).uleb(1).byte(0x50);
  locations.byte(5).uleb(1).byte(0x51);
  locations.byte(8).code(48).uleb(4).uleb(0).byte(0);
  Assembly location_section;
  sections.emplace_back(".debug_loclists", location_section.unit(locations));
  Assembly unit = unit_header(5);
  unit.byte(1).uleb(0).word(kCode).offset(".debug_addr", 8).offset(".debug_rnglists", 12);
  unit.offset(".debug_loclists", 12);
  unit.byte(2).uleb(0).uleb(16).byte(2).uleb(1).uleb(16).byte(2).uleb(2).uleb(16);
  unit.byte(3).uleb(0).uleb(0).byte(0);
  Assembly info;
  sections.emplace_back(".debug_info", info.unit(unit));
  return sections;
}

TEST(DebugUnits, NumberedAddressesAndLists) {
  DebugWorld world(kCode);
  for (const auto& [name, contents] : numbered_sections()) world.add(name, contents);
  constexpr u64 function = 30;  // where the entry of the first one is
  const Followed after = follow(world);
  EXPECT_EQ(after.said, "");
  EXPECT_EQ(after.words(".debug_addr", 8, 4), (Words{0, 0, 16, 32}));
  EXPECT_EQ(after.number(".debug_info", 4 + 10, 4), 32u);
  const auto bytes = [&](const std::string& section, u64 place, u64 size) {
    return after.sections.at(section).substr(place, size);
  };
  // The first has no bytes; neither has the third, whose address is a base.
  EXPECT_EQ(bytes(".debug_info", function, 9), std::string("\2\0\0\2\1\20\2\2\0", 9));
  EXPECT_EQ(bytes(".debug_rnglists", 16, 20),
            std::string("\4\4\16\4\0\0\1\2\4\2\6\3\1\20\3\2\0\2\0\3", 20));
  EXPECT_EQ(bytes(".debug_rnglists", 36, 21),
            std::string("\5\0\0\0\0\7\0\0\0\0\x90\0\6\xff\xff\xff\xff\xff\xff\xff\xff", 21));
  EXPECT_EQ(bytes(".debug_loclists", 16, 11), std::string("\x9\1\2\4\x94\x80\0\x9c\0\1\x50", 11));
  EXPECT_EQ(after.number(".debug_loclists", 31, 4), 16u);
}

// Whatever one byte becomes, all of it follows or stays.
TEST(DebugUnits, EveryByteDamaged) {
  const Sections sections = numbered_sections();
  for (u64 damaged = 0; damaged < sections.size(); damaged++) {
    for (u64 place = 0; place < sections[damaged].second.size(); place++) {
      for (const int value : {0, 1, 2, 4, 5, 7, 9, 0x21, 0x7f, 0x80, 0xff}) {
        DebugWorld world(kCode);
        for (u64 i = 0; i < sections.size(); i++) {
          Assembly contents = sections[i].second;
          if (i == damaged) contents.set(place, static_cast<u8>(value));
          world.add(sections[i].first, contents);
        }
        const Followed after = follow(world);
        for (const auto& [name, contents] : sections)
          ASSERT_EQ(after.sections.at(name).size(), contents.size());
      }
    }
  }
}

TEST(DebugUnits, TablesOfRangesAndFrames) {
  DebugWorld world(kCode);
  Assembly aranges;
  Assembly tuples;
  tuples.half(2).word(0).byte(4).byte(0).word(0);
  tuples.code(0).word(kCode).code(16).word(16).code(32).word(16).word(0).word(0);
  world.add(".debug_aranges", aranges.unit(tuples));
  Assembly frames;
  Assembly cie;
  cie.word(kGone).byte(3).byte(0).uleb(2).sleb(-4).uleb(14).byte(0x0c).uleb(13).uleb(0).byte(0);
  frames.unit(cie);
  const u64 first = frames.size();
  Assembly inside;
  inside.word(0).code(16).word(16).byte(0x42).byte(0x0e).uleb(8);
  frames.unit(inside);
  const u64 second = frames.size();
  // From the first to the last: a row in each, by each instruction there is.
  Assembly over;
  over.word(0).code(0).word(kCode).byte(0x44).byte(0x0e).uleb(8).byte(0x02).byte(8).byte(0x8e);
  over.uleb(1).byte(0x03).half(8).byte(0x16).uleb(3).uleb(1).byte(0x30).byte(0x04).word(8);
  frames.unit(over);
  world.add(".debug_frame", frames);
  const Followed after = follow(world);
  EXPECT_EQ(after.said, "");
  EXPECT_EQ(after.words(".debug_aranges", 16, 8), (Words{0, 32, 0, 16, kGone, 16, 0, 0}));
  EXPECT_EQ(after.words(".debug_frame", first + 8, 2), (Words{0, 16}));
  EXPECT_EQ(after.number(".debug_frame", first + 16, 1), 0x42u);
  // Rows at 8, 24, 40 and 56 were: at 0, because it is gone; 8; 16, for the same reason; 24.
  EXPECT_EQ(after.words(".debug_frame", second + 8, 2), (Words{0, 32}));
  EXPECT_EQ(after.sections.at(".debug_frame").substr(second + 16),
            std::string("\x40\x0e\x08\x02\4\x8e\1\3\4\0\x16\3\1\x30\4\4\0\0\0", 19));
}

// What is contradictory or damaged stays, and so does everything that was to change with it.
TEST(DebugUnits, WhatCannotFollow) {
  struct Case {
    std::string why;
    std::vector<u64> attributes;
    Assembly entry;
  };
  const std::vector<Case> cases = {
      {"has no end", {kLow, kAddr, kHigh, kAddr}, Assembly().code(16).word(9)},
      {"cannot become", {kLow, kAddr, kHigh, kImplicit, 48}, Assembly().code(0)},
      {"unknown form", {kLow, 0x77}, Assembly().code(0)},
      {"without a table", {kLow, kAddrx}, Assembly().uleb(3)},
      {"no debugging information",
       {kLow, kAddr, kAddrBase, kSecOffset},
       Assembly().code(0).code(4)},
      {"ends past the end", {kLow, kAddr, kHigh, kData4}, Assembly().code(16).half(3)},
  };
  for (const Case& broken : cases) {
    DebugWorld world(kCode);
    Assembly abbrev;
    abbreviation(abbrev, 1, 0x11, true, {kLow, kAddr, kHigh, kData4});
    abbreviation(abbrev, 2, 0x11, false, broken.attributes);
    world.add(".debug_abbrev", abbrev.byte(0));
    Assembly unit = unit_header(4);
    unit.byte(1).code(16).word(kCode - 16);
    Assembly info;
    info.unit(unit);
    unit = unit_header(4);
    unit.byte(2);
    for (const u32 place : broken.entry.code_places)
      unit.code_places.push_back(static_cast<u32>(unit.size()) + place);
    unit.text(broken.entry.bytes());
    world.add(".debug_info", info.unit(unit));
    const Followed after = follow(world);
    EXPECT_EQ(after.number(".debug_info", 16, 4), kCode - 16);
    EXPECT_NE(after.said.find("a.o:(.debug_info+0x"), std::string::npos) << after.said;
    EXPECT_NE(after.said.find(broken.why), std::string::npos) << after.said;
  }
}

// Numbers that grow with the square of the input, if one is careless.
TEST(DebugUnits, HostileSizes) {
  const auto said_of = [](const Assembly& abbrev, const Assembly& info, const Assembly& ranges) {
    DebugWorld world(kCode);
    world.add(".debug_abbrev", abbrev);
    world.add(".debug_ranges", ranges);
    world.add(".debug_info", info);
    return follow(world).said;
  };
  Assembly no_ranges;
  no_ranges.word(0).word(0);
  // Entries of one byte, with attributes of none.
  Assembly empty_attributes;
  empty_attributes.uleb(1).uleb(0x2e).byte(0);
  for (int i = 0; i < 20000; i++) empty_attributes.uleb(3).uleb(0x19);
  empty_attributes.byte(0).byte(0).byte(0);
  Assembly many = unit_header(4);
  many.text(std::string(20000, '\1'));
  Assembly info;
  EXPECT_NE(
      said_of(empty_attributes, info.unit(many), no_ranges).find("more attributes than bytes"),
      std::string::npos);
  // Units that read one table from different places on.
  Assembly long_table;
  for (u64 i = 0; i < 5000; i++) abbreviation(long_table, 1, 1, false, {});
  Assembly units;
  for (u64 i = 0; i < 5000; i++) {
    Assembly unit;
    units.unit(unit.half(4).offset(".debug_abbrev", 5 * i).byte(4).byte(0));
  }
  EXPECT_NE(said_of(long_table.byte(0), units, no_ranges).find("overlap"), std::string::npos);
  // Lists that are one long list.
  Assembly ranges;
  for (u64 i = 0; i < 5000; i++) ranges.word(2).word(6);
  ranges.word(0).word(0);
  Assembly abbrev;
  abbreviation(abbrev, 1, 0x34, false, {kRanges, kSecOffset});
  Assembly entries = unit_header(4);
  for (u64 i = 0; i < 5000; i++) entries.byte(1).offset(".debug_ranges", 8 * i);
  Assembly list_info;
  EXPECT_NE(said_of(abbrev.byte(0), list_info.unit(entries), ranges).find("overlap"),
            std::string::npos);
}

}  // namespace
}  // namespace fwseal
