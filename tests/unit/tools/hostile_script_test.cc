// Whole links with contradictory, endless and enormous linker scripts.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>

#include "tests/unit/elf_builder.h"
#include "tests/unit/tools/hostile.h"

namespace fwseal {
namespace {

// A program of one word, for scripts to place.
std::string small_object() {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 16);
  elf.define("_start", text);
  elf.data(".data", std::string("\1\0\0\0", 4));
  elf.bss(".bss", 4);
  return elf.build();
}

Outcome link_script(const std::string& script) {
  return link({{"object.o", small_object()}, {"script.ld", script}});
}

// The memory of the whole test run: no link may take it all.
u64 peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<u64>(usage.ru_maxrss) / 1024;
}

TEST(HostileScript, TheGoodScriptIsGood) {
  const Outcome outcome = link_script("SECTIONS { .text : { *(.text) } }");
  EXPECT_TRUE(outcome.image) << outcome.messages;
}

TEST(HostileScript, SizesPastTheAddressSpace) {
  const auto says = [](const std::string& script, std::string_view what) {
    const Outcome outcome = link_script(script);
    EXPECT_TRUE(outcome.says(what)) << script << '\n' << outcome.messages;
  };
  says("SECTIONS { .text 0xfffffff4 : { *(.text) } }",
       "script.ld:1: section `.text' at 0xfffffff4 with 16 bytes ends past the end of the 32-bit "
       "address space");
  says("SECTIONS { .text : { *(.text) } .room : { . += 0xfffffff8; } }",
       "script.ld:1: cannot move location counter to 0x1");
  says("SECTIONS { .bss : { *(.bss) . += 0xffffffff; . += 0xffffffff; } }",
       "script.ld:1: cannot move location counter to 0x1");
  says("SECTIONS { .room 0 : { . += 0xffffffff; . += 1; } }",
       "script.ld:1: section `.room' at 0x0 with 4294967296 bytes ends past the end");
  says("SECTIONS { .d : ALIGN(0x100000000) { *(.data) } }",
       "script.ld:1: alignment 0x100000000 of section .d is not a power of two below 4 GiB");
  says("SECTIONS { .d : SUBALIGN(3) { *(.data) } }", "script.ld:1: alignment 0x3 of section .d");
  says("SECTIONS { .d : SUBALIGN(0x8000000000000000) { *(.data) } }",
       "is not a power of two below");
  const std::string all = "SECTIONS { /DISCARD/ : { *(*) } .room 0 : { . += 0xffffffff; } }";
  const Outcome outcome = link_script(all);
  EXPECT_TRUE(outcome.image) << outcome.messages;
  // One fault, one message.
  const Outcome once = link_script("SECTIONS { .d : { *(.data) . += 0xfffffffc; BYTE(1) } }");
  EXPECT_EQ(once.messages.find("error"), once.messages.rfind("error")) << once.messages;
}

TEST(HostileScript, FillersThatNobodyCanMean) {
  for (const std::string gap : {"0x10000001", "0x7fffffff", "0xf0000000"}) {
    const Outcome outcome =
        link_script("SECTIONS {\n .d : { *(.data) . = " + gap + "; BYTE(1) } }");
    EXPECT_TRUE(outcome.says("script.ld:2: the output file would have ")) << outcome.messages;
    EXPECT_TRUE(outcome.says("filler bytes (section .d")) << outcome.messages;
  }
  EXPECT_TRUE(link_script("PHDRS { a PT_LOAD; } SECTIONS { .text 0 : { *(.text) } :a "
                          ".d 0x70000000 : { *(.data) } :a }")
                  .says("filler bytes between sections"));
  EXPECT_TRUE(link_script("SECTIONS { .d : { *(.data) . += 0x10000; BYTE(1) } }").image);
  EXPECT_LT(peak_megabytes(), 1500u);
}

TEST(HostileScript, RegionsThatHoldNothing) {
  for (const std::string memory :
       {"o = 0, l = 0", "o = 0xffffffff, l = 0xffffffff",
        "o = 0xffffffffffffffff, l = 0xffffffffffffffff", "o = LENGTH(r), l = ORIGIN(r)",
        "o = 0x80000000 * 2, l = 1", "o = -1, l = -1"}) {
    const Outcome outcome =
        link_script("MEMORY { r : " + memory + " } SECTIONS { .all : { *(*) } > r }");
    EXPECT_TRUE(outcome.says("`.all' will not fit in region `r'")) << memory << outcome.messages;
  }
}

