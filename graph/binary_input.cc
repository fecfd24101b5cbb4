#include "graph/binary_input.h"

#include <array>
#include <string>

namespace fwseal {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

Elf32_Sym symbol(u32 name, u64 value, u16 section) {
  Elf32_Sym result{};
  result.st_name = name;
  result.st_value = static_cast<Elf32_Addr>(value);
  result.st_info = ELF32_ST_INFO(STB_GLOBAL, STT_NOTYPE);
  result.st_shndx = section;
  return result;
}

}  // namespace

Object binary_object(Bytes file, std::string_view path, Object like, Inputs& inputs) {
  constexpr u16 kData = 1;
  std::string prefix = "_binary_";
  for (char c : path) prefix += is_letter_or_digit(c) ? c : '_';
  std::string names(1, '\0');
  std::array<Elf32_Sym, 4> symbols{};
  const auto define = [&](u64 i, std::string_view suffix, u64 value, u16 section) {
    symbols[i] = symbol(static_cast<u32>(names.size()), value, section);
    names += cat(prefix, suffix, '\0');
  };
  define(1, "_start", 0, kData);
  define(2, "_end", file.size(), kData);
  define(3, "_size", file.size(), SHN_ABS);

  Object object = std::move(like);
  object.first_section = SectionId{static_cast<u32>(inputs.sections.size())};
  object.section_count = 2;
  object.symbol_count = symbols.size();
  object.first_global = 1;
  object.symbol_table = inputs.arena.keep_bytes(
      std::string(reinterpret_cast<const char*>(symbols.data()), sizeof symbols));
  object.string_table = inputs.arena.keep_bytes(std::move(names));

  const ObjectId id{static_cast<u32>(inputs.objects.size())};
  InputSection& none = inputs.sections.emplace_back();
  none.object = id;
  none.excluded = true;
  InputSection& data = inputs.sections.emplace_back();
  data.name = ".data";
  data.contents = file;
  data.size = file.size();
  data.flags = SHF_ALLOC | SHF_WRITE;
  data.type = SHT_PROGBITS;
  data.object = id;
  return object;
}

}  // namespace fwseal
