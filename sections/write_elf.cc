// The file, from front to back: ELF header, program headers, the output sections where
// plan_segments put them, then .symtab, .strtab and .shstrtab, then the section headers.
//
// gABI 4.1, "Object Files"; AAELF32 2023Q3, "ELF Header".
#include "sections/write_elf.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace fwseal {
namespace {

class ElfWriter {
 public:
  ElfWriter(const Program& program, const Layout& layout, const Image& image,
            const ElfOptions& options)
      : program_(program), layout_(layout), image_(image), options_(options) {}

  std::string write(const SymbolTable* symbols);

 private:
  void add_output_headers();
  void add_symbol_headers(const SymbolTable& symbols);
  void add_name_header();
  u32 add_header(std::string_view name, u32 type, u64 size, u32 alignment);
  u64 end_of_sections() const;
  void set_extended_counts();

  void append(u64 offset, const void* bytes, u64 size);
  void put_contents();
  void put_elf_header(u64 headers_offset);
  void put_program_headers();
  void put_symbols(const SymbolTable& symbols);

  const Program& program_;
  const Layout& layout_;
  const Image& image_;
  const ElfOptions& options_;
  std::vector<Elf32_Shdr> headers_;
  std::string names_{'\0'};  // .shstrtab
  u64 end_ = 0;              // of what has a place in the file
  std::string file_;
};

// A section behind those of the layout.
u32 ElfWriter::add_header(std::string_view name, u32 type, u64 size, u32 alignment) {
  Elf32_Shdr header = {};
  header.sh_name = static_cast<u32>(names_.size());
  names_ += name;
  names_ += '\0';
  header.sh_type = type;
  end_ = align_up(end_, alignment);
  header.sh_offset = static_cast<u32>(end_);
  header.sh_size = static_cast<u32>(size);
  header.sh_addralign = alignment;
  end_ += size;
  headers_.push_back(header);
  return static_cast<u32>(headers_.size() - 1);
}

void ElfWriter::add_output_headers() {
  headers_.push_back({});
  for (const OutputSection& output : layout_.outputs) {
    Elf32_Shdr header = {};
    header.sh_name = static_cast<u32>(names_.size());
    names_ += output.name;
    names_ += '\0';
    header.sh_type = output.type;
    header.sh_flags = static_cast<u32>(output.flags);
    header.sh_addr = static_cast<u32>(output.vma);
    header.sh_offset = static_cast<u32>(output.file_offset);
    header.sh_size = static_cast<u32>(output.size);
    header.sh_link = output.link_to;  // the headers are in the order of the outputs, from 1
    header.sh_addralign = output.alignment;
    header.sh_entsize = output.entry_size;
    headers_.push_back(header);
  }
}

void ElfWriter::add_symbol_headers(const SymbolTable& symbols) {
  const u32 table =
      add_header(".symtab", SHT_SYMTAB, symbols.entries.size() * sizeof(Elf32_Sym), 4);
  headers_[table].sh_entsize = sizeof(Elf32_Sym);
  headers_[table].sh_info = symbols.local_count;
  if (!symbols.extended_indices.empty()) {
    const u32 indices = add_header(".symtab_shndx", SHT_SYMTAB_SHNDX,
                                   symbols.extended_indices.size() * sizeof(u32), 4);
    headers_[indices].sh_entsize = sizeof(u32);
    headers_[indices].sh_link = table;
  }
  headers_[table].sh_link = add_header(".strtab", SHT_STRTAB, symbols.names.size(), 1);
}

void ElfWriter::add_name_header() {
  const u32 header = add_header(".shstrtab", SHT_STRTAB, 0, 1);
  headers_[header].sh_size = static_cast<u32>(names_.size());  // its own name included
  end_ += names_.size();
}

u64 ElfWriter::end_of_sections() const {
  u64 end = sizeof(Elf32_Ehdr) + layout_.segments.size() * sizeof(Elf32_Phdr);
  for (const OutputSection& output : layout_.outputs)
    if (output.has_bytes() && output.size != 0)
      end = std::max(end, output.file_offset + output.size);
  return end;
}

// gABI 4.1, "ELF Header": counts that do not fit its 16-bit fields stand in section header 0.
void ElfWriter::set_extended_counts() {
  Elf32_Shdr& first = headers_[0];
  if (headers_.size() >= SHN_LORESERVE) first.sh_size = static_cast<u32>(headers_.size());
  if (headers_.size() - 1 >= SHN_LORESERVE) first.sh_link = static_cast<u32>(headers_.size() - 1);
  if (layout_.segments.size() >= PN_XNUM) first.sh_info = static_cast<u32>(layout_.segments.size());
}

// The file grows from front to back, so that each of its pages is touched once.
void ElfWriter::append(u64 offset, const void* bytes, u64 size) {
  if (size == 0) return;
  assert(offset >= file_.size());
  file_.resize(offset, '\0');
  file_.append(static_cast<const char*>(bytes), size);
}

void ElfWriter::put_contents() {
  std::vector<u32> order;
  for (u32 i = 0; i < layout_.outputs.size(); i++)
    if (layout_.outputs[i].has_bytes()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](u32 a, u32 b) {
    return layout_.outputs[a].file_offset < layout_.outputs[b].file_offset;
  });
  for (u32 i : order) {
    const std::vector<std::byte>& contents = image_.contents[i];
    assert(contents.size() == layout_.outputs[i].size);
    append(layout_.outputs[i].file_offset, contents.data(), contents.size());
  }
}

