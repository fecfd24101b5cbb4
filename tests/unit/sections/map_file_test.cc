#include "sections/map_file.h"

#include <gtest/gtest.h>

#include "sections/cross_reference.h"
#include "sections/script_text.h"
#include "tests/unit/sections/small_program.h"

namespace fwseal {
namespace {

constexpr u32 kCode = SHF_ALLOC | SHF_EXECINSTR;

ExprPtr number(u64 value) {
  auto expr = std::make_unique<Expr>();
  expr->number = value;
  return expr;
}
ExprPtr name(std::string text) {
  auto expr = std::make_unique<Expr>();
  expr->kind = ExprKind::kName;
  expr->name = std::move(text);
  return expr;
}
ExprPtr function(Function which, std::string about, ExprPtr operand = nullptr) {
  auto expr = std::make_unique<Expr>();
  expr->kind = ExprKind::kFunction;
  expr->function = which;
  expr->name = std::move(about);
  if (operand) expr->operands.push_back(std::move(operand));
  return expr;
}
ExprPtr binary(Op op, ExprPtr left, ExprPtr right) {
  auto expr = std::make_unique<Expr>();
  expr->kind = ExprKind::kBinary;
  expr->op = op;
  expr->operands.push_back(std::move(left));
  expr->operands.push_back(std::move(right));
  return expr;
}
Assignment assign(std::string symbol, ExprPtr value, Assign how = Assign::kPlain) {
  Assignment result;
  result.symbol = std::move(symbol);
  result.value = std::move(value);
  result.how = how;
  return result;
}
InputDescription input(std::vector<std::string> globs) {
  InputDescription result;
  result.file_glob = "*";
  for (std::string& glob : globs) {
    SectionPattern pattern;
    pattern.glob = std::move(glob);
    result.patterns.push_back(std::move(pattern));
  }
  return result;
}

// MEMORY { rom (rx) : ... }
// SECTIONS {
//   .text : { *(.vectors) start = .; *(.text .text.*) LONG(0x1234) } > rom
//   /DISCARD/ : { *(.comment) }
//   top = ORIGIN(rom) + LENGTH(rom);
// }
struct Sample : SmallProgram {
  Script script;

