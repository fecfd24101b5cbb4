#include "prune/hollow.h"

#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

constexpr const char* kInit = "_ZNSt8ios_base4InitC1Ev";

// A program that initialises the streams, and a library that has them.
class HollowTest : public testing::Test {
 protected:
  HollowTest() {
    main_ = elf_.text(".text.main", 12);
    elf_.relocate(main_, 0, R_ARM_ABS32, elf_.refer(kInit));
    elf_.relocate(main_, 4, R_ARM_ABS32, elf_.refer("__aeabi_atexit"));
    init_ = add_code(library_, kInit, halfwords({0xdf00, 0xdf00, 0x4770, 0, 0, 0}), 8);
    const u32 stream = library_.define("_ZSt4cout", library_.bss(".bss.cout", 4));
    library_.relocate(init_.section, 8, R_ARM_ABS32, stream);
    registers_ = add_code(library_, "__aeabi_atexit", halfwords({0xdf00, 0xdf00, 0x4770}), 6);
  }

  // The names of the functions that may give way; `live_` is what stays of the library's sections.
  std::string hollow(bool never_exits = false) {
    const LinkedObject object(elf_, library_, {kInit, "_ZSt4cout", "__aeabi_atexit"});
    const Atoms atoms(object.program().inputs.sections.size());
    const auto found = find_hollow_functions(object.program(), atoms, never_exits);
    ClauseOptions options;
    options.roots.push_back({object.section(main_), ClauseKind::kEntry});
    if (kept_by_user_)
      options.root_symbols.push_back({object.program().symbols.find(kInit), ClauseKind::kUser});
    std::string names;
    for (const HollowFunction& function : found) {
      options.conditional_bodies.push_back({function.function, function.any_of});
      names += cat(names.empty() ? "" : " ", object.program().symbols[function.symbol].name);
    }
    const Reach live = reach(collect_clauses(object.program(), atoms, options));
    live_.clear();
    for (u32 i = 0; i < object.program().inputs.sections.size(); i++) {
      const InputSection& section = object.program().inputs.sections[i];
      if (index(section.object) == 1 && section.has(SHF_ALLOC) && live.live(AtomId{i}))
        live_ += cat(live_.empty() ? "" : " ", section.name);
    }
    return names;
  }

  ElfBuilder elf_;
  ElfBuilder library_;
  CodeSection init_;
  CodeSection registers_;
  u32 main_ = 0;
  bool kept_by_user_ = false;
  std::string live_;
};

TEST_F(HollowTest, NeedsNoStreamsForTheirInitialiser) {
  EXPECT_EQ(hollow(), kInit);
  EXPECT_EQ(live_, cat(".text.", kInit, " .text.__aeabi_atexit"));
}

TEST_F(HollowTest, NeedsTheInitialiserForAStream) {
  elf_.relocate(main_, 8, R_ARM_ABS32, elf_.refer("_ZSt4cout"));
  EXPECT_EQ(hollow(), kInit);
  EXPECT_EQ(live_, cat(".text.", kInit, " .bss.cout .text.__aeabi_atexit"));
}

TEST_F(HollowTest, LeavesWhatTheUserKeeps) {
  kept_by_user_ = true;
  hollow();
  EXPECT_EQ(live_, cat(".text.", kInit, " .bss.cout .text.__aeabi_atexit"));
}

TEST_F(HollowTest, RegistersNothingForAnExitThatNeverComes) {
  EXPECT_EQ(hollow(true), cat(kInit, " __aeabi_atexit"));
}

TEST_F(HollowTest, LeavesWhatHasAnotherFunctionBesides) {
  library_.define("inside", init_.section, {.value = 3, .size = 2, .type = STT_FUNC});
  EXPECT_EQ(hollow(), "");
}

TEST_F(HollowTest, LeavesWhatIsReferredToInside) {
  const u32 table = library_.data(".data.table", std::string("\x04\0\0\0", 4));
  library_.relocate(table, 0, R_ARM_ABS32, library_.section_symbol(init_.section));
  EXPECT_EQ(hollow(), "");
}

TEST_F(HollowTest, LeavesWhatIsReferredToByDistance) {
  const u32 table = library_.data(".data.table", std::string(4, '\0'));
  library_.relocate(table, 0, R_ARM_REL32, library_.section_symbol(init_.section));
  EXPECT_EQ(hollow(), "");
}

TEST_F(HollowTest, NeedsTheWholeInitialiserForAStream) {
  const u32 helper = add_code(library_, "helper", halfwords({0x4770}), 0x1000).function;
  library_.relocate(init_.section, 0, R_ARM_THM_PC22, helper);
  hollow();
  EXPECT_EQ(live_.find("helper"), std::string::npos);
  elf_.relocate(main_, 8, R_ARM_ABS32, elf_.refer("_ZSt4cout"));
  hollow();
  EXPECT_NE(live_.find("helper"), std::string::npos);
}

TEST_F(HollowTest, LeavesWhatIsNoLargerThanAReturn) {
  library_ = {};
  add_code(library_, kInit, halfwords({0x4770}), 0x1000);
  library_.define("_ZSt4cout", library_.bss(".bss.cout", 4));
  EXPECT_EQ(hollow(), "");
}

}  // namespace
}  // namespace fwseal
