#include "sections/write_elf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "tests/unit/sections/small_program.h"

namespace fwseal {
namespace {

struct ReadSymbol {
  std::string name;
  Elf32_Sym symbol = {};
  u32 section = 0;

  u8 type() const { return ELF32_ST_TYPE(symbol.st_info); }
  u8 binding() const { return ELF32_ST_BIND(symbol.st_info); }
};

// Reads back what was written, by the book.
struct ReadElf {
  std::string bytes;
  Elf32_Ehdr header = {};
  std::vector<Elf32_Shdr> sections;
  std::vector<Elf32_Phdr> segments;
  std::vector<ReadSymbol> symbols;
  u32 local_count = 0;

  template <typename T>
  T at(u64 offset) const {
    T value;
    if (offset + sizeof value > bytes.size()) throw std::out_of_range("read past the end");
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  }
  std::string string(u64 offset) const { return bytes.c_str() + offset; }

  explicit ReadElf(std::string text) : bytes(std::move(text)) {
    header = at<Elf32_Ehdr>(0);
    const auto first = at<Elf32_Shdr>(header.e_shoff);
    const u32 count = header.e_shnum != 0 ? header.e_shnum : first.sh_size;
    for (u32 i = 0; i < count; i++)
      sections.push_back(at<Elf32_Shdr>(header.e_shoff + i * sizeof(Elf32_Shdr)));
    for (u32 i = 0; i < header.e_phnum; i++)
      segments.push_back(at<Elf32_Phdr>(header.e_phoff + i * sizeof(Elf32_Phdr)));
    const Elf32_Shdr* indices = nullptr;
    for (const Elf32_Shdr& s : sections)
      if (s.sh_type == SHT_SYMTAB_SHNDX) indices = &s;
    for (const Elf32_Shdr& s : sections)
      if (s.sh_type == SHT_SYMTAB) read_symbols(s, indices);
  }

  void read_symbols(const Elf32_Shdr& table, const Elf32_Shdr* indices) {
    local_count = table.sh_info;
    for (u32 i = 0; i < table.sh_size / sizeof(Elf32_Sym); i++) {
      ReadSymbol read;
      read.symbol = at<Elf32_Sym>(table.sh_offset + i * sizeof(Elf32_Sym));
      read.name = string(sections[table.sh_link].sh_offset + read.symbol.st_name);
      read.section = read.symbol.st_shndx;
      if (read.section == SHN_XINDEX) read.section = at<u32>(indices->sh_offset + 4 * i);
      symbols.push_back(read);
    }
  }

