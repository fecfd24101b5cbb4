// What a linker script must not be: faults, INCLUDE that leads astray, and hostile scripts.
#include <gtest/gtest.h>

#include "sections/script_parser.h"
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

// ---- INCLUDE

TEST(ScriptParserFault, IncludesStandWhereStatementsDo) {
  const Reading reading(
      "INCLUDE a MEMORY { INCLUDE m } SECTIONS { INCLUDE s .t : { INCLUDE c *(.u) } } INCLUDE a",
      {{"a", "x = 1;"},
       {"m", "r : ORIGIN = 0, LENGTH = 1"},
       {"s", "INCLUDE a .s : { *(.s) }"},
       {"c", "*(.c) y = 2; INCLUDE d"},
       {"d", "BYTE(1)"}});
  EXPECT_EQ(reading.text(),
            "x = 1\nx = 1\nsection .s { *(.s); }\nsection .t { *(.c); y = 2; data1 1; *(.u); }\n"
            "x = 1\nregion r () 0 1\n");
}

TEST(ScriptParserFault, PlacesNameTheIncludedFile) {
  const Reading reading("\nINCLUDE a\nz = 3;", {{"a", "x = 1;\n\ny = 2;"}});
  std::string places;
  for (const Statement& statement : reading.script.statements)
    places += std::get<Assignment>(statement).place.location().text() + " ";
  EXPECT_EQ(places, "a:1 a:3 t.ld:3 ");
  EXPECT_EQ(Reading("INCLUDE a", {{"a", "x = 1;\n?"}}).said.str(),
            "fwseal: error: a:2: expected a command or an assignment, found '?'\n");
}

TEST(ScriptParserFault, BracesDoNotReachOutOfAnIncludedFile) {
  EXPECT_EQ(Reading("SECTIONS { INCLUDE a x = 1; }", {{"a", "} y = 2;"}}).text(),
            "fwseal: error: a:1: expected an output section, an assignment or '}', found '}'\n"
            "y = 2\nx = 1\n");
  EXPECT_EQ(Reading("SECTIONS { INCLUDE a x = 1; }", {{"a", ".t : { "}}).text(),
            "fwseal: error: a:1: expected '}', found end of file\nsection .t { }\nx = 1\n");
}

TEST(ScriptParserFault, IncludesThatCannotBeRead) {
  EXPECT_EQ(read_script("INCLUDE no\nx = 1;"),
            "fwseal: error: t.ld:1: cannot find 'no', which INCLUDE names\nx = 1\n");
  EXPECT_EQ(read_script("INCLUDE ;"),
            "fwseal: error: t.ld:1: expected a file name behind INCLUDE, found ';'\n");
  EXPECT_EQ(Reading("INCLUDE a x = 1;", {{"a", "INCLUDE a"}}).text(),
            "fwseal: error: a:1: INCLUDE files are nested deeper than 32\nx = 1\n");
  // Two to the power of 32 files, if nobody counted.
  EXPECT_EQ(
      Reading("INCLUDE a x = 1;", {{"a", "INCLUDE a INCLUDE a"}}).said.str().substr(0, 100),
      std::string("fwseal: error: a:1: INCLUDE files are nested deeper than 32\nfwseal: error: "
                  "a:1: INCLUDE files are nested deeper than 32")
          .substr(0, 100));
  std::string many;
  for (int i = 0; i < 5000; i++) many += "INCLUDE a ";
  EXPECT_EQ(Reading(many, {{"a", ""}}).text(),
            "fwseal: error: t.ld:1: more than 4096 files or 67108864 bytes are included\n");
}

// ---- Faults

