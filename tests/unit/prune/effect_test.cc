#include "prune/effect.h"

#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

// A function f of Thumb code, and the literals behind it.
// AAELF32 calls R_ARM_THM_PC22 R_ARM_THM_CALL; elf.h has the old name.
Effect effect_in(const LinkedObject& object, const CodeSection& code, bool is_thumb) {
  const Atoms atoms(object.program().inputs.sections.size());
  EffectSearch search(object.program(), atoms, object.plain());
  return effect_of(search, {object.section(code.section), 0, is_thumb});
}

class EffectTest : public testing::Test {
 protected:
  CodeSection code(const std::vector<u16>& halves, u32 literals = 0x1000) {
    return add_code(elf_, "f", halfwords(halves), literals);
  }
  void literal(u32 offset, u32 symbol) { elf_.relocate(f_.section, offset, R_ARM_ABS32, symbol); }

  // What it writes, in words; or why nothing is known.
  std::string effect() {
    const LinkedObject object(elf_);
    const Effect effect = effect_in(object, f_, true);
    if (!effect.proven) return effect.reason;
    std::string text = "writes";
    for (const AtomId written : effect.writes) text += " " + object.name(SectionId{index(written)});
    return text;
  }
  // The reason without its place.
  std::string refusal() {
    const std::string text = effect();
    return text.substr(0, text.find(" at a.o"));
  }

  // f: movs r2, #7; ldr r3, =symbol; str r2, [r3]; bx lr
  void stores_to(u32 symbol) {
    f_ = code({0x2207, 0x4b01, 0x601a, 0x4770, 0, 0}, 8);
    literal(8, symbol);
  }

  ElfBuilder elf_;
  CodeSection f_;
};

TEST_F(EffectTest, SeesThatNothingIsDone) {
  f_ = code({0x4770});  // bx lr
  EXPECT_EQ(effect(), "writes");
}

TEST_F(EffectTest, SeesThatAnUnoptimisedFunctionDoesNothing) {
  // push {r7}; add r7, sp, #0; nop; mov sp, r7; pop {r7}; bx lr
  f_ = code({0xb480, 0xaf00, 0xbf00, 0x46bd, 0xbc80, 0x4770});
  EXPECT_EQ(effect(), "writes");
}

TEST_F(EffectTest, SeesStoresToData) {
  stores_to(elf_.define("x", elf_.bss(".bss.x", 4)));
  EXPECT_EQ(effect(), "writes .bss.x");
}

TEST_F(EffectTest, SeesStoresByMovwAndMovt) {
  // movw r3, #:lower16:x; movt r3, #:upper16:x; str r3, [r3]; bx lr
  const u32 x = elf_.define("x", elf_.bss(".bss.x", 4));
  f_ = code({0xf240, 0x0300, 0xf2c0, 0x0300, 0x601b, 0x4770});
  elf_.relocate(f_.section, 0, R_ARM_THM_MOVW_ABS_NC, x);
  elf_.relocate(f_.section, 4, R_ARM_THM_MOVT_ABS, x);
  EXPECT_EQ(effect(), "writes .bss.x");
}

