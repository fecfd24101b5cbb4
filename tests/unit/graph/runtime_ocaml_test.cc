// Which fields of a module's block count as read, and what must not be taken for unread.
#include "graph/runtime_ocaml.h"

#include "tests/unit/graph/ocaml_module_world.h"

namespace fwseal {
namespace {

// camlB__entry calls the closure in r2, with a number: its code is in word 0.
FunctionText& call_closure(FunctionText& function) {
  return function.move(1, 2).load(3, 2, 0).op(0x2001).call_register(3);
}

TEST(RuntimeOcaml, FieldsThatNobodyReads) {
  ModuleWorld world;
  world.function("camlB__entry").finish();
  const ModuleResult result(world);
  EXPECT_EQ(result.live(), "");
  EXPECT_TRUE(result.is_live("camlA"));
  EXPECT_EQ(result.cleared(), 3u);
}

TEST(RuntimeOcaml, AFieldThatIsRead) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(1, "camlA");
  call_closure(entry.load(2, 1, 1)).pop_frame().finish();
  const ModuleResult result(world);
  EXPECT_EQ(result.live(), "1");
  EXPECT_EQ(result.cleared(), 2u);
}

TEST(RuntimeOcaml, ThroughCopiesOfARegister) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(1, "camlA");
  call_closure(entry.move(4, 1).move(5, 4).op(0x2101).load(2, 5, 2)).pop_frame().finish();
  EXPECT_EQ(ModuleResult(world).live(), "2");
}

TEST(RuntimeOcaml, ThroughTheFrame) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(1, "camlA");
  entry.op(0x9100).call("camlB__f").op(0x9c00);  // [sp] = r1; r4 = [sp]
  call_closure(entry.load(2, 4, 1)).pop_frame().finish();
  world.function("camlB__f").finish();
  EXPECT_EQ(ModuleResult(world).live(), "1");
}

TEST(RuntimeOcaml, BelowTheFrameAreArguments) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(1, "camlA");
  entry.op(0xb082).op(0x9100).call("camlB__f").op(0xb002).pop_frame().finish();
  world.function("camlB__f").finish();
  EXPECT_EQ(ModuleResult(world).live(), "012");
}

// OCaml 4.14 passes the ninth argument and more where r11 leads to.
TEST(RuntimeOcaml, WhereR11LeadsToAreArguments) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(4, "camlA");
  entry.wide(0xf8cb, 0x40f0);  // STR r4, [r11, #240]
  entry.call("camlB__f").pop_frame().finish();
  world.function("camlB__f").wide(0xf8db, 0x00f0).load(0, 0, 1).finish();  // LDR r0, [r11, #240]
  EXPECT_EQ(ModuleResult(world).live(), "012");
}

TEST(RuntimeOcaml, AsAnArgumentOfACallOrTailCall) {
  for (const bool is_tail : {false, true}) {
    ModuleWorld world;
    FunctionText& entry = world.function("camlB__entry");
    if (is_tail)
      entry.address(0, "camlA").jump("camlB__reads");
    else
      entry.push_frame().address(0, "camlA").call("camlB__reads").pop_frame().finish();
    FunctionText& reads = world.function("camlB__reads");
    call_closure(reads.push_frame().load(2, 0, 2)).pop_frame().finish();
    EXPECT_EQ(ModuleResult(world).live(), "2") << is_tail;
  }
}

// Callers stand behind whom they call, or before.
TEST(RuntimeOcaml, AlongManyCalls) {
  constexpr u32 kCalls = 200;
  const auto name = [](u32 i) { return "camlB__f" + std::to_string(i); };
  for (const bool backwards : {false, true}) {
    ModuleWorld world;
    world.function("camlB__entry").address(0, "camlA").jump(name(0));
    for (u32 i = 0; i <= kCalls; i++) {
      const u32 number = backwards ? kCalls - i : i;
      FunctionText& one = world.function(name(number));
      if (number == kCalls)
        call_closure(one.push_frame().load(2, 0, 2)).pop_frame().finish();
      else
        one.jump(name(number + 1));
    }
    EXPECT_EQ(ModuleResult(world).live(), "2") << backwards;
  }
}

// What stands in a register that the callee does not read is not given to it.
TEST(RuntimeOcaml, RegistersThatACalleeDoesNotRead) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(1, "camlA");
  entry.op(0x2001).call("camlB__f").pop_frame().finish();
  FunctionText& f = world.function("camlB__f").push_frame().address(2, "camlB");
  f.store(0, 2, 1).pop_frame().finish();
  EXPECT_EQ(ModuleResult(world).live(), "");
}

