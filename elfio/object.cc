// Reading relocatable objects.
//
// The header tables are translated by libelf's elf32_xlatetom, which takes any alignment (members
// of an archive stand on even offsets only) and only the bytes that it is given. libelf's handles
// are not used: opening one allocates a structure for each section, which for 400,000 sections
// costs as much as all the rest of reading them.
//
// Everything that a later pass uses as an index or as a size is checked here, once: links, infos,
// group members, sections of symbols, symbols and offsets of relocations, ends of strings. What is
// not checked is what an address means: a symbol may point outside of its section (compilers do
// that for biased bases), and whether a relocation's field lies in its section depends on its type.
#include "elfio/object.h"

#include <libelf.h>

#include <algorithm>
#include <cstring>

#include "elfio/arena.h"
#include "elfio/compressed.h"
#include "elfio/name_budget.h"
#include "elfio/object_header.h"

namespace fwseal {
namespace {

// Debug information compresses about four times. An object that claims much more is not one that a
// compiler made. The minimum is for small ones, where a section of one value compresses better.
constexpr u64 kUncompressedFactor = 64;
constexpr u64 kUncompressedMinimum = u64{1} << 16;

template <typename... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  throw BadInput(cat(parts...));
}

// Copies `count` entries of a header table.
template <typename T>
void translate(Elf_Type type, Bytes from, T* to, u64 count) {
  Elf_Data source{};
  source.d_buf = const_cast<std::byte*>(from.data());  // libelf has no type for bytes it only reads
  source.d_size = count * sizeof(T);
  source.d_type = type;
  source.d_version = EV_CURRENT;
  Elf_Data target = source;
  target.d_buf = to;
  if (elf32_xlatetom(&target, &source, ELFDATA2LSB) == nullptr) refuse(elf_errmsg(-1));
}

// Is it a table of the object file, as opposed to a part of the program?
bool is_table(u32 type) {
  switch (type) {
    case SHT_NULL:
    case SHT_SYMTAB:
    case SHT_STRTAB:
    case SHT_REL:
    case SHT_RELA:
    case SHT_SYMTAB_SHNDX:
    case SHT_GROUP:
      return true;
    default:
      return false;
  }
}

// std::has_single_bit counts all bits, by a call on processors without an instruction for it.
bool is_power_of_two(u64 value) { return value != 0 && (value & (value - 1)) == 0; }

bool is_relocation_table(u32 type) { return type == SHT_REL || type == SHT_RELA; }

// Sections that say something to the linker and are no part of any program.
bool is_for_the_linker(std::string_view name) {
  // Most sections are none of these, and there are hundreds of thousands.
  if (name.size() < 2 || (name[1] != 'n' && name[1] != 'g')) return false;
  return name == ".note.GNU-stack" || name.starts_with(".gnu.lto_") ||
         name.starts_with(".gnu.warning.");
}

class ObjectReader {
 public:
  ObjectReader(Bytes bytes, ExpectedMachine expected, ReadAs purpose);

  void read_symbol_table(Object& object) const;
  void append_sections(ObjectId id, std::vector<InputSection>& sections, Arena& arena);
  // These take the object's sections, header 0 being the first.
  void check_holds_code(const Object& object, std::span<const InputSection> sections) const;
  void attach_relocations(Object& object, std::span<InputSection> sections) const;
  void read_groups(Object& object, std::span<const InputSection> sections) const;

  u32 count() const { return static_cast<u32>(headers_.size()); }
  u32 flags() const { return elf_.e_flags; }

 private:
  void read_section_headers();
  void check_tables_apart() const;
  void find_names();
  std::string_view name(u32 i) const;
  std::string describe(u32 i) const { return cat("section ", i, " (", name(i), ")"); }
  Bytes contents(u32 i) const;
  Bytes string_table(u32 i) const;
  void check_symbols(const Object& object) const;
  void check_symbol_section(const Object& object, u32 i, u32 section) const;
  void fill_section(u32 i, InputSection& section) const;
  void uncompress(u32 i, InputSection& section, Arena& arena);
  void check_relocation_table(u32 i, std::span<const InputSection> sections) const;
  void check_relocations(u32 i, Object& object, const InputSection& target) const;
  Group read_group(u32 i, const Object& object, std::span<const InputSection> sections) const;

