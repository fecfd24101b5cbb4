// One object with code and debugging information about it, some of the code taken out: what that
// makes of the sections about it. Addresses come out as if the code began at 0.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "prune/debug_info.h"
#include "tests/unit/prune/linked_object.h"

namespace fwseal {

// Bytes, in the words of assembly.
class Assembly {
 public:
  Assembly& byte(u64 value) { return fixed(value, 1); }
  Assembly& half(u64 value) { return fixed(value, 2); }
  Assembly& word(u64 value) { return fixed(value, 4); }
  Assembly& text(std::string_view value) {
    bytes_ += value;
    return *this;
  }
  Assembly& uleb(u64 value, u64 size = 1) {
    for (u64 i = 1; value > 0x7f || i < size; i++, value >>= 7) byte((value & 0x7f) | 0x80);
    return byte(value);
  }
  Assembly& sleb(i64 value) {
    for (; value < -0x40 || value > 0x3f; value >>= 7)
      byte((static_cast<u64>(value) & 0x7f) | 0x80);
    return byte(static_cast<u64>(value) & 0x7f);
  }
  // An address of the code, which a relocation gives.
  Assembly& code(u64 offset) {
    code_places.push_back(static_cast<u32>(bytes_.size()));
    return word(offset);
  }
  // An offset in another section.
  Assembly& offset(const std::string& section, u64 value) {
    offset_places.emplace_back(static_cast<u32>(bytes_.size()), section);
    return word(value);
  }
  // Something with its length before it.
  Assembly& unit(const Assembly& contents) {
    word(contents.bytes_.size());
    const auto start = static_cast<u32>(bytes_.size());
    for (const u32 place : contents.code_places) code_places.push_back(start + place);
    for (const auto& [place, section] : contents.offset_places)
      offset_places.emplace_back(start + place, section);
    return text(contents.bytes_);
  }
  void set(u64 place, u8 value) { bytes_[place] = static_cast<char>(value); }
  u64 size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }

  std::vector<u32> code_places;
  std::vector<std::pair<u32, std::string>> offset_places;

 private:
  Assembly& fixed(u64 value, u64 size) {
    for (u64 i = 0; i < size; i++) bytes_ += static_cast<char>(value >> 8 * i & 0xff);
    return *this;
  }
  std::string bytes_;
};

class DebugWorld {
 public:
  explicit DebugWorld(u32 code_size) {
    text_ = elf_.section({.name = ".text",
                          .flags = SHF_ALLOC | SHF_EXECINSTR,
                          .contents = std::string(code_size, '\0')});
    code_ = elf_.section_symbol(text_);
  }

  void add(const std::string& name, const Assembly& contents) {
    const u32 section = elf_.section({.name = name, .flags = 0, .contents = contents.bytes()});
    sections_[name] = section;
    symbols_[name] = elf_.section_symbol(section);
    for (const u32 place : contents.code_places) elf_.relocate(section, place, R_ARM_ABS32, code_);
    for (const auto& [place, to] : contents.offset_places)
      elf_.relocate(section, place, R_ARM_ABS32, symbols_.at(to));
  }

  // What becomes of the sections if these edits are made to the code, by name; and what is said.
  std::map<std::string, std::string> follow(const EditList& edits, std::string& said) {
    const LinkedObject linked(elf_);
    Plan plan;
    plan.kept.assign(linked.program().inputs.sections.size(), true);
    plan.edits.resize(plan.kept.size());
    const SectionId text = linked.section(text_);
    plan.edits[index(text)] = edits;
    std::ostringstream out;
    Diag diag(out);
    follow_in_debug_info(linked.program(), plan, diag);
    said = out.str();
    std::map<std::string, std::string> result;
    for (const auto& [name, handle] : sections_)
      result[name] = contents(linked.program(), plan, linked.section(handle), text);
    return result;
  }

 private:
  static std::string contents(const Program& program, const Plan& plan, SectionId id,
                              SectionId text) {
    const InputSection& section = program.inputs[id];
    std::string bytes(section.contents.text());
    const auto put = [&](u64 place, u64 value) {
      for (u64 i = 0; i < 4; i++) bytes[place + i] = static_cast<char>(value >> 8 * i & 0xff);
    };
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      if (referent(program, section.object, reference.symbol).section != text) continue;
      const u64 offset = section.contents.le<u32>(reference.offset);
      const bool gone = plan.edits[index(text)].removes(offset);
      const bool old_list = section.name == ".debug_ranges" || section.name == ".debug_loc";
      const u64 tombstone = old_list ? 1 : 0xffff'ffff;
      put(reference.offset, gone ? tombstone : plan.edits[index(text)].map(offset));
      for (const Retarget& retarget : changes(plan.retargets, id))
        if (retarget.place == reference.offset)
          put(reference.offset, retarget.section == kNoSection ? tombstone : retarget.offset);
    }
    for (const Overwrite& overwrite : changes(plan.overwrites, id))
      bytes.replace(overwrite.offset, overwrite.bytes.size(), overwrite.bytes);
    std::string result;
    u64 read = 0;
    for (const Edit& edit : plan.edits[index(id)].edits()) {
      result += bytes.substr(read, edit.offset - read) + edit.inserted;
      read = edit.offset + edit.removed;
    }
    return result + bytes.substr(read);
  }

  template <typename Change>
  static std::vector<Change> changes(const std::map<u32, std::vector<Change>>& all, SectionId id) {
    const auto found = all.find(index(id));
    return found == all.end() ? std::vector<Change>() : found->second;
  }

  ElfBuilder elf_;
  u32 text_ = 0;
  u32 code_ = 0;
  std::map<std::string, u32> sections_;
  std::map<std::string, u32> symbols_;
};

// Takes out runs of bytes and leaves some zeroes.
inline EditList taken_out(const std::vector<std::array<u64, 3>>& runs) {
  EditList edits;
  for (const auto& [begin, end, rest] : runs)
    edits.add({begin, end - begin, std::string(rest, '\0')});
  return edits;
}

}  // namespace fwseal
