#include "prune/library_calls.h"

#include "prune/effect.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

constexpr const char* kInit = "_ZNSt8ios_base4InitC1Ev";
constexpr const char* kEnd = "_ZNSt8ios_base4InitD1Ev";

// A program with a constructor, and a library whose functions could not be followed: they do I/O.
class LibraryCallsTest : public testing::Test {
 protected:
  LibraryCallsTest() { object_ = elf_.define("object", elf_.bss(".bss.object", 4)); }

  void define(ElfBuilder& elf, const std::string& name) {
    add_code(elf, name, halfwords({0xdf00, 0x4770}), 4);  // svc #0; bx lr
    if (&elf == &library_) names_.push_back(name);
  }
  void define_stream(ElfBuilder& elf, const std::string& name) {
    elf.define(name, elf.bss(".bss." + name, 4));
    if (&elf == &library_) names_.push_back(name);
  }
  void define_library() {
    for (const char* name : {kInit, kEnd, "__aeabi_atexit", "atexit", "exit"})
      define(library_, name);
    define_stream(library_, "_ZSt4cout");
    define_stream(library_, "_ZSt3cin");
  }

  // f: bl INIT with r0 = object; bl __aeabi_atexit with r0 = object, r1 = end; pop
  void constructs(u32 init, u32 end) {
    f_ = add_code(elf_, "f",
                  halfwords({0xb510, 0x4804, 0xf7ff, 0xfffe, 0x4802, 0x4903, 0xf7ff, 0xfffe, 0xbd10,
                             0xbf00, 0, 0, 0, 0}),
                  20);
    elf_.relocate(f_.section, 4, R_ARM_THM_PC22, init);
    elf_.relocate(f_.section, 12, R_ARM_THM_PC22, elf_.refer("__aeabi_atexit"));
    elf_.relocate(f_.section, 20, R_ARM_ABS32, object_);
    elf_.relocate(f_.section, 24, R_ARM_ABS32, end);
  }
  // f: bl REGISTERS with r0 = first, r1 = second; pop
  void registers(const char* name, u32 first, u32 second) {
    f_ = add_code(
        elf_, "f",
        halfwords({0xb510, 0x4803, 0x4903, 0xf7ff, 0xfffe, 0xbd10, 0xbf00, 0xbf00, 0, 0, 0, 0}),
        16);
    elf_.relocate(f_.section, 6, R_ARM_THM_PC22, elf_.refer(name));
    elf_.relocate(f_.section, 16, R_ARM_ABS32, first);
    elf_.relocate(f_.section, 20, R_ARM_ABS32, second);
  }
  u32 function(const std::string& name, const std::vector<u16>& code) {
    return add_code(elf_, name, halfwords(code), 0x1000).function;
  }

  // What f writes, or why nothing is known.
  std::string effect() {
    const LinkedObject object(elf_, library_, names_);
    const Atoms atoms(object.program().inputs.sections.size());
    EffectSearch search(object.program(), atoms, object.plain());
    const Effect effect = effect_of(search, {object.section(f_.section), 0, true});
    if (!effect.proven) return effect.reason;
    std::string text = "writes";
    for (const AtomId written : effect.writes) text += " " + object.name(SectionId{index(written)});
    return text;
  }
  std::string refusal() {
    const std::string text = effect();
    return text.substr(0, text.find(" at "));
  }

  ElfBuilder elf_;
  ElfBuilder library_;
  std::vector<std::string> names_;
  CodeSection f_;
  u32 object_ = 0;
};

TEST_F(LibraryCallsTest, TakesStreamsForAllThatTheirInitialiserWrites) {
  define_library();
  constructs(elf_.refer(kInit), elf_.refer(kEnd));
  EXPECT_EQ(effect(), "writes .bss._ZSt4cout .bss._ZSt3cin");
}

TEST_F(LibraryCallsTest, FollowsAnInitialiserOfTheProgramsOwn) {
  for (const char* name : {kEnd, "__aeabi_atexit", "exit"}) define(library_, name);
  define_stream(library_, "_ZSt4cout");
  define(elf_, kInit);
  constructs(elf_.refer(kInit), elf_.refer(kEnd));
  EXPECT_EQ(refusal(), "an instruction that is not followed");
}

TEST_F(LibraryCallsTest, FollowsADestructorOfTheProgramsOwn) {
  for (const char* name : {kInit, "__aeabi_atexit", "exit"}) define(library_, name);
  define_stream(library_, "_ZSt4cout");
  define(elf_, kEnd);
  constructs(elf_.refer(kInit), elf_.refer(kEnd));
  EXPECT_EQ(refusal(), "an instruction that is not followed");
}

TEST_F(LibraryCallsTest, FollowsARegistrationOfTheProgramsOwn) {
  for (const char* name : {kInit, kEnd, "exit"}) define(library_, name);
  define_stream(library_, "_ZSt4cout");
  define(elf_, "__aeabi_atexit");
  constructs(elf_.refer(kInit), elf_.refer(kEnd));
  EXPECT_EQ(refusal(), "an instruction that is not followed");
}

TEST_F(LibraryCallsTest, WantsAnExitThatFlushes) {
  for (const char* name : {kInit, kEnd, "__aeabi_atexit"}) define(library_, name);
  define_stream(library_, "_ZSt4cout");
  define(elf_, "exit");
  constructs(elf_.refer(kInit), elf_.refer(kEnd));
  EXPECT_EQ(refusal(), "an instruction that is not followed");
}

