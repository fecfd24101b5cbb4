// Units that need not be started, and what must not be taken for one.
#include "graph/ocaml_idle.h"

#include <functional>

#include "tests/unit/graph/ocaml_module_world.h"

namespace fwseal {
namespace {

constexpr u16 kStoreHeader = 0x1c04;  // STR r1, [rn, #-4], behind 0xf840 | rn

// camlB__entry stores in field 0 of camlB a block that it has allocated; a function that it calls
// knows a word that nobody else does. `also` adds to the entry.
struct IdleWorld : ModuleWorld {
  explicit IdleWorld(const std::function<void(FunctionText&)>& also = {}) : ModuleWorld(true) {
    FunctionText& entry = function("camlB__entry").push_frame();
    entry.op(0x2001).call("caml_fresh_oo_id").call("camlB__helper").allocate(0);
    entry.op(0x2101).wide(0xf840, kStoreHeader).store(1, 0, 0);
    entry.address(4, "camlB").store(0, 4, 0);
    if (also) also(entry);
    entry.pop_frame().finish();
    function("camlB__helper").address(0, "camlB__word").load(0, 0, 0).jump_register(14);
    for (const std::string name : {"caml_fresh_oo_id", "caml_create_bytes", "caml_obj_block"})
      c_function(name);
    words_naming("camlB__word", {});
  }
};

// Does it do what it does, with all that hangs on that?
bool acts(IdleWorld& world, const std::vector<std::string>& roots = {}) {
  const ModuleResult result(world, roots);
  const bool acts = result.is_live("camlB__entry");
  EXPECT_EQ(result.is_live("camlB__helper"), acts);
  EXPECT_EQ(result.is_live("camlB__word"), acts);
  return acts;
}
bool acts(const std::function<void(FunctionText&)>& also) {
  IdleWorld world(also);
  return acts(world);
}

TEST(OcamlIdle, NobodyLooks) {
  IdleWorld world;
  EXPECT_FALSE(acts(world));
}

TEST(OcamlIdle, AFieldIsReadOrWhatItRefersTo) {
  for (const bool is_read : {false, true}) {
    IdleWorld world;
    FunctionText& reader = world.function("camlB__reader").address(1, "camlB").load(0, 1, 0);
    if (!is_read) reader.load(0, 0, 1);
    reader.jump_register(14);
    world.words_naming("closure", {"camlB__reader"});
    EXPECT_TRUE(acts(world, {"closure"})) << is_read;
  }
}

// Its value counts before it is initialised, too.
TEST(OcamlIdle, AFieldIsReadThatIsNotStored) {
  IdleWorld world;
  world.function("camlB__reader").address(1, "camlB").load(0, 1, 2).jump_register(14);
  world.words_naming("closure", {"camlB__reader"});
  EXPECT_TRUE(acts(world, {"closure"}));
}

TEST(OcamlIdle, ReadByDeadCode) {
  IdleWorld world;
  world.function("camlB__reader").address(1, "camlB").load(0, 1, 0).jump_register(14);
  world.words_naming("closure", {"camlB__reader"});
  EXPECT_FALSE(acts(world));
}

TEST(OcamlIdle, TheBlockEscapes) {
  IdleWorld world;
  world.words_naming("modules", {"camlB"});
  EXPECT_TRUE(acts(world, {"modules"}));
  IdleWorld other;
  other.c_function("knows", {"camlB__gc_roots"});
  EXPECT_TRUE(acts(other, {"knows"}));
}

TEST(OcamlIdle, AskedForByItsName) {
  IdleWorld world;
  EXPECT_TRUE(acts(world, {"camlB__entry"}));
}

// What it reads of another unit is needed only if it is needed itself.
TEST(OcamlIdle, UnitsThatReadEachOther) {
  for (const bool is_read : {false, true}) {
    IdleWorld world([](FunctionText& entry) {
      entry.address(1, "camlA").load(2, 1, 1).store(2, 4, 1).load(2, 1, 2).load(2, 2, 0);
    });
    world.function("camlB__reader").address(1, "camlB").load(0, 1, 1).jump_register(14);
    world.words_naming("closure", {"camlB__reader"});
    std::vector<std::string> roots;
    if (is_read) roots.push_back("closure");
    const ModuleResult result(world, roots);
    EXPECT_EQ(result.is_live("camlA__entry"), is_read);
    EXPECT_EQ(result.is_live("camlB__entry"), is_read);
    EXPECT_EQ(result.live(), is_read ? "12" : "");
  }
}

TEST(OcamlIdle, CallsC) {
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.call("c_function"); }));
  EXPECT_TRUE(
      acts([](FunctionText& entry) { entry.address(7, "c_function").call("caml_c_call"); }));
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.call("caml_c_call"); }));
}