  Bytes bytes_;
  Elf32_Ehdr elf_{};
  std::vector<Elf32_Shdr> headers_;
  Bytes names_;
  u32 symbol_table_ = 0;  // section index; 0 if there is none
  u64 uncompressed_budget_;
};

ObjectReader::ObjectReader(Bytes bytes, ExpectedMachine expected, ReadAs purpose)
    : bytes_(bytes),
      uncompressed_budget_(std::max(kUncompressedMinimum, bytes.size() * kUncompressedFactor)) {
  check_kind(bytes, expected, purpose);
  elf_version(EV_CURRENT);  // libelf wants to be asked before it works
  translate(ELF_T_EHDR, bytes, &elf_, 1);
  if (elf_.e_shoff != 0) read_section_headers();
  for (u32 i = 1; i < count(); i++) {
    if (headers_[i].sh_type != SHT_SYMTAB) continue;
    if (symbol_table_ != 0) refuse(describe(i), " is a second symbol table");
    symbol_table_ = i;
  }
}

void ObjectReader::read_section_headers() {
  if (elf_.e_shentsize != sizeof(Elf32_Shdr))
    refuse("has section headers of ", elf_.e_shentsize, " bytes, not ", sizeof(Elf32_Shdr));
  // gABI, "ELF Header": counts that do not fit stand in the first section header.
  u64 count = elf_.e_shnum;
  if (count == 0) {
    Elf32_Shdr first;
    translate(ELF_T_SHDR, bytes_.sub(elf_.e_shoff, sizeof first), &first, 1);
    count = first.sh_size;
  }
  if (elf_.e_shoff > bytes_.size() || count > (bytes_.size() - elf_.e_shoff) / sizeof(Elf32_Shdr))
    refuse("section header table at ", hex(elf_.e_shoff), " (", count,
           " sections) ends past the end of the file (", hex(bytes_.size()), ")");
  headers_.resize(count);
  const u64 size = count * sizeof(Elf32_Shdr);
  translate(ELF_T_SHDR, bytes_.sub(elf_.e_shoff, size), headers_.data(), count);
  check_tables_apart();
  find_names();
}

// Sections that share their bytes would let a small file stand for any number of entries. Tables
// of strings may share some.
void ObjectReader::check_tables_apart() const {
  constexpr u64 kShared = 2;
  u64 tables = 0;
  u64 total = 0;
  for (const Elf32_Shdr& header : headers_) {
    if (is_relocation_table(header.sh_type) || header.sh_type == SHT_GROUP)
      tables += header.sh_size;
    if (header.sh_type != SHT_NOBITS && header.sh_type != SHT_NULL) total += header.sh_size;
  }
  if (tables > bytes_.size())
    refuse("relocations and groups of ", tables, " bytes do not fit into the file (", bytes_.size(),
           ")");
  if (total / kShared > bytes_.size())
    refuse("sections of ", total, " bytes do not fit into the file (", bytes_.size(), ")");
}

void ObjectReader::find_names() {
  if (headers_.empty()) return;
  const u32 table = elf_.e_shstrndx == SHN_XINDEX ? headers_[0].sh_link : elf_.e_shstrndx;
  if (table == SHN_UNDEF) return;
  if (table >= count()) refuse("section names are in section ", table, " of ", count());
  names_ = string_table(table);
}

std::string_view ObjectReader::name(u32 i) const {
  if (names_.empty()) return {};
  if (headers_[i].sh_name >= names_.size())
    refuse("name of section ", i, " at ", hex(headers_[i].sh_name),
           " is past the end of the names (", hex(names_.size()), ")");
  return {reinterpret_cast<const char*>(names_.data()) + headers_[i].sh_name};
}

Bytes ObjectReader::contents(u32 i) const {
  const Elf32_Shdr& header = headers_[i];
  if (header.sh_type == SHT_NOBITS || header.sh_size == 0) return {};
  if (header.sh_offset > bytes_.size() || header.sh_size > bytes_.size() - header.sh_offset)
    refuse("section ", i, " at ", hex(header.sh_offset), "+", hex(header.sh_size),
           " ends past the end of the file (", hex(bytes_.size()), ")");
  return bytes_.sub(header.sh_offset, header.sh_size);
}

// A table whose last string is terminated, so that every string in it is.
Bytes ObjectReader::string_table(u32 i) const {
  if (headers_[i].sh_type != SHT_STRTAB) refuse("section ", i, " is not a string table");
  const Bytes table = contents(i);
  if (!table.empty() && table.le<u8>(table.size() - 1) != 0)
    refuse("last string of the table in section ", i, " has no end");
  return table;
}

void ObjectReader::read_symbol_table(Object& object) const {
  object.elf_flags = flags();
  if (symbol_table_ == 0) return;
  const Elf32_Shdr& header = headers_[symbol_table_];
  if (header.sh_entsize != sizeof(Elf32_Sym) || header.sh_size % sizeof(Elf32_Sym) != 0)
    refuse(describe(symbol_table_), " is not a whole number of symbols");
  object.symbol_table = contents(symbol_table_);
  object.symbol_count = static_cast<u32>(header.sh_size / sizeof(Elf32_Sym));
  object.first_global = header.sh_info;
  if (object.first_global > object.symbol_count)
    refuse("first global symbol is ", object.first_global, " of ", object.symbol_count);
  if (header.sh_link >= count()) refuse("symbol names are in section ", header.sh_link);
  object.string_table = string_table(header.sh_link);
  for (u32 i = 1; i < count(); i++) {
    if (headers_[i].sh_type != SHT_SYMTAB_SHNDX || headers_[i].sh_link != symbol_table_) continue;
    object.extended_indices = contents(i);
    if (object.extended_indices.size() < u64{object.symbol_count} * 4)
      refuse(describe(i), " is shorter than the symbol table");
  }
  check_symbols(object);
}

void ObjectReader::check_symbols(const Object& object) const {
  const std::byte* const table = object.symbol_table.data();
  NameBudget names("symbols", bytes_.size());
  const bool measured = !names.covers(object.symbol_count, object.string_table.size());
  for (u32 i = 0; i < object.symbol_count; i++) {
    Elf32_Sym symbol;
    std::memcpy(&symbol, table + u64{i} * sizeof symbol, sizeof symbol);
    if (symbol.st_name >= object.string_table.size() && symbol.st_name != 0)
      refuse("name of symbol ", i, " at ", hex(symbol.st_name), " is past the end of the names (",
             hex(object.string_table.size()), ")");
    if (measured && symbol.st_name != 0)
      names.spend(object.string_table.c_string(symbol.st_name).size());
    // By this a reader knows which symbols have a meaning outside of the object.
    if (i >= object.first_global && ELF32_ST_BIND(symbol.st_info) == STB_LOCAL)
      refuse("local symbol ", i, " is not before the first global one (", object.first_global, ")");
    check_symbol_section(object, i, symbol.st_shndx);
  }
}

void ObjectReader::check_symbol_section(const Object& object, u32 i, u32 section) const {
  if (section < SHN_LORESERVE ? section < count() : section == SHN_ABS) return;
  if (section == SHN_COMMON && i >= object.first_global) return;
  if (section < SHN_LORESERVE) refuse("symbol ", i, " is in section ", section, " of ", count());
  if (section != SHN_XINDEX) refuse("symbol ", i, " is in unknown section ", section);
  if (object.extended_indices.empty())
    refuse("symbol ", i, " needs a table of extended section indices, and there is none");
  const u32 extended = object.extended_indices.le<u32>(u64{i} * 4);
  // Numbers that an ElfSymbol has another meaning for; 65,521 sections must come before them.
  if (extended == SHN_ABS || extended == SHN_COMMON)
    refuse("symbol ", i, " is in section ", extended,
           ", a number that is not handled; compile with fewer sections");
  if (extended >= count()) refuse("symbol ", i, " is in section ", extended, " of ", count());
}

void ObjectReader::append_sections(ObjectId id, std::vector<InputSection>& sections, Arena& arena) {
  NameBudget names("sections", bytes_.size());
  for (u32 i = 0; i < count(); i++) {
    InputSection& section = sections.emplace_back();
    section.object = id;
    section.elf_index = i;
    section.excluded = true;
    if (i == 0) continue;  // it may hold counts instead of what its fields say
    fill_section(i, section);
    names.spend(section.name.size());
    const bool zdebug = !section.has(SHF_ALLOC) && is_zdebug(section.name, section.contents);
    if (section.has(SHF_COMPRESSED) || zdebug) uncompress(i, section, arena);
    // An entry size that is none or does not divide the contents leaves nothing to merge.
    if (section.has(SHF_MERGE) &&
        (section.entry_size == 0 || section.size % section.entry_size != 0))
      section.flags &= ~u64{SHF_MERGE | SHF_STRINGS};
  }
}

void ObjectReader::fill_section(u32 i, InputSection& section) const {
  const Elf32_Shdr& header = headers_[i];
  section.name = name(i);
  section.type = header.sh_type;
  if (header.sh_type == SHT_NULL) return;
  section.contents = contents(i);
  section.size = header.sh_size;
  section.flags = header.sh_flags;
  section.alignment = header.sh_addralign == 0 ? 1 : header.sh_addralign;
  section.entry_size = header.sh_entsize;
  section.link = header.sh_link;
  section.info = header.sh_info;
  section.excluded =
      is_table(header.sh_type) || section.has(SHF_EXCLUDE) || is_for_the_linker(section.name);
  if (!is_power_of_two(section.alignment))
    refuse(describe(i), " has alignment ", section.alignment, ", not a power of two");
  if (section.link >= count()) refuse(describe(i), " is linked to section ", section.link);
  const bool info_is_section = section.has(SHF_INFO_LINK) || is_relocation_table(section.type);
  if (info_is_section && section.info >= count())
    refuse(describe(i), " is about section ", section.info, " of ", count());
}

void ObjectReader::uncompress(u32 i, InputSection& section, Arena& arena) {
  // gABI, "Section Compression": not for sections that are allocated, or that have no bytes.
  if (section.has(SHF_ALLOC) || section.type == SHT_NOBITS)
    refuse(describe(i), " is compressed, which only sections that are not loaded can be");
  try {
    if (section.has(SHF_COMPRESSED)) {
      Uncompressed result = uncompress_section(section.contents, uncompressed_budget_);
      const u64 alignment = result.alignment == 0 ? 1 : result.alignment;
      if (!is_power_of_two(alignment)) refuse("has alignment ", alignment);
      section.contents = arena.keep_bytes(std::move(result.bytes));
      section.alignment = static_cast<u32>(alignment);
      section.flags &= ~u64{SHF_COMPRESSED};
    } else {
      section.contents =
          arena.keep_bytes(uncompress_zdebug(section.contents, uncompressed_budget_));
      section.name = arena.keep(cat(".", section.name.substr(2)));
    }
  } catch (const BadInput& bad) {
    refuse(describe(i), " ", bad.what());
  }
  section.size = section.contents.size();
  uncompressed_budget_ -= section.size;
}

// GCC, "-flto" and "-ffat-lto-objects": an object that only holds bytecode says so by the symbol.
void ObjectReader::check_holds_code(const Object& object,
                                    std::span<const InputSection> sections) const {
  if (std::ranges::none_of(sections, [](const InputSection& section) {
        return section.excluded && !is_table(section.type) && section.name.starts_with(".gnu.lto_");
      }))
    return;
  for (u32 i = object.first_global; i < object.symbol_count; i++)
    if (object.symbol(i).name == "__gnu_lto_slim")
      refuse(
          "holds GCC's LTO bytecode and no code; compile with -ffat-lto-objects or without "
          "-flto");
}

void ObjectReader::attach_relocations(Object& object, std::span<InputSection> sections) const {
  for (u32 i = 1; i < count(); i++) {
    if (!is_relocation_table(headers_[i].sh_type) || headers_[i].sh_size == 0) continue;
    check_relocation_table(i, sections);
    InputSection& target = sections[headers_[i].sh_info];
    target.relocations = sections[i].contents;
    target.has_addends = headers_[i].sh_type == SHT_RELA;
    check_relocations(i, object, target);
  }
}

void ObjectReader::check_relocation_table(u32 i, std::span<const InputSection> sections) const {
  const Elf32_Shdr& header = headers_[i];
  const u64 entry = header.sh_type == SHT_RELA ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel);
  if (header.sh_entsize != entry || header.sh_size % entry != 0)
    refuse(describe(i), " is not a whole number of relocations");
  if (header.sh_link != symbol_table_ || symbol_table_ == 0)
    refuse(describe(i), " is linked to section ", header.sh_link, ", not to the symbol table");
  const InputSection& target = sections[header.sh_info];
  if (is_table(target.type) || target.type == SHT_NOBITS)
    refuse(describe(i), " relocates ", describe(header.sh_info), ", which has no contents");
  if (!target.relocations.empty())
    refuse(describe(i), " is the second table of relocations for ", describe(header.sh_info));
}