TEST(RuntimeOcaml, AsAResult) {
  for (const bool is_tail : {false, true}) {
    ModuleWorld world;
    FunctionText& entry = world.function("camlB__entry").push_frame().op(0x2001);
    entry.call(is_tail ? "camlB__gets" : "camlB__get").move(4, 0);
    call_closure(entry.load(2, 4, 0)).pop_frame().finish();
    world.function("camlB__get").address(0, "camlA").jump_register(14);
    world.function("camlB__gets").jump("camlB__get");
    EXPECT_EQ(ModuleResult(world).live(), "0") << is_tail;
  }
}

// By those who are not followed, too, if they can call it.
TEST(RuntimeOcaml, AsAResultForAnybody) {
  ModuleWorld world;
  world.function("camlB__entry").finish();
  world.function("camlB__get").address(0, "camlA").jump_register(14);
  world.words_naming("closure", {"camlB__get"});
  EXPECT_EQ(ModuleResult(world, {"closure"}).live(), "012");
}

// As the application of a functor that is not known.
TEST(RuntimeOcaml, GivenToSomethingUnknown) {
  for (const bool is_tail : {false, true}) {
    ModuleWorld world;
    FunctionText& entry = world.function("camlB__entry").push_frame().call("camlB__f");
    entry.move(1, 0).load(3, 0, 0).address(0, "camlA");
    if (is_tail)
      entry.pop_frame().jump_register(3);
    else
      entry.call_register(3).pop_frame().finish();
    world.function("camlB__f").jump_register(14);
    EXPECT_EQ(ModuleResult(world).live(), "012") << is_tail;
  }
}

TEST(RuntimeOcaml, GivenToC) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(0, "camlA");
  entry.call("c_function").pop_frame().finish();
  EXPECT_EQ(ModuleResult(world).live(), "012");
}

// Polymorphic comparison, hashing, marshalling, caml_register_named_value.
TEST(RuntimeOcaml, GivenToCThatAllocates) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(1, "camlA");
  entry.op(0x2001).address(7, "c_function").call("caml_c_call").pop_frame().finish();
  const ModuleResult result(world);
  EXPECT_EQ(result.live(), "012");
  EXPECT_TRUE(result.is_live("c_function"));
}

TEST(RuntimeOcaml, ComparedStoredOrRaised) {
  for (int way = 0; way < 4; way++) {
    ModuleWorld world;
    FunctionText& entry = world.function("camlB__entry").push_frame().op(0x2001).call("camlB__f");
    entry.move(4, 0).address(0, "camlA");
    if (way == 0) entry.op(0x42a0);      // CMP r0, r4
    if (way == 1) entry.store(0, 4, 1);  // anywhere
    if (way == 2) entry.op(0x1d00);      // ADDS r0, r0, #4
    if (way == 3) entry.call("caml_raise_exn");
    entry.pop_frame().finish();
    world.function("camlB__f").jump_register(14);
    EXPECT_EQ(ModuleResult(world).live(), "012") << way;
  }
}

TEST(RuntimeOcaml, OtherAccesses) {
  for (const u16 instruction : {u16{0x7808}, u16{0x6988}}) {  // LDRB r0, [r1]; LDR r0, [r1, #24]
    ModuleWorld world;
    world.function("camlB__entry").address(1, "camlA").op(instruction).finish();
    EXPECT_EQ(ModuleResult(world).live(), "012") << hex(instruction);
  }
}

TEST(RuntimeOcaml, InCodeThatCannotBeRead) {
  ModuleWorld world;
  world.function("camlB__entry").address(1, "camlA").op(0xdf00).finish();  // SVC
  EXPECT_EQ(ModuleResult(world).live(), "012");
}

TEST(RuntimeOcaml, NamedByCOrData) {
  for (const bool is_live : {false, true}) {
    ModuleWorld world;
    world.function("camlB__entry").finish();
    world.c_function("knows", {"camlA"});
    world.words_naming("table", {"camlB"});
    EXPECT_EQ(ModuleResult(world, is_live ? std::vector<std::string>{"knows", "table"}
                                          : std::vector<std::string>{})
                  .live(),
              is_live ? "012" : "");
  }
}

TEST(RuntimeOcaml, NamedByAnOption) {
  ModuleWorld world;
  world.function("camlB__entry").finish();
  EXPECT_EQ(ModuleResult(world, {"camlA"}).live(), "012");
}