TEST(ScriptParserFault, FaultsSayWhatWasExpectedAndFound) {
  const auto fault = [](std::string_view text) {
    const Reading reading(text);
    EXPECT_EQ(reading.diag.errors(), 1) << reading.said.str();
    const std::string said = reading.said.str();
    const std::string before = "fwseal: error: t.ld:1: ";
    return said.starts_with(before) ? said.substr(before.size(), said.size() - before.size() - 1)
                                    : said;
  };
  EXPECT_EQ(fault("foo"), "expected a command or an assignment, found 'foo'");
  EXPECT_EQ(fault("}"), "expected a command or an assignment, found '}'");
  EXPECT_EQ(fault("x=5;"),
            "expected a command or an assignment, found 'x=5' (write blanks around '=')");
  EXPECT_EQ(fault("x = 5"), "expected ';' behind the value of 'x', found end of file");
  EXPECT_EQ(fault("x = 5 y = 6;"), "expected ';' behind the value of 'x', found 'y'");
  EXPECT_EQ(fault("ENTRY x;"), "expected '(' behind ENTRY, found 'x'");
  EXPECT_EQ(fault("ENTRY(3);"), "expected a symbol in ENTRY, found '3'");
  EXPECT_EQ(fault("SECTIONS { x=5; }"),
            "expected ':' or '=' behind 'x=5' (write blanks around '='), found ';'");
  EXPECT_EQ(fault("SECTIONS { .a: { *(.b) } }"),
            "expected ':' or '=' behind '.a:' (write a blank before ':'), found '{'");
  EXPECT_EQ(fault("SECTIONS { .a : FOO { } }"),
            "expected '{' or an attribute of '.a', found 'FOO'");
  EXPECT_EQ(fault("SECTIONS { .a : SPECIAL { } }"), "keyword 'SPECIAL' is not supported");
  EXPECT_EQ(fault("SECTIONS { .a : AT(1) AT(2) { } }"), "second AT of an output section");
  EXPECT_EQ(fault("SECTIONS { .a : ONLY_IF_RO ONLY_IF_RW { } }"),
            "second constraint of an output section");
  EXPECT_EQ(fault("SECTIONS { .a : ALIGN(4) ALIGN_WITH_INPUT { } }"),
            "'.a' has both ALIGN and ALIGN_WITH_INPUT");
  EXPECT_EQ(fault("SECTIONS { .a : AT(4) { } >x AT>y }"),
            "'.a' has both a load address and a load region");
  EXPECT_EQ(fault("SECTIONS { .a (TYPE = FOO) : { } }"),
            "expected a number or a section type as SHT_PROGBITS, found 'FOO'");
  EXPECT_EQ(fault("SECTIONS { .a : { a=1; } }"),
            "expected a statement, found 'a=1' (write blanks around '=')");
  EXPECT_EQ(fault("SECTIONS { .a : { ALIGN(4); } }"),
            "keyword 'ALIGN' cannot stand here; write \"ALIGN\" if it is a name");
  EXPECT_EQ(fault("SECTIONS { .a : { CREATE_OBJECT_SYMBOLS } }"),
            "keyword 'CREATE_OBJECT_SYMBOLS' is not supported");
  EXPECT_EQ(fault("SECTIONS { .a : { *(REVERSE(.x)) } }"), "keyword 'REVERSE' is not supported");
  EXPECT_EQ(fault("SECTIONS { .a : { *() } }"), "expected a section pattern, found ')'");
  EXPECT_EQ(fault("SECTIONS { .a : { SORT(*) } }"),
            "expected '(' behind the file pattern, found '}'");
  EXPECT_EQ(fault("SECTIONS { .a : { SORT_BY_ALIGNMENT(*)(.x) } }"),
            "'SORT_BY_ALIGNMENT' cannot sort files");
  EXPECT_EQ(fault("SECTIONS { .a : { INPUT_SECTION_FLAGS(SHF_X) *(.x) } }"),
            "expected a section flag as SHF_ALLOC, found 'SHF_X'");
  EXPECT_EQ(fault("SECTIONS { OVERLAY : { .a { } >x } }"),
            "'.a' cannot have a region of its own, it is in an OVERLAY");
  EXPECT_EQ(fault("SECTIONS { MEMORY { } }"),
            "keyword 'MEMORY' cannot stand here; write \"MEMORY\" if it is a name");
  EXPECT_EQ(fault("SECTIONS {"), "expected '}', found end of file");
  EXPECT_EQ(fault("MEMORY { x : ORIGIN = 1 }"), "expected 'LENGTH =', found '}'");
  EXPECT_EQ(
      fault("MEMORY { x: ORIGIN = 1, LENGTH = 2 }"),
      "expected ':' behind the memory region 'x:' (write a blank before ':'), found 'ORIGIN'");
  EXPECT_EQ(fault("MEMORY { x (q) : ORIGIN = 1, LENGTH = 2 }"),
            "unknown attribute of a memory region in 'q'; those known are r w x a i l !");
  EXPECT_EQ(fault("PHDRS { x PT_FOO; }"),
            "expected a number or a segment type as PT_LOAD, found 'PT_FOO'");
  EXPECT_EQ(fault("PHDRS { x PT_LOAD FOO; }"),
            "expected FILEHDR, PHDRS, AT, FLAGS or ';' behind the segment 'x', found 'FOO'");
  EXPECT_EQ(fault("STARTUP(a) STARTUP(b)"), "second STARTUP file 'b'");
  EXPECT_EQ(fault("TARGET(binary)"), "TARGET 'binary' is not supported; input files are ELF");
  EXPECT_EQ(fault("LD_FEATURE(\"X\")"), "unknown feature 'X'");
  EXPECT_EQ(fault("INSERT .x;"), "expected AFTER or BEFORE, found '.x'");
  EXPECT_EQ(fault("INPUT(-x)"), "expected a file or -lNAME, found '-x'");
  EXPECT_EQ(fault("VERSION { a"), "expected '}' behind the versions, found end of file");
  EXPECT_EQ(fault("// x\n;"),
            "expected a command or an assignment, found '//' (comments are /* */ or #)");
  EXPECT_EQ(fault("x = 1; /* y"),
            "expected a command or an assignment, found a comment without an end");
  EXPECT_EQ(fault("x = \"y;"), "expected an expression, found a string without a closing quote");
}

