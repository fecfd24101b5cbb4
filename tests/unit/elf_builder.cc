#include "tests/unit/elf_builder.h"

#include <cassert>
#include <cstring>
#include <utility>

namespace fwseal {
namespace {

template <typename T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// A string table, in which every name is stored once for each time it is added.
struct Strings {
  std::string bytes = std::string(1, '\0');

  u32 add(std::string_view text) {
    if (text.empty()) return 0;
    const u32 offset = static_cast<u32>(bytes.size());
    bytes.append(text);
    bytes.push_back('\0');
    return offset;
  }
};

void pad_to(std::string& out, u64 alignment) { out.resize(align_up(out.size(), alignment)); }

}  // namespace

// The file while it is being put together: everything but the section header table.
struct ElfBuilder::Output {
  std::string bytes = std::string(sizeof(Elf32_Ehdr), '\0');
  std::vector<Elf32_Shdr> headers = std::vector<Elf32_Shdr>(1);
  Strings names;

  u32 add(std::string_view name, Elf32_Shdr header, std::string_view contents) {
    header.sh_name = names.add(name);
    if (header.sh_type != SHT_NOBITS) {
      pad_to(bytes, 4);
      header.sh_size = static_cast<u32>(contents.size());
      header.sh_offset = static_cast<u32>(bytes.size());
      bytes.append(contents);
    }
    headers.push_back(header);
    return static_cast<u32>(headers.size() - 1);
  }
};

u32 ElfBuilder::section(Section section) {
  sections_.push_back(std::move(section));
  relocations_.emplace_back();
  return static_cast<u32>(sections_.size());
}

u32 ElfBuilder::text(std::string name, u32 size) {
  return section({.name = std::move(name),
                  .flags = SHF_ALLOC | SHF_EXECINSTR,
                  .contents = std::string(size, '\0')});
}

u32 ElfBuilder::data(std::string name, std::string contents, u32 section_flags) {
  return section(
      {.name = std::move(name), .flags = section_flags, .contents = std::move(contents)});
}

u32 ElfBuilder::bss(std::string name, u32 size) {
  return section(
      {.name = std::move(name), .flags = SHF_ALLOC | SHF_WRITE, .type = SHT_NOBITS, .size = size});
}

u32 ElfBuilder::add_symbol(Symbol symbol) {
  symbol.rank = symbol.traits.binding == STB_LOCAL ? locals_++ : globals_++;
  symbols_.push_back(std::move(symbol));
  return static_cast<u32>(symbols_.size());
}

u32 ElfBuilder::define(std::string name, u32 section, SymbolTraits traits) {
  return add_symbol({std::move(name), section, SHN_UNDEF, traits});
}

u32 ElfBuilder::define_local(std::string name, u32 section, u32 value, u8 symbol_type) {
  return define(std::move(name), section,
                {.value = value, .type = symbol_type, .binding = STB_LOCAL});
}

u32 ElfBuilder::define_weak(std::string name, u32 section, u32 value) {
  return define(std::move(name), section, {.value = value, .binding = STB_WEAK});
}

u32 ElfBuilder::refer(std::string name, u8 binding, u8 visibility) {
  return define(std::move(name), 0, {.binding = binding, .visibility = visibility});
}

u32 ElfBuilder::common(std::string name, u32 size, u32 alignment) {
  return add_symbol(
      {std::move(name), 0, SHN_COMMON, {.value = alignment, .size = size, .type = STT_OBJECT}});
}

u32 ElfBuilder::absolute(std::string name, u32 value, u8 binding) {
  return add_symbol({std::move(name), 0, SHN_ABS, {.value = value, .binding = binding}});
}

u32 ElfBuilder::section_symbol(u32 section) {
  return define({}, section, {.type = STT_SECTION, .binding = STB_LOCAL});
}

u32 ElfBuilder::file_symbol(std::string name) {
  return add_symbol({std::move(name), 0, SHN_ABS, {.type = STT_FILE, .binding = STB_LOCAL}});
}

void ElfBuilder::relocate(u32 section, u32 offset, u32 relocation_type, u32 symbol) {
  relocations_[section - 1].entries.push_back({section, offset, relocation_type, symbol, 0});
}

void ElfBuilder::relocate(u32 section, u32 offset, u32 relocation_type, u32 symbol, i32 addend) {
  relocations_[section - 1].entries.push_back({section, offset, relocation_type, symbol, addend});
  relocations_[section - 1].has_addends = true;
}

void ElfBuilder::group(std::string signature, std::vector<u32> sections, bool comdat) {
  // The signature is the name of a symbol that need not be defined.
  const u32 symbol = define(std::move(signature), 0, {.binding = STB_LOCAL});
  groups_.push_back({std::move(sections), symbol, comdat});
}

u32 ElfBuilder::symbol_index(u32 handle) const {
  if (handle == 0) return 0;
  const Symbol& symbol = symbols_[handle - 1];
  return symbol.traits.binding == STB_LOCAL ? 1 + symbol.rank : 1 + locals_ + symbol.rank;
}

u32 ElfBuilder::relocated_count() const {
  u32 count = 0;
  for (const Relocations& relocations : relocations_) count += !relocations.entries.empty();
  return count;
}

void ElfBuilder::add_groups(Output& out) const {
  const u32 symbol_table =
      static_cast<u32>(groups_.size() + sections_.size()) + relocated_count() + 1;
  for (const Group& group : groups_) {
    std::string contents;
    append(contents, u32{group.comdat ? GRP_COMDAT : 0u});
    for (u32 member : group.sections) append(contents, section_index(member));
    Elf32_Shdr header{};
    header.sh_type = SHT_GROUP;
    header.sh_link = symbol_table;
    header.sh_info = symbol_index(group.symbol);
    header.sh_addralign = 4;
    header.sh_entsize = 4;
    out.add(".group", header, contents);
  }
}

void ElfBuilder::add_sections(Output& out) const {
  std::vector<bool> grouped(sections_.size() + 1);
  for (const Group& group : groups_)
    for (u32 member : group.sections)
      if (member < grouped.size()) grouped[member] = true;
  for (u32 i = 0; i < sections_.size(); i++) {
    const Section& section = sections_[i];
    Elf32_Shdr header{};
    header.sh_type = section.type;
    header.sh_flags = section.flags | (grouped[i + 1] ? u32{SHF_GROUP} : 0);
    header.sh_size = section.size;
    header.sh_link = section.link == 0 ? 0 : section_index(section.link);
    header.sh_info = section.info;
    header.sh_addralign = section.alignment;
    header.sh_entsize = section.entry_size;
    out.add(section.name, header, section.contents);
  }
}

void ElfBuilder::add_relocations(Output& out, u32 symbol_table) const {
  for (u32 i = 0; i < sections_.size(); i++) {
    const Relocations& relocations = relocations_[i];
    if (relocations.entries.empty()) continue;
    std::string contents;
    for (const Entry& entry : relocations.entries) {
      append(contents, entry.offset);
      append(contents, u32{ELF32_R_INFO(symbol_index(entry.symbol), entry.type)});
      if (relocations.has_addends) append(contents, entry.addend);
    }
    Elf32_Shdr header{};
    header.sh_type = relocations.has_addends ? SHT_RELA : SHT_REL;
    header.sh_flags = SHF_INFO_LINK;
    header.sh_link = symbol_table;
    header.sh_info = section_index(i + 1);
    header.sh_addralign = 4;
    header.sh_entsize = relocations.has_addends ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel);
    out.add((relocations.has_addends ? ".rela" : ".rel") + sections_[i].name, header, contents);
  }
}

