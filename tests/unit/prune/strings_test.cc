// What of strings and constants goes to the image, and where references to them lead.
#include "prune/strings.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "prune/poison.h"
#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

using namespace std::string_literals;

class Strings {
 public:
  CutWorld world;

  u32 add(const std::string& contents, u32 alignment = 1) {
    sections_.push_back(world.elf.section({.name = ".rodata.str1." + std::to_string(alignment),
                                           .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
                                           .contents = contents,
                                           .alignment = alignment,
                                           .entry_size = 1}));
    return sections_.back();
  }
  // Live data with a pointer to a place in one of them.
  void point_to(u32 section, u32 offset) {
    roots_.push_back(world.pointers(world.elf.section_symbol(section), {offset}));
  }
  u32 add_constants(const std::string& contents, u32 unit) {
    sections_.push_back(world.elf.section({.name = ".rodata.cst",
                                           .flags = SHF_ALLOC | SHF_MERGE,
                                           .contents = contents,
                                           .alignment = unit,
                                           .entry_size = unit}));
    return sections_.back();
  }

  // Once the world is complete: merges what is live.
  void merge(bool poison = false) {
    CutResult cut(world);
    const Program& program = cut.linked().program();
    ClauseOptions options;
    for (const u32 root : roots_)
      options.roots.push_back({cut.linked().section(root), ClauseKind::kKeep});
    const Reach live = reach(collect_clauses(program, cut.atoms(), options));
    Plan plan;
    for (u32 i = 0; i < program.inputs.sections.size(); i++)
      plan.kept.push_back(cut.atoms().any_live(live, SectionId{i}));
    if (poison)
      poison_dead(program, cut.atoms(), live, {}, {}, Poison::kAll, plan);
    else
      remove_dead_pieces(program, cut.atoms(), live, {}, {}, plan);
    std::vector<SectionId> sections;
    for (const u32 section : sections_) {
      ids_.push_back(cut.linked().section(section));
      if (plan.keeps(ids_.back())) sections.push_back(ids_.back());
    }
    merged = merge_strings(program.inputs, plan, sections, std::vector<u32>(sections.size(), 0));
  }

  // Where in the blob a place of the section went.
  u64 place(u32 section, u64 offset) const {
    const auto at = std::ranges::find(sections_, section) - sections_.begin();
    return merged.map(ids_[static_cast<u64>(at)], offset);
  }
  // What is there, up to the end of the blob. All sections of a test share one.
  std::string found(u32 section, u64 offset) const {
    return merged.blobs[0].bytes.substr(place(section, offset));
  }
  std::string text(u32 section, u64 offset) const { return found(section, offset).c_str(); }

  MergedStrings merged;

 private:
  std::vector<u32> sections_;
  std::vector<SectionId> ids_;
  std::vector<u32> roots_;
};

TEST(Strings, DeadOnesAreNotInTheBlob) {
  Strings strings;
  const u32 texts = strings.add("first\0second\0third\0"s);
  strings.point_to(texts, 6);
  strings.merge();
  ASSERT_EQ(strings.merged.blobs.size(), 1u);
  EXPECT_EQ(strings.merged.blobs[0].bytes, "second\0"s);
  EXPECT_EQ(strings.text(texts, 6), "second");
  EXPECT_EQ(strings.text(texts, 9), "ond");
}

// The end of a live string is that of a dead one, which goes.
TEST(Strings, TailsOfDeadOnesStandAlone) {
  Strings strings;
  const u32 longer = strings.add("keyboard\0other\0"s);
  const u32 shorter = strings.add("board\0unused\0"s);
  strings.point_to(longer, 9);
  strings.point_to(shorter, 0);
  strings.merge();
  EXPECT_EQ(strings.merged.blobs[0].bytes, "other\0board\0"s);
  EXPECT_EQ(strings.text(shorter, 0), "board");
}

// The other way round, the dead one would have been in there, and a live one in its middle.
TEST(Strings, TailsOfLiveOnesAreShared) {
  Strings strings;
  const u32 longer = strings.add("unused\0keyboard\0"s);
  const u32 shorter = strings.add("board\0dead\0"s, 4);
  strings.point_to(longer, 7 + 2);
  strings.point_to(shorter, 0);
  strings.merge();
  // The strictly aligned one does not lie at a multiple of 4 in the other.
  EXPECT_EQ(strings.text(shorter, 0), "board");
  EXPECT_EQ(strings.text(longer, 7), "keyboard");
  EXPECT_EQ(strings.place(shorter, 0) % 4, 0u);
}

TEST(Strings, EqualOnesOfSeveralSections) {
  Strings strings;
  const u32 one = strings.add("same\0dead\0"s);
  const u32 two = strings.add("dead\0same\0"s, 4);
  strings.point_to(one, 0);
  strings.point_to(two, 5);
  strings.merge();
  EXPECT_EQ(strings.merged.blobs[0].bytes, "same\0"s);
  EXPECT_EQ(strings.found(one, 0), strings.found(two, 5));
}

TEST(Strings, DeadInOneSectionAndLiveInAnother) {
  Strings strings;
  const u32 one = strings.add("same\0live\0"s);
  const u32 two = strings.add("same\0dead\0"s);
  strings.point_to(one, 5);
  strings.point_to(two, 0);
  strings.merge();
  EXPECT_EQ(strings.text(two, 0), "same");
  EXPECT_EQ(strings.text(one, 5), "live");
}

TEST(Strings, Constants) {
  Strings strings;
  const u32 constants = strings.add_constants("aaaaaaaabbbbbbbbccccccccaaaaaaaa"s, 8);
  strings.point_to(constants, 16);
  strings.point_to(constants, 24 + 4);
  strings.merge();
  EXPECT_EQ(strings.merged.blobs[0].bytes, "ccccccccaaaaaaaa"s);
  EXPECT_EQ(strings.found(constants, 28), "aaaa");
}

TEST(Strings, PoisonTakesTheirPlace) {
  Strings strings;
  const u32 texts = strings.add("first\0second\0third\0"s);
  strings.point_to(texts, 6);
  strings.merge(true);
  EXPECT_EQ(strings.text(texts, 6), "second");
  EXPECT_EQ(strings.text(texts, 0), "\xee\xee\xee\xee\xee");
  EXPECT_EQ(strings.text(texts, 13), "\xee\xee\xee\xee\xee");
}

}  // namespace
}  // namespace fwseal
