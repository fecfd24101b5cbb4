// What a section holds, in the terms in which GNU ld decides where it goes and what its output
// section becomes. These are bfd's section flags: they say more than sh_flags (is there anything to
// load?) and, for an output section, something before its first byte is known.
//
// bfd 2.40, elf.c: _bfd_elf_make_section_from_shdr, elf_fake_sections; ld 2.40, ldlang.c:
// lang_add_section. Read for their behaviour only.
#pragma once

#include <string_view>

#include "elfio/object.h"
#include "sections/script.h"

namespace fwseal {

enum Kind : u32 {
  kAllocKind = 1 << 0,     // has an address
  kLoadKind = 1 << 1,      // has bytes that are loaded
  kContentsKind = 1 << 2,  // has bytes
  kReadOnlyKind = 1 << 3,
  kCodeKind = 1 << 4,
  kDataKind = 1 << 5,  // loaded, and no code
  kThreadKind = 1 << 6,
  kMergeKind = 1 << 7,
  kStringsKind = 1 << 8,
  kDebugKind = 1 << 9,
  kNeverLoadKind = 1 << 10,
  kExcludeKind = 1 << 11,  // SHF_EXCLUDE, which only -r lets through
};

u32 kind_of(const InputSection& section);

// The type that a section of this name has before anything stands in it, such as SHT_NOBITS for
// .bss; SHT_NULL if the name says nothing. And its flags.
struct NamedSection {
  u32 type = SHT_NULL;
  u64 flags = 0;
};
NamedSection section_named(std::string_view name);

// An output section while its contents become known, statement by statement.
struct OutputKind {
  bool made = false;  // something stands in it, be it an assignment
  bool has_input = false;
  u32 kinds = 0;
  u32 type = SHT_NULL;         // of its first input section, or of its name
  u32 wanted_type = SHT_NULL;  // TYPE of the script, which wins
  u64 flags = 0;               // SHF_* that `kinds` does not express, or that its name demands
  u32 entry_size = 0;          // of SHF_MERGE
  u32 alignment = 1;           // the strictest of its input sections

  // Nothing but room yet: an assignment, or a fill pattern.
  void make(std::string_view name);
  void add(std::string_view name, const InputSection& section, OutputType script_type,
           bool relocatable);
  // BYTE, LONG, ...
  void add_data(std::string_view name, OutputType script_type);
  // The location counter moved: that is room in memory, unless the script wants no memory.
  void add_room(OutputType script_type);

  bool allocated() const { return (kinds & kAllocKind) != 0; }
  bool loads() const { return (kinds & kLoadKind) != 0; }
  // Zero-initialised thread-local storage, which takes no memory where it stands.
  bool is_tbss() const { return (kinds & (kLoadKind | kThreadKind)) == kThreadKind; }
  // sh_type and sh_flags.
  u32 final_type() const;
  u64 final_flags() const;
  u32 final_entry_size() const;
};

}  // namespace fwseal
