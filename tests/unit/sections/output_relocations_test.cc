#include "sections/output_relocations.h"

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <map>
#include <sstream>

#include "elfio/isa_arm.h"
#include "sections/default_script.h"
#include "sections/lay_out.h"
#include "sections/match.h"
#include "sections/relocate.h"
#include "sections/script_parser.h"
#include "sections/segments.h"
#include "sections/write_elf.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

constexpr u32 kCode = SHF_ALLOC | SHF_EXECINSTR;

std::string words(std::initializer_list<u32> values) {
  std::string text;
  for (const u32 value : values) text.append(reinterpret_cast<const char*>(&value), sizeof value);
  return text;
}

// A file that was written, as our own reader sees it.
class ReadBack {
 public:
  explicit ReadBack(std::string bytes) : bytes_(std::move(bytes)) {
    object = read_object(bytes_of(bytes_), {}, ObjectId{0}, sections, arena_);
  }

  const InputSection* section(std::string_view name) const {
    for (const InputSection& one : sections)
      if (one.name == name) return &one;
    return nullptr;
  }
  u64 count(std::string_view name) const {
    return static_cast<u64>(std::count_if(sections.begin(), sections.end(),
                                          [&](const auto& one) { return one.name == name; }));
  }
  ElfSymbol symbol(std::string_view name) const {
    for (u32 i = 1; i < object.symbol_count; i++)
      if (object.symbol(i).name == name) return object.symbol(i);
    throw std::out_of_range(std::string(name));
  }
  bool has_symbol(std::string_view name) const {
    for (u32 i = 1; i < object.symbol_count; i++)
      if (object.symbol(i).name == name) return true;
    return false;
  }
  // "4: ABS32 f; 8: CALL .text": offset, type and what is referred to.
  std::string relocations(std::string_view name) const {
    const InputSection* const of = section(name);
    std::string text;
    for (u64 i = 0; i < relocation_count(*of); i++) {
      const Relocation one = relocation(*of, i);
      const ElfSymbol to = object.symbol(one.symbol);
      const std::string_view target =
          to.type == STT_SECTION ? sections[object.slots[to.section]].name : to.name;
      text += cat(text.empty() ? "" : "; ", one.offset, ": ", one.type, " ", target);
      if (of->has_addends) text += cat(" + ", one.addend);
    }
    return text;
  }
  std::string contents(std::string_view name) const {
    return std::string(section(name)->contents.text());
  }
  std::string_view name_of(u32 elf_index) const { return sections[elf_index].name; }

  Object object;
  std::vector<InputSection> sections;

 private:
  std::string bytes_;
  Arena arena_;
};

// A partial link of objects in memory.
class PartialLink {
 public:
  bool keep_groups = true;
  bool define_common = false;
  Discard discard = Discard::kNone;
  KeptRelocations relocations = KeptRelocations::kAllObject;
  std::string script{default_relocatable_script()};
  std::string said;

  void add(const ElfBuilder& elf) { add(elf.build()); }
  void add(std::string object) {
    const std::string path = cat("file", files_.size(), ".o");
    inputs_.files.provide(path, bytes_of(contents_.emplace_back(std::move(object))));
    InputFile file;
    file.name = path;
    files_.push_back(file);
  }

  std::string bytes() {
    std::ostringstream out;
    Diag diag(out);
    ResolveOptions options;
    options.define_common = define_common;
    symbols_ = resolve(files_, options, {}, inputs_, diag);
    const auto isa = make_isa_arm({}, {});
    const Program program{inputs_, symbols_, *isa};
    std::string result = link(program, diag);
    said = out.str();
    return result;
  }
  ReadBack run() { return ReadBack(bytes()); }

