// The file, from front to back: ELF header, program headers, the output sections where
// plan_segments put them, then the relocations that stay, .symtab, .strtab and .shstrtab, then the
// section headers.
//
// gABI 4.1, "Object Files"; AAELF32 2023Q3, "ELF Header".
#include "sections/write_elf.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "sections/output_relocations.h"

namespace fwseal {
namespace {

class ElfWriter {
 public:
  ElfWriter(const Program& program, const Layout& layout, const Image& image,
            const ElfOptions& options)
      : program_(program), layout_(layout), image_(image), options_(options) {}

  std::string write(const SymbolTable* symbols, const std::vector<RelocationTable>& relocations);

 private:
  void add_output_headers();
  void add_group_headers(const SymbolTable& symbols, u32 symbol_header);
  void add_relocation_headers(const std::vector<RelocationTable>& relocations);
  u32 symbol_of(const SymbolTable& symbols, ObjectId object, u32 symbol) const;
  void add_symbol_headers(const SymbolTable& symbols);
  void add_name_header();
  u32 add_header(std::string_view name, u32 type, u64 size, u32 alignment);
  u64 end_of_sections() const;
  void set_extended_counts();

  void append(u64 offset, const void* bytes, u64 size);
  std::string group_words(const OutputGroup& group,
                          const std::vector<RelocationTable>& relocations) const;
  void put_contents(const std::vector<RelocationTable>& relocations);
  void put_elf_header(u64 headers_offset);
  void put_program_headers();
  void put_relocations(const std::vector<RelocationTable>& relocations);
  void put_symbols(const SymbolTable& symbols, u64 header);

