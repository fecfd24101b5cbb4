// Code with anchors of which relocations say what no compiler says: it is not followed.
#include <gtest/gtest.h>

#include <functional>

#include "tests/unit/graph/anchor_world.h"

namespace fwseal {
namespace {

using List = CutResult::List;
const List& kAll = AnchorWorld::kAll;

// What code keeps of data once `relocate` has added to its relocations.
List kept(const Code& code, const std::vector<i32>& bases,
          const std::function<void(AnchorWorld&)>& relocate = {}) {
  AnchorWorld world(code, bases);
  if (relocate) relocate(world);
  CutResult cut(world);
  EXPECT_EQ(cut.starts(world.data), kAll);
  EXPECT_FALSE(cut.starts(world.text).empty());
  return cut.live(world.data, {"f"});
}

void relocate(AnchorWorld& world, u32 offset, u32 type, const std::string& name = "elsewhere") {
  world.elf.relocate(world.text, offset, type, world.elf.refer(name));
}

TEST(AnchorRelocations, InTheMiddleOfAnInstruction) {
  // push {r4, lr}; ldr r4, L; bl; ldr r0, [r4, #4]; pop {r4, pc}
  const Code code{0xb510, 0x4c02, 0xf000, 0xf800, 0x6860, 0xbd10};
  const auto with_call = [&](std::initializer_list<u32> places) {
    return kept(code, {64}, [&](AnchorWorld& world) {
      for (const u32 place : places) relocate(world, place, R_ARM_THM_PC22);
    });
  };
  EXPECT_EQ(with_call({4}), List{64});
  EXPECT_EQ(with_call({6}), kAll);
  EXPECT_EQ(with_call({4, 6}), kAll);
  EXPECT_EQ(with_call({4, 4}), kAll);
}

// ldr.w r2, L+2; ldr r3, L; ldr r0, [r3, r1]; bx lr: r3 holds half of an address.
TEST(AnchorRelocations, InTheMiddleOfALiteral) {
  const auto in_literal = [](u32 offset) {
    return kept({0xf8df, 0x200a, 0x4b01, 0x5858, 0x4770, kNop, 0, 0, 0, 0}, {},
                [&](AnchorWorld& world) {
                  world.elf.define_local("$d", world.text, 12);
                  world.elf.relocate(world.text, 12 + offset, R_ARM_ABS32,
                                     world.elf.section_symbol(world.data));
                });
  };
  EXPECT_EQ(in_literal(2), kAll);
}

// The distance from the place to the data, not an address.
TEST(AnchorRelocations, LiteralsThatAreNoAddresses) {
  const auto of_type = [](u32 type) {
    return kept({0x4b01, 0x6a98, kReturn, kNop, 0, 0}, {}, [&](AnchorWorld& world) {
      world.elf.define_local("$d", world.text, 8);
      world.elf.relocate(world.text, 8, type, world.elf.section_symbol(world.data));
    });
  };
  EXPECT_EQ(of_type(R_ARM_ABS32), (List{0, 32}));
  EXPECT_EQ(of_type(R_ARM_PREL31), kAll);
}

// ldr r3, L; ldr r0, [r3, #4]; bx lr: how far from r3 it loads is what a symbol says.
TEST(AnchorRelocations, OfLoads) {
  const Code code{0x4b01, 0x6858, kReturn, kNop};
  EXPECT_EQ(kept(code, {64}), List{64});
  EXPECT_EQ(kept(code, {64}, [](AnchorWorld& world) { relocate(world, 2, R_ARM_THM_ABS5); }), kAll);
}

// Of them the instruction as it stands does not say where it goes.
TEST(AnchorRelocations, OfJumps) {
  // ldr r3, L; cbz r0, 1f; ldr r0, [r3]; 1: bx lr
  const Code branch{0x4b01, 0xb100, 0x6818, 0x4770};
  EXPECT_EQ(kept(branch, {64}), List{64});
  EXPECT_EQ(
      kept(branch, {64}, [](AnchorWorld& world) { relocate(world, 2, R_ARM_THM_JUMP6, "g"); }),
      kAll);
  // ldr r0, L; bx r1
  const Code jump{0x4800, 0x4708};
  EXPECT_EQ(kept(jump, {64}), (List{32, 64}));
  EXPECT_EQ(kept(jump, {64}, [](AnchorWorld& world) { relocate(world, 2, R_ARM_THM_PC11); }), kAll);
  // push {r4, lr}; ldr r4, L; blx r0; ldr r0, [r4, #4]; pop {r4, pc}
  const Code call{0xb510, 0x4c02, 0x4780, 0x6860, 0xbd10, kNop};
  EXPECT_EQ(kept(call, {64}), List{64});
  EXPECT_EQ(kept(call, {64}, [](AnchorWorld& world) { relocate(world, 4, R_ARM_THM_PC11); }), kAll);
}

// movw r3, #0; movt r3, #0; ldr r0, [r3, #4]; bx lr
TEST(AnchorRelocations, HalvesOfTwoSections) {
  CutWorld world("");
  world.elf.data(".comment", std::string("\0GCC: (15:12.2) 12.2.1", 22), 0);
  const std::vector<u32> contents(32, 1);
  const u32 data = world.objects(".rodata", contents, AnchorWorld::four_objects());
  const u32 others = world.objects(".data", contents, AnchorWorld::four_objects());
  const u32 text = world.code({0xf240, 0x0300, 0xf2c0, 0x0300, 0x6858, kReturn, kReturn, kNop},
                              {{"f", 0, 12}, {"g", 12, 4}});
  world.elf.relocate(text, 0, R_ARM_THM_MOVW_ABS_NC, world.elf.section_symbol(data));
  world.elf.relocate(text, 4, R_ARM_THM_MOVT_ABS, world.elf.section_symbol(others));
  CutResult cut(world);
  EXPECT_EQ(cut.live(data, {"f"}), kAll);
  EXPECT_EQ(cut.live(others, {"f"}), kAll);
}

TEST(AnchorRelocations, HalvesOfWhichOneIsOfNoAddress) {
  const auto with = [](const Code& code, bool is_whole) {
    return kept(code, {}, [&](AnchorWorld& world) {
      const u32 data = world.elf.section_symbol(world.data);
      world.elf.relocate(world.text, 2, R_ARM_THM_MOVW_ABS_NC, data);
      world.elf.relocate(world.text, 6, R_ARM_THM_MOVT_ABS,
                         is_whole ? data : world.elf.refer("elsewhere"));
    });
  };
  // nop; movw r3, #0; movt r3, #0; ldr r0, [r3, #4]; bx lr
  const Code halves{kNop, 0xf240, 0x0300, 0xf2c0, 0x0300, 0x6858, kReturn, kNop};
  EXPECT_EQ(with(halves, true), List{0});
  EXPECT_EQ(with(halves, false), kAll);
  // nop; movs r0, r2, which is no MOVW; movs r0, r0; movt r0, #0; ldr r0, [r0, #4]; bx lr
  EXPECT_EQ(with({kNop, 0x0010, 0x0000, 0xf2c0, 0x0000, 0x6840, kReturn, kNop}, true), kAll);
}

// ldr r3, L; and r1, r1, #64; add r3, r1; movt r3, #0; ldr r0, [r3]; bx lr
TEST(AnchorRelocations, UpperHalfOfWhatIsNoLowerHalf) {
  EXPECT_EQ(kept({0x4b03, 0xf001, 0x0140, 0x440b, 0xf2c0, 0x0300, 0x6818, kReturn}, {0},
                 [](AnchorWorld& world) {
                   world.elf.relocate(world.text, 8, R_ARM_THM_MOVT_ABS,
                                      world.elf.section_symbol(world.data));
                 }),
            kAll);
}

}  // namespace
}  // namespace fwseal
