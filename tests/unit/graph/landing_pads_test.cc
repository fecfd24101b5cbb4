// Functions cut around the code that only landing pads lead to. Thumb code, by hand.
#include "graph/landing_pads.h"

#include <elf.h>

#include "graph/no_return.h"
#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;

constexpr u32 kPlainRow = 0x80b0'b0b0;  // routine 0, "finish"
constexpr u16 kBack = 0xe7fb;           // B.N to 6 bytes before it

// What a description says behind its routine: no more words of unwinding, and call sites, each the
// start and length of the calls, the landing pad and the action.
std::string area(const std::string& call_sites, u8 base = 0xff, u8 encoding = 1) {
  std::string bytes = words({0x00b0'b0b0});
  bytes += static_cast<char>(base);
  bytes += '\xff';
  bytes += static_cast<char>(encoding);
  bytes += static_cast<char>(call_sites.size());
  bytes += call_sites;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}
std::string call_site(u8 pad) { return {0, 2, static_cast<char>(pad), 0}; }

// f has a landing pad at 4 of 12 bytes, g follows; `walk` can read the table of unwinding.
class PadWorld : public CutWorld {
 public:
  explicit PadWorld(const std::vector<u16>& function = {kNop, kReturn, kNop, kReturn, kNop,
                                                        kReturn},
                    const std::string& description = area(call_site(4)),
                    const std::string& routine = "__gxx_personality_v0")
      : size(2 * static_cast<u32>(function.size())) {
    std::vector<u16> all = function;
    all.insert(all.end(), {kNop, kReturn});
    text = code(all, {{"f", 0, size}, {"g", size, 4}});
    const u32 walker = code({kNop, kReturn}, {{"walk", 0, 4}}, {}, ".text.walk");
    elf.relocate(walker, 0, R_ARM_NONE, elf.refer("table_start"));
    const u32 descriptions = elf.data(".ARM.extab", words({0}) + description, SHF_ALLOC);
    elf.relocate(descriptions, 0, R_ARM_PREL31, elf.refer(routine));
    rows = elf.section({.name = ".ARM.exidx",
                        .flags = SHF_ALLOC | SHF_LINK_ORDER,
                        .contents = words({0, 0, size, kPlainRow}),
                        .type = SHT_ARM_EXIDX,
                        .alignment = 4,
                        .link = text});
    elf.relocate(rows, 0, R_ARM_PREL31, elf.section_symbol(text));
    elf.relocate(rows, 4, R_ARM_PREL31, elf.section_symbol(descriptions));
    elf.relocate(rows, 8, R_ARM_PREL31, elf.section_symbol(text));
  }

  u32 size;
  u32 text = 0;
  u32 rows = 0;
};

class PadResult : public CutResult {
 public:
  explicit PadResult(const CutWorld& world) : CutResult(world, true) {
    readers = UnwindReaders();
    readers->places = {symbol("table_start")};
  }
};

// ---- What goes

TEST(LandingPads, GoIfNothingReadsTheTable) {
  PadWorld world;
  PadResult cut(world);
  EXPECT_EQ(cut.starts(world.text), (List{0, 4, 8, 12}));
  EXPECT_EQ(cut.live(world.text, {"f"}), List{0});
}

TEST(LandingPads, WhatTheyReferToGoesWithThem) {
  PadWorld world;
  const u32 other = world.code({kNop, kReturn}, {{"other", 0, 4}}, {}, ".text.other");
  world.elf.relocate(world.text, 4, R_ARM_THM_PC22, world.elf.refer("other"));
  PadResult cut(world);
  EXPECT_FALSE(cut.any_live(other, {"f"}));
  EXPECT_TRUE(cut.any_live(other, {"f", "walk"}));
}

TEST(LandingPads, WhatTheyBranchToIsTheirsToo) {
  // The pad at 4 branches over the return at 6 to 8, where nobody else comes.
  PadWorld world({kNop, kReturn, 0xe000, kReturn, kNop, kReturn});
  PadResult cut(world);
  EXPECT_EQ(cut.starts(world.text), (List{0, 4, 6, 8, 12}));
  EXPECT_EQ(cut.live(world.text, {"f"}), List{0});
  EXPECT_EQ(cut.live(world.text, {"f", "walk"}), (List{0, 4, 6, 8}));
}

TEST(LandingPads, InASectionOfOneFunction) {
  CutWorld plain;
  PadWorld world;
  world.elf.define("alias", world.text, {.value = 1, .size = 12, .type = STT_FUNC});
  EXPECT_EQ(PadResult(world).live(world.text, {"alias"}), List{0});
}

TEST(LandingPads, BehindACallThatNeverReturns) {
  EXPECT_TRUE(never_returns("abort"));
  EXPECT_TRUE(never_returns("_ZSt20__throw_length_errorPKc"));
  EXPECT_TRUE(never_returns("__cxa_end_cleanup"));
  for (const std::string name : {"abort_", "abor", "_ZSt20throw_length_errorPKc", "_ZSt__throw_x",
                                 "_ZSt20", "_ZSt", "_Unwind_RaiseException", "main", ""})
    EXPECT_FALSE(never_returns(name)) << name;
}

// ---- What stays

TEST(LandingPads, AFunctionIsWholeForWhoReadsTheTable) {
  PadWorld world;
  PadResult cut(world);
  EXPECT_EQ(cut.live(world.text, {"f", "walk"}), (List{0, 4, 8}));
  EXPECT_EQ(cut.live(world.text, {"g", "walk"}), List{12});
  cut.readers->places.clear();
  cut.readers->always = ClauseKind::kUser;
  EXPECT_EQ(cut.live(world.text, {"f"}), (List{0, 4, 8}));
  cut.readers.reset();  // nobody is known to be the only reader
  EXPECT_EQ(cut.live(world.text, {"f"}), (List{0, 4, 8}));
}

TEST(LandingPads, SomebodyElseGoesThere) {
  // From the beginning, B.N or BEQ to the pad; and straight on into it.
  for (const u16 first : {u16{0xe000}, u16{0xd000}}) {
    PadWorld world({first, kReturn, kNop, kReturn, kNop, kReturn});
    EXPECT_EQ(PadResult(world).starts(world.text), (List{0, 12})) << first;
  }
  PadWorld straight({kNop, kNop, kNop, kReturn, kNop, kReturn});
  EXPECT_EQ(PadResult(straight).starts(straight.text), (List{0, 12}));
}

TEST(LandingPads, ARelocationLeadsThere) {
  PadWorld world;
  const u32 table = world.pointers(world.elf.section_symbol(world.text), {5});
  EXPECT_EQ(PadResult(world).live(world.text, {"f"}, {table}), (List{0, 4}));
  PadWorld named;
  named.elf.define("inside", named.text, {.value = 5, .type = STT_FUNC});
  EXPECT_EQ(PadResult(named).live(named.text, {"f", "inside"}), (List{0, 4}));
}

TEST(LandingPads, ACallThatMayReturnLeadsThere) {
  // BL at 0, the pad at 4. A function of the program's own may return whatever it is called.
  for (const std::string name : {"somebody", "abort"}) {
    PadWorld world({0xf7ff, 0xfffe, kNop, kReturn, kNop, kReturn});
    world.code({kNop, kReturn}, {{name, 0, 4}}, {}, ".text.other");
    world.elf.relocate(world.text, 0, R_ARM_THM_PC22, world.elf.refer(name));
    EXPECT_EQ(PadResult(world).starts(world.text), (List{0, 12})) << name;
  }
}

TEST(LandingPads, WhatThePadComesBackToStays) {
  // The pad at 8 branches back to 4, which the beginning branches to as well.
  PadWorld world({0xe000, kReturn, kNop, kReturn, kNop, kBack}, area(call_site(8)));
  PadResult cut(world);
  EXPECT_EQ(cut.starts(world.text), (List{0, 8, 12}));
  EXPECT_EQ(cut.live(world.text, {"f"}), List{0});
}

TEST(LandingPads, WhoIsNamedIsNotAllOfItsSection) {
  PadWorld world;
  PadResult cut(world);
  // The symbol's size covers the pad; that keeps neither the pad nor the next function.
  const u32 table = world.pointers(world.elf.refer("f"), {0});
  EXPECT_EQ(PadResult(world).live(world.text, {}, {table}), List{0});
}

TEST(LandingPads, OfUnknownLanguagesAndFormsAreNotRead) {
  const std::vector<u16> code{kNop, kReturn, kNop, kReturn, kNop, kReturn};
  const auto starts = [&](const std::string& description, const std::string& routine) {
    PadWorld world(code, description, routine);
    return PadResult(world).starts(world.text);
  };
  const std::string cxx = "__gxx_personality_v0";
  const List whole{0, 12};
  EXPECT_EQ(starts(area(call_site(4)), "__gcc_personality_v0"), (List{0, 4, 8, 12}));
  EXPECT_EQ(starts(area(call_site(4)), "my_personality"), whole);
  EXPECT_EQ(starts(area(call_site(4), 0x1b), cxx), whole);        // a base of its own
  EXPECT_EQ(starts(area(call_site(4), 0xff, 0x0b), cxx), whole);  // numbers of another form
  EXPECT_EQ(starts(area(call_site(0)), cxx), whole);              // there is none
  EXPECT_EQ(starts(area(call_site(12)), cxx), whole);             // it belongs to g
  EXPECT_EQ(starts(area(call_site(100)), cxx), whole);
  EXPECT_EQ(starts(area(std::string("\0\2\x84\x80\x80\x80\x10\0", 8)), cxx), whole);  // 2^32 + 4
  EXPECT_EQ(starts(area(call_site(4) + '\x00'), cxx), whole);  // the last one is cut off
  const std::string in_words = words({0, 2, 4}) + '\0';
  EXPECT_EQ(starts(area(in_words, 0xff, 3), cxx), (List{0, 4, 8, 12}));
  EXPECT_EQ(starts(area(in_words, 0xff, 2), cxx), whole);
  EXPECT_EQ(starts(area(std::string(12, '\0') + "\x04" + std::string(3, '\0'), 0xff, 3), cxx),
            whole);
}

TEST(LandingPads, DamagedDescriptionsAreLeftAlone) {
  const std::string good = area(call_site(4) + call_site(0) + call_site(6));
  for (u64 size = 0; size < good.size(); size++) {
    PadWorld world({kNop, kReturn, kNop, kReturn, kNop, kReturn}, good.substr(0, size));
    PadResult(world).live(world.text, {"f"});
  }
  for (u64 at = 0; at < good.size(); at++)
    for (const int value : {0, 1, 0x7f, 0x80, 0xff}) {
      std::string bad = good;
      bad[at] = static_cast<char>(value);
      PadWorld world({kNop, kReturn, kNop, kReturn, kNop, kReturn}, bad);
      const List live = PadResult(world).live(world.text, {"f"});
      EXPECT_TRUE(std::ranges::find(live, 0u) != live.end());
    }
}

}  // namespace
}  // namespace fwseal