void ElfBuilder::add_symbols(Output& out, u32 symbol_table) const {
  Strings names;
  std::vector<Elf32_Sym> entries(symbols_.size() + 1);
  std::vector<u32> extended(entries.size());
  bool needs_extended = false;
  for (u32 handle = 1; handle <= symbols_.size(); handle++) {
    const Symbol& symbol = symbols_[handle - 1];
    const u32 at = symbol_index(handle);
    Elf32_Sym& entry = entries[at];
    entry.st_name = names.add(symbol.name);
    entry.st_value = symbol.traits.value;
    entry.st_size = symbol.traits.size;
    entry.st_info = static_cast<u8>(ELF32_ST_INFO(symbol.traits.binding, symbol.traits.type));
    entry.st_other = symbol.traits.visibility;
    entry.st_shndx = symbol.special;
    if (symbol.section == 0) continue;
    const u32 section = section_index(symbol.section);
    const bool far = section >= SHN_LORESERVE;
    entry.st_shndx = far ? u16{SHN_XINDEX} : static_cast<u16>(section);
    extended[at] = far ? section : 0;
    needs_extended |= far;
  }
  std::string contents;
  for (const Elf32_Sym& entry : entries) append(contents, entry);
  Elf32_Shdr header{};
  header.sh_type = SHT_SYMTAB;
  header.sh_link = symbol_table + 1;
  header.sh_info = 1 + locals_;
  header.sh_addralign = 4;
  header.sh_entsize = sizeof(Elf32_Sym);
  out.add(".symtab", header, contents);
  Elf32_Shdr strings{};
  strings.sh_type = SHT_STRTAB;
  out.add(".strtab", strings, names.bytes);
  if (!needs_extended) return;
  std::string indices;
  for (u32 section : extended) append(indices, section);
  Elf32_Shdr shndx{};
  shndx.sh_type = SHT_SYMTAB_SHNDX;
  shndx.sh_link = symbol_table;
  shndx.sh_entsize = 4;
  out.add(".symtab_shndx", shndx, indices);
}

