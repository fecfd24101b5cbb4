#include "prune/exit_calls.h"

#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

constexpr u16 kPush = 0xb510;  // push {r4, lr}
constexpr u16 kPop = 0xbd10;   // pop {r4, pc}
constexpr u16 kNop = 0xbf00;
constexpr u16 kCall = 0xf7ff;  // bl, with kCallEnd
constexpr u16 kCallEnd = 0xfffe;
constexpr u16 kJumpEnd = 0xbffe;  // b.w
constexpr u16 kMoveR4ToR1 = 0x4621;

// A function f that registers `end`, and a library that knows how.
class ExitCallsTest : public testing::Test {
 protected:
  ExitCallsTest() {
    add_code(library_, "__aeabi_atexit", halfwords({0x4770}), 0x1000);
    end_ = add_code(elf_, "end", halfwords({0x4770}), 0x1000).function;
    registers_ = elf_.refer("__aeabi_atexit");
  }

  // The literal is the last word of f.
  void code(std::vector<u16> halves) {
    literal_ = static_cast<u32>(2 * halves.size());
    halves.insert(halves.end(), {0, 0});
    f_ = add_code(elf_, "f", halfwords(halves), literal_);
    elf_.relocate(f_.section, literal_, R_ARM_ABS32, end_);
  }
  void call(u32 offset, u32 function, u32 type = R_ARM_THM_PC22) {
    elf_.relocate(f_.section, offset, type, function);
  }

  // Does the literal serve the call alone?
  bool is_ignored() {
    const LinkedObject object(elf_, library_, {"__aeabi_atexit"});
    const Atoms atoms(object.program().inputs.sections.size());
    const std::vector<IgnoredReference> found = find_exit_arguments(object.program(), atoms);
    if (found.empty()) return false;
    EXPECT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0], (IgnoredReference{object.section(f_.section), literal_}));
    return true;
  }

  ElfBuilder elf_;
  ElfBuilder library_;
  CodeSection f_;
  u32 end_ = 0;
  u32 registers_ = 0;
  u32 literal_ = 0;
};

TEST_F(ExitCallsTest, FindsAnArgument) {
  code({kPush, 0x4902, kCall, kCallEnd, kPop, kNop});  // ldr r1, =end
  call(4, registers_);
  EXPECT_TRUE(is_ignored());
}

TEST_F(ExitCallsTest, FindsTheArgumentOfATailCall) {
  code({0x4901, kCall, kJumpEnd, kNop});
  call(2, registers_, R_ARM_THM_JUMP24);
  EXPECT_TRUE(is_ignored());
}