 private:
  std::string link(const Program& program, Diag& diag) const {
    const bool object = relocations != KeptRelocations::kRecord;
    Script parsed;
    Arena arena;
    parse_script(
        "script", script, [](const std::string&) { return std::nullopt; }, arena, parsed, diag);
    const Matcher matcher(parsed);
    Plan plan;
    for (const InputSection& section : inputs_.sections) plan.kept.push_back(!section.excluded);
    ArrangeOptions arrange_options;
    arrange_options.relocatable = object;
    arrange_options.keep_groups = object && keep_groups;
    const Arrangement arrangement = arrange(program, plan, parsed, matcher, arrange_options, diag);
    LayoutOptions layout_options;
    layout_options.relocatable = object;
    layout_options.keep_groups = object && keep_groups;
    const MergedStrings merged;
    Layout layout = lay_out(program, plan, merged, parsed, arrangement, layout_options, diag);
    SegmentOptions segments;
    segments.relocatable = object;
    plan_segments(parsed, segments, layout, diag);
    const Image image = relocate(program, merged, layout, {}, kNoSection, object, diag);
    ElfOptions elf_options;
    elf_options.discard = discard;
    elf_options.relocations = relocations;
    return write_elf(program, merged, layout, image, elf_options);
  }

  std::deque<std::string> contents_;
  std::vector<InputFile> files_;
  Inputs inputs_;
  Symbols symbols_;
};

u32 word(const std::string& bytes, u64 offset) { return bytes_of(bytes).le<u32>(offset); }

// Two objects with code and data; the second one's sections are joined behind the first one's.
ElfBuilder first_object() {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  elf.define("f", text, {.value = 1, .size = 8, .type = STT_FUNC});
  elf.relocate(text, 4, R_ARM_ABS32, elf.refer("g"));
  return elf;
}
ElfBuilder second_object() {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 12);
  const u32 data = elf.data(".data", words({4, 100}));
  const u32 g = elf.define("g", text, {.value = 4, .size = 8, .type = STT_FUNC});
  const u32 local = elf.define_local("here", text, 8);
  elf.relocate(data, 4, R_ARM_ABS32, g);
  elf.relocate(data, 0, R_ARM_ABS32, elf.section_symbol(text));
  elf.relocate(text, 0, R_ARM_ABS32, local);
  return elf;
}

TEST(PartialLink, IsAnObjectWithoutAddresses) {
  PartialLink link;
  link.add(first_object());
  link.add(second_object());
  const std::string bytes = link.bytes();
  Elf32_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header.e_type, ET_REL);
  EXPECT_EQ(header.e_entry, 0u);
  EXPECT_EQ(header.e_phnum, 0u);
  EXPECT_EQ(header.e_phoff, 0u);
  const ReadBack out(bytes);
  EXPECT_EQ(out.section(".text")->size, 20u);
  EXPECT_EQ(out.symbol("f").value, 1u);
  EXPECT_EQ(out.symbol("g").value, 12u);
  EXPECT_EQ(out.symbol("here").value, 16u);
  EXPECT_EQ(out.name_of(out.symbol("g").section), ".text");
  EXPECT_EQ(link.said, "");
}

// A relocation keeps its symbol; where it referred to a section, the addend in the section grows.
TEST(PartialLink, MovesRelocationsWithTheirSections) {
  PartialLink link;
  link.add(first_object());
  link.add(second_object());
  const ReadBack out = link.run();
  EXPECT_EQ(out.relocations(".text"), "4: 2 g; 8: 2 here");
  EXPECT_EQ(out.relocations(".data"), "0: 2 .text; 4: 2 g");
  EXPECT_EQ(word(out.contents(".data"), 0), 4u + 8u);
  EXPECT_EQ(word(out.contents(".data"), 4), 100u);
}

TEST(PartialLink, AgainChangesNothing) {
  PartialLink once;
  once.add(first_object());
  once.add(second_object());
  const std::string bytes = once.bytes();
  PartialLink twice;
  twice.add(bytes);
  EXPECT_EQ(twice.bytes(), bytes);
}

TEST(PartialLink, AddendsInTheTableGrowThere) {
  PartialLink link;
  link.add(first_object());
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  const u32 data = elf.data(".data", words({0, 0}));
  elf.relocate(data, 0, R_ARM_ABS32, elf.section_symbol(text), 4);
  elf.relocate(data, 4, R_ARM_ABS32, elf.refer("far"), -4);
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.relocations(".data"), "0: 2 .text + 12; 4: 2 far + -4");
  EXPECT_EQ(out.contents(".data"), words({0, 0}));
  EXPECT_TRUE(out.section(".data")->has_addends);
}