TEST_F(EffectTest, KeepsHalvesOfTwoAddressesApart) {
  const u32 x = elf_.define("x", elf_.bss(".bss.x", 4));
  const u32 y = elf_.define("y", elf_.bss(".bss.y", 4));
  f_ = code({0xf240, 0x0300, 0xf2c0, 0x0300, 0x601b, 0x4770});
  elf_.relocate(f_.section, 0, R_ARM_THM_MOVW_ABS_NC, x);
  elf_.relocate(f_.section, 4, R_ARM_THM_MOVT_ABS, y);
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST_F(EffectTest, TakesNumbersForDevices) {
  // mov.w r3, #0x40000000; movs r2, #1; str r2, [r3]; bx lr
  f_ = code({0xf04f, 0x4380, 0x2201, 0x601a, 0x4770});
  EXPECT_EQ(refusal(), "it writes to address 0x40000000, which may be a device,");
}

TEST_F(EffectTest, TakesLiteralsWithoutRelocationForDevices) {
  f_ = code({0x2207, 0x4b01, 0x601a, 0x4770, 0x0000, 0x4000}, 8);
  EXPECT_EQ(refusal(), "it writes to address 0x40000000, which may be a device,");
}

TEST_F(EffectTest, TakesAbsoluteSymbolsForDevices) {
  stores_to(elf_.absolute("UART", 0x40000000));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST_F(EffectTest, TakesReadsOfDevicesForEffects) {
  // mov.w r3, #0x40000000; ldr r3, [r3]; bx lr
  f_ = code({0xf04f, 0x4380, 0x681b, 0x4770});
  EXPECT_EQ(refusal(), "it reads address 0x40000000, which may be a device,");
}

TEST_F(EffectTest, TakesSectionsOfTheirOwnForDevices) {
  stores_to(elf_.define("x", elf_.bss(".uart0", 4)));
  EXPECT_EQ(refusal(), "it writes to .uart0, which may be no ordinary memory,");
}

TEST_F(EffectTest, StaysWithinBounds) {
  stores_to(elf_.define("x", elf_.bss(".bss.x", 8), {.value = 4}));
  EXPECT_EQ(effect(), "writes .bss.x");
  elf_ = {};
  stores_to(elf_.define("x", elf_.bss(".bss.x", 7), {.value = 4}));
  EXPECT_EQ(refusal(), "it reaches past the bounds of .bss.x");
}

TEST_F(EffectTest, DoesNotWriteToConstants) {
  stores_to(elf_.define("x", elf_.data(".rodata.x", "abcd", SHF_ALLOC)));
  EXPECT_EQ(refusal(), "it writes to .rodata.x, which may be no ordinary memory,");
}

TEST_F(EffectTest, DoesNotFollowPointersInMemory) {
  // ldr r3, =p; ldr r3, [r3]; str r3, [r3]; bx lr
  const u32 p = elf_.define("p", elf_.data(".data.p", std::string(4, '\0')));
  f_ = code({0x4b01, 0x681b, 0x601b, 0x4770, 0, 0}, 8);
  literal(8, p);
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST_F(EffectTest, DoesNotPassBarriers) {
  f_ = code({0xf3bf, 0x8f4f, 0x4770});  // dsb
  EXPECT_EQ(refusal(), "an instruction that is not followed");
}

TEST_F(EffectTest, TakesLoopsForDelays) {
  f_ = code({0x2303, 0x3b01, 0xd1fd, 0x4770});  // movs r3, #3; 1: subs r3, #1; bne 1b; bx lr
  EXPECT_EQ(refusal(), "it has a loop");
  elf_ = {};
  f_ = code({0xe7fe});  // b .
  EXPECT_EQ(refusal(), "it has a loop");
}

TEST_F(EffectTest, FollowsBothWays) {
  // ldr r3, =x; ldr r2, [r3]; cbz r2, 1f; str r2, [r3]; 1: bx lr
  const u32 x = elf_.define("x", elf_.bss(".bss.x", 4));
  f_ = code({0x4b02, 0x681a, 0xb102, 0x601a, 0x4770, 0xbf00, 0, 0}, 12);
  literal(12, x);
  EXPECT_EQ(effect(), "writes .bss.x");
}

TEST_F(EffectTest, FollowsManyGuardsInARow) {
  // ldr r3, =x; movs r2, #1; as often as there are guards: ldr r1, [r3]; cbnz r1, 1f; str r2, [r3];
  // 1: nop; bx lr
  const u32 x = elf_.define("x", elf_.bss(".bss.x", 4));
  std::vector<u16> halves{0x4b00, 0x2201};
  for (int i = 0; i < 20; i++) halves.insert(halves.end(), {0x6819, 0xb901, 0x601a, 0xbf00});
  halves.insert(halves.end(), {0x4770, 0xbf00});
  const u32 end = static_cast<u32>(2 * halves.size());
  halves[0] = static_cast<u16>(halves[0] | (end - 4) / 4);
  halves.insert(halves.end(), {0, 0});
  f_ = code(halves, end);
  literal(end, x);
  EXPECT_EQ(effect(), "writes .bss.x");
}

TEST_F(EffectTest, FindsLoopsBehindWherePathsMeet) {
  // ldr r3, =x; 0: ldr r2, [r3]; cmp r2, #0; beq 1f; nop; 1: nop; b 0b
  const u32 x = elf_.define("x", elf_.bss(".bss.x", 4));
  f_ = code({0x4b04, 0x681a, 0x2a00, 0xd000, 0xbf00, 0xbf00, 0xe7f9, 0x4770, 0xbf00, 0xbf00, 0, 0},
            20);
  literal(20, x);
  EXPECT_EQ(refusal(), "it has a loop");
}

TEST_F(EffectTest, WantsSavedRegistersBack) {
  f_ = code({0x2400, 0x4770});  // movs r4, #0; bx lr
  EXPECT_EQ(refusal(), "it returns with another value in r4");
  elf_ = {};
  f_ = code({0x4699, 0x4770});  // mov r9, r3; bx lr
  EXPECT_EQ(refusal(), "it returns with another value in r9");
  elf_ = {};
  f_ = code({0xb082, 0x4770});  // sub sp, #8; bx lr
  EXPECT_EQ(refusal(), "it returns with another sp");
}

TEST_F(EffectTest, StaysInItsFrame) {
  f_ = code({0x9000, 0x4770});  // str r0, [sp]: that word is the caller's
  EXPECT_EQ(refusal(), "it reaches outside its stack frame");
}

TEST_F(EffectTest, ForgetsWhatIsBelowTheStackPointer) {
  // push {lr}; add sp, #4; sub sp, #4; pop {pc}: an interrupt may have been there
  f_ = code({0xb500, 0xb001, 0xb081, 0xbd00});
  EXPECT_EQ(refusal(), "it jumps to a place that is not known");
}

TEST_F(EffectTest, PassesCallsOfWhatNobodyDefines) {
  const u32 nobody = elf_.refer("nobody", STB_WEAK);
  f_ = code({0xb508, 0xf7ff, 0xfffe, 0xbd08});  // push {r3, lr}; bl nobody; pop {r3, pc}
  elf_.relocate(f_.section, 2, R_ARM_THM_PC22, nobody);
  EXPECT_EQ(effect(), "writes");
}

TEST_F(EffectTest, DoesNotPassCallsOfWhatIsMissing) {
  const u32 missing = elf_.refer("printf");
  f_ = code({0xb508, 0xf7ff, 0xfffe, 0xbd08});
  elf_.relocate(f_.section, 2, R_ARM_THM_PC22, missing);
  const LinkedObject object(elf_);
  EXPECT_EQ(refusal(), "it calls printf, whose code is not known,");
}

TEST_F(EffectTest, FollowsCalls) {
  const u32 x = elf_.define("x", elf_.bss(".bss.x", 4));
  f_ = code({0xb508, 0xf7ff, 0xfffe, 0xbd08});
  const CodeSection g = add_code(elf_, "g", halfwords({0x2207, 0x4b01, 0x601a, 0x4770, 0, 0}), 8);
  elf_.relocate(g.section, 8, R_ARM_ABS32, x);
  elf_.relocate(f_.section, 2, R_ARM_THM_PC22, g.function);
  EXPECT_EQ(effect(), "writes .bss.x");
}

TEST_F(EffectTest, DoesNotFollowRecursion) {
  f_ = code({0xb508, 0xf7ff, 0xfffe, 0xbd08});
  elf_.relocate(f_.section, 2, R_ARM_THM_PC22, f_.function);
  EXPECT_EQ(refusal(), "its calls are nested deeper than is followed");
}

TEST_F(EffectTest, DoesNotCallThroughWhatIsNotKnown) {
  // push {r3, lr}; ldr r3, =p; ldr r3, [r3]; blx r3; pop {r3, pc}
  const u32 p = elf_.define("p", elf_.data(".data.p", std::string(4, '\0')));
  f_ = code({0xb508, 0x4b02, 0x681b, 0x4798, 0xbd08, 0xbf00, 0, 0}, 12);
  literal(12, p);
  EXPECT_EQ(refusal(), "it calls a function that is not known");
}

// crtbegin.o's frame_dummy: a weak function is called if it is there.
TEST_F(EffectTest, KnowsThatWhatNobodyDefinesIsZero) {
  // push {r3, lr}; ldr r3, =hook; cbz r3, 1f; blx r3; 1: pop {r3, pc}
  const u32 hook = elf_.refer("hook", STB_WEAK);
  f_ = code({0xb508, 0x4b02, 0xb103, 0x4798, 0xbd08, 0xbf00, 0, 0}, 12);
  literal(12, hook);
  EXPECT_EQ(effect(), "writes");
}

// A weak symbol that somebody defines, and a place behind one that nobody does, are not 0.
TEST_F(EffectTest, KnowsWhatIsNotZero) {
  // ldr r3, =hook; cmp r3, #0; it ne; strne r0, [r1]; bx lr
  const std::vector<u16> halves{0x4b02, 0x2b00, 0xbf18, 0x6008, 0x4770, 0xbf00};
  std::vector<u16> with_hook = halves;
  with_hook.insert(with_hook.end(), {0, 0});
  f_ = code(with_hook, 12);
  literal(12, elf_.define_weak("hook", elf_.bss(".bss.hook", 4)));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
  elf_ = {};
  std::vector<u16> behind_hook = halves;
  behind_hook.insert(behind_hook.end(), {4, 0});
  f_ = code(behind_hook, 12);
  literal(12, elf_.refer("hook", STB_WEAK));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
  elf_ = {};
  // movs r3, #1; movt r3, #:upper16:hook; cmp r3, #0; it ne; strne r0, [r1]; bx lr
  f_ = code({0x2301, 0xf2c0, 0x0300, 0x2b00, 0xbf18, 0x6008, 0x4770});
  elf_.relocate(f_.section, 2, R_ARM_THM_MOVT_ABS, elf_.refer("hook", STB_WEAK));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST_F(EffectTest, FollowsPlainRelocationsOnly) {
  stores_to(elf_.define("x", elf_.bss(".bss.x", 4)));
  literal(8, elf_.define("y", elf_.bss(".bss.y", 4)));  // a second one at one place
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
  elf_ = {};
  stores_to(elf_.define("x", elf_.bss(".bss.x", 4)));
  elf_.relocate(f_.section, 10, R_ARM_ABS16, elf_.refer("y", STB_WEAK));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
  elf_ = {};
  f_ = code({0x2207, 0x4b01, 0x601a, 0x4770, 0, 0}, 8);
  elf_.relocate(f_.section, 8, R_ARM_REL32, elf_.define("x", elf_.bss(".bss.x", 4)));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
  elf_ = {};
  f_ = code({0xf04f, 0x0200, 0x4770});  // mov.w r2, #0
  elf_.relocate(f_.section, 2, R_ARM_ABS32, elf_.define("x", elf_.bss(".bss.x", 4)));
  EXPECT_EQ(refusal(), "relocations that overlap an instruction");
  elf_ = {};
  f_ = code({0xbf00, 0x4770});
  elf_.relocate(f_.section, 0, R_ARM_THM_PC11, elf_.define("x", elf_.bss(".bss.x", 4)));
  EXPECT_EQ(refusal(), "a relocation that is not followed");
}

// Of them the instruction as it stands does not say where it goes.
TEST_F(EffectTest, DoesNotFollowRelocationsOfRegisterJumps) {
  const auto with = [&](const std::vector<u16>& halves, u32 place) {
    elf_ = {};
    f_ = code(halves);
    if (place != 0) elf_.relocate(f_.section, place, R_ARM_THM_PC11, elf_.refer("g", STB_WEAK));
    return refusal();
  };
  const std::vector<u16> branch{0x2301, 0xb103, 0xbf00, 0x4770};  // movs r3, #1; cbz r3; nop; bx lr
  EXPECT_EQ(with(branch, 0), "writes");
  EXPECT_EQ(with(branch, 2), "a relocation that is not followed");
  EXPECT_EQ(with(branch, 6), "a relocation that is not followed");
  elf_ = {};
  // push {lr}; ldr r3, =g; blx r3; pop {pc}
  f_ = code({0xb500, 0x4b01, 0x4798, 0xbd00, 0, 0}, 8);
  literal(8, add_code(elf_, "g", halfwords({0x4770}), 2).function);
  EXPECT_EQ(effect(), "writes");
  elf_.relocate(f_.section, 4, R_ARM_THM_PC11, elf_.refer("g"));
  EXPECT_EQ(refusal(), "a relocation that is not followed");
}

TEST_F(EffectTest, TakesHalvesOfAddressesForNothingElse) {
  const auto with = [&](u16 first, u16 second, u32 low, u32 high) {
    elf_ = {};
    const u32 x = elf_.define("x", elf_.bss(".bss.x", 4));
    f_ = code({first, second, 0xf2c0, 0x0300, 0x601b, 0x4770});  // movt r3; str r3, [r3]; bx lr
    elf_.relocate(f_.section, 0, low, x);
    elf_.relocate(f_.section, 4, high, x);
    return refusal();
  };
  EXPECT_EQ(with(0xf240, 0x0300, R_ARM_THM_MOVW_ABS_NC, R_ARM_THM_MOVT_ABS), "writes .bss.x");
  EXPECT_EQ(with(0xf240, 0x0300, R_ARM_THM_MOVW_PREL_NC, R_ARM_THM_MOVT_PREL),
            "a relocation that is not followed");
  EXPECT_EQ(with(0xf240, 0x0300, R_ARM_THM_MOVW_ABS_NC, R_ARM_THM_MOVT_PREL),
            "a relocation that is not followed");
  // mov.w r3, r2
  EXPECT_EQ(with(0xea4f, 0x0302, R_ARM_THM_MOVW_ABS_NC, R_ARM_THM_MOVT_ABS),
            "a relocation that is not followed");
}

TEST_F(EffectTest, ReadsOrdinaryMemoryOnly) {
  // ldr r3, =x; ldr r3, [r3]; bx lr
  f_ = code({0x4b01, 0x681b, 0x4770, 0xbf00, 0, 0}, 8);
  literal(8, elf_.define("x", elf_.bss(".uart0", 4)));
  EXPECT_EQ(refusal(), "it reads .uart0, which may be no ordinary memory,");
}

// Only whole words of constants that keep their place are known.
TEST_F(EffectTest, KnowsConstants) {
  // ldr r3, =x; LOAD r3, [r3]; cmp r3, #0; it eq; streq r0, [r1]; bx lr
  const auto load = [&](u16 instruction, u32 flags) {
    elf_ = {};
    f_ = code({0x4b02, instruction, 0x2b00, 0xbf08, 0x6008, 0x4770, 0, 0}, 12);
    literal(12, elf_.define("x", elf_.section({.name = ".rodata.x",
                                               .flags = flags,
                                               .contents = std::string("\0\1\0\0", 4),
                                               .entry_size = 4})));
    return refusal();
  };
  EXPECT_EQ(load(0x681b, SHF_ALLOC), "writes");                                     // ldr: 256
  EXPECT_EQ(load(0x781b, SHF_ALLOC), "it writes to an address that is not known");  // ldrb: 0
  EXPECT_EQ(load(0x681b, SHF_ALLOC | SHF_MERGE), "it writes to an address that is not known");
}

// str.w r0, [r3, #2]: to two objects.
TEST_F(EffectTest, SeesAllThatAStoreWrites) {
  f_ = code({0x4b01, 0xf8c3, 0x0002, 0x4770, 0, 0}, 8);
  const u32 section = elf_.bss(".bss.x", 8);
  literal(8, elf_.define("x", section));
  const LinkedObject object(elf_);
  Atoms atoms(object.program().inputs.sections.size());
  atoms.cut(object.section(section), std::vector<u32>{0, 4}, 8, {});
  EffectSearch search(object.program(), atoms, object.plain());
  const Effect effect = effect_of(search, {object.section(f_.section), 0, true});
  EXPECT_EQ(effect.writes, (std::vector{atoms.at(object.section(section), 0),
                                        atoms.at(object.section(section), 4)}));
}

TEST_F(EffectTest, RunsOnlyWhatIsMarkedAsCode) {
  f_ = code({0xbf00, 0x4770}, 2);
  EXPECT_EQ(refusal(), "it runs into what is not marked as code of its kind");
  elf_ = {};
  f_ = code({0xbf00});
  EXPECT_EQ(refusal(), "it runs past the end of its section");
}

TEST_F(EffectTest, DoesNotReadConditionsOutOfBlocks) {
  // movs r2, #0; cmp r2, #1; it eq; streq r0, [r0]; bx lr: known not to store
  f_ = code({0x2200, 0x2a01, 0xbf08, 0x6000, 0x4770});
  EXPECT_EQ(effect(), "writes");
  elf_ = {};
  // The same with another condition (hi), which is not followed: it may store.
  f_ = code({0x2200, 0x2a01, 0xbf88, 0x6000, 0x4770});
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST(EffectOfArm, KnowsReturnsAndStores) {
  for (const u32 back : {0xe12fff1eu, 0xe1a0f00eu}) {  // bx lr, mov pc, lr
    ElfBuilder elf;
    const CodeSection f = add_code(elf, "f", words({back}), 4, false);
    const LinkedObject object(elf);
    EXPECT_TRUE(effect_in(object, f, false).proven);
  }
  ElfBuilder elf;
  const u32 x = elf.define("x", elf.bss(".bss.x", 4));
  // ldr r3, [pc, #0]; str r2, [r3]; bx lr, and the literal in place of the last word
  const CodeSection f =
      add_code(elf, "f", words({0xe59f3004, 0xe5832000, 0xe12fff1e, 0}), 12, false);
  elf.relocate(f.section, 12, R_ARM_ABS32, x);
  const LinkedObject object(elf);
  const Effect effect = effect_in(object, f, false);
  EXPECT_EQ(effect.reason, "");
  ASSERT_EQ(effect.writes.size(), 1u);
  EXPECT_EQ(object.name(SectionId{index(effect.writes[0])}), ".bss.x");
}

}  // namespace
}  // namespace fwseal
