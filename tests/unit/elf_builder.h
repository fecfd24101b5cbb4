// Objects and archives for tests, built in memory in a few lines:
//
//   ElfBuilder elf;
//   const u32 text = elf.section({.name = ".text.f", .flags = SHF_ALLOC | SHF_EXECINSTR,
//                                 .contents = std::string(8, '\0')});
//   const u32 f = elf.define("f", text, {.type = STT_FUNC, .size = 8});
//   const u32 g = elf.refer("g");
//   elf.relocate(text, 4, R_ARM_CALL, g);
//   const std::string bytes = elf.build();
//
// Sections and symbols are named by the handles that add them, counted from 1. In the file, groups
// stand before the other sections and local symbols before global ones, so an ELF index is only
// known when all has been added: section_index() and symbol_index().
#pragma once

#include <elf.h>

#include <string>
#include <string_view>
#include <vector>

#include "elfio/bytes.h"

namespace fwseal {

class ElfBuilder {
 public:
  struct Section {
    std::string name = ".text";
    u32 flags = SHF_ALLOC;
    std::string contents = {};
    u32 type = SHT_PROGBITS;
    u32 alignment = 4;
    u32 entry_size = 0;
    u32 size = 0;  // of SHT_NOBITS; otherwise that of the contents
    u32 link = 0;  // a handle: sh_link of SHF_LINK_ORDER
    u32 info = 0;  // as it goes to the file
  };
  struct SymbolTraits {
    u32 value = 0;
    u32 size = 0;
    u8 type = STT_NOTYPE;
    u8 binding = STB_GLOBAL;
    u8 visibility = STV_DEFAULT;
  };

  u16 machine = EM_ARM;
  u16 type = ET_REL;
  u32 flags = 0x0500'0000;  // EF_ARM_EABI_VER5

  u32 section(Section section);
  u32 text(std::string name, u32 size = 4);  // code, all zero
  u32 data(std::string name, std::string contents, u32 flags = SHF_ALLOC | SHF_WRITE);
  u32 bss(std::string name, u32 size);

  u32 define(std::string name, u32 section) { return define(std::move(name), section, {}); }
  u32 define(std::string name, u32 section, SymbolTraits traits);
  u32 define_local(std::string name, u32 section, u32 value = 0, u8 type = STT_NOTYPE);
  u32 define_weak(std::string name, u32 section, u32 value = 0);
  u32 refer(std::string name, u8 binding = STB_GLOBAL, u8 visibility = STV_DEFAULT);
  u32 common(std::string name, u32 size, u32 alignment = 4);
  u32 absolute(std::string name, u32 value, u8 binding = STB_GLOBAL);
  u32 section_symbol(u32 section);
  u32 file_symbol(std::string name);

  // A SHT_REL entry, whose addend is in the contents; a SHT_RELA entry. One section cannot have
  // both.
  void relocate(u32 section, u32 offset, u32 type, u32 symbol);
  void relocate(u32 section, u32 offset, u32 type, u32 symbol, i32 addend);

  void group(std::string signature, std::vector<u32> sections, bool comdat = true);

  u32 section_index(u32 handle) const { return static_cast<u32>(groups_.size()) + handle; }
  u32 symbol_index(u32 handle) const;
  std::string build() const;

 private:
  struct Symbol {
    std::string name;
    u32 section = 0;  // a handle; 0 if `special` says where
    u16 special = SHN_UNDEF;
    SymbolTraits traits;
    u32 rank = 0;  // among the local or the other symbols
  };
  struct Entry {
    u32 section = 0;
    u32 offset = 0;
    u32 type = 0;
    u32 symbol = 0;
    i32 addend = 0;
  };
  struct Group {
    std::vector<u32> sections;
    u32 symbol = 0;
    bool comdat = true;
  };
  struct Relocations {
    std::vector<Entry> entries;
    bool has_addends = false;
  };
  struct Output;

  u32 add_symbol(Symbol symbol);
  void add_groups(Output& out) const;
  void add_sections(Output& out) const;
  void add_relocations(Output& out, u32 symbol_table) const;
  void add_symbols(Output& out, u32 symbol_table) const;
  u32 relocated_count() const;

  std::vector<Section> sections_;
  std::vector<Relocations> relocations_;  // of each section
  std::vector<Symbol> symbols_;
  u32 locals_ = 0;
  u32 globals_ = 0;
  std::vector<Group> groups_;
};

struct MemberSpec {
  std::string name;
  std::string contents = {};
  std::vector<std::string> index = {};  // the names that the archive's index says it defines
};
enum class ArchiveKind { kIndexed, kWithoutIndex, kThin };
std::string build_archive(const std::vector<MemberSpec>& members,
                          ArchiveKind kind = ArchiveKind::kIndexed);

// What a reader gets. The text must outlive the view.
inline Bytes bytes_of(std::string_view text) { return Bytes(std::as_bytes(std::span(text))); }

}  // namespace fwseal