TEST(OcamlIdle, CallsCThatMayRaise) {
  const auto create = [](u16 instruction) {
    return acts([&](FunctionText& entry) {
      entry.load(0, 4, 1).op(instruction).address(7, "caml_create_bytes").call("caml_c_call");
    });
  };
  EXPECT_FALSE(create(0x2041));  // MOVS r0, #65
  EXPECT_TRUE(create(0x2040));   // no number of OCaml
  EXPECT_TRUE(create(0xbf00));
  EXPECT_TRUE(acts([](FunctionText& entry) {  // MOVW r0, #257
    entry.wide(0xf240, 0x1001).address(7, "caml_create_bytes").call("caml_c_call");
  }));
  for (const bool both : {false, true})
    EXPECT_EQ(
        acts([&](FunctionText& entry) {
          entry.load(1, 4, 1).op(0x2041).op(both ? 0x2141 : 0xbf00).address(7, "caml_obj_block");
          entry.call("caml_c_call");
        }),
        !both);
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.address(7, "camlA").call("caml_c_call"); }));
}

// What these do is seen when others run, or at exit.
TEST(OcamlIdle, CallsCThatIsKeptForLater) {
  for (const std::string name :
       {"caml_modify", "caml_initialize", "caml_register_named_value", "caml_atomic_cas"}) {
    IdleWorld direct([&](FunctionText& entry) { entry.call(name); });
    direct.c_function(name);
    EXPECT_TRUE(acts(direct)) << name;
    IdleWorld world(
        [](FunctionText& entry) { entry.address(0, "camlB__word").call("camlB__at_exit"); });
    FunctionText& at_exit = world.function("camlB__at_exit").push_frame();
    at_exit.address(7, name).call("caml_c_call").pop_frame().finish();
    world.c_function(name);
    EXPECT_TRUE(acts(world)) << name;
  }
}

TEST(OcamlIdle, HasAHandler) {
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.handler().op(0xbf00); }));
}

TEST(OcamlIdle, CallsSomethingUnknown) {
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.call_register(4); }));
}

TEST(OcamlIdle, RaisesOrStops) {
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.call("caml_raise_exn"); }));
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.op(0xde00); }));
}

TEST(OcamlIdle, StoresElsewhere) {
  const auto stores = [](const std::function<void(FunctionText&)>& also) { return acts(also); };
  // Another unit's block, what its field refers to, what an own field refers to
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.address(1, "camlA").store(0, 1, 0); }));
  EXPECT_TRUE(
      stores([](FunctionText& entry) { entry.address(1, "camlA").load(1, 1, 0).store(0, 1, 0); }));
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.load(1, 4, 0).store(0, 1, 0); }));
  // Static data, a byte, the caller's frame, relative to a register with an index
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.address(1, "camlB__word").store(0, 1, 0); }));
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.op(0x7020); }));  // STRB r0, [r4]
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.op(0x9004); }));  // STR r0, [sp, #16]
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.op(0x5060); }));  // STR r0, [r4, r1]
  // Number 1 of the domain's state: VSTR, STR with r11
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.wide(0xf8cb, 0x0004); }));
  EXPECT_TRUE(stores([](FunctionText& entry) { entry.wide(0xed84, 0x0b00); }));
}

TEST(OcamlIdle, StoresInWhatIsNew) {
  const auto stores = [](const std::function<void(FunctionText&)>& also) { return acts(also); };
  EXPECT_FALSE(stores([](FunctionText& entry) { entry.allocate(2).store(4, 2, 1); }));
  EXPECT_FALSE(stores([](FunctionText& entry) { entry.allocate(2).wide(0xed82, 0x0b00); }));
  // ADDS r3, r2, #4
  EXPECT_FALSE(stores([](FunctionText& entry) { entry.allocate(2).op(0x1d13).store(4, 3, 0); }));
  // STR r2, [sp]; LDR r3, [sp]
  EXPECT_FALSE(
      stores([](FunctionText& entry) { entry.allocate(2).op(0x9200).op(0x9b00).store(4, 3, 0); }));
  // On one of two ways: CMP r0, #1; BEQ over a move
  EXPECT_TRUE(stores([](FunctionText& entry) {
    entry.allocate(2).op(0x2801).op(0xd000).move(2, 5).store(4, 2, 0);
  }));
}