TEST(PartialLink, RefusesAnAddendThatDoesNotFit) {
  PartialLink link;
  ElfBuilder large;
  large.text(".text", 0x9000);
  link.add(large);
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  elf.relocate(text, 0, R_ARM_MOVW_ABS_NC, elf.section_symbol(text));
  link.add(elf);
  link.run();
  EXPECT_NE(link.said.find("R_ARM_MOVW_ABS_NC out of range: 36864 is not in"), std::string::npos)
      << link.said;
}

TEST(PartialLink, KeepsUndefinedAndCommonSymbols) {
  ElfBuilder elf;
  elf.text(".text", 4);
  elf.refer("absent");
  elf.refer("maybe", STB_WEAK);
  elf.common("shared", 40, 8);
  PartialLink link;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.symbol("absent").section, u32{SHN_UNDEF});
  EXPECT_EQ(out.symbol("maybe").binding, STB_WEAK);
  EXPECT_EQ(out.symbol("shared").section, u32{SHN_COMMON});
  EXPECT_EQ(out.symbol("shared").value, 8u);
  EXPECT_EQ(out.symbol("shared").size, 40u);

  PartialLink defined;  // -d
  defined.define_common = true;
  defined.add(elf);
  const ReadBack with_bss = defined.run();
  EXPECT_EQ(with_bss.name_of(with_bss.symbol("shared").section), ".bss");
}

// With --gc-sections only what a relocation refers to is still wanted.
TEST(PartialLink, LeavesOutUnwantedUndefinedSymbols) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 4);
  elf.refer("unwanted");
  elf.relocate(text, 0, R_ARM_ABS32, elf.refer("wanted"));
  PartialLink link;
  link.relocations = KeptRelocations::kObject;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_TRUE(out.has_symbol("wanted"));
  EXPECT_FALSE(out.has_symbol("unwanted"));
}

TEST(PartialLink, KeepsLocalsThatRelocationsUse) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  elf.define_local("unused", text, 4);
  elf.relocate(text, 0, R_ARM_ABS32, elf.define_local("used", text, 4));
  PartialLink link;
  link.discard = Discard::kLocals;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.relocations(".text"), "0: 2 used");
  EXPECT_FALSE(out.has_symbol("unused"));
}

// An object with a COMDAT group: the function, its data, and a relocation of the function.
ElfBuilder inline_function(const std::string& caller) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 4);
  const u32 body = elf.section(
      {.name = ".text.shared", .flags = kCode | SHF_GROUP, .contents = std::string(8, 'B')});
  const u32 datum = elf.section(
      {.name = ".data", .flags = SHF_ALLOC | SHF_WRITE | SHF_GROUP, .contents = "DDDD"});
  const u32 shared = elf.define_weak("shared", body);
  const u32 value = elf.define_weak("value", datum);
  elf.relocate(body, 4, R_ARM_ABS32, value);
  elf.define(caller, text);
  elf.relocate(text, 0, R_ARM_ABS32, shared);
  elf.data(".data", "dddd");
  elf.group("shared", {body, datum});
  return elf;
}

TEST(PartialLink, KeepsOneCopyOfAGroupAsAGroup) {
  PartialLink link;
  link.add(inline_function("a"));
  link.add(inline_function("b"));
  const ReadBack out = link.run();
  ASSERT_EQ(out.object.groups.size(), 1u);
  const Group& group = out.object.groups[0];
  EXPECT_EQ(group.signature, "shared");
  EXPECT_TRUE(group.comdat);
  std::vector<std::string> members;
  for (const u32 member : group.members) {
    members.emplace_back(out.name_of(member));
    EXPECT_LT(group.section, member);
    EXPECT_TRUE(out.sections[member].has(SHF_GROUP)) << members.back();
  }
  const std::vector<std::string> expected{".text.shared", ".rel.text.shared", ".data"};
  EXPECT_EQ(members, expected);
  // The data of the group are not joined with other data of the name.
  EXPECT_EQ(out.count(".data"), 2u);
  EXPECT_EQ(out.relocations(".text"), "0: 2 shared; 4: 2 shared");
}

