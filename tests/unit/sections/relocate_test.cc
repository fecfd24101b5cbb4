// What becomes of code from whose middle something goes: what is left says the same.
#include "sections/relocate.h"

#include <gtest/gtest.h>

#include "graph/code_runs.h"
#include "prune/poison.h"
#include "tests/unit/graph/cut_world.h"

namespace fwseal {
namespace {

constexpr std::string_view kThumbNop("\x00\xbf", 2);
constexpr u32 kLiteral = 36;  // of f

// f: ldr r3, L; bne to behind the gap; the gap from 4 on; ldr r2, L+4; b to the beginning; bx lr.
// Behind it g, which nobody needs, and h.
class GapWorld : public CutWorld {
 public:
  explicit GapWorld(u32 gap, u32 alignment) : end(4 + gap) {
    std::vector<u16> all{load(3, 0, kLiteral), branch(0xd100, 2, end, 0xff)};
    all.resize(end / 2, 0xde00);  // UDF
    all.push_back(load(2, end, kLiteral + 4));
    all.push_back(branch(0xe000, end + 2, 0, 0x7ff));
    all.push_back(kReturn);
    all.resize(kLiteral / 2, kNop);
    all.insert(all.end(), {0x1111, 0x1111, 0x2222, 0x2222});
    all.insert(all.end(), {kNop, kNop, kNop, kReturn, kNop, kReturn});
    text = elf.section({.name = ".text",
                        .flags = SHF_ALLOC | SHF_EXECINSTR,
                        .contents = halfwords(all),
                        .alignment = alignment});
    elf.define_local("$t", text);
    elf.define_local("$d", text, kLiteral);
    elf.define_local("$t", text, kLiteral + 8);
    for (const auto& [name, begin, size] :
         {std::tuple("f", 0u, kLiteral + 8), std::tuple("g", kLiteral + 8, 8u),
          std::tuple("h", kLiteral + 16, 4u)})
      elf.define(name, text, {.value = begin + 1, .size = size, .type = STT_FUNC});
  }

  u32 text = 0;
  u32 end;  // of the gap

 private:
  static u16 load(u32 rd, u32 place, u32 literal) {
    return static_cast<u16>(0x4800 | rd << 8 | (literal - ((place + 4) & ~3u)) / 4);
  }
  static u16 branch(u32 code, u32 place, u32 target, u32 mask) {
    return static_cast<u16>(code | ((target - place - 4) / 2 & mask));
  }
};

// f, and h behind it, in the image.
class Gapped {
 public:
  Gapped(const GapWorld& world, Poison poison = Poison::kNothing) : cut_(world) {
    EXPECT_EQ(cut_.live(world.text, {"f", "h"}).size(), 2u);
    const Program& program = cut_.linked().program();
    const SectionId id = cut_.linked().section(world.text);
    const InputSection& section = program.inputs[id];
    const std::vector<Gap> gaps{{id, 4, world.end, kThumbNop}};
    Plan plan;
    plan.kept.assign(program.inputs.sections.size(), true);
    if (poison == Poison::kNothing)
      remove_dead_pieces(program, cut_.atoms(), cut_.reach(), {}, gaps, plan);
    else
      poison_dead(program, cut_.atoms(), cut_.reach(), {}, gaps, poison, plan);
    const CodeRuns runs = code_runs(program.inputs, program.inputs.object_of(id));
    CodeScan scan;
    EXPECT_TRUE(program.isa.scan_code(section.contents, runs.at(section.elf_index), 0, {}, scan));
    plan.references[index(id)] = scan.references;
    edits = plan.edits[index(id)];

    Layout layout;
    layout.edits = plan.edits;
    layout.places.resize(program.inputs.sections.size());
    layout.places[index(id)] = {OutputId{0}, 0};
    OutputSection& output = layout.outputs.emplace_back();
    output.name = ".text";
    output.flags = SHF_ALLOC | SHF_EXECINSTR;
    output.vma = 0x8000;
    output.size = static_cast<u64>(static_cast<i64>(section.size) + edits.growth());
    output.chunks.push_back({ChunkKind::kInput, id, 0, 0, output.size});
    std::ostringstream out;
    Diag diag(out);
    image_ = relocate(program, cut_.atoms(), plan, {}, layout, {}, kNoSection, false, diag);
    EXPECT_EQ(out.str(), "");
  }

  template <typename Value>
  Value at(u64 offset) const {
    return Bytes(image_.contents[0]).le<Value>(offset);
  }
  // What the LDR that was at `place` loads.
  u32 loaded(u64 place) const {
    const u64 there = edits.map(place);
    return at<u32>(((there + 4) & ~u64{3}) + 4 * (at<u16>(there) & 0xffu));
  }
  // Where the branch that was at `place` goes.
  u64 target(u64 place, u32 width) const {
    const u64 there = edits.map(place);
    const u32 value = at<u16>(there) << (32 - width);
    return static_cast<u64>(static_cast<i64>(there) + 4 +
                            (static_cast<i32>(value) >> (32 - width)) * 2);
  }
  u64 size() const { return image_.contents[0].size(); }

  EditList edits;

 private:
  CutResult cut_;
  Image image_;
};

TEST(RelocateGaps, WhatIsAroundThemSaysTheSame) {
  for (const u32 aligned : {2u, 4u, 8u, 16u, 64u})
    for (const u32 gap : {4u, 8u, 10u, 12u, 14u, 16u, 24u})
      for (const Poison poison : {Poison::kNothing, Poison::kPieces}) {
        const u32 alignment = std::max(aligned, 4u);  // literals are counted from multiples of 4
        SCOPED_TRACE(cat(aligned, ' ', gap, poison == Poison::kNothing ? "" : " poison"));
        const GapWorld world(gap, aligned);
        const Gapped gapped(world, poison);
        const u64 begin = gapped.edits.map(world.end);
        EXPECT_EQ(begin, 4 + gap % alignment);
        for (u64 at = 4; at < begin; at += 2) EXPECT_EQ(gapped.at<u16>(at), kNop);
        EXPECT_EQ(gapped.loaded(0), 0x1111'1111u);
        EXPECT_EQ(gapped.loaded(world.end), 0x2222'2222u);
        EXPECT_EQ(gapped.target(2, 8), begin);
        EXPECT_EQ(gapped.target(world.end + 2, 11), 0u);
        const u64 h = gapped.edits.map(kLiteral + 16);
        EXPECT_EQ(h % alignment, (kLiteral + 16) % alignment);
        EXPECT_EQ(gapped.at<u16>(h + 2), kReturn);
        EXPECT_EQ(gapped.size(), h + 4);
        const u32 dead = poison == Poison::kNothing ? 8 - 8 % alignment : 0;
        EXPECT_EQ(h, kLiteral + 16 - (gap - gap % alignment) - dead);
      }
}

}  // namespace
}  // namespace fwseal