TEST(HostileScript, ThatNeverSettles) {
  const auto says_once = [](const std::string& script, std::string_view what) {
    const Outcome outcome = link_script(script);
    EXPECT_TRUE(outcome.says(what)) << script << '\n' << outcome.messages;
    EXPECT_EQ(outcome.messages.find("does not settle"), outcome.messages.rfind("does not settle"));
  };
  says_once("a = a + 1; SECTIONS { .text : { *(.text) } }",
            "script.ld:1: the linker script does not settle: after 64 walks symbol `a' still");
  says_once("SECTIONS { .text : { *(.text) . += SIZEOF(.text) + 1; } }",
            "script.ld:1: the linker script does not settle: after 64 walks section `.text'");
  says_once("SECTIONS {\n .text a + 4 : { *(.text) }\n a = ADDR(.text); }",
            "script.ld:2: the linker script does not settle: after 64 walks section `.text'");
  EXPECT_TRUE(link_script("a = b; b = a; SECTIONS { .text : { *(.text) } }").image);  // as GNU ld
}

TEST(HostileScript, ThatIncludesItselfOrAnother) {
  const std::string object = small_object();
  EXPECT_TRUE(link({{"object.o", object}, {"script.ld", "INCLUDE script.ld"}})
                  .says("script.ld:1: INCLUDE files are nested deeper"));
  EXPECT_TRUE(link({{"object.o", object},
                    {"script.ld", "INCLUDE two.ld"},
                    {"two.ld", "INCLUDE script.ld INCLUDE script.ld"}})
                  .says("INCLUDE files are nested deeper"));
  EXPECT_TRUE(link({{"object.o", object},
                    {"script.ld", "SECTIONS {} INPUT(two.ld)"},
                    {"two.ld", "INPUT(script2.ld)"},
                    {"script2.ld", "INPUT(two.ld)"}})
                  .says("two.ld: linker script names itself"));
  EXPECT_TRUE(link({{"object.o", object}, {"script.ld", "\nINCLUDE /dev"}})
                  .says("script.ld:2: cannot read linker script /dev: is not a regular file"));
}

TEST(HostileScript, ChainOfScripts) {
  Named files{{"object.o", small_object()}, {"script.ld", "SECTIONS {} INPUT(0.x)"}};
  for (int i = 0; i < 1200; i++) files[cat(i, ".x")] = cat("INPUT(", i + 1, ".x)");
  EXPECT_TRUE(link(files).says("is one more linker script than the 1000 that may be inputs"));
}

