// Whole links of inputs with very many or very long parts. What would take minutes if each part
// were compared with every other, or if a long name were read once for each, ends in time.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "tests/unit/elf_builder.h"
#include "tests/unit/tools/hostile.h"

namespace fwseal {
namespace {

TEST(HostileSize, StringsThatShareLongTails) {
  ElfBuilder elf;
  std::string contents;
  for (int depth = 0; depth < 200; depth++)
    for (int c = 1; c < 256; c += 2)
      contents +=
          std::string(1, static_cast<char>(c)) + std::string(static_cast<u64>(depth), 'a') + '\0';
  elf.section({.name = ".rodata.str1.1",
               .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
               .contents = contents,
               .alignment = 1,
               .entry_size = 1});
  EXPECT_TRUE(link({{"object.o", elf.build()}}).image);
}

TEST(HostileSize, SectionsThatShareTheirBytes) {
  ElfBuilder elf;
  const std::string big(1 << 16, 'x');
  for (int i = 0; i < 100; i++)
    elf.section({.name = cat(".data.", i), .flags = SHF_ALLOC, .contents = i == 0 ? big : word(0)});
  std::string bytes = elf.build();
  std::vector<Elf32_Shdr> headers = headers_of(bytes);
  Elf32_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (u64 i = 2; i <= 100; i++) {
    headers[i].sh_offset = headers[1].sh_offset;
    headers[i].sh_size = headers[1].sh_size;
  }
  std::memcpy(bytes.data() + header.e_shoff, headers.data(), headers.size() * sizeof headers[0]);
  EXPECT_TRUE(link({{"object.o", bytes}}).says("do not fit into the file"));
}

// Gives all symbols but the last one names that begin inside that of the first.
void share_names(std::string& object) {
  for (const Elf32_Shdr& header : headers_of(object))
    if (header.sh_type == SHT_SYMTAB)
      for (u32 i = 1; i + 1 < header.sh_size / sizeof(Elf32_Sym); i++)
        std::memcpy(object.data() + header.sh_offset + i * sizeof(Elf32_Sym), &i, sizeof i);
}

constexpr std::string_view kSharedNames = "names of symbols that share their bytes";

TEST(HostileSize, NamesThatShareTheirBytes) {
  ElfBuilder elf;
  const u32 text = elf.text(".text");
  elf.define(std::string(1 << 16, 'n'), text);
  for (int i = 0; i < 1000; i++) elf.define(cat("s", i), text);
  std::string bytes = elf.build();
  share_names(bytes);
  EXPECT_TRUE(link({{"object.o", bytes}}).says(kSharedNames));
}

TEST(HostileSize, NamesOfLocalsThatShareTheirBytes) {
  ElfBuilder elf;
  const u32 text = elf.text(".text");
  elf.define_local(std::string(1 << 20, 'n'), text);
  for (int i = 0; i < 20'000; i++) elf.define_local(cat("s", i), text);
  std::string bytes = elf.build();
  share_names(bytes);
  EXPECT_TRUE(link({{"object.o", bytes}}).says(kSharedNames));
}

// Whether a group and a linkonce section are copies is asked before symbols are entered.
TEST(HostileSize, CopiesWhoseNamesShareTheirBytes) {
  ElfBuilder elf;
  const u32 text =
      elf.section({.name = ".text.k", .flags = kCode | SHF_GROUP, .contents = word(0)});
  const u32 old = elf.text(".gnu.linkonce.t.k");
  elf.define(std::string(1 << 22, 'n'), text);
  for (int i = 0; i < 100'000; i++) elf.define(cat("s", i), i % 2 == 0 ? text : old);
  elf.group("k", {text});
  std::string bytes = elf.build();
  share_names(bytes);
  EXPECT_TRUE(link({{"object.o", bytes}}).says(kSharedNames));
}

// What a member without index entry defines is read before the member is.
TEST(HostileSize, MemberNamesThatShareTheirBytes) {
  ElfBuilder elf;
  const u32 text = elf.text(".text");
  elf.define(std::string(1 << 22, 'n'), text);
  for (int i = 0; i < 100'000; i++) elf.define(cat("s", i), text);
  std::string bytes = elf.build();
  share_names(bytes);
  const std::string archive = build_archive({{"member.o", bytes, {}}}, ArchiveKind::kWithoutIndex);
  EXPECT_TRUE(link({{"object.o", helper_object()}, {"x.a", archive}}).says(kSharedNames));
}

TEST(HostileSize, LinkonceSectionsOfOneKey) {
  constexpr int kCount = 30'000;
  ElfBuilder old;
  for (int i = 0; i < kCount; i++) {
    const u32 text = old.text(cat(".gnu.linkonce.x", i, ".k"));
    for (int j = 0; j < 3; j++) old.define_weak(cat("f", i, "_", j), text);
  }
  ElfBuilder group;
  const u32 text =
      group.section({.name = ".text.k", .flags = kCode | SHF_GROUP, .contents = word(0)});
  for (int j = 0; j < 3; j++) group.define_weak(cat("f", kCount - 1, "_", j), text);
  for (int i = 0; i < kCount; i++) group.group("k", {text});
  group.define("_start", group.text(".text"));
  for (const bool old_first : {true, false}) {
    const Outcome outcome = link(
        {{old_first ? "a.o" : "b.o", old.build()}, {old_first ? "b.o" : "a.o", group.build()}});
    EXPECT_TRUE(outcome.image) << outcome.messages.substr(0, 1000);
  }
}

TEST(HostileSize, GroupsOfOneLongSignature) {
  ElfBuilder elf;
  const u32 text = elf.text(".text");
  for (int i = 0; i < 60'000; i++) elf.group(i == 0 ? std::string(1 << 24, 'n') : "n", {text});
  std::string bytes = elf.build();
  // Each group is named by the symbol of the first one, which stands first in the file.
  std::vector<Elf32_Shdr> headers = headers_of(bytes);
  u32 symbol = 0;
  Elf32_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (u64 i = 0; i < headers.size(); i++) {
    if (headers[i].sh_type != SHT_GROUP) continue;
    if (symbol == 0) symbol = headers[i].sh_info;
    headers[i].sh_info = symbol;
  }
  std::memcpy(bytes.data() + header.e_shoff, headers.data(), headers.size() * sizeof headers[0]);
  EXPECT_TRUE(link({{"object.o", bytes}}).says("names of groups that share their bytes"));
}

TEST(HostileSize, MembersOfOneLongName) {
  const auto header = [](std::string name, const std::string& size) {
    name.resize(48, ' ');
    return name + size + std::string(10 - size.size(), ' ') + "`\n";
  };
  constexpr u64 kSize = 1 << 22;
  std::string archive = "!<arch>\n" + header("//", std::to_string(kSize));
  archive += std::string(kSize - 1, 'n') + '\n';
  for (int i = 0; i < 200'000; i++) archive += header("/0", "0");
  EXPECT_TRUE(link({{"object.o", helper_object()}, {"x.a", archive}}).says("x.a: long name at 0"));
}

// Each message names the function.
TEST(HostileSize, MessagesAboutALongName) {
  ElfBuilder elf;
  constexpr u32 kCount = 20'000;
  const u32 text = elf.text(".text", 4 * kCount);
  elf.define(std::string(1 << 20, 'n'), text, {.type = STT_FUNC});
  for (u32 i = 0; i < kCount; i++) elf.relocate(text, 4 * i, R_ARM_ABS32, elf.refer(cat("u", i)));
  const Outcome outcome = link({{"object.o", elf.build()}});
  EXPECT_TRUE(outcome.says("undefined reference to `u1'"));
  EXPECT_TRUE(outcome.says("messages have more than 67108864 characters"));
}

// Each is called by the local function that it leads to.
TEST(HostileSize, VeneersToManyLocals) {
  ElfBuilder elf;
  constexpr u32 kCount = 250'000;
  std::string calls;
  for (u32 i = 0; i < kCount; i++) calls += word(0xfffef7ff);
  const u32 near = elf.section({.name = ".text.near", .flags = kCode, .contents = calls});
  const u32 far = elf.text(".text.far", 4 * kCount);
  elf.define("_start", near);
  elf.define_local("$t", near);
  for (u32 i = 0; i < kCount; i++)
    elf.relocate(near, 4 * i, R_ARM_THM_PC22,
                 elf.define_local(cat("f", i), far, 4 * i + 1, STT_FUNC));
  const Outcome outcome = link({{"object.o", elf.build()},
                                {"script.ld",
                                 "SECTIONS { .near 0 : { *(.text.near) } "
                                 ".far 0x40000000 : { *(.text.far) } }"}});
  EXPECT_TRUE(outcome.image) << outcome.messages.substr(0, 1000);
}

// With distinct addends each call of one function has a veneer of its own, and each is named.
TEST(HostileSize, VeneersOfALongName) {
  ElfBuilder elf;
  constexpr u32 kCount = 60'000;
  const u32 near = elf.text(".text.near", 4 * kCount);
  const u32 far = elf.text(".text.far", 4 * kCount);
  elf.define("_start", near);
  elf.define_local("$t", near);
  const u32 f = elf.define(std::string(1 << 20, 'f'), far, {.value = 1, .type = STT_FUNC});
  for (u32 i = 0; i < kCount; i++)
    elf.relocate(near, 4 * i, R_ARM_THM_PC22, f, static_cast<i32>(4 * i) - 4);
  const Outcome outcome = link({{"object.o", elf.build()},
                                {"script.ld",
                                 "SECTIONS { .near 0 : { *(.text.near) } "
                                 ".far 0x40000000 : { *(.text.far) } }"}});
  EXPECT_TRUE(outcome.image) << outcome.messages.substr(0, 1000);
}

// Each veneer moves the targets out of reach of one more call.
TEST(HostileSize, VeneersThatMakeOthersNecessary) {
  ElfBuilder elf;
  constexpr u32 kCount = 30'000;
  constexpr u32 kPitch = 16;  // the size of a veneer
  const u32 near = elf.text(".text.near", kPitch * kCount);
  const u32 far = elf.text(".text.far", 4);
  elf.define("_start", near);
  elf.define_local("$t", near);
  for (u32 i = 0; i < kCount; i++)
    elf.relocate(near, kPitch * i, R_ARM_THM_PC22,
                 elf.define(cat("f", i), far, {.value = 1, .type = STT_FUNC}), -4);
  const Outcome outcome =
      link({{"object.o", elf.build()},
            {"script.ld", cat("SECTIONS { .near 0 : { *(.text.near) } .room (NOLOAD) : { . += ",
                              0x400008 - kPitch * kCount, "; } .far : { *(.text.far) } }")}});
  EXPECT_TRUE(outcome.image) << outcome.messages.substr(0, 1000);
}

TEST(HostileSize, BoundsOfSectionsThatAreElsewhere) {
  ElfBuilder elf;
  constexpr u32 kCount = 100'000;
  const u32 text = elf.text(".text", 4 * kCount);
  for (u32 i = 0; i < kCount; i++) {
    elf.data(cat("x", i), word(0));
    elf.relocate(text, 4 * i, R_ARM_ABS32, elf.refer(cat("__start_x", i)));
  }
  EXPECT_TRUE(link({{"object.o", elf.build()}, {"script.ld", "SECTIONS { .all : { *(*) } }"}})
                  .says("`__start_x99999': the script puts section `x99999' into another"));
}

// Each looks for its place among those before it.
TEST(HostileSize, ManyOrphans) {
  constexpr u32 kCount = 250'000;
  using Section = ElfBuilder::Section;
  const std::vector<std::function<Section(u32)>> kinds{
      [](u32 i) { return Section{.name = cat("n", i), .contents = word(0), .type = SHT_NOTE}; },
      [](u32 i) {
        return Section{.name = cat("n", i), .contents = word(0), .type = 0x7100'0000 + i};
      },
      [](u32 i) { return Section{.name = "n", .contents = word(0), .type = 0x7100'0000 + i}; },
      [](u32 i) {
        return Section{.name = cat("n", i),
                       .flags = SHF_ALLOC | SHF_WRITE | (i % 2 == 0 ? u32{SHF_TLS} : 0),
                       .contents = word(0),
                       .type = i % 3 == 0 ? u32{SHT_NOTE} : u32{SHT_PROGBITS}};
      },
      [](u32 i) { return Section{.name = cat("n", i), .flags = 0, .type = 0x7100'0000 + i}; }};
  for (const auto& kind : kinds) {
    ElfBuilder elf;
    elf.define("_start", elf.text(".text"));
    for (u32 i = 0; i < kCount; i++) elf.section(kind(i));
    link({{"object.o", elf.build()}});
  }
}

// Without a limit each section would begin its strings at the next 2 GiB.
TEST(HostileSize, StringsOfAbsurdAlignment) {
  ElfBuilder elf;
  elf.define("_start", elf.text(".text"));
  for (int i = 0; i < 8; i++)
    elf.section({.name = ".rodata.str",
                 .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
                 .contents = cat("text", i) + '\0',
                 .alignment = 0x8000'0000,
                 .entry_size = 1});
  EXPECT_TRUE(link({{"object.o", elf.build()}}).says("address space"));
}

TEST(HostileSize, MembersOfALargeGroup) {
  ElfBuilder elf;
  std::vector<u32> members;
  for (int i = 0; i < 60'000; i++)
    members.push_back(elf.section({.name = cat(".text.", i), .flags = kCode | SHF_GROUP}));
  elf.group("g", members);
  const Named files{{"object.o", elf.build()}};
  Options options = options_for(files);
  options.relocatable = true;
  EXPECT_TRUE(link(files, options).image);
}

// Of each constructor of which nothing is proven yet, what the object says of its code is asked.
Outcome link_constructors(const std::string& code, u32 count, const std::string& name) {
  ElfBuilder elf;
  const u32 text = elf.section({.name = ".text.f", .flags = kCode, .contents = code});
  elf.define("_start", elf.text(".text"));
  for (u32 i = 0; i < 60'000; i++) elf.define_local(i % 2 == 0 ? "$t" : "other", text, 0);
  const u32 f = elf.define(name, text, {.value = 1, .type = STT_FUNC});
  const u32 slots = elf.data(".init_array", std::string(4 * count, '\0'));
  for (u32 i = 0; i < count; i++) elf.relocate(slots, 4 * i, R_ARM_TARGET1, f);
  const Named files{{"object.o", elf.build()}};
  Options options = options_for(files);
  options.prune = Prune::kProven;
  return link(files, options);
}

TEST(HostileSize, ConstructorsOfALargeObject) {
  EXPECT_TRUE(link_constructors("\x70\x47", 100'000, std::string(1 << 20, 'f')).image);
}

TEST(HostileSize, ConstructorsThatJumpAbout) {
  std::string jumps;
  for (int i = 0; i < 4000; i++) jumps += "\xff\xe7";  // b .+2
  EXPECT_TRUE(link_constructors(jumps + "\x70\x47", 100'000, "f").image);
}

Outcome link_proven(const ElfBuilder& elf, Poison poison = Poison::kNothing) {
  const Named files{{"object.o", elf.build()}};
  Options options = options_for(files);
  options.prune = Prune::kProven;
  options.poison = poison;
  return link(files, options);
}

TEST(HostileSize, TablesAboutManyFunctions) {
  ElfBuilder elf;
  constexpr u32 kFunctions = 20'000;
  std::string code;
  for (u32 i = 0; i < kFunctions; i++) code += "\x70\x47\xc0\x46";
  const u32 text = elf.section({.name = ".text", .flags = kCode, .contents = code});
  elf.define_local("$t", text);
  for (u32 i = 0; i < kFunctions; i++)
    elf.define(i == 0 ? "_start" : cat("f", i), text,
               {.value = 4 * i + 1, .size = 4, .type = STT_FUNC});
  for (u32 i = 0; i < kFunctions; i++)
    elf.section(
        {.name = "about", .flags = SHF_ALLOC | SHF_LINK_ORDER, .contents = word(i), .link = text});
  EXPECT_TRUE(link_proven(elf).image);
}

TEST(HostileSize, EverySecondOfManyStrings) {
  ElfBuilder elf;
  constexpr u32 kStrings = 200'000;
  std::string contents;
  std::string pointers;
  for (u32 i = 0; i < kStrings; i++) {
    if (i % 2 == 0) pointers += word(static_cast<u32>(contents.size()));
    contents += cat("string ", i) + '\0';
  }
  const u32 strings = elf.section({.name = ".rodata.str1.1",
                                   .flags = SHF_ALLOC | SHF_MERGE | SHF_STRINGS,
                                   .contents = contents,
                                   .alignment = 1,
                                   .entry_size = 1});
  const u32 symbol = elf.section_symbol(strings);
  const u32 data = elf.data(".data", pointers);
  for (u32 i = 0; i < pointers.size(); i += 4) elf.relocate(data, i, R_ARM_ABS32, symbol);
  elf.define("_start", data);
  for (const Poison poison : {Poison::kNothing, Poison::kPieces, Poison::kAll})
    EXPECT_TRUE(link_proven(elf, poison).image);
}

TEST(HostileSize, ManyUndefinedReferences) {
  ElfBuilder elf;
  constexpr u32 kCount = 20000;
  const u32 text = elf.text(".text", 4 * kCount);
  for (u32 i = 0; i < kCount; i++) {
    elf.define(cat("f", i), text, {.value = 4 * i, .type = STT_FUNC});
    elf.relocate(text, 4 * i, R_ARM_ABS32, elf.refer(cat("u", i)));
  }
  EXPECT_TRUE(link({{"object.o", elf.build()}}).says("in function `f19999': undefined reference"));
}

TEST(HostileSize, UnwindTableOfManyRows) {
  ElfBuilder elf;
  constexpr u32 kRows = 50000;
  const u32 text = elf.text(".text");
  elf.define("_start", text);
  std::string rows;
  for (u32 i = 0; i < kRows; i++) rows += word(0) + word(1);
  const u32 table = elf.section({.name = ".ARM.exidx",
                                 .flags = SHF_ALLOC | SHF_LINK_ORDER,
                                 .contents = rows,
                                 .type = SHT_ARM_EXIDX,
                                 .link = text});
  for (u32 i = 0; i < kRows; i++) elf.relocate(table, 8 * i, R_ARM_PREL31, 1);
  EXPECT_TRUE(link({{"object.o", elf.build()}}).image);
}

}  // namespace
}  // namespace fwseal
