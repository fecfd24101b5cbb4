// A partial link of objects in memory, and the object that it writes.
#pragma once

#include <algorithm>
#include <deque>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

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

inline constexpr u32 kCode = SHF_ALLOC | SHF_EXECINSTR;

inline std::string words(std::initializer_list<u32> values) {
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
    const Image image = relocate(program, Atoms(program.inputs.sections.size()), plan, merged,
                                 layout, {}, kNoSection, object, diag);
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

inline u32 word(const std::string& bytes, u64 offset) { return bytes_of(bytes).le<u32>(offset); }

// Two objects with code and data; the second one's sections are joined behind the first one's.
inline ElfBuilder first_object() {
  ElfBuilder elf;
  const u32 text = elf.text(".text", 8);
  elf.define("f", text, {.value = 1, .size = 8, .type = STT_FUNC});
  elf.relocate(text, 4, R_ARM_ABS32, elf.refer("g"));
  return elf;
}
inline ElfBuilder second_object() {
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

}  // namespace fwseal
