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
    const std::vector<Initialiser> found =
        find_initialisers(object.program(), std::span(&section, 1), object.plain());
    EXPECT_EQ(found.size(), 1u);
    reason_ = found[0].reason;
    ClauseOptions options;
    options.roots.push_back({object.section(main_), ClauseKind::kEntry});
    if (found[0].proven)
      options.conditional_roots.push_back({section, found[0].writes});
    else
      options.roots.push_back({section, ClauseKind::kKeep});
    const Graph graph = collect_clauses(object.program(), Atoms(object.program().inputs.sections.size()), options);
    const Reach live = reach(graph);
    EXPECT_EQ(live.live(atom_of(object.section(writer_.section))),
              live.live(atom_of(section)) && uses_writer_);
    return live.live(atom_of(section));
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
  bool uses_writer_ = true;
  std::string reason_;
};

TEST_F(InitialiserTest, DropsAWriterOfWhatNobodyReads) {
  EXPECT_FALSE(keeps(slots({writer_.function})));
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
  uses_writer_ = false;
  EXPECT_FALSE(keeps(slots({empty_.function}, ".init_array.00100")));
}

TEST_F(InitialiserTest, KeepsWhatItCannotProve) {
  uses_writer_ = false;
  EXPECT_TRUE(keeps(slots({poke_.function})));
  EXPECT_EQ(reason_.substr(0, reason_.find(" at ")),
            "poke: it writes to address 0x40000000, which may be a device,");
}

TEST_F(InitialiserTest, KeepsAllSlotsOfASectionForOne) {
  EXPECT_TRUE(keeps(slots({writer_.function, poke_.function})));
}

TEST_F(InitialiserTest, KeepsASlotThatIsReferredTo) {
  const u32 slot = slots({writer_.function});
  main_refers_to(elf_.section_symbol(slot));
  EXPECT_TRUE(keeps(slot));
}

TEST_F(InitialiserTest, KeepsWordsThatAreNoFunctions) {
  uses_writer_ = false;
  EXPECT_TRUE(keeps(elf_.data(".ctors", std::string(4, '\xff'))));
  EXPECT_EQ(reason_, "it holds a word that is no function");
}

TEST_F(InitialiserTest, KeepsAFunctionThatIsMissing) {
  uses_writer_ = false;
  EXPECT_TRUE(keeps(slots({elf_.refer("nobody", STB_WEAK)})));
  EXPECT_EQ(reason_, "nobody is not known");
}

TEST(Initialiser, KnowsItsSectionsByName) {
  InputSection section;
  section.flags = SHF_ALLOC;
  for (const std::string_view name : {".init_array", ".init_array.00001", ".preinit_array",
                                      ".fini_array", ".ctors.65435", ".dtors"}) {
    section.name = name;
    EXPECT_TRUE(is_initialiser_list(section)) << name;
  }
  for (const std::string_view name : {".init_array_of_mine", ".init_array.x", ".init", ".ctors."}) {
    section.name = name;
    EXPECT_FALSE(is_initialiser_list(section)) << name;
  }
}

}  // namespace
}  // namespace fwseal
