#include "sections/script_parser.h"

#include <elf.h>
#include <gtest/gtest.h>

#include "tests/unit/sections/script_print.h"

namespace fwseal {
namespace {

using namespace script_test;

// What is read from the contents of an output section.
std::string contents(const std::string& text) {
  const std::string read = read_script(cat("SECTIONS { .x : { ", text, " } }"));
  const std::string before = "section .x { ";
  const std::string after = " }\n";
  if (!read.starts_with(before) || !read.ends_with(after)) return read;
  return read.substr(before.size(), read.size() - before.size() - after.size());
}

// ---- Commands

TEST(ScriptParser, SimpleCommands) {
  const Reading reading(
      "ENTRY(start) ENTRY(_start)\n"
      "EXTERN(a b, c) EXTERN(\"d e\")\n"
      "OUTPUT(a.out) OUTPUT(b.out)\n"
      "OUTPUT_FORMAT(\"elf32-littlearm\", elf32-bigarm, elf32-littlearm) OUTPUT_FORMAT(x)\n"
      "OUTPUT_ARCH(arm) STARTUP(crt0.o) SEARCH_DIR(\"=/usr/lib\"); SEARCH_DIR(.)\n"
      "TARGET(elf32-littlearm) FORCE_GROUP_ALLOCATION;;");
  EXPECT_EQ(reading.text(), "");
  const Script& script = reading.script;
  EXPECT_EQ(script.entry, "_start");
  EXPECT_EQ(joined(script.externs), "a,b,c,d e");
  EXPECT_EQ(script.output, "a.out");
  EXPECT_EQ(script.output_format, "elf32-littlearm");
  EXPECT_EQ(script.output_arch, "arm");
  EXPECT_EQ(script.startup, "crt0.o");
  EXPECT_EQ(joined(script.search_dirs), "=/usr/lib,.");
  EXPECT_FALSE(script.force_common_allocation);
  EXPECT_FALSE(script.inhibit_common_allocation);
  EXPECT_FALSE(script.sane_expressions);
  EXPECT_FALSE(script.has_sections);
  EXPECT_FALSE(script.has_segments);
}

TEST(ScriptParser, Switches) {
  EXPECT_TRUE(Reading("FORCE_COMMON_ALLOCATION").script.force_common_allocation);
  EXPECT_TRUE(Reading("INHIBIT_COMMON_ALLOCATION;").script.inhibit_common_allocation);
  EXPECT_TRUE(Reading("LD_FEATURE(\"sane_Expr\")").script.sane_expressions);
  EXPECT_TRUE(Reading("SECTIONS { }").script.has_sections);
  EXPECT_TRUE(Reading("PHDRS { }").script.has_segments);
}

TEST(ScriptParser, Inputs) {
  EXPECT_EQ(read_script("INPUT(a.o, b.o c,d.o -lm AS_NEEDED(e.so, AS_NEEDED(f)) \"g h\" =i)\n"
                        "GROUP(-lc -lgcc) GROUP(x) INPUT(y)"),
            "input a.o\ninput b.o\ninput c,d.o\ninput -lm\ninput e.so\ninput f\ninput g h\n"
            "input =i\ninput -lc group1\ninput -lgcc group1\ninput x group2\ninput y\n");
}

TEST(ScriptParser, Memory) {
  EXPECT_EQ(read_script("MEMORY {\n"
                        "  rom (rx) : ORIGIN = 0x1000, LENGTH = 256K\n"
                        "  ram (!rx) : org = ORIGIN(rom) + 1 len = 4M, l (w!x) : o = 1, l = 2\n"
                        "  x (!w r) : ORIGIN = 0 LENGTH = y y : ORIGIN = 0, LENGTH = 1\n"
                        "  z (\"r!w!a\") : ORIGIN = 0, LENGTH = 1 }\n"
                        "REGION_ALIAS(\"CODE\", rom) REGION_ALIAS(DATA, ram)"),
            "region rom (rx) 4096 262144\n"
            "region ram (!rx) (+ (ORIGIN:rom) 1) 4194304\n"
            "region l (w!x) 1 2\n"
            "region x (r!w) 0 y\n"
            "region y () 0 1\n"
            "region z (ra!w) 0 1\n"
            "alias CODE rom\n"
            "alias DATA ram\n");
}

TEST(ScriptParser, Segments) {
  EXPECT_EQ(read_script("PHDRS {\n"
                        "  headers PT_PHDR PHDRS ;\n"
                        "  text PT_LOAD FILEHDR PHDRS AT (0x100) FLAGS (4 | 1);\n"
                        "  x 0x70000001; stack PT_GNU_STACK FLAGS(6);\n"
                        "}"),
            "segment headers 6 phdrs\n"
            "segment text 1 filehdr phdrs at 256 flags (| 4 1)\n"
            "segment x 1879048193\n"
            "segment stack 1685382481 flags 6\n");
}

TEST(ScriptParser, EverySegmentType) {
  const std::vector<std::pair<std::string, u32>> types = {{"PT_NULL", 0},
                                                          {"PT_LOAD", 1},
                                                          {"PT_DYNAMIC", 2},
                                                          {"PT_INTERP", 3},
                                                          {"PT_NOTE", 4},
                                                          {"PT_SHLIB", 5},
                                                          {"PT_PHDR", 6},
                                                          {"PT_TLS", 7},
                                                          {"PT_GNU_EH_FRAME", 0x6474e550},
                                                          {"PT_GNU_STACK", 0x6474e551},
                                                          {"PT_GNU_RELRO", 0x6474e552},
                                                          {"PT_GNU_PROPERTY", 0x6474e553}};
  for (const auto& [name, number] : types)
    EXPECT_EQ(read_script(cat("PHDRS { x ", name, "; }")), cat("segment x ", number, "\n"));
}

TEST(ScriptParser, CrossReferences) {
  EXPECT_EQ(read_script("NOCROSSREFS(.a .b, .c) NOCROSSREFS_TO(.a, .b)"),
            "ban .a,.b,.c\nban_to .a,.b\n");
}

TEST(ScriptParser, VersionsAreSkipped) {
  EXPECT_EQ(read_script("VERSION { V1 { global: f*; extern \"C++\" { \"a}\"; }; local: *; }; "
                        "V2 { @x; } V1; } x = 1;"),
            "x = 1\n");
}

TEST(ScriptParser, Inserts) {
  EXPECT_EQ(read_script("SECTIONS { .a : { *(.a) } } INSERT AFTER .text; INSERT BEFORE .data"),
            "section .a { *(.a); }\ninsert after .text\ninsert before .data\n");
}

// ---- Assignments

TEST(ScriptParser, AssignmentsEverywhere) {
  const std::string statements =
      "x = 1; y = 2, . = . + 4; \"a b\" = 3; PROVIDE(p = 4); "
      "PROVIDE_HIDDEN(q = 5); HIDDEN(r = 6);";
  const std::vector<std::string> read = {"x = 1",       "y = 2",         ". = (+ . 4)",
                                         "a b = 3",     "provide p = 4", "provide_hidden q = 5",
                                         "hidden r = 6"};
  std::string lines;
  std::string inside;
  for (const std::string& statement : read) {
    lines += statement + "\n";
    inside += (inside.empty() ? "" : " ") + statement + ";";
  }
  EXPECT_EQ(read_script(statements), lines);
  EXPECT_EQ(read_script(cat("SECTIONS { ", statements, " }")), lines);
  EXPECT_EQ(contents(statements), inside);
}

TEST(ScriptParser, CompoundAssignmentsAreRewritten) {
  for (const std::string op : {"+", "-", "*", "/", "<<", ">>", "&", "|", "^"}) {
    EXPECT_EQ(read_script(cat("x ", op, "= 1 + 2;")), cat("x = (", op, " x (+ 1 2))\n"));
    EXPECT_EQ(contents(cat(". ", op, "= 4;")), cat(". = (", op, " . 4);"));
  }
}

TEST(ScriptParser, TheLocationCounterIsNotProvided) {
  EXPECT_EQ(read_script("HIDDEN(. = 4);"), ". = 4\n");
  EXPECT_EQ(read_script("PROVIDE(. = 4);"),
            "fwseal: error: t.ld:1: PROVIDE cannot assign to the location counter\n");
}

TEST(ScriptParser, Assertions) {
  EXPECT_EQ(read_script("ASSERT(x < 4, \"too big\") ASSERT(1, \"b\");"
                        "SECTIONS { ASSERT(2, \"c\") ASSERT(3, \"d\"); }"),
            "assert (< x 4) 'too big'\nassert 1 'b'\nassert 2 'c'\nassert 3 'd'\n");
  EXPECT_EQ(contents("ASSERT(1, \"a\"); ASSERT(2, \"b\") x = 1;"),
            "assert 1 'a'; assert 2 'b'; x = 1;");
}

// ---- Input section descriptions

TEST(ScriptParser, Patterns) {
  EXPECT_EQ(contents("*(.text .text.*)"), "*(.text .text.*);");
  EXPECT_EQ(contents("foo.o lib.a:x*.o(COMMON) :main.o(.t) libc.a:(.d) \"a b.o\"(\"c d\");"),
            "foo.o(); lib.a:x*.o(COMMON); :main.o(.t); libc.a:(.d); a b.o(c d);");
  EXPECT_EQ(contents("[ .a .b* ] [a-z]*.o(.c[0-9])"), "*(.a .b*); [a-z]*.o(.c[0-9]);");
  EXPECT_EQ(contents("*(.gnu.linkonce.wi.* $A ?x ^y !z a=b .rodata,x)"),
            "*(.gnu.linkonce.wi.* $A ?x ^y !z a=b .rodata,x);");
  EXPECT_EQ(contents("KEEP(*(.v)) KEEP (a.o) KEEP([ .w ])"), "keep *(.v); keep a.o(); keep *(.w);");
}

TEST(ScriptParser, ExcludedFiles) {
  EXPECT_EQ(contents("*(EXCLUDE_FILE(*a.o b.o) .x .y EXCLUDE_FILE (c.a:d.o) .z)"),
            "*(.x!*a.o,b.o .y .z!c.a:d.o);");
  EXPECT_EQ(contents("EXCLUDE_FILE(*a.o b.o) *(.x .y)"), "*!*a.o,b.o(.x .y);");
  EXPECT_EQ(contents("KEEP(SORT(EXCLUDE_FILE(a) *)(SORT(EXCLUDE_FILE(b) .x)))"),
            "keep sorted *!a(.x!b/name);");
}

TEST(ScriptParser, Sorts) {
  EXPECT_EQ(contents("*(SORT(.a) SORT_BY_NAME(.b) SORT_BY_ALIGNMENT(.c) SORT_NONE(.d) "
                     "SORT_BY_INIT_PRIORITY(.e) .f)"),
            "*(.a/name .b/name .c/alignment .d/none .e/init .f);");
  EXPECT_EQ(contents("SORT(*)(.a) SORT_BY_NAME(*)(.b) SORT_NONE(*)(.c)"),
            "sorted *(.a); sorted *(.b); *(.c);");
}

// ld manual, "Input Section Wildcard Patterns": four nestings are valid, "All other nested section
// sorting commands are invalid".
TEST(ScriptParser, EveryNestingOfSorts) {
  const std::vector<std::string> sorts = {"SORT", "SORT_BY_NAME", "SORT_BY_ALIGNMENT",
                                          "SORT_BY_INIT_PRIORITY", "SORT_NONE"};
  const auto key = [](u64 i) { return i < 2 ? "name" : "alignment"; };
  for (u64 i = 0; i < sorts.size(); i++)
    for (u64 j = 0; j < sorts.size(); j++) {
      const std::string read = contents(cat("*(", sorts[i], "(", sorts[j], "(.x)))"));
      if (i > 2 || j > 2)
        EXPECT_EQ(read, cat("fwseal: error: t.ld:1: '", sorts[j],
                            "' cannot stand in another sort\nsection .x { }\n"));
      else if (std::string(key(i)) == key(j))
        EXPECT_EQ(read, cat("*(.x/", key(i), ");"));
      else
        EXPECT_EQ(read, cat("*(.x/", key(i), "/", key(j), ");"));
    }
  EXPECT_EQ(contents("*(SORT(SORT(SORT(.x))))"),
            "fwseal: error: t.ld:1: keyword 'SORT' cannot stand here; write \"SORT\" if it is a "
            "name\nsection .x { }\n");
}

TEST(ScriptParser, SectionFlags) {
  EXPECT_EQ(contents("INPUT_SECTION_FLAGS(SHF_MERGE & SHF_STRINGS) *(.a) "
                     "KEEP(INPUT_SECTION_FLAGS (!SHF_WRITE&SHF_ALLOC) x.o) "
                     "INPUT_SECTION_FLAGS(SHF_ALLOC) [ .b ]"),
            "*+0x30(.a); keep x.o+0x2-0x1(); *+0x2(.b);");
  const std::vector<std::pair<std::string, u64>> flags = {
      {"SHF_WRITE", SHF_WRITE},           {"SHF_ALLOC", SHF_ALLOC},
      {"SHF_EXECINSTR", SHF_EXECINSTR},   {"SHF_MERGE", SHF_MERGE},
      {"SHF_STRINGS", SHF_STRINGS},       {"SHF_INFO_LINK", SHF_INFO_LINK},
      {"SHF_LINK_ORDER", SHF_LINK_ORDER}, {"SHF_OS_NONCONFORMING", SHF_OS_NONCONFORMING},
      {"SHF_GROUP", SHF_GROUP},           {"SHF_TLS", SHF_TLS},
      {"SHF_MASKOS", 0x0ff00000},         {"SHF_EXCLUDE", 0x80000000},
      {"SHF_ARM_PURECODE", 0x20000000}};
  for (const auto& [name, flag] : flags) {
    EXPECT_EQ(contents(cat("INPUT_SECTION_FLAGS(", name, ") *(.a)")),
              cat("*+", hex(flag), "(.a);"));
    EXPECT_EQ(contents(cat("INPUT_SECTION_FLAGS(!", name, ") *(.a)")),
              cat("*-", hex(flag), "(.a);"));
  }
}

// ---- Other contents

TEST(ScriptParser, Data) {
  EXPECT_EQ(contents("BYTE(1) SHORT(x + 1); LONG(3) QUAD(4) SQUAD(-5);"),
            "data1 1; data2 (+ x 1); data4 3; data8 4; data8s (- 5);");
  EXPECT_EQ(contents("ASCIZ \"a b\" ASCIZ \"\""), "asciz 'a b'; asciz '';");
  EXPECT_EQ(contents("ASCIZ \"a\\n\\r\\t\\\\\\x\\1018\\7\\1234\\400\\\""),
            "asciz 'a\n\r\t\\xA8\aS4\x20"
            "0';");
}

TEST(ScriptParser, Fills) {
  EXPECT_EQ(contents("FILL(0x90) FILL(0x1234) FILL(0x123) FILL(0x00112233445566778899aabb);"),
            "fill 0x90; fill 0x12 0x34; fill 0x1 0x23; "
            "fill 0x0 0x11 0x22 0x33 0x44 0x55 0x66 0x77 0x88 0x99 0xaa 0xbb;");
  EXPECT_EQ(contents("FILL((0x90)) FILL(+0xAb) FILL(+((+0x00)))"),
            "fill 0x90; fill 0xab; fill 0x0;");
  EXPECT_EQ(
      contents("FILL(144) FILL($90) FILL(0x90K) FILL(0x90 + 1) FILL((0x90) ? 1 : 2) FILL(-0x1)"),
      "fill 144; fill 144; fill 147456; fill (+ 144 1); fill (? 144 1 2); fill (- 1);");
}

TEST(ScriptParser, Constructors) {
  EXPECT_EQ(contents("CONSTRUCTORS SORT(CONSTRUCTORS) SORT_BY_NAME (CONSTRUCTORS)"),
            "constructors; constructors sorted; constructors sorted;");
}

// ---- Output sections

TEST(ScriptParser, Headers) {
  EXPECT_EQ(read_script("SECTIONS { .a 0x10 : { } .b . + 4 : { } \"c d\" (x) : { } .e : { } }"),
            "section .a @16 { }\nsection .b @(+ . 4) { }\nsection c d @x { }\nsection .e { }\n");
  EXPECT_EQ(read_script(
                "SECTIONS { .a ALIGN(8) (NOLOAD) : AT(1) ALIGN(2) SUBALIGN(4) ONLY_IF_RO { } "
                ".b : ALIGN_WITH_INPUT ONLY_IF_RW { } .c -1 + a ? b : c : SUBALIGN(8) AT(9) { } }"),
            "section .a @(ALIGN 8) NOLOAD at 1 align 2 subalign 4 if_ro { }\n"
            "section .b with_input if_rw { }\n"
            "section .c @(? (+ (- 1) a) b c) at 9 subalign 8 { }\n");
}

TEST(ScriptParser, OutputSectionTypes) {
  EXPECT_EQ(
      read_script("SECTIONS { .a (NOLOAD) : { } .b (COPY) : { } .c (INFO) : { } .d (DSECT) : { }"
                  " .e (OVERLAY) : { } .f (READONLY) : { } .g () : { } .h 4 () : { } "
                  ".i (TYPE = SHT_NOTE) : { } .j (TYPE = 5 + 1) : { } "
                  ".k (READONLY (TYPE = SHT_INIT_ARRAY)) : { } }"),
      "section .a NOLOAD { }\nsection .b COPY { }\nsection .c INFO { }\nsection .d DSECT { }\n"
      "section .e OVERLAY { }\nsection .f READONLY { }\nsection .g { }\nsection .h @4 { }\n"
      "section .i type 7 { }\nsection .j type (+ 5 1) { }\nsection .k READONLY type 14 { }\n");
  const std::vector<std::pair<std::string, int>> types = {
      {"SHT_PROGBITS", 1},    {"SHT_STRTAB", 3},      {"SHT_NOTE", 7},          {"SHT_NOBITS", 8},
      {"SHT_INIT_ARRAY", 14}, {"SHT_FINI_ARRAY", 15}, {"SHT_PREINIT_ARRAY", 16}};
  for (const auto& [name, number] : types)
    EXPECT_EQ(read_script(cat("SECTIONS { .x (TYPE = ", name, ") : { } }")),
              cat("section .x type ", number, " { }\n"));
}

TEST(ScriptParser, Placement) {
  EXPECT_EQ(read_script("SECTIONS { .a : { } > ram AT > rom :t :NONE =0x9090 .b : { } >ram AT>rom, "
                        ".c : { } =0 /DISCARD/ : { *(*) } .d : { } =1 + x, x = 1; .e : { }>r=2}"),
            "section .a { } >ram AT>rom :t :NONE =fill 0x90 0x90\n"
            "section .b { } >ram AT>rom\n"
            "section .c { } =fill 0\n"
            "section /DISCARD/ { *(*); }\n"
            "section .d { } =fill (+ 1 x)\n"
            "x = 1\n"
            "section .e { } >r=2\n");  // A region of that name, as GNU ld reads it.
}

// The keywords of MEMORY and of expressions are names of sections and symbols elsewhere.
TEST(ScriptParser, KeywordsReserveNoNamesOutsideOfTheirPlace) {
  EXPECT_EQ(read_script("SECTIONS { o : { } len : { l } } l = o; KEEP = SECTIONS; NOLOAD = 1;"),
            "section o { }\nsection len { l(); }\nl = o\nKEEP = SECTIONS\nNOLOAD = 1\n");
}

// ---- Overlays

TEST(ScriptParser, Overlay) {
  EXPECT_EQ(read_script("SECTIONS { OVERLAY 0x1000 : NOCROSSREFS AT(0x4000) SUBALIGN(x + 4) {\n"
                        "  .text-0 { a.o(.text) }\n"
                        "  .t1_b { b.o(.text) } :own =0x11, .t2 { }\n"
                        "} >ram AT>rom :seg =y }")
                .substr(0, 68),
            "fwseal: error: t.ld:1: 'OVERLAY' has both a load address and a load ");
  EXPECT_EQ(read_script("SECTIONS { OVERLAY 0x1000 : NOCROSSREFS AT(0x4000) SUBALIGN(x + 4) {\n"
                        "  .text-0 { a.o(.text) }\n"
                        "  .t1_b { b.o(.text) } :own =0x11, .t2 { }\n"
                        "} >ram :seg =y }"),
            "section .text-0 @4096 at 16384 subalign (+ x 4) overlay1 first { a.o(.text); } >ram "
            ":seg =fill y\n"
            "section .t1_b subalign (+ x 4) overlay1 { b.o(.text); } >ram :own =fill 0x11\n"
            "section .t2 subalign (+ x 4) overlay1 last { } >ram :seg =fill y\n"
            "provide __load_start_text0 = (LOADADDR:.text-0)\n"
            "provide __load_stop_text0 = (+ (LOADADDR:.text-0) (SIZEOF:.text-0))\n"
            "provide __load_start_t1_b = (LOADADDR:.t1_b)\n"
            "provide __load_stop_t1_b = (+ (LOADADDR:.t1_b) (SIZEOF:.t1_b))\n"
            "provide __load_start_t2 = (LOADADDR:.t2)\n"
            "provide __load_stop_t2 = (+ (LOADADDR:.t2) (SIZEOF:.t2))\n"
            "ban .text-0,.t1_b,.t2\n");
}

TEST(ScriptParser, OverlaysAreNumberedOverAllScripts) {
  Reading reading("SECTIONS { OVERLAY : { .a { } } OVERLAY : { } } GROUP(g)");
  reading.read("SECTIONS { OVERLAY : { .b { } } } GROUP(h)");
  std::vector<u32> numbers;
  for (const Statement& statement : reading.script.statements)
    if (const auto* const section = std::get_if<OutputDescription>(&statement)) {
      EXPECT_TRUE(section->overlay_first && section->overlay_last);
      numbers.push_back(section->overlay);
    }
  EXPECT_EQ(numbers, (std::vector<u32>{1, 2}));
  EXPECT_EQ(reading.script.inputs[0].group, 1u);
  EXPECT_EQ(reading.script.inputs[1].group, 2u);
}

}  // namespace
}  // namespace fwseal