void ElfWriter::put_elf_header(u64 headers_offset) {
  const u64 sections = headers_.size();
  const u64 segments = layout_.segments.size();
  Elf32_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_ident[EI_OSABI] = ELFOSABI_NONE;
  header.e_type = ET_EXEC;
  header.e_machine = program_.isa.machine();
  header.e_version = EV_CURRENT;
  header.e_entry = static_cast<u32>(layout_.entry);
  header.e_phoff = segments == 0 ? 0 : sizeof(Elf32_Ehdr);
  header.e_shoff = static_cast<u32>(headers_offset);
  header.e_flags = options_.elf_flags;
  header.e_ehsize = sizeof(Elf32_Ehdr);
  header.e_phentsize = segments == 0 ? 0 : sizeof(Elf32_Phdr);
  header.e_phnum = static_cast<u16>(std::min<u64>(segments, PN_XNUM));
  header.e_shentsize = sizeof(Elf32_Shdr);
  header.e_shnum = static_cast<u16>(sections < SHN_LORESERVE ? sections : 0);
  header.e_shstrndx =
      static_cast<u16>(sections - 1 < SHN_LORESERVE ? sections - 1 : u64{SHN_XINDEX});
  append(0, &header, sizeof header);
}

void ElfWriter::put_program_headers() {
  u64 offset = sizeof(Elf32_Ehdr);
  for (const OutputSegment& segment : layout_.segments) {
    Elf32_Phdr header = {};
    header.p_type = segment.type;
    header.p_offset = static_cast<u32>(segment.file_offset);
    header.p_vaddr = static_cast<u32>(segment.vma);
    header.p_paddr = static_cast<u32>(segment.lma);
    header.p_filesz = static_cast<u32>(segment.file_size);
    header.p_memsz = static_cast<u32>(segment.memory_size);
    header.p_flags = segment.flags;
    header.p_align = static_cast<u32>(segment.alignment);
    append(offset, &header, sizeof header);
    offset += sizeof header;
  }
}

void ElfWriter::put_symbols(const SymbolTable& symbols) {
  u64 next = 1 + layout_.outputs.size();
  append(headers_[next++].sh_offset, symbols.entries.data(),
         symbols.entries.size() * sizeof(Elf32_Sym));
  if (!symbols.extended_indices.empty())
    append(headers_[next++].sh_offset, symbols.extended_indices.data(),
           symbols.extended_indices.size() * sizeof(u32));
  append(headers_[next].sh_offset, symbols.names.data(), symbols.names.size());
}

std::string ElfWriter::write(const SymbolTable* symbols) {
  add_output_headers();
  end_ = end_of_sections();
  if (symbols != nullptr) add_symbol_headers(*symbols);
  add_name_header();
  set_extended_counts();
  const u64 headers_offset = align_up(end_, 4);
  file_.reserve(headers_offset + headers_.size() * sizeof(Elf32_Shdr));
  put_elf_header(headers_offset);
  put_program_headers();
  put_contents();
  if (symbols != nullptr) put_symbols(*symbols);
  append(headers_.back().sh_offset, names_.data(), names_.size());
  append(headers_offset, headers_.data(), headers_.size() * sizeof(Elf32_Shdr));
  return std::move(file_);
}

}  // namespace

std::string write_elf(const Program& program, const MergedStrings& merged, const Layout& layout,
                      const Image& image, const ElfOptions& options) {
  ElfWriter writer(program, layout, image, options);
  if (options.strip_all) return writer.write(nullptr);
  const SymbolTable symbols = output_symbols(program, merged, layout, options.discard);
  return writer.write(&symbols);
}

}  // namespace fwseal
