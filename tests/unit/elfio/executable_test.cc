#include "elfio/executable.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fwseal {
namespace {

Bytes view(const std::string& file) {
  return Bytes(std::as_bytes(std::span(file.data(), file.size())));
}

template <typename T>
void put(std::string& file, u64 offset, const T& value) {
  file.replace(offset, sizeof value, reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void append(std::string& file, const T& value) {
  file.append(reinterpret_cast<const char*>(&value), sizeof value);
}

struct Part {
  std::string name;
  Elf32_Shdr header{};
  std::string bytes = {};
};

// .text in flash at 0x1000 behind the headers, .data in RAM with its values in flash behind it,
// .bss; then what a linker keeps with -q. Handles are section numbers, .rel.text is 4.
struct Sample {
  std::vector<Part> parts;
  std::vector<Elf32_Phdr> segments;
  std::vector<std::pair<std::string, Elf32_Sym>> symbols{{"", {}}};
  std::string gap = std::string(4, '\0');  // between .text and .data, loaded with them

  Sample() {
    add("", SHT_NULL, 0, 0, "");
    add(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x1000, "12345678");
    add(".data", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0x2000'0000, "abcd");
    add(".bss", SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0x2000'0004, "").header.sh_size = 16;
    add(".rel.text", SHT_REL, SHF_INFO_LINK, 0, std::string(8, 'r')).header.sh_info = 1;
    add(".debug", SHT_PROGBITS, 0, 0, "debug").header.sh_addralign = 1;
    segments.push_back({PT_LOAD, 0, 0x1000 - kHeaders, 0x1000 - kHeaders, kHeaders + 12,
                        kHeaders + 12, PF_R | PF_X, 4});
    segments.push_back({PT_LOAD, kHeaders + 12, 0x2000'0000, 0x100c, 4, 20, PF_R | PF_W, 4});
    symbol("debug_mark", 5, STB_LOCAL);
    symbol("main", 1, STB_GLOBAL);
    symbol("number", SHN_ABS, STB_GLOBAL);
    symbol("maybe", SHN_UNDEF, STB_WEAK);
  }

  Part& add(const std::string& name, u32 type, u32 flags, u32 address, const std::string& bytes) {
    Elf32_Shdr header{};
    header.sh_type = type;
    header.sh_flags = flags;
    header.sh_addr = address;
    header.sh_addralign = 4;
    parts.push_back({name, header, bytes});
    return parts.back();
  }

  void symbol(const std::string& name, u16 section, u8 binding) {
    Elf32_Sym symbol{};
    symbol.st_shndx = section;
    symbol.st_info = ELF32_ST_INFO(binding, STT_NOTYPE);
    symbols.push_back({name, symbol});
  }

  std::string build() const {
    Sample all = *this;
    all.add_tables();
    std::string file(kHeaders, '\0');
    for (u64 i = 0; i < segments.size(); i++)
      put(file, sizeof(Elf32_Ehdr) + i * sizeof(Elf32_Phdr), segments[i]);
    for (u64 i = 0; i < all.parts.size(); i++) {
      Part& part = all.parts[i];
      part.header.sh_offset = static_cast<u32>(file.size());
      if (!part.bytes.empty()) part.header.sh_size = static_cast<u32>(part.bytes.size());
      file += part.bytes;
      if (i == 1) file += gap;
    }
    Elf32_Ehdr elf{};
    std::copy_n(ELFMAG, SELFMAG, elf.e_ident);
    elf.e_ident[EI_CLASS] = ELFCLASS32;
    elf.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.e_ident[EI_VERSION] = EV_CURRENT;
    elf.e_type = ET_EXEC;
    elf.e_machine = EM_ARM;
    elf.e_version = EV_CURRENT;
    elf.e_flags = EF_ARM_EABI_VER5;
    elf.e_ehsize = sizeof elf;
    elf.e_phoff = sizeof elf;
    elf.e_phentsize = sizeof(Elf32_Phdr);
    elf.e_phnum = static_cast<u16>(segments.size());
    elf.e_shentsize = sizeof(Elf32_Shdr);
    elf.e_shnum = static_cast<u16>(all.parts.size());
    elf.e_shstrndx = static_cast<u16>(all.parts.size() - 1);
    elf.e_shoff = static_cast<u32>(file.size());
    put(file, 0, elf);
    for (const Part& part : all.parts) append(file, part.header);
    return file;
  }

 private:
  static constexpr u32 kHeaders = sizeof(Elf32_Ehdr) + 2 * sizeof(Elf32_Phdr);

  void add_tables() {
    std::string strings(1, '\0');
    std::string entries;
    for (auto& [name, entry] : symbols) {
      if (!name.empty()) {
        entry.st_name = static_cast<u32>(strings.size());
        strings += name + '\0';
      }
      append(entries, entry);
    }
    Part& table = add(".symtab", SHT_SYMTAB, 0, 0, entries);
    table.header.sh_entsize = sizeof(Elf32_Sym);
    table.header.sh_info = 2;  // the first global one
    table.header.sh_link = static_cast<u32>(parts.size());
    for (Part& part : parts)
      if (part.header.sh_type == SHT_REL) part.header.sh_link = static_cast<u32>(parts.size() - 1);
    add(".strtab", SHT_STRTAB, 0, 0, strings);
    std::string names(1, '\0');
    add(".shstrtab", SHT_STRTAB, 0, 0, "");
    for (Part& part : parts) {
      if (part.name.empty()) continue;
      part.header.sh_name = static_cast<u32>(names.size());
      names += part.name + '\0';
    }
    parts.back().bytes = names;
  }
};

std::string refusal(const std::string& file) {
  try {
    read_executable(view(file), {});
  } catch (const BadInput& bad) {
    return bad.what();
  }
  return "it is read";
}

TEST(ReadExecutable, FindsWhatIsStoredWhere) {
  const std::string file = Sample().build();
  EXPECT_TRUE(is_executable(view(file)));
  const Executable executable = read_executable(view(file), {});
  ASSERT_EQ(executable.sections.size(), 9u);
  EXPECT_EQ(executable.sections[1].name, ".text");
  EXPECT_EQ(executable.sections[1].lma, 0x1000u);
  EXPECT_EQ(executable.sections[2].lma, 0x100cu);
  EXPECT_EQ(executable.sections[2].contents.text(), "abcd");
  EXPECT_EQ(executable.sections[3].lma, 0x2000'0004u);
  EXPECT_TRUE(executable.sections[3].contents.empty());
  EXPECT_TRUE(executable.sections[4].is_kept_relocations());
  EXPECT_TRUE(executable.undefined.empty());
  EXPECT_TRUE(executable.for_dynamic_linking.empty());
}

TEST(ReadExecutable, NamesWhatNoSealedImageHas) {
  Sample sample;
  sample.symbol("lost", SHN_UNDEF, STB_GLOBAL);
  sample.add(".dynamic", SHT_DYNAMIC, 0, 0, "x");
  const std::string file = sample.build();
  const Executable executable = read_executable(view(file), {});
  EXPECT_EQ(executable.undefined, std::vector<std::string_view>{"lost"});
  EXPECT_EQ(executable.for_dynamic_linking, std::vector<std::string_view>{".dynamic"});
}

TEST(ReadExecutable, RefusesBytesThatNoSectionAccountsFor) {
  Sample sample;
  for (u64 i = 0; i < sample.gap.size(); i++) {
    sample.gap = std::string(4, '\0');
    sample.gap[i] = 'x';
    EXPECT_NE(refusal(sample.build()).find("belongs to no section"), std::string::npos) << i;
  }
}

TEST(ReadExecutable, RefusesASectionThatNoSegmentLoads) {
  for (const bool by_address : {true, false}) {
    Sample sample;
    (by_address ? sample.segments[1].p_vaddr : sample.segments[1].p_offset) += 4;
    EXPECT_EQ(refusal(sample.build()), "section .data has bytes that no segment loads");
  }
}

TEST(ReadExecutable, RefusesOtherFiles) {
  std::string object = Sample().build();
  put(object, offsetof(Elf32_Ehdr, e_type), u16{ET_REL});
  EXPECT_FALSE(is_executable(view(object)));
  EXPECT_EQ(refusal(object), "is no executable");
  std::string stripped = Sample().build();
  put(stripped, offsetof(Elf32_Ehdr, e_shnum), u16{0});
  EXPECT_EQ(refusal(stripped), "has no sections; seal it before it is stripped of them");
}

TEST(WithoutRelocations, LeavesTheRestAsItWas) {
  const std::string file = Sample().build();
  const Executable before = read_executable(view(file), {});
  const std::string copy = without_relocations(before);
  const Executable after = read_executable(view(copy), {});

  // The headers and all that is loaded, but for where the sections are listed.
  const auto loaded = [](std::string text) {
    text.resize(sizeof(Elf32_Ehdr) + 2 * sizeof(Elf32_Phdr) + 16);
    return text.substr(sizeof(Elf32_Ehdr));
  };
  EXPECT_EQ(loaded(copy), loaded(file));
  ASSERT_EQ(after.sections.size(), before.sections.size() - 1);
  std::vector<const ExecutableSection*> kept;
  for (const ExecutableSection& section : before.sections)
    if (section.name != ".rel.text") kept.push_back(&section);
  for (u64 i = 0; i < kept.size(); i++) {
    EXPECT_EQ(after.sections[i].name, kept[i]->name);
    EXPECT_EQ(after.sections[i].header.sh_addr, kept[i]->header.sh_addr);
    EXPECT_EQ(after.sections[i].lma, kept[i]->lma);
    if (kept[i]->name != ".symtab") {
      EXPECT_EQ(after.sections[i].contents.text(), kept[i]->contents.text());
    }
  }
  // .debug was section 5, .strtab 7.
  const Object symbols = read_symbols(view(copy), {});
  EXPECT_EQ(symbols.symbol(1).section, 4u);
  EXPECT_EQ(symbols.symbol(1).name, "debug_mark");
  EXPECT_EQ(symbols.symbol(2).section, 1u);
  EXPECT_EQ(symbols.symbol(3).section, u32{SHN_ABS});
  EXPECT_EQ(symbols.symbol(4).section, u32{SHN_UNDEF});
  EXPECT_EQ(without_relocations(after), copy);
}

TEST(WithoutRelocations, RefusesASymbolOfWhatGoes) {
  Sample sample;
  sample.symbol("odd", 4, STB_GLOBAL);
  const std::string file = sample.build();
  const Executable executable = read_executable(view(file), {});
  EXPECT_THROW(without_relocations(executable), BadInput);
}

// Every prefix, and every byte of the headers and tables turned over: read or refused.
TEST(ReadExecutable, SurvivesEveryBrokenFile) {
  const std::string good = Sample().build();
  const auto attempt = [](const std::string& file) {
    try {
      if (!is_executable(view(file))) return false;
      const Executable executable = read_executable(view(file), {});
      const std::string copy = without_relocations(executable);
      return copy.size() <= file.size() + 9 * 4096;  // at most the padding before each section
    } catch (const BadInput&) {
      return false;
    }
  };
  EXPECT_TRUE(attempt(good));
  for (u64 size = 0; size < good.size(); size++) EXPECT_FALSE(attempt(good.substr(0, size)));
  u64 survived = 0;
  for (u64 i = 0; i < good.size(); i++)
    for (const char change : {'\x01', '\x80', '\xff'}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ change);
      survived += attempt(bad) ? 1 : 0;
    }
  EXPECT_GT(survived, 0u);
  EXPECT_LT(survived, 3 * good.size());
}

}  // namespace
}  // namespace fwseal