TEST(HostileScript, DeepAndLongExpressions) {
  const std::string deep = std::string(100'000, '(') + "1" + std::string(100'000, ')');
  EXPECT_TRUE(link_script("a = " + deep + ";").says("script.ld:1: expression is nested deeper"));
  EXPECT_TRUE(link_script("a = " + std::string(100'000, '-') + "1;").says("nested deeper"));
  std::string sum = "a = 1";
  for (int i = 0; i < 100'000; i++) sum += " + 1";
  EXPECT_TRUE(link_script(sum + ";").says("operators in a row"));
  std::string high = "a = 1";
  for (int i = 0; i < 1900; i++) high += " ? 1 : 1";
  link_script(high + "; SECTIONS { .text : { *(.text) } }");
}

TEST(HostileScript, LongerThanAnyoneWrites) {
  EXPECT_TRUE(link_script(std::string((1 << 24) + 1, ' '))
                  .says("script.ld: linker script of 16777217 bytes is longer than 16777216"));
}

TEST(HostileScript, FillsAndData) {
  std::string fills = "SECTIONS { .d : { ";
  for (int i = 0; i < 20'000; i++) fills += "BYTE(1) FILL(0x1234) . += 2; ";
  EXPECT_TRUE(link_script(fills + "} }").image);
  EXPECT_TRUE(link_script("SECTIONS { .d : { BYTE(1/0) } }").says("script.ld:1: division by zero"));
  EXPECT_TRUE(link_script("SECTIONS { .d : { BYTE(1) . = 4 % 0; } }").says("remainder by zero"));
  EXPECT_TRUE(link_script("SECTIONS { .d : { *(.data) FILL(0x" + std::string(200'000, 'a') +
                          ") . += 9; BYTE(0) } }")
                  .image);
}

// Each gap begins with the first byte of the pattern, and the map shows it.
TEST(HostileScript, LongFillOfManyGaps) {
  std::string script = "SECTIONS { .d : { FILL(0x" + std::string(1 << 20, 'a') + ") ";
  for (int i = 0; i < 50'000; i++) script += "BYTE(1) . += 1; ";
  const Named files{{"object.o", small_object()}, {"script.ld", script + "} }"}};
  Options options = options_for(files);
  options.map_path = "/dev/null";
  EXPECT_TRUE(link(files, options).image);
  EXPECT_LT(peak_megabytes(), 1500u);
}

TEST(HostileScript, ManyFillsOfManyGaps) {
  std::string script = "SECTIONS { .d : { ";
  for (int i = 0; i < 400'000; i++) script += "BYTE(1) FILL(1) . += 2; ";
  const Named files{{"object.o", small_object()}, {"script.ld", script + "} }"}};
  Options options = options_for(files);
  options.map_path = "/dev/null";
  EXPECT_TRUE(link(files, options).image);
}

std::string repeated(int count, const std::function<std::string(int)>& part) {
  std::string text;
  for (int i = 0; i < count; i++) text += part(i);
  return text;
}

TEST(HostileScript, ManyRegionsAndManySectionsWithoutOne) {
  const std::string regions =
      repeated(1024, [](int i) { return cat("r", i, "(!rwxai) : o = 0, l = 0\n"); });
  const std::string outputs =
      repeated(100'000, [](int i) { return cat(".", i, " : {BYTE(1)}\n"); });
  EXPECT_TRUE(link_script(cat("MEMORY {", regions, "} SECTIONS {", outputs, "}"))
                  .says("no memory region specified for loadable section `.9'"));
}

TEST(HostileScript, ManyAddressesOfManySections) {
  const std::string outputs = repeated(200'000, [](int i) { return cat(".", i, " : {}\n"); });
  const std::string symbols =
      repeated(200'000, [](int i) { return cat("s", i, " = ADDR(.", i, ");\n"); });
  const Outcome outcome = link_script(cat("SECTIONS {", outputs, symbols, "}"));
  EXPECT_TRUE(outcome.image) << outcome.messages.substr(0, 500);
}

TEST(HostileScript, ManyPlacesAmongSectionsThatAreLeftOut) {
  const std::string outputs = repeated(300'000, [](int i) { return cat(".", i, " : {}\n"); });
  const std::string symbols = repeated(300'000, [](int i) { return cat("s", i, " = .;\n"); });
  EXPECT_TRUE(link_script(cat("SECTIONS {.text : { *(.text) }", outputs, symbols, "}")).image);
}

// Of these no script has more than a few, and each looks at all of the program.
TEST(HostileScript, TooManyOfOneCommand) {
  const auto says = [](const std::string& script, std::string_view what) {
    EXPECT_TRUE(link_script(script).says(what)) << what;
  };
  says(repeated(257, [](int) { return "NOCROSSREFS(.a .b)\n"; }),
       "script.ld:257: more than 256 commands NOCROSSREFS");
  says(repeated(257, [](int) { return "a = 1; INSERT AFTER .b;\n"; }),
       "script.ld:257: more than 256 commands INSERT");
  says("PHDRS {\n" + repeated(257, [](int i) { return cat("a", i, " PT_NULL;\n"); }) + "}",
       "script.ld:258: PHDRS describes more than 256 segments");
  says("MEMORY {\n" + repeated(1025, [](int i) { return cat("r", i, " : o = 0, l = 0\n"); }) + "}",
       "script.ld:1026: MEMORY describes more than 1024 regions");
  says("SECTIONS {\n" + repeated(257, [](int) { return ".a : ONLY_IF_RO { *(.a) }\n"; }) + "}",
       "script.ld:258: more than 256 output sections with ONLY_IF_RO or ONLY_IF_RW");
}

// What it should have moved still has a place, behind which orphans go.
TEST(HostileScript, InsertBehindNothing) {
  ElfBuilder orphan;
  orphan.text(".odd");
  const Outcome outcome = link({{"a.o", good_object()},
                                {"b.o", helper_object()},
                                {"c.o", orphan.build()},
                                {"script.ld", "SECTIONS { .text : { *(.text*) } } INSERT AFTER .y;"}});
  EXPECT_TRUE(outcome.says("INSERT: no output section `.y'")) << outcome.messages;
}

TEST(HostileScript, ManyNamesOfBannedSections) {
  const std::string names = repeated(500'000, [](int i) { return cat(".", i, " "); });
  ElfBuilder elf;
  for (int i = 0; i < 50'000; i++) elf.text(cat(".text.", i));
  const Outcome outcome =
      link({{"object.o", elf.build()},
            {"script.ld", cat("NOCROSSREFS(", names, ") SECTIONS { .text : { *(.text*) } }")}});
  EXPECT_TRUE(outcome.image);
}

TEST(HostileScript, ManySectionsInManySegments) {
  const std::string segments =
      repeated(256, [](int i) { return cat("s", i, i == 0 ? " PT_LOAD;" : " PT_NULL;"); });
  const std::string names = repeated(256 * 100, [](int i) { return cat(" :s", i % 256); });
  const std::string outputs =
      repeated(20'000, [](int i) { return cat("\n.", i, " : { BYTE(1) }"); });
  EXPECT_TRUE(link_script(cat("PHDRS {", segments, "} SECTIONS { .text : { *(.text) }", names,
                              outputs, "}"))
                  .image);
}

TEST(HostileScript, ManyFilesInPatterns) {
  const std::string files = repeated(100'000, [](int i) { return cat("f", i, ".o(.x)\n"); });
  EXPECT_TRUE(link_script("SECTIONS { .text : {" + files + "} }").says("cannot find f99999.o"));
}

TEST(HostileScript, ManyDefaultsOfManyNames) {
  const std::string names = repeated(200'000, [](int i) { return cat("n", i, " = 1;\n"); });
  const std::string defaults = repeated(
      200'000, [](int i) { return cat("d", i, " = DEFINED(d", i, ") ? d", i, " : 1;\n"); });
  EXPECT_TRUE(link_script(names + defaults + "SECTIONS { .text : { *(.text) } }").image);
}

// Each member would get a copy of the list.
TEST(HostileScript, LongPlacementOfManyMembers) {
  const std::string members = repeated(100'000, [](int i) { return cat(".", i, " {}\n"); });
  for (const std::string& placement :
       {repeated(100'000, [](int) { return ":a "; }), "> " + std::string(1 << 20, 'r'),
        "=0x" + std::string(1 << 20, 'f')})
    EXPECT_TRUE(link_script("SECTIONS { OVERLAY : {" + members + "} " + placement + "}")
                    .says("what an OVERLAY of 100000 members says behind its brace is too long"));
}

// And each orphan one of what its neighbour has.
TEST(HostileScript, LongPlacementBesideOrphans) {
  const std::string name(1 << 20, 'r');
  const std::string segments = repeated(100'000, [](int) { return " :a"; });
  ElfBuilder elf;
  elf.define("_start", elf.text(".text"));
  for (int i = 0; i < 20'000; i++) elf.text(cat("orphan", i));
  const std::string script =
      cat("PHDRS { a PT_LOAD; } MEMORY { ", name, " : ORIGIN = 0, LENGTH = 1M }",
          "SECTIONS { .text : { *(.text) } > ", name, segments, "}");
  const Outcome outcome = link({{"object.o", elf.build()}, {"script.ld", script}});
  EXPECT_TRUE(outcome.image) << outcome.messages.substr(0, 500);
  EXPECT_LT(peak_megabytes(), 1500u);
}

TEST(HostileScript, EveryPrefix) {
  const std::string good =
      "MEMORY { f (rx) : ORIGIN = 0x8000, LENGTH = 1M }\nENTRY(_start)\n"
      "PHDRS { t PT_LOAD FLAGS(5); }\n"
      "SECTIONS { .text : ALIGN(4) { KEEP(*(SORT(.text*) .x)) . = ALIGN(8); BYTE(1) } > f :t "
      "=0xff\n"
      " OVERLAY : AT(0x9000) { .a { *(.data) } .b { *(.rodata) } } > f\n"
      " .bss (NOLOAD) : { *(.bss COMMON) } > f :NONE\n ASSERT(1, \"x\") /DISCARD/ : { *(.c) } }\n";
  for (u64 size = 0; size <= good.size(); size++) {
    SCOPED_TRACE(size);
    const Outcome outcome = link_script(good.substr(0, size));
    EXPECT_TRUE(outcome.image || outcome.says("error: ")) << outcome.messages;
  }
}

}  // namespace
}  // namespace fwseal