TEST(PartialLink, MakesPlainSectionsOfGroupsIfAsked) {
  PartialLink link;
  link.keep_groups = false;
  link.add(inline_function("a"));
  link.add(inline_function("b"));
  const ReadBack out = link.run();
  EXPECT_TRUE(out.object.groups.empty());
  EXPECT_EQ(out.count(".group"), 0u);
  EXPECT_EQ(out.count(".data"), 1u);
  EXPECT_EQ(out.section(".data")->size, 12u);
  EXPECT_FALSE(out.section(".text.shared")->has(SHF_GROUP));
}

// A copy of a group in the second partial link gives way to that of the first.
TEST(PartialLink, GroupsOfPartialLinksMeet) {
  PartialLink first, second;
  first.add(inline_function("a"));
  second.add(inline_function("b"));
  PartialLink both;
  both.add(first.bytes());
  both.add(second.bytes());
  const ReadBack out = both.run();
  EXPECT_EQ(out.object.groups.size(), 1u);
  EXPECT_EQ(out.count(".text.shared"), 1u);
  EXPECT_EQ(both.said, "");
}

// Debugging information about a copy that was not taken: no relocation, and no address of code.
TEST(PartialLink, DropsRelocationsToWhatIsGone) {
  PartialLink link;
  link.add(inline_function("a"));
  ElfBuilder elf;
  const u32 body = elf.section(
      {.name = ".text.shared", .flags = kCode | SHF_GROUP, .contents = std::string(8, 'B')});
  const u32 debug = elf.section({.name = ".debug_info", .flags = 0, .contents = words({0, 7})});
  elf.define_weak("shared", body);
  elf.relocate(debug, 0, R_ARM_ABS32, elf.section_symbol(body));
  elf.group("shared", {body});
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.contents(".debug_info"), words({0xffff'ffff, 7}));
  EXPECT_EQ(out.relocations(".debug_info"), "");
}

TEST(PartialLink, SectionsOfOneNameAndTwoTypesStayApart) {
  ElfBuilder elf;
  elf.data("set", "1234");
  elf.bss("set", 16);
  PartialLink link;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.count("set"), 2u);
}

TEST(PartialLink, KeepsEmptySectionsAndFlags) {
  ElfBuilder elf;
  constexpr u32 kRetain = 1u << 21;
  elf.text(".text.empty", 0);
  elf.section({.name = "kept", .flags = SHF_ALLOC | kRetain, .contents = "1234"});
  elf.section({.name = "strings",
               .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
               .contents = std::string("same\0same\0", 10),
               .alignment = 1,
               .entry_size = 1});
  PartialLink link;
  link.add(elf);
  const ReadBack out = link.run();
  EXPECT_EQ(out.count(".text.empty"), 1u);
  EXPECT_TRUE(out.section("kept")->has(kRetain));
  EXPECT_TRUE(out.section("strings")->has(SHF_MERGE));
  EXPECT_TRUE(out.section("strings")->has(SHF_STRINGS));
  EXPECT_EQ(out.section("strings")->entry_size, 1u);
  EXPECT_EQ(out.section("strings")->size, 10u);
}

TEST(PartialLink, SortsRelocationsByOffset) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 12);
  const u32 f = elf.refer("f");
  elf.relocate(text, 8, R_ARM_ABS32, f);
  elf.relocate(text, 0, R_ARM_V4BX, f);
  elf.relocate(text, 0, R_ARM_NONE, f);
  PartialLink link;
  link.add(elf);
  EXPECT_EQ(link.run().relocations(".text"), "0: 40 f; 0: 0 f; 8: 2 f");
}

// An unwind table of one row for a function that cannot be unwound, or one with a description.
ElfBuilder unwound(bool has_table) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 16);
  if (!has_table) return elf;
  const u32 table = elf.section({.name = ".ARM.exidx",
                                 .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                 .contents = words({0, 0x80b0b0b0}),
                                 .type = SHT_ARM_EXIDX,
                                 .link = text});
  elf.relocate(table, 0, R_ARM_PREL31, elf.section_symbol(text));
  return elf;
}