TEST_F(ExitCallsTest, FindsAnArgumentOfTwoCalls) {
  code({kPush, 0x4c04, kMoveR4ToR1, kCall, kCallEnd, kMoveR4ToR1, kCall, kCallEnd, kPop, kNop});
  call(6, registers_);
  call(12, registers_);
  EXPECT_TRUE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatIsStored) {
  code({kPush, 0x4902, 0x6001, kCall, kCallEnd, kPop});  // str r1, [r0]
  call(6, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatAnotherFunctionIsGiven) {
  code({kPush, 0x4903, kCall, kCallEnd, kCall, kCallEnd, kPop, kNop});
  call(4, elf_.refer("other", STB_WEAK));
  call(8, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatIsReturned) {
  code({kPush, 0x4c03, kMoveR4ToR1, kCall, kCallEnd, 0x4620, kPop, kNop});  // mov r0, r4
  call(6, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatIsLoadedForSomethingElseToo) {
  code({kPush, 0x4902, kCall, kCallEnd, 0x4800, kPop});  // ldr r0, =end; pop
  call(4, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatABranchMayTakeElsewhere) {
  code({kPush, 0x4903, 0xd000, kNop, kCall, kCallEnd, kPop, kNop});  // beq
  call(8, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatAnUnknownInstructionMayUse) {
  code({kPush, 0x4903, 0x4008, kNop, kCall, kCallEnd, kPop, kNop});  // ands r0, r1
  call(8, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatIsUsedUnderACondition) {
  code({kPush, 0x4904, 0xbf08, 0x6001, kCall, kCallEnd, kPop, kNop, kNop, kNop});  // it eq; streq
  call(8, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesPartsOfTables) {
  code({kPush, 0x4903, 0xa202, kNop, kCall, kCallEnd, kPop, kNop});  // adr r2, the literal
  call(8, registers_);
  EXPECT_FALSE(is_ignored());
}

// What uses the literal in r1 before the call at 8, or what becomes of it.
TEST_F(ExitCallsTest, LeavesWhatIsUsedInAnyWay) {
  struct Use {
    const char* source;
    std::vector<u16> halves;  // two of them
  };
  const std::vector<Use> uses{
      {"movt r1, #0", {0xf2c0, 0x0100}},
      {"adds r2, r1, #4", {0x1d0a, kNop}},
      {"adds r2, r0, r1", {0x1842, kNop}},
      {"cmp r1, #0", {0x2900, kNop}},
      {"str r0, [r1]", {0x6008, kNop}},
      {"strd r0, r1, [r2]", {0xe9c2, 0x0100}},
      {"ldr r2, [r1]", {0x680a, kNop}},
      {"ldmia r1!, {r2}", {0xc904, kNop}},
      {"stmia r0!, {r1}", {0xc002, kNop}},
      {"blx r1", {0x4788, kNop}},
      {"blx r2", {0x4790, kNop}},
      {"it eq; moveq r1, #0; str r1, [r2]", {0xbf08, 0x2100, 0x6011, kNop}}};
  for (const Use& use : uses) {
    elf_ = {};
    end_ = add_code(elf_, "end", halfwords({0x4770}), 0x1000).function;
    const u16 load = static_cast<u16>(0x4903 + (use.halves.size() - 2) / 2);  // ldr r1, =end
    std::vector<u16> halves{kPush, load};
    halves.insert(halves.end(), use.halves.begin(), use.halves.end());
    const u32 place = static_cast<u32>(2 * halves.size());
    halves.insert(halves.end(), {kCall, kCallEnd, kPop, kNop});
    code(halves);
    call(place, elf_.refer("__aeabi_atexit"));
    EXPECT_FALSE(is_ignored()) << use.source;
  }
}

TEST_F(ExitCallsTest, LeavesWhatIsHeldAtTheEnd) {
  // ... bl; pop; ldr r1, =end; nop, and nobody knows what comes then
  code({kPush, 0x4903, kCall, kCallEnd, kPop, kNop, 0x4900, kNop});
  call(4, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatIsReturnedBeforeOtherCode) {
  // ... bl; ldr r0, =end; pop; movs r0, #0; bx lr
  code({kPush, 0x4903, kCall, kCallEnd, 0x4801, kPop, 0x2000, 0x4770});
  call(4, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatIsReadInParts) {
  code({kPush, 0x4903, kCall, kCallEnd, 0xf8bf, 0x2006, kPop, kNop});  // ldrh r2, the upper half
  call(4, registers_);
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatIsNoAddress) {
  code({kPush, 0x4902, kCall, kCallEnd, kPop, kNop});
  call(4, registers_);
  elf_.relocate(f_.section, literal_, R_ARM_ABS32, end_);
  EXPECT_FALSE(is_ignored());
}

// ldr r1, =end; moveq r1, #0; str r1, [r2]; bl; bx lr
TEST_F(ExitCallsTest, LeavesWhatArmCodeUsesUnderACondition) {
  const auto arm = [&](u32 overwrites, u32 stores) {
    elf_ = {};
    end_ = add_code(elf_, "end", words({0xe12fff1e}), 0x1000, false).function;
    literal_ = 20;
    f_ = add_code(elf_, "f", words({0xe59f100c, overwrites, stores, 0xebfffffe, 0xe12fff1e, 0}),
                  literal_, false);
    elf_.relocate(f_.section, literal_, R_ARM_ABS32, end_);
    call(12, elf_.refer("__aeabi_atexit"), R_ARM_CALL);
    return is_ignored();
  };
  constexpr u32 kArmNop = 0xe1a00000;
  EXPECT_TRUE(arm(kArmNop, kArmNop));
  EXPECT_FALSE(arm(kArmNop, 0xe5821000));
  EXPECT_FALSE(arm(0x03a01000, 0xe5821000));
}

TEST_F(ExitCallsTest, LeavesWhatIsCalled) {
  code({kPush, 0x4c03, 0x47a0, kMoveR4ToR1, kCall, kCallEnd, kPop, kNop});  // blx r4
  call(8, registers_);
  EXPECT_FALSE(is_ignored());
}

// What data the literal stands among, and by which relocation. `reads`: what stands before the
// call.
TEST_F(ExitCallsTest, LeavesPartsOfLongTables) {
  const auto with_table = [&](u16 reads, u32 type) {
    elf_ = {};
    end_ = add_code(elf_, "end", halfwords({0x4770}), 0x1000).function;
    literal_ = 36;
    std::vector<u16> halves{kPush, 0x4908, reads, kNop, kCall, kCallEnd, kPop, kNop};
    halves.insert(halves.end(), 12, 0);
    f_ = add_code(elf_, "f", halfwords(halves), 16);
    elf_.relocate(f_.section, literal_, type, end_);
    call(8, elf_.refer("__aeabi_atexit"));
    return is_ignored();
  };
  EXPECT_TRUE(with_table(kNop, R_ARM_ABS32));
  EXPECT_FALSE(with_table(0xa202, R_ARM_ABS32));  // adr r2, the first word
  EXPECT_FALSE(with_table(kNop, R_ARM_REL32));
}

TEST_F(ExitCallsTest, LeavesWhatHasAName) {
  code({kPush, 0x4902, kCall, kCallEnd, kPop, kNop});
  call(4, registers_);
  elf_.define("pointer", f_.section, {.value = literal_});
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesWhatSomethingRefersTo) {
  code({kPush, 0x4902, kCall, kCallEnd, kPop, kNop});
  call(4, registers_);
  const u32 table = elf_.data(".data.table", std::string("\x0c\0\0\0", 4));
  elf_.relocate(table, 0, R_ARM_ABS32, elf_.section_symbol(f_.section));
  EXPECT_FALSE(is_ignored());
}

TEST_F(ExitCallsTest, LeavesArgumentsOfTheProgramsOwnFunctions) {
  elf_ = {};
  end_ = add_code(elf_, "end", halfwords({0x4770}), 0x1000).function;
  registers_ = add_code(elf_, "__aeabi_atexit", halfwords({0x4770}), 0x1000).function;
  code({kPush, 0x4902, kCall, kCallEnd, kPop, kNop});
  call(4, registers_);
  EXPECT_FALSE(is_ignored());
}

}  // namespace
}  // namespace fwseal