// Somebody but the collector goes through all modules.
TEST(RuntimeOcaml, ListsThatOthersRead) {
  for (const std::string name : {"caml_globals", "camlA__gc_roots"}) {
    ModuleWorld world;
    world.function("camlB__entry").finish();
    world.words_naming("walker", {name});
    const ModuleResult result(world, {"walker"});
    EXPECT_EQ(result.live(), "012") << name;
    EXPECT_EQ(result.refusals(), name == "caml_globals"
                                     ? "something else than the collector goes through "
                                       "caml_globals here\n"
                                     : "");
  }
}

// `include A`, or a name for a value of A: the copy counts once somebody reads it.
TEST(RuntimeOcaml, CopiesOfFields) {
  for (const bool is_read : {false, true}) {
    ModuleWorld world;
    FunctionText& entry = world.function("camlB__entry").push_frame();
    entry.address(1, "camlA").address(4, "camlB").load(0, 1, 1).store(0, 4, 2);
    if (is_read) call_closure(entry.load(2, 4, 2));
    entry.pop_frame().finish();
    EXPECT_EQ(ModuleResult(world).live(), is_read ? "1" : "");
  }
}

// `module M = A`: M's fields are A's.
TEST(RuntimeOcaml, ModulesInFields) {
  for (const bool is_used : {false, true}) {
    ModuleWorld world;
    FunctionText& entry = world.function("camlB__entry").push_frame();
    entry.address(1, "camlA").address(4, "camlB").store(1, 4, 0).load(5, 4, 0);
    if (is_used)
      entry.move(0, 5).call("c_function");
    else
      call_closure(entry.load(2, 5, 1));
    entry.pop_frame().finish();
    EXPECT_EQ(ModuleResult(world).live(), is_used ? "012" : "1");
  }
}

// Whoever has read a field before it was known what somebody stores there is followed again.
TEST(RuntimeOcaml, AFieldThatIsStoredByAnEarlierFunction) {
  ModuleWorld world;
  world.function("camlB__entry").address(1, "camlA").address(4, "camlB").store(1, 4, 0).finish();
  FunctionText& reader = world.function("camlB__reader").push_frame().address(4, "camlB");
  reader.load(5, 4, 0).load(0, 5, 1).call("camlB__calls").pop_frame().finish();
  call_closure(world.function("camlB__calls").push_frame().move(2, 0)).pop_frame().finish();
  world.words_naming("closure", {"camlB__reader"});
  const ModuleResult result(world, {"closure"});
  EXPECT_EQ(result.live(), "1");
  EXPECT_EQ(result.refusals(), "");
}

// A function that turns out late not to be followed, and so may read any register.
TEST(RuntimeOcaml, GivenToSomebodyWhoIsLost) {
  ModuleWorld world;
  world.function("camlB__entry")
      .push_frame()
      .address(3, "camlA")
      .call("camlB__f")
      .pop_frame()
      .finish();
  world.function("camlB__f").push_frame().call("camlB__lost").pop_frame().finish();
  // CMP r0, #1; BEQ over SUB sp, #8: two depths of the stack meet.
  world.function("camlB__lost").op(0x2801).op(0xd000).op(0xb082).finish();
  const ModuleResult result(world);
  EXPECT_EQ(result.live(), "012");
  EXPECT_EQ(result.refusals(), "");
}

// Only live code counts.
TEST(RuntimeOcaml, ReadByDeadCode) {
  ModuleWorld world;
  world.function("camlB__entry").finish();
  FunctionText& f = world.function("camlB__f").push_frame().address(1, "camlA");
  call_closure(f.load(2, 1, 1)).pop_frame().finish();
  world.words_naming("closure", {"camlB__f"});
  EXPECT_EQ(ModuleResult(world).live(), "");
  ModuleWorld other;
  other.function("camlB__entry").finish();
  FunctionText& g = other.function("camlB__f").push_frame().address(1, "camlA");
  call_closure(g.load(2, 1, 1)).pop_frame().finish();
  other.words_naming("closure", {"camlB__f"});
  EXPECT_EQ(ModuleResult(other, {"closure"}).live(), "1");
}