void ObjectReader::check_relocations(u32 i, Object& object, const InputSection& target) const {
  const u64 entry = target.has_addends ? sizeof(Elf32_Rela) : sizeof(Elf32_Rel);
  const std::byte* const table = target.relocations.data();
  for (u64 at = 0; at < target.relocations.size(); at += entry) {
    Elf32_Rel relocation;  // the beginning of an Elf32_Rela, too
    std::memcpy(&relocation, table + at, sizeof relocation);
    if (ELF32_R_SYM(relocation.r_info) >= object.symbol_count)
      refuse("relocation ", at / entry, " of ", describe(i), " refers to symbol ",
             ELF32_R_SYM(relocation.r_info), " of ", object.symbol_count);
    // One that stores nothing (R_ARM_NONE by `.reloc`) may stand at the very end.
    if (relocation.r_offset > target.size)
      refuse("relocation ", at / entry, " of ", describe(i), " is at ", hex(relocation.r_offset),
             ", past the end of its section (", hex(target.size), ")");
    object.relocation_types.set(ELF32_R_TYPE(relocation.r_info));
  }
}

void ObjectReader::read_groups(Object& object, std::span<const InputSection> sections) const {
  NameBudget names("groups", bytes_.size());
  for (u32 i = 1; i < count(); i++) {
    if (headers_[i].sh_type != SHT_GROUP) continue;
    object.groups.push_back(read_group(i, object, sections));
    names.spend(object.groups.back().signature.size());
  }
}

