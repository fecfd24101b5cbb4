#include "prune/initialiser.h"

#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

// A program with a constructor that stores to x, and what refers to what beside it.
class InitialiserTest : public testing::Test {
 protected:
  InitialiserTest() {
    x_ = elf_.bss(".bss.x", 4);
    const u32 x = elf_.define("x", x_);
    // movs r2, #7; ldr r3, =x; str r2, [r3]; bx lr
    writer_ = add_code(elf_, "writer", halfwords({0x2207, 0x4b01, 0x601a, 0x4770, 0, 0}), 8);
    elf_.relocate(writer_.section, 8, R_ARM_ABS32, x);
    empty_ = add_code(elf_, "empty", halfwords({0x4770}), 2);
    poke_ = add_code(elf_, "poke", halfwords({0xf04f, 0x4380, 0x601a, 0x4770}), 8);
    main_ = elf_.text(".text.main");
  }

  // Is the slot live, if KEEP names it and main is a root?
  bool keeps(u32 slot) {
    const LinkedObject object(elf_);
    const SectionId section = object.section(slot);
    Atoms atoms(object.program().inputs.sections.size());
    cut_initialiser_lists(object.program(), atoms);
    const std::vector<Initialiser> found =
        find_initialisers(object.program(), atoms, std::span(&section, 1), object.plain());
    EXPECT_EQ(found.size(), atoms.is_cut(section) ? atoms.pieces(section).size() : 1);
    reason_ = found.back().reason;
    ClauseOptions options;
    options.roots.push_back({object.section(main_), ClauseKind::kEntry});
    for (const Initialiser& initialiser : found) {
      if (initialiser.proven)
        options.conditional_roots.push_back({initialiser.slot, initialiser.writes});
      else
        options.atom_roots.push_back({initialiser.slot, ClauseKind::kKeep});
    }
    const Reach live = reach(collect_clauses(object.program(), atoms, options));
    kept_.clear();
    for (const Initialiser& initialiser : found)
      if (live.live(initialiser.slot))
        kept_ += cat(kept_.empty() ? "" : " ", initialiser.functions);
    writer_lives_ = live.live(atom_of(object.section(writer_.section)));
    return atoms.any_live(live, section);
  }
  u32 slots(const std::vector<u32>& functions, const std::string& name = ".init_array") {
    return add_slots(elf_, name, functions);
  }
  void main_refers_to(u32 symbol) { elf_.relocate(main_, 0, R_ARM_ABS32, symbol); }

  ElfBuilder elf_;
  CodeSection writer_;
  CodeSection empty_;
  CodeSection poke_;
  u32 x_ = 0;
  u32 main_ = 0;
  bool writer_lives_ = false;
  std::string kept_;    // the functions of the slots that are live
  std::string reason_;  // against the last slot
};

TEST_F(InitialiserTest, DropsAWriterOfWhatNobodyReads) {
  EXPECT_FALSE(keeps(slots({writer_.function})));
  EXPECT_FALSE(writer_lives_);
}

TEST_F(InitialiserTest, KeepsAWriterOfWhatSomebodyReads) {
  main_refers_to(elf_.section_symbol(x_));
  EXPECT_TRUE(keeps(slots({writer_.function})));
  EXPECT_EQ(reason_, "");
}

TEST_F(InitialiserTest, KeepsAWriterThatSomebodyCalls) {
  // For then it writes x, which its caller may read through it.
  main_refers_to(writer_.function);
  EXPECT_TRUE(keeps(slots({writer_.function})));
}

TEST_F(InitialiserTest, DropsAnEmptyFunction) {
  EXPECT_FALSE(keeps(slots({empty_.function}, ".init_array.00100")));
}

TEST_F(InitialiserTest, KeepsWhatItCannotProve) {
  EXPECT_TRUE(keeps(slots({poke_.function})));
  EXPECT_EQ(reason_.substr(0, reason_.find(" at ")),
            "poke: it writes to address 0x40000000, which may be a device,");
}

