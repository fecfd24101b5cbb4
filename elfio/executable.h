// Linked executables, for what is done to an image as it is: its sections, where they are stored,
// and what a sealed image may not have.
//
// gABI 4.1, "Program Header". Only static ELF32 little endian is read.
#pragma once

#include <elf.h>

#include <string>
#include <string_view>
#include <vector>

#include "elfio/bytes.h"
#include "elfio/object.h"

namespace fwseal {

struct ExecutableSection {
  std::string_view name;
  Elf32_Shdr header{};
  Bytes contents;  // empty for SHT_NOBITS
  u64 lma = 0;     // the VMA, if no segment loads it

  bool allocated() const { return (header.sh_flags & SHF_ALLOC) != 0; }
  bool has_bytes() const { return header.sh_type != SHT_NOBITS; }
  // What a linker left of what it was told, -q. A table that is loaded is for a dynamic linker.
  bool is_kept_relocations() const {
    return (header.sh_type == SHT_REL || header.sh_type == SHT_RELA) && !allocated();
  }
};

struct Executable {
  Bytes file;
  Elf32_Ehdr header{};
  std::vector<Elf32_Phdr> segments;
  std::vector<ExecutableSection> sections;  // as in the file, the first one is of SHT_NULL
  std::vector<std::string_view> undefined;  // symbols that are referred to and not weak
  std::vector<std::string_view> for_dynamic_linking;  // sections
};

// Is it one, of whatever machine? Then read_executable says what is wrong with it.
bool is_executable(Bytes bytes);

// Every section lies in the file afterwards, and every link between sections is in range. All bytes
// that a segment loads belong to a section or to the headers, or are zero: else BadInput.
Executable read_executable(Bytes bytes, ExpectedMachine expected);

// The same file without its kept relocations; the file itself if it has none. What is loaded stays
// where it is in the file.
std::string without_relocations(const Executable& executable);

}  // namespace fwseal