// gABI, "Section Groups": a word of flags, then the section indices of the members.
Group ObjectReader::read_group(u32 i, const Object& object,
                               std::span<const InputSection> sections) const {
  const Bytes words = contents(i);
  if (words.size() < 4 || words.size() % 4 != 0) refuse(describe(i), " is not a list of words");
  if (headers_[i].sh_link != symbol_table_ || headers_[i].sh_info >= object.symbol_count)
    refuse(describe(i), " is named by symbol ", headers_[i].sh_info, " of ", object.symbol_count);
  Group group;
  group.section = i;
  group.symbol = headers_[i].sh_info;
  const ElfSymbol signature = object.symbol(headers_[i].sh_info);
  group.signature = signature.name;
  // GNU as names a group by a section if it has no symbol to name it by.
  if (signature.name.empty() && signature.type == STT_SECTION && signature.section < count())
    group.signature = sections[signature.section].name;
  group.comdat = (words.le<u32>(0) & GRP_COMDAT) != 0;
  for (u64 at = 4; at < words.size(); at += 4) {
    const u32 member = words.le<u32>(at);
    if (member == 0 || member >= count())
      refuse(describe(i), " has section ", member, " of ", count(), " as a member");
    group.members.push_back(member);
  }
  return group;
}

}  // namespace