// The next linker sees one section of code with one table. Without a row for it, the code at the
// end would be unwound by the description of the code before it.
TEST(PartialLink, EndsUnwindTablesInFrontOfCodeWithoutOne) {
  PartialLink link;
  link.add(unwound(true));
  link.add(unwound(false));
  const ReadBack out = link.run();
  EXPECT_EQ(out.contents(".ARM.exidx"), words({0, 0x80b0b0b0, 16, 1}));
  EXPECT_EQ(out.relocations(".ARM.exidx"), "0: 42 .text; 8: 42 .text");
  EXPECT_EQ(out.name_of(out.section(".ARM.exidx")->link), ".text");
}

TEST(PartialLink, EditsNoOtherUnwindTable) {
  PartialLink link;
  link.add(unwound(true));
  link.add(unwound(true));
  const ReadBack out = link.run();
  EXPECT_EQ(out.contents(".ARM.exidx"), words({0, 0x80b0b0b0, 16, 0x80b0b0b0}));
  EXPECT_EQ(out.relocations(".ARM.exidx"), "0: 42 .text; 8: 42 .text");
}

TEST(PartialLink, ScriptJoinsSectionsAtZero) {
  PartialLink link;
  link.script =
      "MEMORY { ram : ORIGIN = 0x20000000, LENGTH = 16 }\n"
      "SECTIONS { .all 0x8000 : { begin = .; *(.text) *(.data) end = .; } > ram }";
  link.add(first_object());
  link.add(second_object());
  const ReadBack out = link.run();
  EXPECT_EQ(out.section(".all")->size, 28u);
  EXPECT_EQ(out.symbol("g").value, 12u);
  EXPECT_EQ(out.relocations(".all"), "4: 2 g; 8: 2 here; 20: 2 .all; 24: 2 g");
  EXPECT_EQ(word(out.contents(".all"), 20), 4u + 8u);
  EXPECT_EQ(link.said, "");
}

TEST(ReversedOffset, IsItsOwnInverse) {
  for (u64 size = 0; size < 20; size++)
    for (u64 offset = 0; offset < size; offset++)
      EXPECT_EQ(reversed_offset(reversed_offset(offset, size), size), offset);
  EXPECT_EQ(reversed_offset(0, 12), 8u);
  EXPECT_EQ(reversed_offset(5, 12), 5u);
}

// -q: offsets are addresses, the contents are those of the image.
TEST(EmitRelocations, DescribesTheImage) {
  PartialLink link;
  link.relocations = KeptRelocations::kRecord;
  link.script = "SECTIONS { .text 0x8000 : { *(.text) } .data 0x9000 : { *(.data) } }";
  link.add(first_object());
  link.add(second_object());
  std::string bytes = link.bytes();
  Elf32_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  EXPECT_EQ(header.e_type, ET_EXEC);
  std::vector<Elf32_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), bytes.data() + header.e_shoff, sections.size() * sizeof(Elf32_Shdr));
  std::map<u32, std::vector<u32>> offsets;  // by the section that is relocated
  for (const Elf32_Shdr& one : sections) {
    if (one.sh_type != SHT_REL) continue;
    EXPECT_EQ(sections[one.sh_link].sh_type, u32{SHT_SYMTAB});
    for (u32 at = 0; at < one.sh_size; at += sizeof(Elf32_Rel))
      offsets[sections[one.sh_info].sh_addr].push_back(bytes_of(bytes).le<u32>(one.sh_offset + at));
  }
  const std::map<u32, std::vector<u32>> expected{{0x8000, {0x8004, 0x8008}},
                                                 {0x9000, {0x9000, 0x9004}}};
  EXPECT_EQ(offsets, expected);
  for (const Elf32_Shdr& one : sections)
    if (one.sh_addr == 0x9000) {
      EXPECT_EQ(bytes_of(bytes).le<u32>(one.sh_offset), 0x8000u + 8 + 4);
    }
}

}  // namespace
}  // namespace fwseal