  std::string section_name(u32 i) const {
    const u32 table = header.e_shstrndx != SHN_XINDEX ? header.e_shstrndx : sections[0].sh_link;
    return string(sections[table].sh_offset + sections[i].sh_name);
  }
  const ReadSymbol* find(std::string_view name) const {
    for (const ReadSymbol& symbol : symbols)
      if (symbol.name == name) return &symbol;
    return nullptr;
  }
  // Names in order, without the null symbol and the section symbols.
  std::string names() const {
    std::string text;
    for (u64 i = 1; i < symbols.size(); i++)
      if (symbols[i].type() != STT_SECTION) text += symbols[i].name + " ";
    return text;
  }
};

ReadElf written(const SmallProgram& program, const ElfOptions& options = {}) {
  return ReadElf(
      write_elf(program.program(), program.merged, program.layout, program.image, options));
}

constexpr u32 kCode = SHF_ALLOC | SHF_EXECINSTR;

// Two objects: main.o with a Thumb function, a local one, mapping symbols and data; util.o, without
// STT_FILE, whose .text.dead is not in the image.
struct TwoObjects : SmallProgram {
  TwoObjects() {
    ElfBuilder elf;
    elf.file_symbol("main.c");
    const u32 text = elf.section(
        {.name = ".text", .flags = kCode, .contents = std::string(16, 'T'), .alignment = 4});
    const u32 data = elf.data(".data", "DATA");
    elf.define_local("$t", text, 0);
    elf.define_local("helper", text, 9, STT_FUNC);
    elf.define_local("$d", text, 12);
    elf.define_local(".L5", text, 12);
    elf.define("main", text, {.value = 1, .size = 8, .type = STT_FUNC});
    elf.define("counter", data, {.size = 4, .type = STT_OBJECT, .visibility = STV_HIDDEN});
    elf.refer("absent", STB_WEAK);
    elf.absolute("number", 0x1234);
    const ObjectId main = add(elf, "dir/main.o");
    place(main, elf.section_index(text), ".text", 0x8000);
    place(main, elf.section_index(data), ".data", 0x20000000, 0x9000);

    ElfBuilder util;
    const u32 live = util.text(".text.live", 8);
    const u32 dead = util.text(".text.dead", 8);
    const u32 bss = util.bss(".bss", 32);
    util.define_local("$a", live);
    util.define_local("$a", dead);
    util.define_local("gone_local", dead);
    util.define_weak("live", live, 0);
    util.define("gone", dead);
    util.define("zeroes", bss, {.size = 32, .type = STT_OBJECT});
    const ObjectId second = add(util, "libutil.a", "util.o");
    place(second, util.section_index(live), ".text", 0);
    place(second, util.section_index(bss), ".bss", 0x20000004);
    layout.entry = 0x8001;
    finish();
  }
};

TEST(WriteElf, HeaderAndContents) {
  const ReadElf elf =
      written(TwoObjects(), {.elf_flags = EF_ARM_EABI_VER5 | EF_ARM_ABI_FLOAT_HARD});
  EXPECT_EQ(elf.bytes.substr(0, 8), std::string("\x7f"
                                                "ELF\1\1\1\0",
                                                8));
  EXPECT_EQ(elf.header.e_type, ET_EXEC);
  EXPECT_EQ(elf.header.e_machine, EM_ARM);
  EXPECT_EQ(elf.header.e_flags, 0x05000400u);
  EXPECT_EQ(elf.header.e_entry, 0x8001u);
  EXPECT_EQ(elf.header.e_phoff, 52u);
  ASSERT_EQ(elf.sections.size(), 7u);
  EXPECT_EQ(elf.section_name(1), ".text");
  EXPECT_EQ(elf.section_name(3), ".bss");
  EXPECT_EQ(elf.section_name(4), ".symtab");
  EXPECT_EQ(elf.section_name(5), ".strtab");
  EXPECT_EQ(elf.section_name(6), ".shstrtab");
  EXPECT_EQ(elf.sections[1].sh_addr, 0x8000u);
  EXPECT_EQ(elf.bytes.substr(elf.sections[1].sh_offset, 16), std::string(16, 'T'));
  EXPECT_EQ(elf.bytes.substr(elf.sections[2].sh_offset, 4), "DATA");
  EXPECT_EQ(elf.sections[3].sh_type, u32{SHT_NOBITS});
  EXPECT_EQ(elf.sections[3].sh_size, 32u);
  EXPECT_EQ(elf.sections[4].sh_link, 5u);
  ASSERT_EQ(elf.segments.size(), 3u);
  EXPECT_EQ(elf.segments[1].p_paddr, 0x9000u);
  EXPECT_EQ(elf.bytes.substr(elf.segments[1].p_offset, 4), "DATA");
}

TEST(WriteElf, SymbolsStandInGnuLdsOrder) {
  const ReadElf elf = written(TwoObjects());
  EXPECT_EQ(elf.names(), "main.c $t helper $d .L5 util.o $a main counter number live zeroes ");
  ASSERT_EQ(elf.symbols[elf.local_count].name, "main");
  for (u32 i = 0; i < elf.symbols.size(); i++)
    EXPECT_EQ(elf.symbols[i].binding() == STB_LOCAL, i < elf.local_count) << i;
}

TEST(WriteElf, SymbolsHaveAddresses) {
  const ReadElf elf = written(TwoObjects());
  EXPECT_EQ(elf.find("main")->symbol.st_value, 0x8001u);
  EXPECT_EQ(elf.find("main")->symbol.st_size, 8u);
  EXPECT_EQ(elf.find("main")->type(), STT_FUNC);
  EXPECT_EQ(elf.find("main")->section, 1u);
  EXPECT_EQ(elf.find("helper")->symbol.st_value, 0x8009u);
  EXPECT_EQ(elf.find("counter")->symbol.st_value, 0x20000000u);
  EXPECT_EQ(elf.find("counter")->symbol.st_other, STV_HIDDEN);
  EXPECT_EQ(elf.find("counter")->binding(), STB_GLOBAL);
  EXPECT_EQ(elf.find("number")->symbol.st_value, 0x1234u);
  EXPECT_EQ(elf.find("number")->section, u32{SHN_ABS});
  EXPECT_EQ(elf.find("live")->symbol.st_value, 0x8010u);
  EXPECT_EQ(elf.find("live")->binding(), STB_WEAK);
  EXPECT_EQ(elf.find("main.c")->type(), STT_FILE);
  EXPECT_EQ(elf.symbols[1].type(), STT_SECTION);
  EXPECT_EQ(elf.symbols[1].symbol.st_value, 0x8000u);
}

TEST(WriteElf, StripAndDiscard) {
  const TwoObjects program;
  const ReadElf stripped = written(program, {.strip_all = true});
  EXPECT_TRUE(stripped.symbols.empty());
  EXPECT_EQ(stripped.sections.size(), 5u);
  EXPECT_EQ(written(program, {.discard = Discard::kTemporaries}).names(),
            "main.c $t helper $d util.o $a main counter number live zeroes ");
  EXPECT_EQ(written(program, {.discard = Discard::kLocals}).names(),
            "main.c $t $d util.o $a main counter number live zeroes ");
}

TEST(WriteElf, TemporariesOfMergedSectionsGoByDefault) {
  ElfBuilder elf;
  const u32 strings = elf.section({.name = ".rodata.str",
                                   .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
                                   .contents = std::string("a\0b\0", 4),
                                   .alignment = 1,
                                   .entry_size = 1});
  elf.define_local(".LC0", strings, 0);
  elf.define_local("kept", strings, 2);
  SmallProgram program;
  program.place(program.add(elf, "a.o"), elf.section_index(strings), ".rodata", 0x8000);
  // The blob holds "b" first.
  program.merged.blobs.push_back({"b\0a\0", 1, {}});
  const u32 sections = static_cast<u32>(program.inputs.sections.size());
  const u32 merged = elf.section_index(strings);
  program.merged.blob_of.assign(sections, 0);
  program.merged.blob_of[merged] = 1;
  for (u32 i = 0; i <= sections; i++) program.merged.first_piece.push_back(i > merged ? 2 : 0);
  program.merged.pieces = {{0, 2, 1}, {2, 0, 1}};
  program.finish();
  const ReadElf image = written(program);
  EXPECT_EQ(image.names(), "a.o kept ");
  EXPECT_EQ(image.find("kept")->symbol.st_value, 0x8000u);
  EXPECT_NE(written(program, {.discard = Discard::kNone}).find(".LC0"), nullptr);
}

TEST(WriteElf, SymbolsFollowEdits) {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 32);
  elf.define_local("$t", text, 0);
  elf.define_local("$d", text, 8);
  elf.define_local("$t", text, 16);
  elf.define("first", text, {.value = 1, .size = 8, .type = STT_FUNC});
  elf.define("cut", text, {.value = 9, .size = 8, .type = STT_FUNC});
  elf.define("around", text, {.value = 4, .size = 20, .type = STT_OBJECT});
  elf.define("behind", text, {.value = 17, .size = 16, .type = STT_FUNC});
  SmallProgram program;
  const ObjectId object = program.add(elf, "a.o");
  program.place(object, elf.section_index(text), ".text", 0x8000);
  program.layout.edits.resize(program.inputs.sections.size());
  program.layout.edits[elf.section_index(text)].add({8, 8, ""});
  program.finish();
  const ReadElf image = written(program);
  EXPECT_EQ(image.find("first")->symbol.st_value, 0x8001u);
  EXPECT_EQ(image.find("behind")->symbol.st_value, 0x8009u);
  EXPECT_EQ(image.find("behind")->symbol.st_size, 16u);
  EXPECT_EQ(image.find("around")->symbol.st_size, 12u);
  // The literal pool is gone, and its mark would compete with the one behind it.
  EXPECT_EQ(image.find("$d"), nullptr);
}

TEST(WriteElf, SymbolsOfTheScriptAndVeneers) {
  TwoObjects program;
  program.define("__end", {.value = 0x20000024, .output = OutputId{2}, .defined = true});
  program.define("__size", {.value = 36, .defined = true});
  program.define("hidden",
                 {.value = 0x8000, .output = OutputId{0}, .defined = true, .hidden = true});
  program.define("not_provided", {});
  program.define("alias",
                 {.value = 0x8000, .output = OutputId{0}, .defined = true, .thumb_function = true});
  VeneerGroup group{OutputId{0}, 0x10, 32, {}};
  Veneer global;
  global.shape = {1, 8, 4, true};
  global.symbol = program.symbols.find("main");
  Veneer local = global;
  local.symbol = kNoSymbol;
  local.section = program.inputs.objects[0].section(1);
  local.value = 8;
  local.offset = 8;
  Veneer nameless = local;
  nameless.value = 4;
  nameless.offset = 16;
  group.veneers = {global, local, nameless};
  program.layout.veneer_groups.push_back(group);
  const ReadElf elf = written(program);
  EXPECT_EQ(elf.find("__end")->section, 3u);
  EXPECT_EQ(elf.find("__size")->section, u32{SHN_ABS});
  EXPECT_EQ(elf.find("hidden")->binding(), STB_LOCAL);
  EXPECT_EQ(elf.find("not_provided"), nullptr);
  EXPECT_EQ(elf.find("alias")->symbol.st_value, 0x8001u);
  EXPECT_EQ(elf.find("alias")->type(), STT_FUNC);
  ASSERT_NE(elf.find("__main_veneer"), nullptr);
  EXPECT_EQ(elf.find("__main_veneer")->symbol.st_value, 0x8011u);
  EXPECT_EQ(elf.find("__main_veneer")->symbol.st_size, 8u);
  EXPECT_EQ(elf.find("__main_veneer")->binding(), STB_LOCAL);
  EXPECT_EQ(elf.find("__helper_veneer")->symbol.st_value, 0x8019u);
  EXPECT_NE(elf.find("__.text+0x4_veneer"), nullptr);
  EXPECT_NE(elf.names().find("__main_veneer $t $d __helper_veneer $t $d "), std::string::npos);
}

TEST(WriteElf, ThreadLocalSymbolsAreOffsets) {
  ElfBuilder elf;
  const u32 tdata = elf.data(".tdata", "1234", SHF_ALLOC | SHF_WRITE | SHF_TLS);
  const u32 tbss = elf.section(
      {.name = ".tbss", .flags = SHF_ALLOC | SHF_WRITE | SHF_TLS, .type = SHT_NOBITS, .size = 8});
  elf.define("set", tdata, {.size = 4, .type = STT_TLS});
  elf.define("zero", tbss, {.value = 4, .size = 4, .type = STT_TLS});
  SmallProgram program;
  const ObjectId object = program.add(elf, "a.o");
  program.place(object, elf.section_index(tdata), ".tdata", 0x20000000);
  program.place(object, elf.section_index(tbss), ".tbss", 0x20000004);
  program.finish();
  const ReadElf image = written(program);
  EXPECT_EQ(image.find("set")->symbol.st_value, 0u);
  EXPECT_EQ(image.find("zero")->symbol.st_value, 8u);
}

TEST(WriteElf, LinkOrder) {
  TwoObjects program;
  OutputSection& index_table = program.layout.outputs.emplace_back();
  index_table.name = ".ARM.exidx";
  index_table.type = SHT_ARM_EXIDX;
  index_table.flags = SHF_ALLOC | SHF_LINK_ORDER;
  index_table.vma = index_table.lma = 0x8018;
  index_table.size = 8;
  index_table.alignment = 4;
  index_table.link_to = 1;
  program.finish();
  const ReadElf elf = written(program);
  EXPECT_EQ(elf.section_name(4), ".ARM.exidx");
  EXPECT_EQ(elf.sections[4].sh_link, 1u);
  EXPECT_EQ(elf.section_name(elf.sections[4].sh_link), ".text");
}

TEST(WriteElf, MoreSectionsThanAnElfHeaderCanCount) {
  TwoObjects program;
  constexpr u32 kCount = 0xff10;
  while (program.layout.outputs.size() < kCount) {
    OutputSection& output = program.layout.outputs.emplace_back();
    output.name = "s" + std::to_string(program.layout.outputs.size());
  }
  program.define("late", {.value = 0, .output = OutputId{kCount - 1}, .defined = true});
  program.finish();
  const ReadElf elf = written(program);
  EXPECT_EQ(elf.header.e_shnum, 0u);
  EXPECT_EQ(elf.header.e_shstrndx, u16{SHN_XINDEX});
  ASSERT_EQ(elf.sections.size(), kCount + 5);
  EXPECT_EQ(elf.section_name(kCount), "s" + std::to_string(kCount));
  EXPECT_EQ(elf.find("late")->section, kCount);
  EXPECT_EQ(elf.find("main")->section, 1u);
}

TEST(WriteElf, SameInputsSameBytes) {
  const TwoObjects a;
  const TwoObjects b;
  EXPECT_EQ(write_elf(a.program(), a.merged, a.layout, a.image, {}),
            write_elf(b.program(), b.merged, b.layout, b.image, {}));
}

}  // namespace
}  // namespace fwseal