  Sample() {
    OutputDescription text;
    text.name = ".text";
    text.statements.emplace_back(input({".vectors"}));
    text.statements.emplace_back(assign("start", name(".")));
    text.statements.emplace_back(input({".text", ".text.*"}));
    text.statements.emplace_back(DataStatement{});
    OutputDescription discard;
    discard.name = "/DISCARD/";
    discard.statements.emplace_back(input({".comment"}));
    script.statements.emplace_back(std::move(text));
    script.statements.emplace_back(std::move(discard));
    script.statements.emplace_back(assign(
        "top",
        binary(Op::kAdd, function(Function::kOrigin, "rom"), function(Function::kLength, "rom"))));
    MemoryRegion region;
    region.name = "rom";
    region.attributes = "rx";
    script.regions.push_back(std::move(region));

    ElfBuilder elf;
    const u32 vectors = elf.section({.name = ".vectors", .contents = std::string(6, '\0')});
    const u32 main = elf.text(".text.main_with_a_long_name", 8);
    const u32 comment = elf.section({.name = ".comment", .flags = 0, .contents = "gcc"});
    elf.define("vectors", vectors);
    elf.define("main", main, {.value = 5, .type = STT_FUNC});
    elf.define("early", main, {.value = 1, .type = STT_FUNC});
    elf.refer("helper");
    const ObjectId first = add(elf, "main.o");
    place(first, elf.section_index(vectors), ".text", 0x8000000);
    place(first, elf.section_index(main), ".text", 0);
    (void)comment;

    ElfBuilder library;
    const u32 helper = library.text(".text", 4);
    const u32 unused = library.text(".text.unused", 12);
    library.define("helper", helper);
    library.define("unused", unused);
    library.refer("main");
    const ObjectId second = add(library, "lib.a", "helper.o");
    place(second, library.section_index(helper), ".text", 0);
    symbols.extractions.push_back({second, first, symbols.find("helper")});

    OutputSection& output = layout.outputs[0];
    output.description = std::get_if<OutputDescription>(&script.statements[0]);
    layout.data.push_back(0x1234);
    output.chunks.push_back({ChunkKind::kData, kNoSection, 0, output.size, 4});
    output.size += 8;
    output.fills.push_back({0, "\xff", {}});
    RegionUse rom;
    rom.name = "rom";
    rom.origin = 0x8000000;
    rom.length = 0x1000;
    layout.regions.push_back(rom);
    define("start", {.value = 0x8000006, .output = OutputId{0}, .defined = true});
    define("top", {.value = 0x8001000, .defined = true});
    finish();
  }
};

TEST(MapFile, HasGnuLdsLayout) {
  const Sample sample;
  const Matcher matcher(sample.script);
  EXPECT_EQ(map_file(sample.program(), sample.script, matcher, sample.merged, sample.layout,
                     {.output_name = "app.elf"}),
            R"(Archive member included to satisfy reference by file (symbol)

lib.a(helper.o)               main.o (helper)

Discarded input sections

 .comment       0x00000000        0x3 main.o
 .text.unused   0x00000000        0xc lib.a(helper.o)

Memory Configuration

Name             Origin             Length             Attributes
rom              0x08000000         0x00001000         xr
*default*        0x00000000         0xffffffff

Linker script and memory map

LOAD main.o
LOAD lib.a

.text           0x08000000       0x1c
 *(.vectors)
 .vectors       0x08000000        0x6 main.o
                0x08000000                vectors
                0x08000006                        start = .
 *(.text .text.*)
 *fill*         0x08000006        0x2 ff
 .text.main_with_a_long_name
                0x08000008        0x8 main.o
                0x08000008                early
                0x0800000c                main
 .text          0x08000010        0x4 lib.a(helper.o)
                0x08000010                helper
                0x08000014        0x4 LONG 0x1234
 *fill*         0x08000018        0x4 ff

/DISCARD/
 *(.comment)
                0x08001000                        top = (ORIGIN (rom) + LENGTH (rom))
OUTPUT(app.elf elf32-littlearm)
LOAD linker stubs
)");
}

// As GNU ld 2.40 says it.
TEST(MapFile, MembersThatNobodyAskedFor) {
  Sample sample;
  Extraction& extraction = sample.symbols.extractions[0];
  extraction = {extraction.member, kNoObject, kNoSymbol};
  const Matcher matcher(sample.script);
  const std::string map = map_file(sample.program(), sample.script, matcher, sample.merged,
                                   sample.layout, {.output_name = "app.elf"});
  EXPECT_TRUE(map.starts_with(R"(Archive member included to satisfy reference by file (symbol)

lib.a(helper.o)               (--whole-archive)

)")) << map;
}

// The lines of an output section, without their symbols, add up to its size.
TEST(MapFile, EveryByteHasALine) {
  const Sample sample;
  const Matcher matcher(sample.script);
  std::istringstream lines(map_file(sample.program(), sample.script, matcher, sample.merged,
                                    sample.layout, {.output_name = {}, .discarded = false}));
  u64 sum = 0;
  for (std::string line; std::getline(lines, line);) {
    unsigned long long address = 0;
    unsigned long long size = 0;
    const auto start = line.find("0x08");
    if (line.starts_with(".text") || line.starts_with("rom") || start == std::string::npos)
      continue;
    if (std::sscanf(line.c_str() + start, "0x%llx 0x%llx", &address, &size) == 2) sum += size;
  }
  EXPECT_EQ(sum, sample.layout.outputs[0].size);
}

TEST(MapFile, OrphansAndWhatTheLinkerMade) {
  Sample sample;
  OutputSection& orphan = sample.layout.outputs.emplace_back();
  orphan.name = ".orphan";
  orphan.flags = SHF_ALLOC;
  orphan.vma = 0x8000020;
  orphan.lma = 0x9000000;
  orphan.size = 0x10;
  orphan.chunks.push_back({ChunkKind::kVeneers, kNoSection, 0, 0, 0x10});
  const Matcher matcher(sample.script);
  const std::string map =
      map_file(sample.program(), sample.script, matcher, sample.merged, sample.layout, {});
  EXPECT_NE(map.find("\n.orphan         0x08000020       0x10 load address 0x09000000\n"
                     " .orphan.__stub\n"
                     "                0x08000020       0x10 linker stubs\n"
                     "\n/DISCARD/"),
            std::string::npos)
      << map;
}

TEST(CrossReference, DefinitionsComeFirst) {
  const Sample sample;
  EXPECT_EQ(cross_reference_table(sample.program(), sample.layout, Demangler()),
            R"(
Cross Reference Table

Symbol                                            File
early                                             main.o
helper                                            lib.a(helper.o)
                                                  main.o
main                                              main.o
                                                  lib.a(helper.o)
vectors                                           main.o
)");
}

// By the name that is shown: "a::f()" stands before "b", "_ZN1a1fEv" behind "Z".
TEST(CrossReference, IsSortedByTheNameThatIsShown) {
  SmallProgram program;
  ElfBuilder elf;
  const u32 text = elf.text(".text", 4);
  for (const char* name : {"b", "Z", "_ZN1a1fEv"}) elf.define(name, text);
  program.place(program.add(elf, "x.o"), elf.section_index(text), ".text", 0);
  program.finish();
  const auto order = [&](bool demangle) {
    std::istringstream lines(
        cross_reference_table(program.program(), program.layout, Demangler(demangle)));
    std::string names;
    for (std::string line; std::getline(lines, line);)
      if (line.ends_with(" x.o")) names += line.substr(0, line.find(' ')) + " ";
    return names;
  };
  EXPECT_EQ(order(true), "Z a::f() b ");
  EXPECT_EQ(order(false), "Z _ZN1a1fEv b ");
}

TEST(ScriptText, Expressions) {
  EXPECT_EQ(text_of(*function(Function::kAlign, "", number(8))), "ALIGN (0x8)");
  EXPECT_EQ(text_of(*function(Function::kSizeofHeaders, "")), "SIZEOF_HEADERS");
  EXPECT_EQ(text_of(assign("end", name("."), Assign::kProvide)), "PROVIDE (end = .)");
  EXPECT_EQ(text_of(*function(Function::kAssert, "full", number(1))), "ASSERT (0x1, full)");
}

TEST(ScriptText, Patterns) {
  InputDescription description = input({".a", ".b"});
  description.patterns[0].excluded_files = {"*crt.o", "*x.o"};
  description.patterns[1].sort = SortKey::kName;
  description.patterns[1].then_by = SortKey::kAlignment;
  description.sort_files = true;
  EXPECT_EQ(text_of(description),
            "SORT_BY_NAME(*)(EXCLUDE_FILE(*crt.o *x.o) .a SORT_BY_NAME(SORT_BY_ALIGNMENT(.b)))");
}

}  // namespace
}  // namespace fwseal