  u64 first_relocation_header() const { return 1 + layout_.outputs.size(); }

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

// gABI 4.1, "Section Groups": sh_link is the symbol table, sh_info the symbol that names the group.
void ElfWriter::add_group_headers(const SymbolTable& symbols, u32 symbol_header) {
  for (u64 i = 0; i < layout_.groups.size(); i++) {
    const OutputGroup& group = layout_.groups[i];
    const Object& object = program_.inputs.objects[index(group.object)];
    const u32 symbol = object.groups[group.number].symbol;
    headers_[1 + i].sh_link = symbol_header;
    headers_[1 + i].sh_info = symbol_of(symbols, group.object, symbol);
  }
}

// A group may be named by a section, if its name is no symbol (GNU as).
u32 ElfWriter::symbol_of(const SymbolTable& symbols, ObjectId object, u32 symbol) const {
  if (const u32 own = symbols.indices->of(program_, object, symbol); own != 0) return own;
  const Referent to = referent(program_, object, symbol);
  if (to.section == kNoSection) return 0;
  const OutputId output = layout_.places[index(to.section)].output;
  return output == kNoOutput ? 0 : section_symbol(output);
}

void ElfWriter::add_relocation_headers(const std::vector<RelocationTable>& relocations) {
  const auto symbol_header =
      static_cast<u32>(first_relocation_header() + relocations.size());
  for (const RelocationTable& table : relocations) {
    const u64 entry = table.has_addends ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel);
    const u32 header = add_header(table.name(layout_), table.has_addends ? SHT_RELA : SHT_REL,
                                  table.entries.size() * entry, 4);
    const u32 target = index(table.target) + 1;
    headers_[header].sh_entsize = static_cast<u32>(entry);
    headers_[header].sh_link = symbol_header;
    headers_[header].sh_info = target;
    headers_[header].sh_flags = SHF_INFO_LINK | (headers_[target].sh_flags & SHF_GROUP);
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

// The flags, then the headers of the members; relocations of a member are members too.
std::string ElfWriter::group_words(const OutputGroup& group,
                                   const std::vector<RelocationTable>& relocations) const {
  const Object& object = program_.inputs.objects[index(group.object)];
  std::vector<u32> words{object.groups[group.number].comdat ? u32{GRP_COMDAT} : 0};
  for (const OutputId member : group.members) {
    words.push_back(index(member) + 1);
    auto table = std::lower_bound(
        relocations.begin(), relocations.end(), member,
        [](const RelocationTable& one, OutputId target) { return one.target < target; });
    for (; table != relocations.end() && table->target == member; ++table) {
      const auto number = static_cast<u64>(table - relocations.begin());
      words.push_back(static_cast<u32>(first_relocation_header() + number));
    }
  }
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(u32)};
}

void ElfWriter::put_contents(const std::vector<RelocationTable>& relocations) {
  std::vector<u32> order;
  for (u32 i = 0; i < layout_.outputs.size(); i++)
    if (layout_.outputs[i].has_bytes()) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](u32 a, u32 b) {
    return layout_.outputs[a].file_offset < layout_.outputs[b].file_offset;
  });
  for (u32 i : order) {
    if (i < layout_.groups.size()) {
      const std::string words = group_words(layout_.groups[i], relocations);
      assert(words.size() == layout_.outputs[i].size);
      append(layout_.outputs[i].file_offset, words.data(), words.size());
      continue;
    }
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
  header.e_type = options_.is_object() ? ET_REL : ET_EXEC;
  header.e_machine = program_.isa.machine();
  header.e_version = EV_CURRENT;
  header.e_entry = options_.is_object() ? 0 : static_cast<u32>(layout_.entry);
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

void ElfWriter::put_relocations(const std::vector<RelocationTable>& relocations) {
  for (u64 i = 0; i < relocations.size(); i++) {
    const std::string bytes = relocations[i].bytes();
    append(headers_[first_relocation_header() + i].sh_offset, bytes.data(), bytes.size());
  }
}

void ElfWriter::put_symbols(const SymbolTable& symbols, u64 next) {
  append(headers_[next++].sh_offset, symbols.entries.data(),
         symbols.entries.size() * sizeof(Elf32_Sym));
  if (!symbols.extended_indices.empty())
    append(headers_[next++].sh_offset, symbols.extended_indices.data(),
           symbols.extended_indices.size() * sizeof(u32));
  append(headers_[next].sh_offset, symbols.names.data(), symbols.names.size());
}

std::string ElfWriter::write(const SymbolTable* symbols,
                             const std::vector<RelocationTable>& relocations) {
  const u64 symbol_header = first_relocation_header() + relocations.size();
  add_output_headers();
  end_ = end_of_sections();
  add_relocation_headers(relocations);
  if (symbols != nullptr && symbols->indices)
    add_group_headers(*symbols, static_cast<u32>(symbol_header));
  if (symbols != nullptr) add_symbol_headers(*symbols);
  add_name_header();
  set_extended_counts();
  const u64 headers_offset = align_up(end_, 4);
  file_.reserve(headers_offset + headers_.size() * sizeof(Elf32_Shdr));
  put_elf_header(headers_offset);
  put_program_headers();
  put_contents(relocations);
  put_relocations(relocations);
  if (symbols != nullptr) put_symbols(*symbols, symbol_header);
  append(headers_.back().sh_offset, names_.data(), names_.size());
  append(headers_offset, headers_.data(), headers_.size() * sizeof(Elf32_Shdr));
  return std::move(file_);
}

}  // namespace

std::string write_elf(const Program& program, const MergedStrings& merged, const Layout& layout,
                      const Image& image, const ElfOptions& options) {
  ElfWriter writer(program, layout, image, options);
  SymbolOptions symbol_options;
  symbol_options.discard = options.discard;
  symbol_options.retained = options.retained;
  symbol_options.for_relocations = options.relocations != KeptRelocations::kNone;
  symbol_options.all_undefined = options.relocations == KeptRelocations::kAllObject;
  if (!symbol_options.for_relocations) {
    if (options.strip_all) return writer.write(nullptr, {});
    const SymbolTable symbols = output_symbols(program, merged, layout, symbol_options);
    return writer.write(&symbols, {});
  }
  // Relocations need their symbols: with -s, all others are left out that can be.
  if (options.strip_all) symbol_options.discard = Discard::kLocals;
  const SymbolTable symbols = output_symbols(program, merged, layout, symbol_options);
  return writer.write(&symbols, output_relocations(program, merged, layout, *symbols.indices,
                                                   options.is_object()));
}

}  // namespace fwseal
