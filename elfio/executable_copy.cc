// An executable without the relocations that a linker kept in it.
//
// Up to the end of what is loaded the file stays as it is: program headers and section contents
// keep their offsets. Behind it the other sections move together, and the section header table ends
// the file. Sections after a removed one get smaller numbers, which stand in links, in symbols and
// in the file header. The names of what is removed stay in the table of names, where other names
// may end in them.
#include <algorithm>
#include <cstring>

#include "elfio/executable.h"

namespace fwseal {
namespace {

constexpr u32 kGone = 0xffff'ffff;

class Copier {
 public:
  explicit Copier(const Executable& executable) : from_(executable) {}

  std::string copy() {
    number_sections();
    const u64 loaded = end_of_loaded();
    out_.assign(from_.file.sub(0, loaded).text());
    for (const u32 i : behind(loaded)) move_section(i);
    for (u32 i = 0; i < headers_.size(); i++) renumber_links(headers_[i]);
    write_headers();
    return std::move(out_);
  }

 private:
  void number_sections() {
    for (const ExecutableSection& section : from_.sections) {
      // Both hold section numbers of their own; no linker leaves them in an executable.
      if (section.header.sh_type == SHT_GROUP || section.header.sh_type == SHT_SYMTAB_SHNDX)
        throw BadInput(cat("section ", section.name, " does not belong into an executable"));
      const bool gone = section.is_kept_relocations();
      number_.push_back(gone ? kGone : static_cast<u32>(headers_.size()));
      if (!gone) headers_.push_back(section.header);
    }
  }

  u64 end_of_loaded() const {
    u64 end = from_.header.e_phoff + u64{from_.header.e_phnum} * sizeof(Elf32_Phdr);
    end = std::max<u64>(end, sizeof from_.header);
    for (const Elf32_Phdr& segment : from_.segments)
      if (segment.p_filesz != 0) end = std::max(end, u64{segment.p_offset} + segment.p_filesz);
    return end;
  }

  // The sections that have to move, in the order of the file.
  std::vector<u32> behind(u64 loaded) const {
    std::vector<u32> moved;
    for (u32 i = 0; i < from_.sections.size(); i++) {
      const ExecutableSection& section = from_.sections[i];
      if (number_[i] == kGone || !section.has_bytes() || section.header.sh_type == SHT_NULL)
        continue;
      if (section.header.sh_type == SHT_SYMTAB ||
          u64{section.header.sh_offset} + section.contents.size() > loaded)
        moved.push_back(i);
    }
    std::ranges::stable_sort(moved, {}, [&](u32 i) { return from_.sections[i].header.sh_offset; });
    return moved;
  }

  void move_section(u32 i) {
    const ExecutableSection& section = from_.sections[i];
    constexpr u64 kMostAlignment = 4096;  // a hostile one would make a file of any size
    pad(std::clamp<u64>(section.header.sh_addralign, 1, kMostAlignment));
    headers_[number_[i]].sh_offset = static_cast<Elf32_Off>(out_.size());
    if (section.header.sh_type == SHT_SYMTAB)
      add_symbols(section.contents);
    else
      out_ += section.contents.text();
  }

  void add_symbols(Bytes symbols) {
    for (u64 at = 0; at < symbols.size(); at += sizeof(Elf32_Sym)) {
      Elf32_Sym symbol;
      std::memcpy(&symbol, symbols.sub(at, sizeof symbol).data(), sizeof symbol);
      if (symbol.st_shndx < number_.size())
        symbol.st_shndx = static_cast<Elf32_Section>(new_number(symbol.st_shndx));
      out_.append(reinterpret_cast<const char*>(&symbol), sizeof symbol);
    }
  }

  u32 new_number(u32 section) const {
    if (section >= number_.size() || number_[section] == kGone)
      throw BadInput(
          cat("refers to section ", section, ", which holds kept relocations or is none"));
    return number_[section];
  }

  void renumber_links(Elf32_Shdr& header) const {
    header.sh_link = new_number(header.sh_link);
    if ((header.sh_flags & SHF_INFO_LINK) != 0) header.sh_info = new_number(header.sh_info);
  }

  void write_headers() {
    pad(alignof(Elf32_Shdr));
    Elf32_Ehdr elf = from_.header;
    elf.e_shoff = static_cast<Elf32_Off>(out_.size());
    elf.e_shnum = static_cast<Elf32_Half>(headers_.size());
    elf.e_shstrndx = static_cast<Elf32_Half>(new_number(elf.e_shstrndx));
    std::memcpy(out_.data(), &elf, sizeof elf);
    for (const Elf32_Shdr& header : headers_)
      out_.append(reinterpret_cast<const char*>(&header), sizeof header);
  }

  void pad(u64 alignment) {
    out_.resize((out_.size() + alignment - 1) / alignment * alignment, '\0');
  }

  const Executable& from_;
  std::vector<u32> number_;  // per section of the executable: its number in the copy, or kGone
  std::vector<Elf32_Shdr> headers_;
  std::string out_;
};

}  // namespace

std::string without_relocations(const Executable& executable) {
  const bool has_some = std::ranges::any_of(
      executable.sections, [](const ExecutableSection& one) { return one.is_kept_relocations(); });
  if (!has_some) return std::string(executable.file.text());
  return Copier(executable).copy();
}

}  // namespace fwseal
