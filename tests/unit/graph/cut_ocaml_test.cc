// Where a section is cut that holds OCaml's code, the runtime's assembly and C, as ld -r makes it.
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;

// Functions with a word of data in each: camlA__f and camlA__g are the unit camlA, c and d are C,
// and between them is the runtime's caml_start_program. The symbols for the ends of the unit and of
// the runtime stand before data.
class MixedWorld : public CutWorld {
 public:
  static constexpr u32 kFrameWords = 4;

  u32 text = 0;
  u32 frames = 0;

  // `returns`: where calls return to, by the unit's frametable.
  explicit MixedWorld(const std::vector<u32>& returns = {4, 16},
                      const std::string& compiler = "GCC: (tests) 12.2.1")
      : CutWorld(compiler) {
    std::vector<u16> all;
    std::vector<Part> parts;
    std::vector<u32> data;
    for (const char* const name : {"camlA__f", "camlA__g", "c", "caml_start_program", "d"}) {
      const u32 begin = 2 * static_cast<u32>(all.size());
      parts.push_back({name, begin, 12});
      all.insert(all.end(), {kNop, kReturn, 0, 0, kNop, kReturn});
      data.insert(data.end(), {begin + 4, begin + 8});
    }
    text = code(all, parts, data);
    mark("camlA", 0, 16);
    mark("caml_system", 36, 40);
    frames = elf.data(".data.frames", words(std::vector<u32>(kFrameWords)));
    elf.define("camlA__frametable", frames, {.size = 4 * kFrameWords, .type = STT_OBJECT});
    for (u32 i = 0; i < returns.size(); i++)
      elf.relocate(frames, 4 + 4 * i, R_ARM_ABS32,
                   elf.define_local(cat(".L", i), text, returns[i] | 1, STT_FUNC));
    list("caml_frametable", {"camlA__frametable"});
    list("caml_code_segments", {"camlA__code_begin", "camlA__code_end", "caml_system__code_begin",
                                "caml_system__code_end"});
  }

  void list(const std::string& name, const std::vector<std::string>& names) {
    const u32 section = elf.data(".data." + name, std::string(4 * names.size() + 4, '\0'));
    elf.define(name, section);
    for (u32 i = 0; i < names.size(); i++)
      elf.relocate(section, 4 * i, R_ARM_ABS32, elf.refer(names[i]));
  }

 private:
  void mark(const std::string& unit, u32 begin, u32 end) {
    elf.define(unit + "__code_begin", text, {.value = begin});
    elf.define(unit + "__code_end", text, {.value = end});
  }
};

List starts(const MixedWorld& world) { return CutResult(world).starts(world.text); }

const List kAll{0, 12, 24, 36, 48};

// At 4, 16 and 40 are data. The unit's code ends at 16, where a call in it returns to.
TEST(CutOcaml, OneSectionForAll) {
  MixedWorld world;
  CutResult cut(world);
  EXPECT_EQ(cut.starts(world.text), kAll);
  EXPECT_EQ(cut.live(world.text, {"camlA__g", "d"}), (List{12, 48}));
}

TEST(CutOcaml, OthersReferToWhatIsAmongTheCode) {
  for (const u32 place : {4u, 16u, 40u}) {
    MixedWorld by_section;
    by_section.pointers(by_section.elf.section_symbol(by_section.text), {place});
    EXPECT_EQ(starts(by_section), List{}) << place;
    MixedWorld by_name;
    by_name.pointers(by_name.elf.define("place", by_name.text, {.value = place}), {0});
    EXPECT_EQ(starts(by_name), List{}) << place;
  }
  MixedWorld by_label;
  by_label.pointers(by_label.elf.define_local(".L100", by_label.text, 5, STT_FUNC), {0});
  EXPECT_EQ(starts(by_label), List{});
  MixedWorld behind_the_table;  // and no part of it
  const u32 more = behind_the_table.elf.data(".data.frames", words({0}));
  behind_the_table.elf.relocate(
      more, 0, R_ARM_ABS32,
      behind_the_table.elf.define_local(".L100", behind_the_table.text, 5, STT_FUNC));
  EXPECT_EQ(starts(behind_the_table), List{});
}

// Return addresses in C and in the runtime are none of the unit's.
TEST(CutOcaml, FrametablesThatLeadElsewhere) {
  for (const u32 place : {28u, 40u, 52u})
    EXPECT_EQ(starts(MixedWorld({4, place})), List{}) << place;
}

// Assembly and C without the compiler's mark may count from one function to the next.
TEST(CutOcaml, WithoutTheMarkOfACompiler) {
  MixedWorld world({4, 16}, "");
  world.pointers(world.elf.refer("c"), {0});
  EXPECT_EQ(starts(world), List{});
}

}  // namespace
}  // namespace fwseal
