// Any bytes are an object that is read or refused. Of one that is read, everything that later
// passes rely on must hold: each index is in range, and each name can be read.
#include "elfio/arena.h"
#include "elfio/arm_attributes.h"
#include "elfio/object.h"
#include "tests/fuzz/fuzz_input.h"

namespace fwseal {
namespace {

void check_symbols(const Object& object) {
  for (u32 i = 0; i < object.symbol_count; i++) {
    const ElfSymbol symbol = object.symbol(i);
    const bool special =
        symbol.section == SHN_UNDEF || symbol.section == SHN_ABS || symbol.section == SHN_COMMON;
    fuzz_expect(special || symbol.section < object.section_count, "symbol in no section");
    fuzz_expect(i < object.first_global || symbol.binding != STB_LOCAL, "local symbol is global");
  }
}

void check_section(const Object& object, const InputSection& section) {
  fuzz_expect(section.link < object.section_count || section.type == SHT_NULL, "link out of range");
  fuzz_expect(section.alignment != 0 && (section.alignment & (section.alignment - 1)) == 0,
              "alignment is no power of two");
  fuzz_expect(section.type == SHT_NOBITS || section.contents.size() == section.size,
              "contents are not as long as the section");
  for (u64 i = 0; i < relocation_count(section); i++) {
    const Relocation reference = relocation(section, i);
    fuzz_expect(reference.symbol < object.symbol_count, "relocation without symbol");
    fuzz_expect(reference.offset <= section.size, "relocation outside of its section");
  }
  if (section.type != SHT_ARM_ATTRIBUTES) return;
  try {
    (void)read_arm_attributes(section.contents);
  } catch (const BadInput&) {
  }
}

void read(Bytes bytes) {
  Arena arena;
  std::vector<InputSection> sections;
  try {
    const Object object = read_object(bytes, {}, ObjectId{0}, sections, arena);
    fuzz_expect(sections.size() <= object.section_count, "sections and their count differ");
    check_symbols(object);
    for (const InputSection& section : sections) check_section(object, section);
    for (const Group& group : object.groups)
      for (const u32 member : group.members)
        fuzz_expect(member < object.section_count, "group member out of range");
  } catch (const BadInput& bad) {
    fuzz_expect(bad.what()[0] != '\0', "refused without a reason");
    fuzz_expect(sections.empty(), "a refused object left sections");
  }
  try {
    const Object object = read_symbols(bytes, {});  // without sections
    for (u32 i = 0; i < object.symbol_count; i++) (void)object.symbol(i);
  } catch (const BadInput&) {
  }
}

}  // namespace
}  // namespace fwseal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fwseal::read(fwseal::fuzz_bytes(data, size));
  return 0;
}