ElfSymbol Object::symbol(u32 symbol_index) const {
  ElfSymbol symbol = nameless_symbol(symbol_index);
  const u32 name = symbol_table.le<u32>(u64{symbol_index} * sizeof(Elf32_Sym));
  if (name != 0) symbol.name = string_table.c_string(name);
  return symbol;
}

ElfSymbol Object::nameless_symbol(u32 symbol_index) const {
  const Bytes entry = symbol_table.sub(u64{symbol_index} * sizeof(Elf32_Sym), sizeof(Elf32_Sym));
  Elf32_Sym raw;
  std::memcpy(&raw, entry.data(), sizeof raw);
  ElfSymbol symbol;
  symbol.value = raw.st_value;
  symbol.size = raw.st_size;
  symbol.section = raw.st_shndx != SHN_XINDEX ? u32{raw.st_shndx}
                                              : extended_indices.le<u32>(u64{symbol_index} * 4);
  symbol.binding = ELF32_ST_BIND(raw.st_info);
  symbol.type = ELF32_ST_TYPE(raw.st_info);
  symbol.visibility = ELF32_ST_VISIBILITY(raw.st_other);
  return symbol;
}

namespace {

// Of a million headers half are those of relocation tables: what they say stands in the section
// that they are about, and nobody asks for them again.
void drop_tables(Object& object, std::vector<InputSection>& sections) {
  const u32 first = index(object.first_section);
  object.slots.assign(object.section_count, 0);
  u32 next = 1;
  for (u32 i = 1; i < object.section_count; i++) {
    const u32 type = sections[first + i].type;
    if (type == SHT_NULL || (is_table(type) && type != SHT_GROUP)) continue;
    object.slots[i] = next;
    if (next != i) sections[first + next] = sections[first + i];
    next++;
  }
  if (object.section_count != 0) sections.resize(first + next);
}

}  // namespace

Object read_object(Bytes bytes, ExpectedMachine expected, ObjectId id,
                   std::vector<InputSection>& sections, Arena& arena) {
  ObjectReader reader(bytes, expected, ReadAs::kObject);
  const u64 first = sections.size();
  Object object;
  object.first_section = SectionId{static_cast<u32>(first)};
  object.section_count = reader.count();
  try {
    reader.read_symbol_table(object);
    reader.append_sections(id, sections, arena);
    const std::span<InputSection> own = std::span(sections).subspan(first);
    reader.check_holds_code(object, own);
    reader.attach_relocations(object, own);
    reader.read_groups(object, own);
    drop_tables(object, sections);
  } catch (const BadInput&) {
    sections.resize(first);
    throw;
  }
  return object;
}

Object read_symbols(Bytes bytes, ExpectedMachine expected) {
  const ObjectReader reader(bytes, expected, ReadAs::kSymbolsOnly);
  Object object;
  object.symbols_only = true;
  reader.read_symbol_table(object);
  return object;
}

}  // namespace fwseal