TEST(ScriptParserFault, UnsupportedKeywordsAreRefusedByName) {
  for (const std::string word : {"HLL", "SYSLIB", "FLOAT", "NOFLOAT", "MAP", "CLASS"})
    EXPECT_EQ(read_script(word + "(x);"),
              cat("fwseal: error: t.ld:1: keyword '", word, "' is not supported\n"));
  for (const std::string word : {"CREATE_OBJECT_SYMBOLS", "LINKER_VERSION", "REVERSE", "CLASS"})
    EXPECT_EQ(contents(word + "(x);"), cat("fwseal: error: t.ld:1: keyword '", word,
                                           "' is not supported\nsection .x { }\n"));
}

TEST(ScriptParserFault, OneFaultPerStatementAndTheOthersAreRead) {
  EXPECT_EQ(
      read_script("a = ;\nb = 1;\nc = 1 +* 2;\nSECTIONS {\n  .d FOO { *(.e) x = 1; } >ram AT>rom "
                  ":s =0x90\n  .f : { *(.g) y = (; *(.h) }\n  z = 3;\n}\nw = ); v = 4;"),
      "fwseal: error: t.ld:1: expected an expression, found ';'\n"
      "fwseal: error: t.ld:3: expected an expression, found '*'\n"
      "fwseal: error: t.ld:5: expected ':' behind the name and address of '.d', found '{'\n"
      "fwseal: error: t.ld:6: expected an expression, found ';'\n"
      "fwseal: error: t.ld:9: expected an expression, found ')'\n"
      "b = 1\nsection .f { *(.g); *(.h); }\nz = 3\nv = 4\n");
}

TEST(ScriptParserFault, SuspiciousCommasAreMentioned) {
  EXPECT_EQ(contents("*(.text, .data)"),
            "fwseal: warning: t.ld:1: the comma belongs to the section pattern '.text,'; separate "
            "patterns with blanks\nsection .x { *(.text, .data); }\n");
}

// ---- Hostile scripts

