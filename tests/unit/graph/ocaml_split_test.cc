// OCaml units taken apart: what stays in RAM, what refers to what, and what is left alone.
#include <gtest/gtest.h>

#include "tests/unit/graph/ocaml_world.h"

namespace fwseal {
namespace {

using Strings = std::vector<std::string>;

struct Alone {
  explicit Alone(const OcamlText& text) : elf(add(text)), linked(elf), run(linked) {}
  static ElfBuilder add(const OcamlText& text) {
    ElfBuilder elf;
    text.add_to(elf);
    return elf;
  }
  ElfBuilder elf;
  LinkedObject linked;
  OcamlRun run;
};

OcamlText two_units() {
  OcamlText text;
  text.startup({"camlA", "camlB"});
  text.unit("camlA");
  text.unit("camlB");
  return text;
}

// What must not move: hard rules of the format.

TEST(OcamlSplit, RootsStayInRam) {
  Alone alone(two_units());
  EXPECT_EQ(alone.run.refusal("camlA"), "");
  EXPECT_EQ(alone.run.place("camlA"), ".data.camlA+4");
  EXPECT_EQ(alone.run.place("camlB"), ".data.camlB+4");
  EXPECT_EQ(alone.run.place("camlA__gc_roots"), ".data.rel.ro.camlA+12");
  EXPECT_EQ(alone.run.place("camlA__3"), ".data.rel.ro.camlA+40");
  EXPECT_EQ(alone.run.local_place("camlA__1"), ".data.rel.ro.camlA+4");
  EXPECT_EQ(alone.run.place("camlA__frametable"), ".data.rel.ro.camlA.frametable+0");
  EXPECT_EQ(alone.run.references(), alone.run.references_before);
}

TEST(OcamlSplit, EveryValueIsInASegment) {
  Alone alone(two_units());
  EXPECT_EQ(alone.run.segments(),
            (Strings{"caml_startup__data_begin+0", "caml_startup__data_end+0",
                     "camlA__data_begin+0", "camlA__data_end+0", "camlA__ram_begin+0",
                     "camlA__ram_end+-4", "camlB__data_begin+0", "camlB__data_end+0",
                     "camlB__ram_begin+0", "camlB__ram_end+-4"}));
  EXPECT_EQ(alone.run.place("camlA__data_begin"), ".data.rel.ro.camlA+0");
  EXPECT_EQ(alone.run.place("camlA__data_end"), ".data.rel.ro.camlA+52");
  EXPECT_EQ(alone.run.place("camlA__ram_begin"), ".data.camlA+0");
  EXPECT_EQ(alone.run.place("camlA__ram_end"), ".data.camlA+16");
  const Program& program = alone.linked.program();
  const SectionId table = alone.run.sections.segments;
  EXPECT_EQ(program.inputs[table].name, ".data.rel.ro.caml_data_segments");
  EXPECT_EQ(program.inputs[table].size, 11u * 4);
}

TEST(OcamlSplit, EmptyModuleAndItsNeighbourPart) {
  OcamlText text;
  text.startup({"camlA"});
  text.begin("camlA");
  text.block("camlA__1", 1);
  text.block("camlA", 0, STB_GLOBAL);
  text.roots("camlA", {"camlA"});
  text.end("camlA");
  Alone alone(text);
  EXPECT_EQ(alone.run.refusal("camlA"), "");
  EXPECT_EQ(alone.run.place("camlA"), ".data.camlA+4");
  EXPECT_EQ(alone.run.place("camlA__ram_end"), ".data.camlA+8");  // its address is in a segment
  EXPECT_EQ(alone.run.place("camlA__gc_roots"), ".data.rel.ro.camlA+8");
  EXPECT_TRUE(alone.run.references().contains("camlA__gc_roots+0 -> camlA+0"));
}

TEST(OcamlSplit, EmptyConstantStaysWithWhatFollows) {
  OcamlText text;
  text.startup({"camlA"});
  text.begin("camlA");
  text.block("camlA__1", 0);
  text.block("camlA", 1, STB_GLOBAL);
  text.roots("camlA", {"camlA"});
  text.block("camlA__2", 1);
  text.end("camlA");
  Alone alone(text);
  EXPECT_EQ(alone.run.refusal("camlA"), "");
  EXPECT_EQ(alone.run.local_place("camlA__1"), ".data.rel.ro.camlA+4");
  const OcamlParts& parts = alone.run.sections.units.back();
  EXPECT_EQ(parts.starts, (std::vector<u32>{0, 12, 20}));
}

TEST(OcamlSplit, OfWhatIsNotBlackTheUnitStays) {
  for (const u32 colour : {0u, 1u, 2u}) {
    OcamlText text;
    text.startup({"camlA", "camlB"});
    text.begin("camlA");
    text.word(OcamlText::header(0, 1, colour));
    text.label("camlA__1", STB_LOCAL);
    text.word(1);
    text.block("camlA", 1, STB_GLOBAL);
    text.roots("camlA", {"camlA"});
    text.end("camlA");
    text.unit("camlB");
    Alone alone(text);
    EXPECT_NE(alone.run.refusal("camlA"), "");
    EXPECT_EQ(alone.run.refusal("camlB"), "");
    EXPECT_EQ(alone.run.place("camlA"), ".data+12");
    EXPECT_EQ(alone.run.place("camlB"), ".data.camlB+4");
    EXPECT_EQ(alone.run.references(), alone.run.references_before);
  }
}

TEST(OcamlSplit, OfABlockThatTakesTheHeaderOfTheNextTheUnitStays) {
  OcamlText text;
  text.startup({"camlA"});
  text.begin("camlA");
  text.begin_block("camlA__1", 3);  // one word too many
  text.word(1);
  text.word(3);
  text.block("camlA__2", 2);
  text.block("camlA", 1, STB_GLOBAL);
  text.roots("camlA", {"camlA"});
  text.end("camlA");
  Alone alone(text);
  EXPECT_NE(alone.run.refusal("camlA").find("overlaps"), std::string::npos);
}

TEST(OcamlSplit, BehindATableABlockThatIsNotBlackIsNoPartOfIt) {
  OcamlText text;
  text.startup({"camlA"});
  text.begin("camlA");
  text.block("camlA", 1, STB_GLOBAL);
  text.roots("camlA", {"camlA"});
  text.label("camlA__table", STB_LOCAL);
  text.word(1);
  text.word(OcamlText::header(0, 1, 0));
  text.label("camlA__1", STB_LOCAL);
  text.word(1);
  text.block("camlA__2", 1);
  text.end("camlA");
  EXPECT_NE(Alone(text).run.refusal("camlA"), "");
}

TEST(OcamlSplit, TablesAreNotCutFromWhatMayBeTheirLastWord) {
  OcamlText text;
  text.startup({"camlA"});
  text.begin("camlA");
  text.block("camlA", 1, STB_GLOBAL);
  text.roots("camlA", {"camlA"});
  text.label("camlA__table", STB_LOCAL);
  text.word(1);
  text.word(3);
  text.block("camlA__1", 1);
  text.block("camlA__2", 1);
  text.end("camlA");
  Alone alone(text);
  EXPECT_EQ(alone.run.refusal("camlA"), "");
  EXPECT_EQ(alone.run.sections.units.back().starts, (std::vector<u32>{0, 8, 24, 32}));
}

TEST(OcamlSplit, ClosuresInsideOfOneBelongToIt) {
  OcamlText text;
  text.startup({"camlA"});
  text.begin("camlA");
  text.begin_block("camlA__1", 5, 247);
  text.word(1);
  text.word(1);
  text.word(OcamlText::header(249, 3, 0));
  text.label("camlA__2", STB_LOCAL);
  text.word(1);
  text.word(1);
  text.block("camlA", 1, STB_GLOBAL);
  text.roots("camlA", {"camlA"});
  text.end("camlA");
  Alone alone(text);
  EXPECT_EQ(alone.run.refusal("camlA"), "");
  EXPECT_EQ(alone.run.local_place("camlA__2"), ".data.rel.ro.camlA+16");
  EXPECT_EQ(alone.run.sections.units.back().starts, (std::vector<u32>{0, 24, 32}));
}

TEST(OcamlSplit, UnitsInOtherObjects) {
  OcamlText startup, unit;
  startup.startup({"camlA"});
  unit.unit("camlA");
  ElfBuilder first, member;
  startup.add_to(first);
  unit.add_to(member);
  member.define("caml_primitive", member.text(".text.p"), {.value = 1, .type = STT_FUNC});
  LinkedObject linked(first, member, {"camlA__data_begin"});
  OcamlRun run(linked);
  EXPECT_EQ(run.refusal("camlA"), "");
  EXPECT_EQ(run.place("camlA"), ".data.camlA+4");
  EXPECT_EQ(run.references(), run.references_before);
  EXPECT_EQ(run.segments().size(), 6u);
  EXPECT_EQ(run.segments()[4], "camlA__ram_begin+0");
  const Object& object = linked.program().inputs.objects[0];
  EXPECT_EQ(
      linked.program().symbols.of(linked.program().inputs, ObjectId{0}, object.symbol_count - 2),
      linked.symbols().find("camlA__ram_begin"));
}

// The units' data may stand among others'.
TEST(OcamlSplit, TheRestKeepsItsOrder) {
  OcamlText text;
  text.label("other");
  text.word(0x11);
  text.startup({"camlA"});
  text.label("between");
  text.word(0x22);
  text.place("other", 0);
  text.unit("camlA");
  text.word(0x33);
  Alone alone(text);
  EXPECT_EQ(alone.run.place("other"), ".data+0");
  EXPECT_EQ(alone.run.place("between"), ".data+4");
  EXPECT_EQ(alone.run.references(), alone.run.references_before);
}

TEST(OcamlSplit, ReferencesThatCannotBeTold) {
  const auto with = [](const std::function<void(OcamlText&)>& more) {
    OcamlText text;
    text.startup({"camlA", "camlB"});
    text.unit("camlA");
    text.unit("camlB");
    text.label("other");
    more(text);
    return Alone(text).run.refusal("camlA");
  };
  EXPECT_EQ(with([](OcamlText& text) { text.address("camlA", 8); }), "");
  EXPECT_NE(with([](OcamlText& text) { text.address("camlA", 12); }), "");
  EXPECT_EQ(with([](OcamlText& text) { text.address("camlA", ~u32{3}); }), "");  // its header
  EXPECT_NE(with([](OcamlText& text) { text.address("camlA", ~u32{7}); }), "");
  EXPECT_EQ(with([](OcamlText& text) { text.place("camlA", 4); }), "");
  EXPECT_NE(with([](OcamlText& text) { text.place("camlA", ~u32{3}); }), "");  // a header
  EXPECT_NE(with([](OcamlText& text) { text.place("camlA", 100000); }), "");
}

TEST(OcamlSplit, OtherWaysToReferToTheSection) {
  for (const u32 type : {R_ARM_REL32, R_ARM_GOTOFF, R_ARM_SBREL32}) {
    ElfBuilder elf;
    const u32 data = two_units().add_to(elf);
    const u32 other = elf.data(".data.other", std::string(4, '\0'));
    elf.relocate(other, 0, type, elf.section_symbol(data));
    LinkedObject linked(elf);
    OcamlRun run(linked);
    EXPECT_NE(run.refusal("camlA"), "") << type;
    EXPECT_TRUE(run.place("camlA__3").starts_with(".data+")) << type;
    EXPECT_EQ(run.references(), run.references_before) << type;
  }
}

TEST(OcamlSplit, LiteralsOfCode) {
  ElfBuilder elf;
  const OcamlText text = two_units();
  const u32 data = text.add_to(elf);
  const u32 code = elf.section({.name = ".text",
                                .flags = SHF_ALLOC | SHF_EXECINSTR,
                                .contents = words({text.offset_of("camlA__2")})});
  elf.relocate(code, 0, R_ARM_ABS32, elf.section_symbol(data));
  LinkedObject linked(elf);
  OcamlRun run(linked);
  EXPECT_EQ(run.refusal("camlA"), "");
  EXPECT_EQ(run.references(), run.references_before);
  EXPECT_TRUE(run.references().contains(".text+0 -> camlA__2+0"));
}

TEST(OcamlSplit, WhatIsStoredToStaysInRam) {
  const auto stored = [](const std::vector<u16>& code) {
    ElfBuilder elf;
    const OcamlText text = two_units();
    text.add_to(elf);
    std::string bytes = halfwords(code) + words({0});
    const u32 literal = static_cast<u32>(bytes.size()) - 4;
    const CodeSection section = add_code(elf, "f", bytes, literal);
    elf.relocate(section.section, literal, R_ARM_ABS32, elf.refer("camlA__3"));
    elf.refer("caml_modify");
    LinkedObject linked(elf);
    OcamlRun run(linked);
    EXPECT_EQ(run.references(), run.references_before);
    return run.place("camlA__3");
  };
  const std::string kFlash = ".data.rel.ro.camlA+40";
  const std::string kRam = ".data.camlA+20";
  EXPECT_EQ(stored({0x4800, 0x4770}), kFlash);                  // ldr r0, =
  EXPECT_EQ(stored({0x4801, 0x6001, 0x4770, 0xbf00}), kRam);    // str r1, [r0]
  EXPECT_EQ(stored({0x4801, 0x7041, 0x4770, 0xbf00}), kRam);    // strb
  EXPECT_EQ(stored({0x4801, 0x8041, 0x4770, 0xbf00}), kRam);    // strh
  EXPECT_EQ(stored({0x4801, 0x5081, 0x4770, 0xbf00}), kRam);    // str r1, [r0, r2]
  EXPECT_EQ(stored({0x4801, 0x5011, 0x4770, 0xbf00}), kRam);    // str r1, [r2, r0]
  EXPECT_EQ(stored({0x4801, 0xc006, 0x4770, 0xbf00}), kRam);    // stm r0!
  EXPECT_EQ(stored({0x4801, 0x1883, 0x6019, 0x4770}), kRam);    // add r3, r0, r2
  EXPECT_EQ(stored({0x4801, 0x4603, 0x6019, 0x4770}), kRam);    // mov r3, r0
  EXPECT_EQ(stored({0x4801, 0xed80, 0x0b00, 0x4770}), kRam);    // vstr d0, [r0]
  EXPECT_EQ(stored({0x4801, 0x6800, 0x6001, 0x4770}), kFlash);  // ldr r0, [r0]
  EXPECT_EQ(stored({0x4801, 0x2000, 0x6001, 0x4770}), kFlash);  // movs r0, #0
}

// A call that never returns is no way into the next function.
TEST(OcamlSplit, StoresOfTheNextFunction) {
  ElfBuilder elf;
  two_units().add_to(elf);
  // ldr r5, =; bl; then str r1, [r5]
  const std::string bytes =
      halfwords({0x4d02, 0xf000, 0xf800, 0x6029, 0x4770, 0xbf00}) + words({0});
  const CodeSection code = add_code(elf, "f", bytes, 12);
  elf.define("g", code.section, {.value = 7, .size = 4, .type = STT_FUNC});
  elf.relocate(code.section, 12, R_ARM_ABS32, elf.refer("camlA__3"));
  LinkedObject linked(elf);
  OcamlRun run(linked);
  EXPECT_EQ(run.place("camlA__3"), ".data.rel.ro.camlA+40");
}

// Flambda names its data by variables, and its arrays of floats are written.
TEST(OcamlSplit, ArraysOfFloats) {
  const auto place = [](const std::string& array, const std::string& other, bool is_sure = true) {
    OcamlText text;
    text.startup({"camlA"});
    text.begin("camlA");
    text.block("camlA", 1, STB_GLOBAL);
    if (!is_sure) text.label("camlA__7");
    if (!is_sure) text.word(5);
    text.begin_block(array, 2, 254);
    text.word(1);
    text.word(2);
    text.block(other, 1);
    text.roots("camlA", {"camlA"});
    text.end("camlA");
    Alone alone(text);
    EXPECT_EQ(alone.run.references(), alone.run.references_before);
    return cat(alone.run.refusal("camlA"), alone.run.local_place(array).substr(0, 14));
  };
  EXPECT_EQ(place("camlA__8", "camlA__9"), ".data.rel.ro.c");
  EXPECT_EQ(place("camlA__pv_8", "camlA__9"), ".data.camlA+12");
  EXPECT_EQ(place("camlA__8", "camlA__f_9_closure"), ".data.camlA+12");
  EXPECT_EQ(place("camlA__", "camlA__9"), ".data.camlA+12");
  EXPECT_EQ(place("other", "camlA__9"), ".data.camlA+12");
  EXPECT_EQ(place("camlA__8", "camlA__9", false), ".data.rel.ro.c");
  EXPECT_EQ(place("camlA__8", "camlA__x", false),
            "an array of floats at 0x68 may be written.data+16");
}

// Nor is one that raises into the other branch of a test; any other call is.
TEST(OcamlSplit, StoresBehindACall) {
  const auto stored = [](const std::string& callee, const std::vector<u16>& code) {
    ElfBuilder elf;
    two_units().add_to(elf);
    const CodeSection section = add_code(elf, "f", halfwords(code) + words({0}), 12);
    elf.relocate(section.section, 2, R_ARM_THM_PC22, elf.refer(callee));
    elf.relocate(section.section, 12, R_ARM_ABS32, elf.refer("camlA__3"));
    LinkedObject linked(elf);
    OcamlRun run(linked);
    return run.place("camlA__3");
  };
  const std::string kFlash = ".data.rel.ro.camlA+40";
  const std::string kRam = ".data.camlA+20";
  const std::vector<u16> behind = {0x4f02, 0xf7ff, 0xfffe, 0x6039, 0x4770, 0xbf00};
  EXPECT_EQ(stored("caml_raise_exn", behind), kFlash);  // ldr r7, =; bl; str r1, [r7]
  EXPECT_EQ(stored("caml_ml_array_bound_error", behind), kFlash);
  EXPECT_EQ(stored("caml_c_call", behind), kRam);
  EXPECT_EQ(stored("camlB__f_1", behind), kRam);
  // ldr r0, =; bl; ldr r7, =; str r1, [r7]
  EXPECT_EQ(stored("caml_raise_exn", {0x4802, 0xf7ff, 0xfffe, 0x4f01, 0x6039, 0x4770}), kRam);
}

// ---- Hostile

// Whatever a word of the data is: what is accepted still means the same.
TEST(OcamlSplitHostile, EveryWordChanged) {
  const OcamlText good = two_units();
  const u32 size = good.size();
  u32 accepted = 0;
  for (u32 i = 0; i < size; i++)
    for (const u32 value : {0u, 1u, ~0u, 0x300u, 0x700u, 0x7f7u, 0xbf9u, 0xf00u, 0xfffffff0u, i}) {
      OcamlText text = good;
      text.changes[i] = value;
      Alone alone(text);
      EXPECT_EQ(alone.run.references(), alone.run.references_before) << i << " " << value;
      accepted += static_cast<u32>(alone.run.sections.units.size());
    }
  EXPECT_GT(accepted, size);
}

TEST(OcamlSplitHostile, EveryPrefix) {
  const OcamlText good = two_units();
  ElfBuilder whole;
  good.add_to(whole);
  for (u32 symbol_end = 0; symbol_end < 4 * good.size(); symbol_end++) {
    OcamlText text;
    text.startup({"camlA"});
    text.begin("camlA");
    text.block("camlA__1", 2);
    text.block("camlA", 3, STB_GLOBAL);
    text.roots("camlA", {"camlA"});
    ElfBuilder elf;
    const u32 data = text.add_to(elf);
    elf.define("camlA__data_end", data, {.value = symbol_end});
    elf.define("camlA__frametable", data, {.value = symbol_end + 4, .size = 4});
    LinkedObject linked(elf);
    OcamlRun run(linked);
    EXPECT_EQ(run.references(), run.references_before) << symbol_end;
  }
}

TEST(OcamlSplitHostile, UnitsThatOverlap) {
  OcamlText text;
  text.startup({"camlA", "camlB"});
  text.begin("camlA");
  text.begin("camlB");
  text.block("camlA", 1, STB_GLOBAL);
  text.roots("camlA", {"camlA"});
  text.roots("camlB", {"camlA"});
  text.end("camlB");
  text.end("camlA");
  Alone alone(text);
  EXPECT_NE(alone.run.refusal("camlA"), "");
  EXPECT_NE(alone.run.refusal("camlB"), "");
  EXPECT_EQ(alone.run.references(), alone.run.references_before);
}

TEST(OcamlSplitHostile, SymbolsInsideOfOthers) {
  for (u32 at = 0; at < 4 * two_units().size(); at++) {
    if (at == two_units().offset_of("caml_data_segments")) continue;  // another name for it
    ElfBuilder elf;
    const u32 data = two_units().add_to(elf);
    elf.define_local("inside", data, at);
    LinkedObject linked(elf);
    OcamlRun run(linked);
    std::set<std::string> sorted = run.references();
    EXPECT_EQ(sorted.size(), run.references_before.size()) << at;
  }
}

TEST(OcamlSplitHostile, RootsThatAreNone) {
  for (const std::string root : {"camlA__gc_roots", "camlA__data_end", "caml_startup__1",
                                 "camlA__frametable", "caml_globals", "elsewhere"}) {
    OcamlText text;
    text.startup({"camlA"});
    text.begin("camlA");
    text.block("camlA", 1, STB_GLOBAL);
    text.roots("camlA", {"camlA", root});
    text.end("camlA");
    EXPECT_NE(Alone(text).run.refusal("camlA"), "") << root;
  }
}

TEST(OcamlSplitHostile, TablesThatDoNotEnd) {
  OcamlText text;
  text.label("caml_data_segments");
  text.address("camlA__data_begin");
  EXPECT_NE(Alone(text).run.ocaml.refusal, "");
  OcamlText odd;
  odd.label("caml_data_segments");
  odd.address("camlA__data_begin");
  odd.word(0);
  odd.word(0);
  EXPECT_NE(Alone(odd).run.ocaml.refusal, "");
  OcamlText twice;
  twice.startup({"camlA", "camlA"});
  twice.unit("camlA");
  EXPECT_NE(Alone(twice).run.ocaml.refusal, "");
}

TEST(OcamlSplit, AnotherOcaml) {
  ElfBuilder elf;
  two_units().add_to(elf);
  elf.define("caml_find_frame_descr", elf.text(".text", 8),
             {.value = 1, .size = 8, .type = STT_FUNC});
  LinkedObject linked(elf);
  OcamlRun run(linked);
  EXPECT_NE(run.ocaml.refusal.find("OCaml 5"), std::string::npos);
  EXPECT_EQ(run.place("camlA__3"), ".data+" + run.place("camlA__3").substr(6));
}

TEST(OcamlSplit, NoOcaml) {
  ElfBuilder elf;
  elf.define("x", elf.data(".data", std::string(8, '\0')));
  LinkedObject linked(elf);
  EXPECT_FALSE(find_ocaml_units(linked.program()).has_value());
}

}  // namespace
}  // namespace fwseal