// Each of them stores to what was new, or would be if something else happened.
TEST(OcamlIdle, StoresInWhatIsNewNoLonger) {
  using Also = void (*)(FunctionText&);
  constexpr u16 kItEq = 0xbf08;
  constexpr u16 kStoreR2 = 0x9200;  // STR r2, [sp]
  constexpr u16 kStoreR5 = 0x9500;
  constexpr u16 kLoadR3 = 0x9b00;  // LDR r3, [sp]
  const Also changes[] = {
      // r2 after calls, r7 after an allocation
      [](FunctionText& entry) { entry.allocate(2).call("camlB__helper").store(0, 2, 0); },
      [](FunctionText& entry) { entry.allocate(2).call("caml_fresh_oo_id").store(0, 2, 0); },
      [](FunctionText& entry) {
        entry.allocate(2).address(7, "caml_fresh_oo_id").call("caml_c_call").store(0, 2, 0);
      },
      [](FunctionText& entry) { entry.allocate(7).allocate(2).store(0, 7, 0); },
      // EORS r2, r5; SUB r2, r10, #8; ADD r2, r10, r5
      [](FunctionText& entry) { entry.allocate(2).op(0x406a).store(0, 2, 0); },
      [](FunctionText& entry) { entry.wide(0xf1aa, 0x0208).store(0, 2, 0); },
      [](FunctionText& entry) { entry.wide(0xeb0a, 0x0205).store(0, 2, 0); },
      // MOVEQ r5, r2; ADDEQ r5, r10, #4; STREQ r2, [sp]
      [](FunctionText& entry) { entry.allocate(2).op(kItEq).op(0x4615).store(0, 5, 0); },
      [](FunctionText& entry) { entry.op(kItEq).wide(0xf10a, 0x0504).store(0, 5, 0); },
      [](FunctionText& entry) {
        entry.allocate(2).op(kItEq).op(kStoreR2).op(kLoadR3).store(0, 3, 0);
      },
      // Another word of the frame, another value in it, also on one of two ways: CMP r0, #1; BEQ
      [](FunctionText& entry) { entry.op(kLoadR3).store(0, 3, 0); },
      [](FunctionText& entry) {
        entry.allocate(2).op(kStoreR2).op(kStoreR5).op(kLoadR3).store(0, 3, 0);
      },
      [](FunctionText& entry) {
        entry.allocate(2).op(kStoreR2).op(0x2801).op(0xd000).op(kStoreR5).op(kLoadR3);
        entry.store(0, 3, 0);
      },
      [](FunctionText& entry) {  // MOVS r5, #1
        entry.allocate(2).op(kStoreR2).op(0x2501).op(0x2801).op(0xd000).op(kStoreR5).op(kLoadR3);
        entry.store(0, 3, 0);
      },
      // VSTR d0, [sp], over it and over the word behind
      [](FunctionText& entry) {
        entry.allocate(2).op(kStoreR2).wide(0xed8d, 0x0b00).op(kLoadR3).store(0, 3, 0);
      },
      [](FunctionText& entry) {
        entry.op(0xb082).allocate(2).op(kStoreR2 + 1).wide(0xed8d, 0x0b00).op(kLoadR3 + 1);
        entry.store(0, 3, 0).op(0xb002);
      }};
  for (u64 i = 0; i < std::size(changes); i++) EXPECT_TRUE(acts(changes[i])) << i;
}

TEST(OcamlIdle, StoresBesideWhatIsItsOwn) {
  using Also = void (*)(FunctionText&);
  const Also changes[] = {
      // Behind its block, before it, between words: STR r0, [r4, #-4]; STR r0, [r4, #2]
      [](FunctionText& entry) { entry.store(0, 4, 3); },
      [](FunctionText& entry) { entry.wide(0xf844, 0x0c04); },
      [](FunctionText& entry) { entry.wide(0xf8c4, 0x0002); },
      // The frame: STR r5, [sp, #2]; STR r5, [sp, #-4]; VSTR d0, [sp, #8]; VSTR d0, [sp, #4]
      [](FunctionText& entry) { entry.wide(0xf8cd, 0x5002); },
      [](FunctionText& entry) { entry.wide(0xf84d, 0x5c04); },
      [](FunctionText& entry) { entry.wide(0xed8d, 0x0b02); },
      [](FunctionText& entry) { entry.wide(0xed8d, 0x0b01); },
      // The code of a function, a number
      [](FunctionText& entry) { entry.address(1, "caml_fresh_oo_id").store(0, 1, 0); },
      [](FunctionText& entry) { entry.op(0x2101).store(0, 1, 0); }};
  for (u64 i = 0; i < std::size(changes); i++) EXPECT_TRUE(acts(changes[i])) << i;
  EXPECT_FALSE(acts([](FunctionText& entry) { entry.store(0, 4, 2).op(0x9500); }));
  EXPECT_FALSE(acts([](FunctionText& entry) { entry.wide(0xed8d, 0x0b00); }));
}

TEST(OcamlIdle, Loops) {
  EXPECT_FALSE(acts([](FunctionText& entry) { entry.op(0xd0ff).op(0xbf00); }));  // BEQ to the next
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.op(0xbf00).op(0xd0fd); }));   // and back
}

TEST(OcamlIdle, CallsItselfOrSomebodyWhoActs) {
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.call("camlB__entry"); }));
  IdleWorld world([](FunctionText& entry) { entry.call("camlB__other"); });
  world.function("camlB__other").push_frame().call("camlB__another").pop_frame().finish();
  world.function("camlB__another").push_frame().call("c_function").pop_frame().finish();
  EXPECT_TRUE(acts(world));
  IdleWorld recursive([](FunctionText& entry) { entry.call("camlB__other"); });
  recursive.function("camlB__other").push_frame().call("camlB__other").pop_frame().finish();
  EXPECT_TRUE(acts(recursive));
  IdleWorld stores([](FunctionText& entry) { entry.call("camlB__other"); });
  stores.function("camlB__other").address(1, "camlA").store(0, 1, 0).finish();
  EXPECT_TRUE(acts(stores));
}

TEST(OcamlIdle, CodeThatCannotBeRead) {
  EXPECT_TRUE(acts([](FunctionText& entry) { entry.op(0xdf00); }));  // SVC
}

}  // namespace
}  // namespace fwseal
