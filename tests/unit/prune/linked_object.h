// One object made by hand, linked alone, for tests of what is proven about its code.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "elfio/isa_arm.h"
#include "graph/clauses.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {

// Thumb code in halfwords, in the order of the file.
inline std::string halfwords(const std::vector<u16>& code) {
  std::string bytes;
  for (const u16 half : code) {
    bytes += static_cast<char>(half & 0xff);
    bytes += static_cast<char>(half >> 8);
  }
  return bytes;
}
inline std::string words(const std::vector<u32>& code) {
  std::string bytes;
  for (const u32 word : code)
    bytes += halfwords({static_cast<u16>(word & 0xffff), static_cast<u16>(word >> 16)});
  return bytes;
}

// A section of code with a function at its beginning. `literals` says where data begin.
struct CodeSection {
  u32 section = 0;
  u32 function = 0;
};
inline CodeSection add_code(ElfBuilder& elf, const std::string& name, const std::string& contents,
                            u32 literals, bool is_thumb = true) {
  CodeSection code;
  code.section = elf.section(
      {.name = ".text." + name, .flags = SHF_ALLOC | SHF_EXECINSTR, .contents = contents});
  elf.define_local(is_thumb ? "$t" : "$a", code.section, 0);
  if (literals < contents.size()) elf.define_local("$d", code.section, literals);
  code.function = elf.define(
      name, code.section,
      {.value = is_thumb ? 1u : 0u, .size = static_cast<u32>(contents.size()), .type = STT_FUNC});
  return code;
}

// A section with addresses, one a word.
inline u32 add_slots(ElfBuilder& elf, const std::string& name, const std::vector<u32>& symbols) {
  const u32 section = elf.data(name, std::string(4 * symbols.size(), '\0'));
  for (u32 i = 0; i < symbols.size(); i++) elf.relocate(section, 4 * i, R_ARM_TARGET1, symbols[i]);
  return section;
}

class LinkedObject {
 public:
  explicit LinkedObject(const ElfBuilder& elf, const ArmFeatures& features = {})
      : elf_(elf), text_(elf.build()), isa_(make_isa_arm(features, {})) {
    link({"a.o"});
  }
  // Also with an archive of one member, which defines `names`.
  LinkedObject(const ElfBuilder& elf, const ElfBuilder& member,
               const std::vector<std::string>& names)
      : elf_(elf),
        text_(elf.build()),
        archive_(build_archive({{"m.o", member.build(), names}})),
        isa_(make_isa_arm({}, {})) {
    inputs_.files.provide("lib.a", bytes_of(archive_));
    link({"a.o", "lib.a"});
  }

  const Program& program() const { return program_; }
  Inputs& inputs() { return inputs_; }
  const std::vector<bool>& plain() const { return plain_; }
  SectionId section(u32 handle) const { return SectionId{elf_.section_index(handle)}; }
  Symbols& symbols() { return symbols_; }
  std::string name(SectionId id) const { return std::string(inputs_[id].name); }

 private:
  void link(const std::vector<std::string>& names) {
    inputs_.files.provide("a.o", bytes_of(text_));
    std::vector<InputFile> files(names.size());
    for (u64 i = 0; i < names.size(); i++) files[i].name = names[i];
    std::ostringstream out;
    Diag diag(out);
    symbols_ = resolve(files, {}, nullptr, inputs_, diag);
    EXPECT_EQ(out.str(), "");
    plain_.resize(inputs_.sections.size());
    for (u32 i = 0; i < plain_.size(); i++)
      plain_[i] = inputs_.sections[i].name.starts_with(".bss") ||
                  inputs_.sections[i].name.starts_with(".data") ||
                  inputs_.sections[i].name.starts_with(".rodata");
  }

  const ElfBuilder& elf_;
  std::string text_;
  std::string archive_;
  Inputs inputs_;
  Symbols symbols_;
  std::unique_ptr<Isa> isa_;
  Program program_{inputs_, symbols_, *isa_};
  std::vector<bool> plain_;
};

}  // namespace fwseal
