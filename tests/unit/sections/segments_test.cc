#include "sections/segments.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace fwseal {
namespace {

constexpr u64 kCode = SHF_ALLOC | SHF_EXECINSTR;
constexpr u64 kConst = SHF_ALLOC;
constexpr u64 kData = SHF_ALLOC | SHF_WRITE;

OutputSection section(std::string name, u64 flags, u64 vma, u64 size, u32 type = SHT_PROGBITS) {
  OutputSection result;
  result.name = std::move(name);
  result.type = type;
  result.flags = flags;
  result.vma = result.lma = vma;
  result.size = size;
  result.alignment = 4;
  return result;
}

OutputSection at(OutputSection section, u64 lma) {
  section.lma = lma;
  return section;
}
OutputSection in_region(OutputSection section, u32 region) {
  section.region = region;
  return section;
}

struct Planned {
  Layout layout;
  std::string said;
  int errors = 0;

  const OutputSegment& operator[](u64 i) const { return layout.segments.at(i); }
  std::string names(u64 i) const {
    std::string text;
    for (OutputId id : layout.segments.at(i).sections)
      text += (text.empty() ? "" : " ") + layout.outputs[index(id)].name;
    return text;
  }
};

Planned plan(std::vector<OutputSection> outputs, const SegmentOptions& options = {},
             const Script& script = {}) {
  Planned planned;
  planned.layout.outputs = std::move(outputs);
  std::ostringstream out;
  Diag diag(out);
  plan_segments(script, options, planned.layout, diag);
  planned.said = out.str();
  planned.errors = diag.errors();
  return planned;
}

// What must hold of every plan: congruent offsets, no byte of the file used twice, and each section
// where its segment says.
void check_laws(const Planned& planned) {
  const Layout& layout = planned.layout;
  struct Range {
    u64 start, end;
  };
  std::vector<Range> ranges{{0, 52 + 32 * layout.segments.size()}};
  for (const OutputSection& s : layout.outputs)
    if (s.has_bytes() && s.size != 0) ranges.push_back({s.file_offset, s.file_offset + s.size});
  std::sort(ranges.begin(), ranges.end(),
            [](const Range& a, const Range& b) { return a.start < b.start; });
  for (u64 i = 1; i < ranges.size(); i++) EXPECT_GE(ranges[i].start, ranges[i - 1].end);
  for (const OutputSegment& segment : layout.segments) {
    if (segment.type != PT_LOAD) continue;
    EXPECT_EQ(segment.file_offset % segment.alignment, segment.vma % segment.alignment);
    EXPECT_LE(segment.file_size, segment.memory_size);
    for (OutputId id : segment.sections) {
      const OutputSection& s = layout.outputs[index(id)];
      EXPECT_GE(s.lma, segment.lma);
      EXPECT_LE(s.lma + s.size, segment.lma + segment.memory_size);
      if (!s.has_bytes()) continue;
      EXPECT_EQ(s.file_offset - segment.file_offset, s.lma - segment.lma) << s.name;
      EXPECT_LE(s.file_offset + s.size, segment.file_offset + segment.file_size);
    }
  }
}

// The demo of boards/lm3s6965evb, whose GNU ld link has these headers:
//   LOAD 0x001000 0x00000000 0x00000000 0x01c24 0x01c24 RWE 0x1000
//   LOAD 0x003000 0x20000000 0x00001c28 0x00070 0x00070 RW  0x1000
//   LOAD 0x000070 0x20000070 0x20000070 0x00000 0x00058 RW  0x1000
TEST(Segments, AgreesWithGnuLdOnABoard) {
  const Planned planned = plan({
      in_region(section(".text", kCode, 0, 0x1ab0), 0),
      in_region(section(".rodata", kConst, 0x1ab0, 0x16d), 0),
      in_region(section(".init_array", kData, 0x1c20, 4, SHT_INIT_ARRAY), 0),
      in_region(at(section(".data", kData, 0x20000000, 0x70), 0x1c28), 1),
      in_region(section(".bss", kData, 0x20000070, 0x58, SHT_NOBITS), 1),
      section(".ARM.attributes", 0, 0, 0x2b, SHT_ARM_ATTRIBUTES),
  });
  EXPECT_EQ(planned.said, "");
  check_laws(planned);
  ASSERT_EQ(planned.layout.segments.size(), 3u);
  EXPECT_EQ(planned.names(0), ".text .rodata .init_array");
  EXPECT_EQ(planned[0].file_offset, 0x1000u);
  EXPECT_EQ(planned[0].file_size, 0x1c24u);
  EXPECT_EQ(planned[0].flags, u32{PF_R | PF_W | PF_X});
  EXPECT_EQ(planned[1].file_offset, 0x3000u);
  EXPECT_EQ(planned[1].lma, 0x1c28u);
  EXPECT_EQ(planned[1].flags, u32{PF_R | PF_W});
  EXPECT_EQ(planned[2].file_offset, 0x70u);
  EXPECT_EQ(planned[2].lma, 0x20000070u);
  EXPECT_EQ(planned[2].file_size, 0u);
  EXPECT_EQ(planned[2].memory_size, 0x58u);
  EXPECT_EQ(planned.layout.outputs[5].file_offset, 0x3070u);
}

TEST(Segments, BssContinuesDataThatIsNotCopied) {
  const Planned planned = plan({section(".data", kData, 0x20000000, 0x10),
                                section(".bss", kData, 0x20000010, 0x20, SHT_NOBITS)});
  check_laws(planned);
  ASSERT_EQ(planned.layout.segments.size(), 1u);
  EXPECT_EQ(planned[0].file_size, 0x10u);
  EXPECT_EQ(planned[0].memory_size, 0x30u);
}

TEST(Segments, BytesBehindZeroesBeginASegment) {
  const Planned planned = plan({section(".noinit", kData, 0x20000000, 0x20, SHT_NOBITS),
                                section(".data", kData, 0x20000020, 0x10)});
  check_laws(planned);
  ASSERT_EQ(planned.layout.segments.size(), 2u);
  EXPECT_EQ(planned[0].file_size, 0u);
  EXPECT_EQ(planned[1].file_size, 0x10u);
}

TEST(Segments, WritableDataOnAnotherPageBeginsASegment) {
  const std::vector<OutputSection> outputs = {section(".text", kCode, 0x8000, 0x1000),
                                              section(".data", kData, 0x9000, 0x10)};
  EXPECT_EQ(plan(outputs).layout.segments.size(), 2u);
  SegmentOptions unpaged;
  unpaged.paged = false;
  const Planned one = plan(outputs, unpaged);
  check_laws(one);
  ASSERT_EQ(one.layout.segments.size(), 1u);
  EXPECT_EQ(one[0].alignment, 4u);
  EXPECT_EQ(one[0].file_offset, 52u + 32u);
}

TEST(Segments, SamePageIsOneSegment) {
  const Planned planned =
      plan({section(".text", kCode, 0x8000, 0x100), section(".data", kData, 0x8100, 0x10)});
  check_laws(planned);
  EXPECT_EQ(planned.layout.segments.size(), 1u);
}

TEST(Segments, SeparateCodeSplitsEvenOnOnePage) {
  SegmentOptions options;
  options.separate_code = true;
  const Planned planned = plan(
      {section(".text", kCode, 0x8000, 0x100), section(".rodata", kConst, 0x8100, 0x10)}, options);
  check_laws(planned);
  ASSERT_EQ(planned.layout.segments.size(), 2u);
  EXPECT_EQ(planned[0].flags, u32{PF_R | PF_X});
  EXPECT_EQ(planned[1].flags, u32{PF_R});
}

TEST(Segments, RegionsDoNotShareASegment) {
  const Planned planned = plan({in_region(section(".a", kConst, 0x1000, 0x10), 0),
                                in_region(section(".b", kConst, 0x1010, 0x10), 1)});
  EXPECT_EQ(planned.layout.segments.size(), 2u);
}

TEST(Segments, OverlaysLieAtOneAddress) {
  const Planned planned = plan({section(".text", kCode, 0x8000, 0x100),
                                at(section(".over1", kCode, 0x20000000, 0x40), 0x8100),
                                at(section(".over2", kCode, 0x20000000, 0x60), 0x8140)});
  EXPECT_EQ(planned.said, "");
  check_laws(planned);
  EXPECT_EQ(planned.layout.segments.size(), 3u);
}

TEST(Segments, HeadersAreLoadedIfThereIsRoomAndNoRegion) {
  const Planned planned = plan({section(".text", kCode, 0x8100, 0x20)});
  check_laws(planned);
  EXPECT_TRUE(planned[0].includes_file_header);
  EXPECT_EQ(planned[0].vma, 0x8000u);
  EXPECT_EQ(planned[0].file_offset, 0u);
  EXPECT_EQ(planned[0].file_size, 0x120u);
  EXPECT_EQ(planned.layout.outputs[0].file_offset, 0x100u);

  EXPECT_FALSE(plan({section(".text", kCode, 0x8000, 0x20)})[0].includes_file_header);
  EXPECT_FALSE(plan({section(".text", kCode, 0x8010, 0x20)})[0].includes_file_header);
}

TEST(Segments, HeadersInARegionNeedSizeofHeaders) {
  const std::vector<OutputSection> outputs = {
      in_region(section(".text", kCode, 0x08000100, 0x20), 0)};
  const Planned without = plan(outputs);
  EXPECT_FALSE(without[0].includes_file_header);
  EXPECT_EQ(without[0].lma, 0x08000100u);
  SegmentOptions options;
  options.uses_headers_size = true;
  EXPECT_TRUE(plan(outputs, options)[0].includes_file_header);
}

TEST(Segments, SpecialSegments) {
  SegmentOptions options;
  options.stack_flags = PF_R | PF_W;
  OutputSection tdata = section(".tdata", kData | SHF_TLS, 0x20000000, 4);
  OutputSection tbss = section(".tbss", kData | SHF_TLS, 0x20000004, 8, SHT_NOBITS);
  const Planned planned = plan({section(".text", kCode, 0x8000, 0x20),
                                section(".ARM.exidx", kConst, 0x8020, 8, SHT_ARM_EXIDX),
                                section(".note.a", kConst, 0x8028, 0x14, SHT_NOTE),
                                section(".note.b", kConst, 0x803c, 0x14, SHT_NOTE), tdata, tbss,
                                section(".data", kData, 0x20000004, 4)},
                               options);
  EXPECT_EQ(planned.said, "");
  check_laws(planned);
  ASSERT_EQ(planned.layout.segments.size(), 6u);
  EXPECT_EQ(planned[0].type, u32{PT_ARM_EXIDX});
  EXPECT_EQ(planned[0].vma, 0x8020u);
  EXPECT_EQ(planned[0].memory_size, 8u);
  EXPECT_EQ(planned[0].file_offset, planned.layout.outputs[1].file_offset);
  EXPECT_EQ(planned[2].type, u32{PT_LOAD});
  EXPECT_EQ(planned.names(2), ".tdata .data");
  EXPECT_EQ(planned[2].memory_size, 8u);
  EXPECT_EQ(planned[3].type, u32{PT_NOTE});
  EXPECT_EQ(planned.names(3), ".note.a .note.b");
  EXPECT_EQ(planned[3].file_size, 0x28u);
  EXPECT_EQ(planned[4].type, u32{PT_TLS});
  EXPECT_EQ(planned[4].file_size, 4u);
  EXPECT_EQ(planned[4].memory_size, 12u);
  EXPECT_EQ(planned[4].flags, u32{PF_R});
  EXPECT_EQ(planned[5].type, u32{PT_GNU_STACK});
  EXPECT_EQ(planned[5].alignment, 16u);
  // The estimate knows the sections but not their addresses.
  EXPECT_EQ(headers_size({}, options, planned.layout.outputs), 52u + 6 * 32u);
}

TEST(Segments, ScatteredThreadLocalSectionsAreAnError) {
  const Planned planned = plan({section(".tdata", kData | SHF_TLS, 0x20000000, 4),
                                section(".data", kData, 0x20000004, 4),
                                section(".tbss", kData | SHF_TLS, 0x20000008, 4, SHT_NOBITS)});
  EXPECT_EQ(planned.errors, 1);
  EXPECT_NE(planned.said.find(".data stands between"), std::string::npos);
}

TEST(Segments, PurecodeMayOnlyBeExecuted) {
  EXPECT_EQ(plan({section(".text", kCode | 0x20000000, 0x8000, 4)})[0].flags, u32{PF_X});
  EXPECT_EQ(plan({section(".text", kCode | 0x20000000, 0x8000, 4),
                  section(".rodata", kConst, 0x8004, 4)})[0]
                .flags,
            u32{PF_R | PF_X});
}

TEST(Segments, EmptySectionsMakeNoSegment) {
  const Planned planned =
      plan({section(".empty", kData, 0x30000000, 0), section(".text", kCode, 0x8000, 4),
            section(".heap", kData, 0x20000000, 0, SHT_NOBITS)});
  check_laws(planned);
  EXPECT_EQ(planned.layout.segments.size(), 1u);
  EXPECT_TRUE(plan({}).layout.segments.empty());
}

TEST(Segments, AFileOfMoreThan4GiBIsRefused) {
  EXPECT_EQ(plan({section(".huge", kConst, 0, 0xffff'ffff)}).errors, 1);
}

// Every arrangement of three sections over kind, gap and load address obeys the laws.
TEST(Segments, SmallWorlds) {
  constexpr u64 kGaps[] = {0, 4, 0x1000, 0x10000};
  for (u32 world = 0; world < 1u << 12; world++) {
    std::vector<OutputSection> outputs;
    u64 vma = 0x10000;
    u64 lma = 0x10000;
    for (u32 i = 0; i < 3; i++) {
      const u32 choice = world >> (4 * i) & 15;
      const u64 gap = kGaps[choice & 3];
      const bool nobits = (choice & 4) != 0;
      const bool copied = (choice & 8) != 0 && !nobits;
      OutputSection s = section("s" + std::to_string(i), i == 0 ? kCode : kData, vma + gap, 0x30,
                                nobits ? SHT_NOBITS : SHT_PROGBITS);
      s.lma = copied ? 0x800000 + lma : s.vma;
      vma = s.vma + 0x30;
      lma += 0x30;
      outputs.push_back(s);
    }
    const Planned planned = plan(outputs);
    EXPECT_EQ(planned.said, "");
    check_laws(planned);
    u64 loaded = 0;
    for (const OutputSegment& segment : planned.layout.segments) {
      if (segment.type == PT_LOAD) loaded += segment.sections.size();
      for (OutputId id : segment.sections) {
        const OutputSection& s = planned.layout.outputs[index(id)];
        // Zeroes are only cleared where the script wants them.
        if (!s.has_bytes()) {
          EXPECT_EQ(segment.lma - segment.vma, s.lma - s.vma);
        }
      }
    }
    EXPECT_EQ(loaded, 3u);
  }
}

// ---- PHDRS

struct Phdrs {
  Script script;
  OutputDescription texts[4];

  ExprPtr number(u64 value) {
    auto expr = std::make_unique<Expr>();
    expr->number = value;
    return expr;
  }
  SegmentDescription& add(std::string name, u64 type) {
    SegmentDescription description;
    description.name = std::move(name);
    description.type = number(type);
    script.has_segments = true;
    script.segments.push_back(std::move(description));
    return script.segments.back();
  }
  OutputSection to(OutputSection s, u32 slot, std::vector<std::string> segments) {
    texts[slot].segments = std::move(segments);
    s.description = &texts[slot];
    return s;
  }
};

TEST(Phdrs, SectionsInheritTheSegmentsOfTheOneBefore) {
  Phdrs phdrs;
  phdrs.add("text", PT_LOAD);
  phdrs.add("data", PT_LOAD).flags = phdrs.number(6);
  OutputSection stack = section(".stack", kData, 0x20000100, 0x100, SHT_NOBITS);
  stack.script_type = OutputType::kNoload;
  const Planned planned = plan({section(".vectors", kConst, 0x8000, 0x40),
                                phdrs.to(section(".text", kCode, 0x8040, 0x40), 0, {"text"}),
                                section(".rodata", kConst, 0x8080, 0x10),
                                phdrs.to(section(".data", kData, 0x20000000, 0x10), 1, {"data"}),
                                section(".bss", kData, 0x20000010, 0x10, SHT_NOBITS), stack,
                                phdrs.to(section(".info", kConst, 0x30000000, 4), 2, {"NONE"})},
                               {}, phdrs.script);
  EXPECT_EQ(planned.said, "");
  check_laws(planned);
  ASSERT_EQ(planned.layout.segments.size(), 2u);
  EXPECT_EQ(planned[0].name, "text");
  EXPECT_EQ(planned.names(0), ".vectors .text .rodata");
  EXPECT_EQ(planned.names(1), ".data .bss");
  EXPECT_EQ(planned[1].flags, 6u);
}

TEST(Phdrs, HeadersAndPhdr) {
  Phdrs phdrs;
  phdrs.add("headers", PT_PHDR).includes_program_headers = true;
  SegmentDescription& text = phdrs.add("text", PT_LOAD);
  text.includes_file_header = text.includes_program_headers = true;
  const Planned planned =
      plan({phdrs.to(section(".text", kCode, 0x8100, 0x40), 0, {"text"})}, {}, phdrs.script);
  EXPECT_EQ(planned.said, "");
  check_laws(planned);
  EXPECT_EQ(planned[0].vma, 0x8034u);
  EXPECT_EQ(planned[0].file_offset, 52u);
  EXPECT_EQ(planned[0].file_size, 64u);
  EXPECT_EQ(planned[1].vma, 0x8000u);
  EXPECT_EQ(planned[1].file_offset, 0u);
}

TEST(Phdrs, NoRoomForHeaders) {
  Phdrs phdrs;
  phdrs.add("text", PT_LOAD).includes_file_header = true;
  const Planned planned =
      plan({phdrs.to(section(".text", kCode, 0, 0x40), 0, {"text"})}, {}, phdrs.script);
  EXPECT_EQ(planned.errors, 1);
}

TEST(Phdrs, AtMovesTheLoadAddresses) {
  Phdrs phdrs;
  phdrs.add("data", PT_LOAD).load_address = phdrs.number(0x08001000);
  const Planned planned = plan({phdrs.to(section(".data", kData, 0x20000000, 0x10), 0, {"data"}),
                                section(".more", kData, 0x20000010, 0x10),
                                section(".bss", kData, 0x20000020, 0x10, SHT_NOBITS)},
                               {}, phdrs.script);
  EXPECT_EQ(planned.said, "");
  EXPECT_EQ(planned[0].lma, 0x08001000u);
  EXPECT_EQ(planned[0].vma, 0x20000000u);
  EXPECT_EQ(planned.layout.outputs[1].lma, 0x08001010u);
  EXPECT_EQ(planned[0].memory_size, 0x20u);
  EXPECT_EQ(planned[1].lma, 0x20000020u);
}

TEST(Phdrs, BssBehindCopiedDataHasASegmentOfItsOwn) {
  Phdrs phdrs;
  phdrs.add("data", PT_LOAD).flags = phdrs.number(6);
  const Planned planned =
      plan({phdrs.to(at(section(".data", kData, 0x20000000, 0x10), 0x08001000), 0, {"data"}),
            section(".bss", kData, 0x20000010, 0x20, SHT_NOBITS)},
           {}, phdrs.script);
  EXPECT_EQ(planned.said, "");
  check_laws(planned);
  ASSERT_EQ(planned.layout.segments.size(), 2u);
  EXPECT_EQ(planned[0].memory_size, 0x10u);
  EXPECT_EQ(planned[1].lma, 0x20000010u);
  EXPECT_EQ(planned[1].vma, 0x20000010u);
  EXPECT_EQ(planned[1].file_size, 0u);
  EXPECT_EQ(planned[1].flags, 6u);
}

TEST(Phdrs, UnknownNamesAndForgottenSections) {
  Phdrs phdrs;
  phdrs.add("text", PT_NOTE);
  const Planned planned = plan(
      {phdrs.to(section(".text", kCode, 0x8000, 0x40), 0, {"text", "nowhere"})}, {}, phdrs.script);
  EXPECT_EQ(planned.errors, 1);
  EXPECT_NE(planned.said.find("program header nowhere"), std::string::npos);
  EXPECT_NE(planned.said.find("in no PT_LOAD"), std::string::npos);
}

}  // namespace
}  // namespace fwseal
