#include "prune/ocaml_sealing.h"

#include "tests/unit/ocaml_world.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

struct Found {
  bool possible = false;
  bool is_hollow = false;  // with main as the only root, and what `also` names
  bool keeps_table = false;
  std::string why;
};

Found find(const ElfBuilder& elf, u32 main, u32 table, const std::string& also = "") {
  const LinkedObject object(elf);
  const Atoms atoms(object.program().inputs.sections.size());
  const FrameSealing sealing = find_frame_sealing(object.program(), atoms);
  Found found;
  found.possible = sealing.possible();
  if (sealing.refusal) found.why = sealing.refusal->why;
  EXPECT_NE(found.possible, sealing.refusal.has_value());
  if (!found.possible) return found;
  ClauseOptions options;
  options.roots.push_back({object.section(main), ClauseKind::kEntry});
  if (!also.empty())
    options.root_symbols.push_back({object.program().symbols.find(also), ClauseKind::kUser});
  options.conditional_bodies.push_back({sealing.init->function, sealing.init->any_of});
  const Graph graph = collect_clauses(object.program(), atoms, options);
  const Reach live = reach(graph);
  found.is_hollow = true;
  for (u32 i = 0; i < graph.atom_count(); i++)
    if (const Proposition* const said = graph.proposition(AtomId{i});
        said != nullptr && said->kind == Proposition::Kind::kBody && live.live(AtomId{i}))
      found.is_hollow = false;
  found.keeps_table = live.live(atom_of(object.section(table)));
  for (const FrameUser& user : sealing.users)
    if (live.live(user.atom)) found.why += user.what + "; ";
  return found;
}
Found find(OcamlWorld& world, const std::string& also = "") {
  return find(world.elf, world.main, world.table, also);
}

TEST(OcamlSealing, LetsTheTablesGo) {
  OcamlWorld world;
  world.finish();
  const Found found = find(world);
  EXPECT_TRUE(found.possible && found.is_hollow);
  EXPECT_FALSE(found.keeps_table);
  EXPECT_EQ(found.why, "");
}

TEST(OcamlSealing, LeavesThemToWhoeverAddsTables) {
  OcamlWorld world;
  world.finish();
  const Found found = find(world, "caml_register_frametable");
  EXPECT_FALSE(found.is_hollow);
  EXPECT_TRUE(found.keeps_table);
  EXPECT_NE(found.why.find("caml_register_frametable"), std::string::npos) << found.why;
}

TEST(OcamlSealing, LeavesThemToTheDynamicLinker) {
  OcamlWorld world;
  world.code("caml_natdynlink_open", 8);
  world.finish();
  EXPECT_FALSE(find(world, "caml_natdynlink_open").is_hollow);
}

// Who refers to the list, a table or a variable, by whatever name.
TEST(OcamlSealing, LeavesThemToStrangers) {
  for (const char* const name : {"caml_frametable", "camlA__frametable", "caml_frame_descriptors",
                                 "caml_frame_descriptors_mask"}) {
    OcamlWorld world;
    world.finish();
    const u32 stranger = world.code("stranger", 8);
    world.refer(stranger, 4, name);
    EXPECT_TRUE(find(world).is_hollow) << name;  // it is dead
    world.refer(world.main, 16, "stranger");
    const Found found = find(world);
    EXPECT_FALSE(found.is_hollow) << name;
    EXPECT_NE(found.why.find("stranger refers to"), std::string::npos) << found.why;
  }
  for (u32 place : {12u, 20u, 4u}) {
    OcamlWorld world;
    world.finish();
    const u32 stranger = world.elf.data(".data.stranger", std::string(4, '\0'));
    world.elf.define("stranger", stranger);
    const bool is_variable = place == 4;  // behind it, even: compilers reach others from there
    const u32 section = is_variable ? world.variables[0] : world.table;
    world.elf.relocate(stranger, 0, R_ARM_ABS32, world.elf.section_symbol(section),
                       static_cast<i32>(place));
    world.refer(world.main, 16, "stranger");
    EXPECT_FALSE(find(world).is_hollow) << place;
  }
}

TEST(OcamlSealing, ToleratesWhatReadsTheVariables) {
  OcamlWorld world;
  world.finish();
  const u32 reader = world.code("caml_next_frame_descriptor.part.0", 8);
  world.refer(reader, 4, "caml_frame_descriptors");
  world.refer(world.main, 16, "caml_next_frame_descriptor.part.0");
  EXPECT_TRUE(find(world).is_hollow);
}

TEST(OcamlSealing, ToleratesWhatStandsBesideATable) {
  OcamlWorld world;
  world.finish();
  world.elf.define("camlA__data_end", world.table, {.value = 4});
  world.refer(world.main, 16, "camlA__data_end");
  EXPECT_TRUE(find(world).is_hollow);
}

TEST(OcamlSealing, RefusesWhatIsNoFunctionByItself) {
  OcamlWorld world;
  world.finish();
  world.elf.define("neighbour", world.init, {.value = 9, .size = 4, .type = STT_FUNC});
  const Found found = find(world);
  EXPECT_FALSE(found.possible);
  EXPECT_NE(found.why.find("-ffunction-sections"), std::string::npos);
}

TEST(OcamlSealing, RefusesAFunctionThatDoesMore) {
  for (const char* const name : {"caml_stat_alloc", "caml_init_hook", "main"}) {
    for (const bool directly : {true, false}) {
      OcamlWorld world;
      world.finish();
      world.elf.define("caml_init_hook", world.elf.bss(".bss.hook", 4));
      world.elf.define("caml_stat_alloc", world.code("alloc", 8));
      world.refer(directly ? world.init : world.fill, 4, name);
      const Found found = find(world);
      EXPECT_EQ(found.possible, name != std::string_view("caml_init_hook")) << name;
      EXPECT_TRUE(found.possible || found.why.find(name) != std::string::npos) << found.why;
    }
  }
}

TEST(OcamlSealing, RefusesDamagedTables) {
  OcamlWorld world;
  world.extra_bytes = 8;
  world.finish();
  EXPECT_FALSE(find(world).possible);
}

TEST(OcamlSealing, RefusesToMakeDataOfMuchElse) {
  for (const u32 size : {16u, 4096u, 0x10000u, 0xffff'fff0u}) {
    OcamlWorld world;
    world.shares_section = true;
    world.shared_size = size;
    world.finish();
    EXPECT_EQ(find(world).possible, size <= 4096) << size;
  }
}

TEST(OcamlSealing, RefusesAVariableThatHasAValue) {
  for (const char value : {'\0', '\1'}) {
    OcamlWorld world;
    world.initial_value = std::string(4, value);
    world.finish();
    EXPECT_EQ(find(world).possible, value == 0);
  }
}

}  // namespace
}  // namespace fwseal