TEST(ScriptParserFault, FaultsHaveALimit) {
  std::string faults;
  for (int i = 0; i < 1'000; i++) faults += "x = ;\n";
  const Reading reading(faults);
  EXPECT_EQ(reading.diag.errors(), 100);
  EXPECT_TRUE(reading.said.str().ends_with(
      "fwseal: note: t.ld:100: too many faults, the rest of the script is not read\n"));
}

TEST(ScriptParserFault, DeepNestingOfAnyKindIsReadOrRefused) {
  const std::vector<std::string> openings = {
      "SECTIONS {", "SECTIONS { .a : { KEEP(", "SECTIONS { .a : { *(SORT(", "INPUT(AS_NEEDED(",
      "VERSION {",  "SECTIONS { OVERLAY : {",  "SECTIONS { .a (READONLY(",  "x = ("};
  const std::vector<std::string> repeated = {
      "{",    "(", "KEEP(",         "SORT(", "AS_NEEDED(", "SECTIONS{",
      ".a:{", "[", "EXCLUDE_FILE(", "?",     "-"};
  for (const std::string& opening : openings)
    for (const std::string& one : repeated) {
      std::string text = opening;
      for (int i = 0; i < 5'000; i++) text += one;
      EXPECT_GE(Reading(text).diag.errors(), 1) << opening << one;
    }
}

// An overlay gives every member a copy of its expressions: a long one for many members would be
// quadratic.
TEST(ScriptParserFault, ExpressionsOfOverlaysAreShort) {
  std::string sum = "1";
  for (int i = 0; i < 1'000; i++) sum += "+1";
  EXPECT_EQ(read_script(cat("SECTIONS { OVERLAY : SUBALIGN(", sum, ") { .a { } } }")),
            "fwseal: error: t.ld:1: expression of an OVERLAY is too long\n");
}

// A script with a bit of everything.
constexpr std::string_view kBigScript = R"(/* board */
OUTPUT_FORMAT("elf32-littlearm", "elf32-bigarm", "elf32-littlearm")
OUTPUT_ARCH(arm) ENTRY(Reset_Handler) EXTERN(vectors, "other") SEARCH_DIR(/lib)
INPUT(a.o, -lm) GROUP(AS_NEEDED(-lc) -lgcc) STARTUP(crt0.o) TARGET(elf32-littlearm)
MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 512K  RAM (!rx) : org = 0x20000000, l = 1M - 4 }
REGION_ALIAS("CODE", FLASH)
PHDRS { text PT_LOAD FILEHDR PHDRS AT (0x100) FLAGS (5); note 0x4 ; }
NOCROSSREFS(.text .data) NOCROSSREFS_TO(.text, .bss) LD_FEATURE("SANE_EXPR")
VERSION { V { global: f*; local: *; }; }
_stack = ORIGIN(RAM) + LENGTH(RAM); # the end
x <<= 1fh | $10 ^ ~0x3 ? -4 : !5 % 6; PROVIDE(y = DEFINED(z) ? z : 0);
SECTIONS
{
  . = SEGMENT_START("text-segment", 0x1000);
  .text ALIGN(CONSTANT(MAXPAGESIZE)) (READONLY (TYPE = SHT_PROGBITS)) :
    AT(LOADADDR(.x) + SIZEOF(.x)) ALIGN(8) SUBALIGN(4) ONLY_IF_RO
  {
    KEEP(*(SORT_NONE(.isr_vector))) FILL(0xdeadbeef)
    EXCLUDE_FILE(*crtend.o) *(.text .text.* SORT_BY_NAME(SORT_BY_ALIGNMENT(.t*)))
    *(EXCLUDE_FILE(*crtend.o *crtbegin.o) .ctors) lib*.a:foo?.o([a-z].x) [.y .z]
    INPUT_SECTION_FLAGS(SHF_MERGE & !SHF_WRITE) SORT(*)(.rodata*)
    PROVIDE_HIDDEN(__start = .); HIDDEN(h = 1); . = ALIGN(4); . += 8, BYTE(1) SQUAD(-1)
    ASCIZ "text" CONSTRUCTORS SORT(CONSTRUCTORS) ASSERT(. < 4K, "too big"); foo.o
  } > CODE :text =0x90909090
  .bss (NOLOAD) : ALIGN_WITH_INPUT { *(.bss COMMON) } > RAM AT > FLASH
  OVERLAY 0x1000 : NOCROSSREFS AT(0x4000) { .o1 { *(.o1) } =0 .o2 { *(.o2) } :text } > RAM
  ASSERT(SIZEOF(.text) <= MAX(1, MIN(2, 3)), "x") /DISCARD/ : { *(*) }
}
SECTIONS { .late : { *(.late) } } INSERT AFTER .text;
)";

TEST(ScriptParserFault, EveryPrefixIsReadOrRefused) {
  ASSERT_EQ(Reading(kBigScript).said.str(), "");
  u64 refused = 0;
  for (u64 size = 0; size < kBigScript.size(); size++) {
    const Reading reading(kBigScript.substr(0, size));
    EXPECT_EQ(reading.diag.errors() == 0, reading.said.str().empty());
    // Between two statements a prefix is a good script; anywhere else it is one statement short.
    EXPECT_LE(reading.diag.errors(), 1) << reading.said.str();
    refused += reading.diag.errors() != 0 ? 1 : 0;
  }
  EXPECT_GT(refused, kBigScript.size() * 9 / 10);
}

// Every byte changed to two others that mean something.
TEST(ScriptParserFault, EveryChangedByteIsReadOrRefused) {
  constexpr std::string_view kMarks("\0\"(){};,*/= \xff", 13);
  std::string script(kBigScript);
  for (u64 i = 0; i < script.size(); i++) {
    const char before = script[i];
    for (const u64 change : {i, i * 7 + 5}) {
      script[i] = kMarks[change % kMarks.size()];
      const Reading reading(script);
      EXPECT_EQ(reading.diag.errors() == 0, reading.said.str().find("error") == std::string::npos);
    }
    script[i] = before;
  }
}

// Twice the script must not take four times as long: fifty thousand statements of each kind
// would not end within a test's time if any of them were quadratic.
TEST(ScriptParserFault, LongScriptsAreReadInLinearTime) {
  for (const std::string& statement :
       {std::string("x = 1; "), std::string("SECTIONS { .a : { *(.b) } >c } "),
        std::string("INPUT(a) "), std::string("/* c */ "), std::string("\"q\" = 1; ")}) {
    std::string text;
    for (int i = 0; i < 50'000; i++) text += statement;
    EXPECT_EQ(Reading(text).said.str(), "");
  }
}

}  // namespace
}  // namespace fwseal