std::string ElfBuilder::build() const {
  Output out;
  add_groups(out);
  add_sections(out);
  const u32 symbol_table = static_cast<u32>(out.headers.size()) + relocated_count();
  add_relocations(out, symbol_table);
  assert(out.headers.size() == symbol_table);
  add_symbols(out, symbol_table);
  const u32 names = static_cast<u32>(out.headers.size());
  Elf32_Shdr strings{};
  strings.sh_type = SHT_STRTAB;
  const u32 own_name = out.names.add(".shstrtab");
  out.add({}, strings, out.names.bytes);
  out.headers.back().sh_name = own_name;

  pad_to(out.bytes, 4);
  Elf32_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = type;
  header.e_machine = machine;
  header.e_version = EV_CURRENT;
  header.e_flags = flags;
  header.e_shoff = static_cast<u32>(out.bytes.size());
  header.e_ehsize = sizeof(Elf32_Ehdr);
  header.e_shentsize = sizeof(Elf32_Shdr);
  // gABI, "ELF Header": counts that do not fit stand in the first section header.
  const u32 count = static_cast<u32>(out.headers.size());
  const bool many = count >= SHN_LORESERVE;
  header.e_shnum = many ? u16{0} : static_cast<u16>(count);
  header.e_shstrndx = many ? u16{SHN_XINDEX} : static_cast<u16>(names);
  if (many) {
    out.headers[0].sh_size = count;
    out.headers[0].sh_link = names;
  }
  std::memcpy(out.bytes.data(), &header, sizeof header);
  for (const Elf32_Shdr& section : out.headers) append(out.bytes, section);
  return out.bytes;
}

namespace {

void field(std::string& out, std::string_view text, u64 width) {
  assert(text.size() <= width);
  out.append(text);
  out.append(width - text.size(), ' ');
}

void member_header(std::string& out, std::string_view name, u64 size) {
  field(out, name, 16);
  field(out, "0", 12);
  field(out, "0", 6);
  field(out, "0", 6);
  field(out, "644", 8);
  field(out, std::to_string(size), 10);
  out.append("`\n");
}

void big_endian(std::string& out, u64 value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
}

void padded(std::string& out, std::string_view contents) {
  out.append(contents);
  if (contents.size() % 2 != 0) out.push_back('\n');
}

}  // namespace

std::string build_archive(const std::vector<MemberSpec>& members, ArchiveKind kind) {
  const bool thin = kind == ArchiveKind::kThin;
  std::string long_names;
  std::vector<std::string> short_names;
  for (const MemberSpec& member : members) {
    if (!thin && member.name.size() < 16) {
      short_names.push_back(member.name + "/");
    } else {
      short_names.push_back("/" + std::to_string(long_names.size()));
      long_names += member.name + "/\n";
    }
  }
  u64 index_size = 4;
  u32 index_count = 0;
  for (const MemberSpec& member : members)
    for (const std::string& name : member.index) {
      index_size += 4 + name.size() + 1;
      index_count++;
    }

  std::string body;
  if (!long_names.empty()) {
    member_header(body, "//", long_names.size());
    padded(body, long_names);
  }
  const bool indexed = kind != ArchiveKind::kWithoutIndex;
  const u64 body_start = 8 + (indexed ? 60 + align_up(index_size, 2) : 0);
  std::vector<u64> offsets;
  for (u64 i = 0; i < members.size(); i++) {
    offsets.push_back(body_start + body.size());
    member_header(body, short_names[i], members[i].contents.size());
    if (!thin) padded(body, members[i].contents);
  }

  std::string out = thin ? "!<thin>\n" : "!<arch>\n";
  if (indexed) {
    std::string table;
    big_endian(table, index_count);
    for (u64 i = 0; i < members.size(); i++)
      for (u64 k = 0; k < members[i].index.size(); k++) big_endian(table, offsets[i]);
    for (const MemberSpec& member : members)
      for (const std::string& name : member.index) table += name + std::string(1, '\0');
    member_header(out, "/", table.size());
    padded(out, table);
  }
  return out + body;
}

}  // namespace fwseal