// The registers behind a closure are no arguments of what it is called with.
TEST(RuntimeOcaml, RegistersBehindAClosure) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(4, "camlA");
  call_closure(entry.load(2, 4, 1)).pop_frame().finish();
  EXPECT_EQ(ModuleResult(world).live(), "1");
}
// Nor are those before the register in which the closure lives.
TEST(RuntimeOcaml, RegistersBetweenTwoOfAClosure) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(4, "camlA");
  entry.load(6, 4, 1).move(1, 6).load(3, 6, 0).op(0x2001).call_register(3).pop_frame().finish();
  EXPECT_EQ(ModuleResult(world).live(), "1");
}
TEST(RuntimeOcaml, RegistersBeforeAClosure) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(4, "camlA");
  entry.load(6, 4, 1).move(5, 6).load(3, 6, 0).op(0x2001).call_register(3).pop_frame().finish();
  EXPECT_EQ(ModuleResult(world).live(), "012");
}
// From where two ways meet on, what a register holds is one thing, whichever it is.
TEST(RuntimeOcaml, AClosureOfTwoWays) {
  constexpr u16 kCompare = 0x2801;  // CMP r0, #1
  constexpr u16 kSkipOne = 0xd000;  // BEQ
  constexpr u16 kSkipTwo = 0xd001;
  const auto begin = [](ModuleWorld& world) -> FunctionText& {
    return world.function("camlB__entry").push_frame().address(4, "camlA").load(2, 4, 1);
  };
  ModuleWorld one;
  FunctionText& entry = begin(one).op(kCompare).op(kSkipOne).load(2, 4, 1);
  call_closure(entry).pop_frame().finish();
  EXPECT_EQ(ModuleResult(one).live(), "1");

  // Not so where the code has been loaded of one or the other already.
  ModuleWorld code;
  FunctionText& other = begin(code).load(3, 2, 0).op(kCompare).op(kSkipTwo);
  other.load(2, 4, 1).load(3, 2, 0).move(1, 2).op(0x2001).call_register(3).pop_frame().finish();
  EXPECT_EQ(ModuleResult(code).live(), "012");
}
TEST(RuntimeOcaml, ClosuresOfTwoTurnsOfALoop) {
  ModuleWorld world;
  FunctionText& entry = world.function("camlB__entry").push_frame().address(4, "camlA");
  entry.load(2, 4, 1).move(5, 2);
  entry.op(0x2801).op(0xd002);                // CMP r0, #1; BEQ behind the loop
  entry.move(5, 2).load(2, 4, 1).op(0xe7fa);  // B back to CMP
  entry.load(3, 5, 0).move(1, 2).op(0x2001).call_register(3).pop_frame().finish();
  EXPECT_EQ(ModuleResult(world).live(), "012");
}

// Other code may count from one function to the next.
TEST(RuntimeOcaml, CodeThatIsInNoUnit) {
  ModuleWorld world;
  world.has_strange_code = true;
  world.function("camlB__entry").finish();
  const ModuleResult result(world);
  EXPECT_EQ(result.live(), "012");
  EXPECT_TRUE(result.ocaml.empty());
  EXPECT_EQ(result.refusals(), "code of camlA cannot be cut\n");
}

// What would be done in vain is said only where somebody could do it.
TEST(RuntimeOcaml, NothingToSay) {
  ModuleWorld world(true);
  world.function("camlB__entry").finish();
  EXPECT_EQ(ModuleResult(world).refusals(), "");
}

TEST(RuntimeOcaml, StartUpCodeOfAnotherVersion) {
  ModuleWorld world(true);
  world.functions.front().call("camlA__entry");
  world.function("camlB__entry").finish();
  EXPECT_EQ(ModuleResult(world).refusals(),
            "all units are started: caml_program or caml_globals is none of OCaml 4.11 to 4.14\n");
}

TEST(RuntimeOcaml, AnotherOcaml) {
  ModuleWorld world;
  world.function("camlB__entry").finish();
  world.elf.define("caml_find_frame_descr", world.elf.text(".text.five", 8),
                   {.value = 1, .size = 8, .type = STT_FUNC});
  const ModuleResult result(world);
  EXPECT_TRUE(result.refusals().starts_with("this is OCaml 5")) << result.refusals();
  EXPECT_EQ(result.live(), "012");
}

// Behind a call that never returns stand the function's literals: no address of data.
TEST(RuntimeOcaml, ReturnAddressesAmongLiterals) {
  ModuleWorld world;
  world.returns_to_data = "camlB__raises";
  world.function("camlB__entry").finish();
  world.function("camlB__raises").address(0, "camlA").load(0, 0, 1).call("caml_raise_exn");
  world.words_naming("closure", {"camlB__raises"});
  EXPECT_EQ(ModuleResult(world).live(), "");
  ModuleWorld other;
  other.returns_to_data = "camlB__raises";
  other.function("camlB__entry").finish();
  other.function("camlB__raises").address(0, "camlA").load(0, 0, 1).call("caml_raise_exn");
  other.words_naming("closure", {"camlB__raises"});
  EXPECT_EQ(ModuleResult(other, {"closure"}).live(), "1");
}

}  // namespace
}  // namespace fwseal