TEST_F(InitialiserTest, JudgesEachSlot) {
  EXPECT_TRUE(keeps(slots({writer_.function, poke_.function, empty_.function})));
  EXPECT_EQ(kept_, "poke");
}

TEST_F(InitialiserTest, KeepsAllSlotsOfASectionThatIsReferredTo) {
  // main may count them.
  const u32 table = slots({writer_.function, poke_.function});
  main_refers_to(elf_.section_symbol(table));
  EXPECT_TRUE(keeps(table));
  EXPECT_EQ(kept_, "writer, poke");
}

TEST_F(InitialiserTest, KeepsAllSlotsOfASectionWithAName) {
  // The linker script may refer to it, and so may what the user keeps.
  const u32 table = slots({writer_.function, poke_.function});
  elf_.define("table", table);
  EXPECT_TRUE(keeps(table));
  EXPECT_EQ(kept_, "writer, poke");
}

TEST_F(InitialiserTest, KeepsAllSlotsBesideANumber) {
  // It may say how many there are, or that there are no more.
  const u32 table = elf_.data(".ctors", words({0xffff'ffff, 0, 0}));
  elf_.relocate(table, 4, R_ARM_ABS32, writer_.function);
  EXPECT_TRUE(keeps(table));
  EXPECT_TRUE(writer_lives_);
}

TEST_F(InitialiserTest, KeepsAllSlotsBeforeANumber) {
  const u32 table = elf_.data(".ctors", words({0, 0xffff'ffff}));
  elf_.relocate(table, 0, R_ARM_ABS32, writer_.function);
  EXPECT_TRUE(keeps(table));
  EXPECT_TRUE(writer_lives_);
}

TEST_F(InitialiserTest, KeepsAllSlotsBesideADistance) {
  const u32 table = elf_.data(".ctors", std::string(8, '\0'));
  elf_.relocate(table, 0, R_ARM_ABS32, writer_.function);
  elf_.relocate(table, 4, R_ARM_REL32, empty_.function);
  EXPECT_TRUE(keeps(table));
  EXPECT_EQ(kept_, "writer, empty");
  EXPECT_EQ(reason_, "empty is not known");
}

TEST_F(InitialiserTest, KeepsAllSlotsBesideANumberWithAName) {
  for (const u32 count :
       {elf_.absolute("count", 1), elf_.refer("nobody", STB_WEAK), elf_.section_symbol(x_)}) {
    EXPECT_TRUE(keeps(slots({empty_.function, count}, ".ctors")));
    EXPECT_TRUE(kept_.starts_with("empty, ")) << kept_;
  }
}

TEST_F(InitialiserTest, KeepsASlotWithTwoFunctions) {
  const u32 slot = slots({empty_.function});
  elf_.relocate(slot, 0, R_ARM_TARGET1, empty_.function);
  EXPECT_TRUE(keeps(slot));
  EXPECT_EQ(reason_, "it holds a word that is no function");
}

TEST_F(InitialiserTest, KeepsASlotWithPartOfAnother) {
  const u32 table = elf_.data(".ctors", std::string(6, '\0'));
  elf_.relocate(table, 0, R_ARM_ABS32, empty_.function);
  EXPECT_TRUE(keeps(table));
  EXPECT_EQ(reason_, "it is not made of words");
}

TEST_F(InitialiserTest, KeepsASlotThatIsReferredTo) {
  const u32 slot = slots({writer_.function});
  main_refers_to(elf_.section_symbol(slot));
  EXPECT_TRUE(keeps(slot));
}

TEST_F(InitialiserTest, KeepsWordsThatAreNoFunctions) {
  EXPECT_TRUE(keeps(elf_.data(".ctors", std::string(4, '\xff'))));
  EXPECT_EQ(reason_, "it holds a word that is no function");
}

TEST_F(InitialiserTest, KeepsAFunctionThatIsMissing) {
  EXPECT_TRUE(keeps(slots({elf_.refer("nobody", STB_WEAK)})));
  EXPECT_EQ(reason_, "nobody is not known");
}

}  // namespace
}  // namespace fwseal
