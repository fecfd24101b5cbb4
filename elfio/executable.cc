// Reading executables.
//
// What a device is given is what the segments say (p_paddr); what it is for is what the sections
// say. Both views must agree: a byte that is loaded and belongs to no section would be in no budget
// and under no digest, so it is refused, unless it is a header or padding of zeroes.
#include "elfio/executable.h"

#include <algorithm>
#include <cstring>

#include "elfio/object_header.h"

namespace fwseal {
namespace {

template <typename T>
T read_entry(Bytes bytes, u64 offset) {
  T entry;
  std::memcpy(&entry, bytes.sub(offset, sizeof entry).data(), sizeof entry);
  return entry;
}

template <typename T>
std::vector<T> read_table(Bytes bytes, u64 offset, u64 count, u64 entry_size,
                          std::string_view what) {
  if (count == 0) return {};
  if (entry_size != sizeof(T))
    throw BadInput(cat("has ", what, " headers of ", entry_size, " bytes, not ", sizeof(T)));
  const Bytes table = bytes.sub(offset, count * sizeof(T));
  std::vector<T> entries(count);
  std::memcpy(entries.data(), table.data(), table.size());
  return entries;
}

void read_sections(Executable& executable) {
  const Elf32_Ehdr& elf = executable.header;
  // gABI, "ELF Header": there are as many as fit, or the count would stand elsewhere.
  const auto headers =
      read_table<Elf32_Shdr>(executable.file, elf.e_shoff, elf.e_shnum, elf.e_shentsize, "section");
  if (headers.empty()) throw BadInput("has no sections; seal it before it is stripped of them");
  if (elf.e_shstrndx >= headers.size())
    throw BadInput(cat("section names are in section ", elf.e_shstrndx, " of ", headers.size()));
  const Elf32_Shdr& strings = headers[elf.e_shstrndx];
  if (strings.sh_type != SHT_STRTAB)
    throw BadInput(
        cat("section names are in section ", elf.e_shstrndx, ", which is no string table"));
  const Bytes names = executable.file.sub(strings.sh_offset, strings.sh_size);
  u64 total = 0;
  for (const Elf32_Shdr& header : headers) {
    ExecutableSection& section = executable.sections.emplace_back();
    section.header = header;
    section.lma = header.sh_addr;
    if (header.sh_name != 0) section.name = names.c_string(header.sh_name);
    if (header.sh_link >= headers.size())
      throw BadInput(cat("section ", section.name, " is linked to section ", header.sh_link, " of ",
                         headers.size()));
    if (!section.has_bytes() || header.sh_type == SHT_NULL) continue;
    section.contents = executable.file.sub(header.sh_offset, header.sh_size);
    if (header.sh_size != 0 && header.sh_offset < sizeof elf)
      throw BadInput(cat("section ", section.name, " lies over the file header"));
    if (header.sh_type == SHT_SYMTAB && section.allocated())
      throw BadInput(cat("section ", section.name, " is a symbol table that is loaded"));
    total += header.sh_size;
  }
  // Sections that share their bytes would let a small file stand for any number of them.
  if (total > executable.file.size())
    throw BadInput(cat("sections of ", total, " bytes do not fit into the file (",
                       executable.file.size(), ")"));
}

bool loads(const Elf32_Phdr& segment) { return segment.p_type == PT_LOAD && segment.p_filesz != 0; }

// In the segment by its bytes and by its address: overlays have the addresses of another one.
bool holds(const Elf32_Phdr& segment, const Elf32_Shdr& section) {
  if (section.sh_offset < segment.p_offset || section.sh_addr < segment.p_vaddr) return false;
  const u64 begin = section.sh_offset - segment.p_offset;
  return section.sh_addr - segment.p_vaddr == begin && begin <= segment.p_filesz &&
         section.sh_size <= segment.p_filesz - begin;
}

void find_load_addresses(Executable& executable) {
  for (ExecutableSection& section : executable.sections) {
    if (!section.allocated() || section.contents.empty()) continue;
    const auto segment = std::ranges::find_if(executable.segments, [&](const Elf32_Phdr& one) {
      return loads(one) && holds(one, section.header);
    });
    if (segment == executable.segments.end())
      throw BadInput(cat("section ", section.name, " has bytes that no segment loads"));
    section.lma = u64{segment->p_paddr} + (section.header.sh_addr - segment->p_vaddr);
  }
}

struct Extent {
  u64 begin = 0;  // file offsets
  u64 end = 0;
};

void check_zero(Bytes file, u64 begin, u64 end) {
  if (begin >= end) return;
  const auto bytes = file.sub(begin, end - begin).span();
  const auto found = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
  if (found == bytes.end()) return;
  throw BadInput(cat("loads the byte at file offset ",
                     hex(begin + static_cast<u64>(found - bytes.begin())),
                     ", which belongs to no section"));
}

void check_segments_hold_only_sections(const Executable& executable) {
  const Elf32_Ehdr& elf = executable.header;
  std::vector<Extent> known{{0, sizeof elf},
                            {elf.e_phoff, elf.e_phoff + u64{elf.e_phnum} * sizeof(Elf32_Phdr)}};
  for (const ExecutableSection& section : executable.sections)
    if (section.allocated() && !section.contents.empty())
      known.push_back(
          {section.header.sh_offset, u64{section.header.sh_offset} + section.header.sh_size});
  std::ranges::sort(known, {}, &Extent::begin);
  std::vector<Extent> loaded;
  for (const Elf32_Phdr& segment : executable.segments)
    if (loads(segment))
      loaded.push_back({segment.p_offset, u64{segment.p_offset} + segment.p_filesz});
  std::ranges::sort(loaded, {}, &Extent::begin);
  u64 at = 0;  // everything before it was looked at; extents may overlap
  auto next = known.begin();
  for (const Extent& extent : loaded) {
    at = std::max(at, extent.begin);
    while (at < extent.end) {
      while (next != known.end() && next->end <= at) ++next;
      const bool last = next == known.end() || next->begin >= extent.end;
      check_zero(executable.file, at, last ? extent.end : next->begin);
      at = last ? extent.end : next->end;
    }
  }
}

bool is_for_dynamic_linking(const ExecutableSection& section) {
  const u32 type = section.header.sh_type;
  return type == SHT_DYNAMIC || type == SHT_DYNSYM || section.name == ".interp" ||
         ((type == SHT_REL || type == SHT_RELA) && section.allocated() &&
          section.header.sh_size != 0);
}

void find_undefined(const Object& symbols, Executable& executable) {
  for (u32 i = 1; i < symbols.symbol_count; i++) {
    const ElfSymbol symbol = symbols.symbol(i);
    if (symbol.section == SHN_UNDEF && symbol.binding != STB_WEAK && !symbol.name.empty())
      executable.undefined.push_back(symbol.name);
  }
}

}  // namespace

bool is_executable(Bytes bytes) {
  constexpr u64 kType = offsetof(Elf32_Ehdr, e_type);  // the same for 64-bit files
  return machine_of(bytes) && bytes.le<u8>(EI_DATA) == ELFDATA2LSB &&
         bytes.le<u16>(kType) == ET_EXEC;
}

Executable read_executable(Bytes bytes, ExpectedMachine expected) {
  check_kind(bytes, expected, ReadAs::kExecutable);
  Executable executable;
  executable.file = bytes;
  executable.header = read_entry<Elf32_Ehdr>(bytes, 0);
  const Elf32_Ehdr& elf = executable.header;
  executable.segments =
      read_table<Elf32_Phdr>(bytes, elf.e_phoff, elf.e_phnum, elf.e_phentsize, "program");
  read_sections(executable);
  find_load_addresses(executable);
  check_segments_hold_only_sections(executable);
  for (const ExecutableSection& section : executable.sections)
    if (is_for_dynamic_linking(section)) executable.for_dynamic_linking.push_back(section.name);
  find_undefined(read_symbols(bytes, expected), executable);
  return executable;
}

}  // namespace fwseal