TEST_F(LibraryCallsTest, WantsTheStreamsOfTheLibrary) {
  define_library();
  define_stream(elf_, "_ZSt4cerr");
  constructs(elf_.refer(kInit), elf_.refer(kEnd));
  EXPECT_EQ(refusal(), "an instruction that is not followed");
}

TEST_F(LibraryCallsTest, FollowsWhatIsRegistered) {
  define_library();
  // movs r1, #0; str r1, [r0]; bx lr: clears the object that it is given
  registers("__aeabi_atexit", object_, function("end", {0x2100, 0x6001, 0x4770}));
  EXPECT_EQ(effect(), "writes .bss.object");
  elf_ = {};
  object_ = elf_.define("object", elf_.bss(".bss.object", 4));
  registers("__aeabi_atexit", object_, function("end", {0xdf00, 0x4770}));  // svc
  EXPECT_EQ(refusal(), "an instruction that is not followed");
}

TEST_F(LibraryCallsTest, KnowsWhichArgumentIsTheFunction) {
  define_library();
  registers("__aeabi_atexit", function("end", {0x4770}), object_);
  EXPECT_EQ(refusal(), "it runs something that is not code");
  elf_ = {};
  object_ = elf_.define("object", elf_.bss(".bss.object", 4));
  // The function that atexit calls gets no argument.
  registers("atexit", function("end", {0x2100, 0x6001, 0x4770}), object_);
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST_F(LibraryCallsTest, RegistersNoUnknownFunction) {
  define_library();
  // push {r4, lr}; mov r1, r5; bl __aeabi_atexit; pop {r4, pc}
  f_ = add_code(elf_, "f", halfwords({0xb510, 0x4629, 0xf7ff, 0xfffe, 0xbd10}), 0x1000);
  elf_.relocate(f_.section, 4, R_ARM_THM_PC22, elf_.refer("__aeabi_atexit"));
  EXPECT_EQ(refusal(), "it registers a function that is not known");
}

TEST_F(LibraryCallsTest, ReturnsFromATailCall) {
  define_library();
  // ldr r0, =object; ldr r1, =end; b.w __aeabi_atexit
  f_ = add_code(elf_, "f", halfwords({0x4801, 0x4902, 0xf7ff, 0xbffe, 0, 0, 0, 0}), 8);
  elf_.relocate(f_.section, 4, R_ARM_THM_JUMP24, elf_.refer("__aeabi_atexit"));
  elf_.relocate(f_.section, 8, R_ARM_ABS32, object_);
  elf_.relocate(f_.section, 12, R_ARM_ABS32, function("end", {0x4770}));
  EXPECT_EQ(effect(), "writes");
}

TEST_F(LibraryCallsTest, ForgetsWhatACallMayChange) {
  define_library();
  // push {r4, lr}; ldr r0, =object; ldr r1, =end; bl __aeabi_atexit; str r0, [r0]; pop {r4, pc}
  f_ = add_code(
      elf_, "f",
      halfwords({0xb510, 0x4803, 0x4903, 0xf7ff, 0xfffe, 0x6000, 0xbd10, 0xbf00, 0, 0, 0, 0}), 16);
  elf_.relocate(f_.section, 6, R_ARM_THM_PC22, elf_.refer("__aeabi_atexit"));
  elf_.relocate(f_.section, 16, R_ARM_ABS32, object_);
  elf_.relocate(f_.section, 20, R_ARM_ABS32, function("end", {0x4770}));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST_F(LibraryCallsTest, ForgetsFlagsToo) {
  define_library();
  // push {r4, lr}; ldr r0, =object; ldr r1, =end; movs r4, #0; bl __aeabi_atexit; it ne; strne r0,
  // [r0]; pop {r4, pc}
  f_ = add_code(elf_, "f",
                halfwords({0xb510, 0x4804, 0x4904, 0x2400, 0xf7ff, 0xfffe, 0xbf18, 0x6000, 0xbd10,
                           0xbf00, 0, 0, 0, 0}),
                20);
  elf_.relocate(f_.section, 8, R_ARM_THM_PC22, elf_.refer("__aeabi_atexit"));
  elf_.relocate(f_.section, 20, R_ARM_ABS32, object_);
  elf_.relocate(f_.section, 24, R_ARM_ABS32, function("end", {0x4770}));
  EXPECT_EQ(refusal(), "it writes to an address that is not known");
}

TEST_F(LibraryCallsTest, TakesStreamsForWhatTheirInitialiserAloneWrites) {
  define_library();
  f_ = add_code(elf_, "f", halfwords({0xb510, 0xf7ff, 0xfffe, 0xbd10}), 0x1000);
  elf_.relocate(f_.section, 2, R_ARM_THM_PC22, elf_.refer(kInit));
  EXPECT_EQ(effect(), "writes .bss._ZSt4cout .bss._ZSt3cin");
}

TEST_F(LibraryCallsTest, TakesALoopAmongWhatIsRegisteredForOne) {
  define_library();
  registers("__aeabi_atexit", object_, function("end", {0xe7fe}));  // b .
  EXPECT_EQ(refusal(), "it has a loop");
}

}  // namespace
}  // namespace fwseal
