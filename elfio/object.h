// Relocatable objects: their sections, symbols, groups and relocations, as views into mapped files.
//
// gABI 4.1, "Object Files"; AAELF32 2023Q3. Only ELF32 little endian is read.
#pragma once

#include <elf.h>

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elfio/bytes.h"
#include "elfio/diag.h"
#include "elfio/types.h"

namespace fwseal {

// Index of an object; objects are numbered in the order in which they were read.
enum class ObjectId : u32 {};
// Index of an input section, counted over all objects. The sections of an object are consecutive
// and in the order of its section header table; Object::section finds one by its header.
enum class SectionId : u32 {};
inline constexpr ObjectId kNoObject{0xffff'ffff};
inline constexpr SectionId kNoSection{0xffff'ffff};
constexpr u32 index(ObjectId id) { return static_cast<u32>(id); }
constexpr u32 index(SectionId id) { return static_cast<u32>(id); }

struct InputSection {
  std::string_view name;
  Bytes contents;       // empty for SHT_NOBITS; uncompressed, whatever the file holds
  Bytes relocations;    // the entries of its SHT_REL or SHT_RELA section; empty if it has none
  u64 size = 0;         // in memory
  u64 flags = 0;        // SHF_*
  u32 type = SHT_NULL;  // SHT_*
  u32 alignment = 1;    // a power of two
  u32 entry_size = 0;   // of SHF_MERGE and table sections
  u32 link = 0;         // sh_link, an ELF section index of the same object
  u32 info = 0;         // sh_info
  ObjectId object = kNoObject;
  u32 elf_index = 0;  // in the section header table of the object
  bool has_addends = false;  // the relocations are SHT_RELA
  bool excluded = false;     // left out before any rule: SHF_EXCLUDE, a losing COMDAT member,
                             // or a table of the object file itself (symbols, strings, relocations)

  bool has(u64 flag) const { return (flags & flag) != 0; }
};

struct ElfSymbol {
  std::string_view name;
  u64 value = 0;
  u64 size = 0;
  u32 section = 0;  // ELF section index, or SHN_UNDEF, SHN_ABS, SHN_COMMON
  u8 binding = STB_LOCAL;
  u8 type = STT_NOTYPE;
  u8 visibility = STV_DEFAULT;
};

// An entry of SHT_REL or SHT_RELA. The addend of SHT_REL is in the section; an Isa reads it.
struct Relocation {
  u64 offset = 0;
  u32 type = 0;
  u32 symbol = 0;  // index in the symbol table of the object
  i64 addend = 0;
};

// A COMDAT or plain section group.
struct Group {
  std::string_view signature;
  bool comdat = false;
  std::vector<u32> members;  // ELF section indices
  u32 section = 0;           // that lists them: SHT_GROUP
  u32 symbol = 0;            // that gives the signature
};

struct Object {
  std::string_view file;    // as the user wrote it
  std::string_view member;  // archive member, or empty
  SectionId first_section{0};
  u32 section_count = 0;  // headers
  u32 elf_flags = 0;
  u32 symbol_count = 0;
  u32 first_global = 0;  // symbols before it are local
  Bytes symbol_table;    // symbol_count entries of Elf32_Sym
  Bytes string_table;
  Bytes extended_indices;  // SHT_SYMTAB_SHNDX, or empty
  std::vector<Group> groups;
  std::bitset<256> relocation_types;  // those that occur; ELF32 has no more
  bool symbols_only = false;  // --just-symbols: it gives addresses and no bytes

  // Throws BadInput if the entry is malformed.
  ElfSymbol symbol(u32 symbol_index) const;
  // The same without its name, which takes time to measure.
  ElfSymbol nameless_symbol(u32 symbol_index) const;
  // Headers that no later pass looks at (symbol and string tables, relocations) share the entry of
  // header 0, which is excluded. slots: per header its entry; empty if each has one of its own.
  std::vector<u32> slots;
  SectionId section(u32 elf_index) const {
    return SectionId{index(first_section) + (slots.empty() ? elf_index : slots[elf_index])};
  }
  Location location() const { return {file, member, {}, 0, 0}; }
};

// What an object needs of the machine and ABI, and what is wrong with it if it has something else.
struct ExpectedMachine {
  u16 machine = EM_ARM;
};

// Storage for contents that are not in a mapped file, such as decompressed sections.
class Arena;

// Does the file begin as an object does? Also true of LLVM bitcode, which read_object refuses by
// name.
bool is_object(Bytes bytes);
// e_machine of an ELF file of any class and byte order; nothing if it is no ELF file.
std::optional<u16> machine_of(Bytes bytes);

// Reads the object in `bytes`, appending its sections to `sections`; on BadInput nothing is
// appended. Every table is checked here: afterwards each section link, symbol section, group
// member and relocation symbol of the object is in range.
Object read_object(Bytes bytes, ExpectedMachine expected, ObjectId id,
                   std::vector<InputSection>& sections, Arena& arena);

// Reads only the symbol table, also of an executable (--just-symbols; what an archive member
// defines). The object has no sections.
Object read_symbols(Bytes bytes, ExpectedMachine expected);

// How many relocations a section has, and the i-th of them (unchecked beyond the reader's checks).
inline u64 relocation_count(const InputSection& section) {
  return section.relocations.size() /
         (section.has_addends ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel));
}

inline Relocation relocation(const InputSection& section, u64 i) {
  Elf32_Rela entry{};
  if (section.has_addends)
    std::memcpy(&entry, section.relocations.data() + i * sizeof entry, sizeof entry);
  else
    std::memcpy(&entry, section.relocations.data() + i * sizeof(Elf32_Rel), sizeof(Elf32_Rel));
  return {entry.r_offset, ELF32_R_TYPE(entry.r_info), ELF32_R_SYM(entry.r_info), entry.r_addend};
}

}  // namespace fwseal
