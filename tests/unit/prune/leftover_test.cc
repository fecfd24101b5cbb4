#include "prune/leftover.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/prune/linked_object.h"

namespace fwseal {
namespace {

InputSection section(std::string_view name, u32 type, std::string_view contents = {}) {
  InputSection result;
  result.name = name;
  result.type = type;
  result.flags = SHF_ALLOC;
  result.contents = bytes_of(contents);
  return result;
}

TEST(Leftover, KnowsTablesOfADynamicLinker) {
  using std::string_view_literals::operator""sv;
  const std::vector<std::pair<const char*, u32>> tables = {
      {".dynamic", SHT_DYNAMIC},
      {".dynsym", SHT_DYNSYM},
      {".hash", SHT_HASH},
      {".gnu.hash", SHT_GNU_HASH},
      {".gnu.version", SHT_GNU_versym},
      {".gnu.version_d", SHT_GNU_verdef},
      {".gnu.version_r", SHT_GNU_verneed},
  };
  for (const auto& [name, type] : tables) {
    EXPECT_TRUE(is_leftover(section(name, type))) << name;
    EXPECT_TRUE(is_dynamic_table(section(name, type))) << name;
  }
  for (const char* name : {".plt", ".got.plt", ".iplt", ".igot.plt"})
    EXPECT_TRUE(is_leftover(section(name, SHT_PROGBITS))) << name;
  EXPECT_TRUE(is_leftover(section(".interp", SHT_PROGBITS, "/lib/ld.so.1\0"sv)));
}

// They are no input to anybody: string tables and relocations, of which an object has its own.
TEST(Leftover, StringsAndRelocationsNeverGetSoFar) {
  const std::vector<std::pair<const char*, u32>> tables = {{".dynstr", SHT_STRTAB},
                                                           {".rel.plt", SHT_REL},
                                                           {".rel.dyn", SHT_REL},
                                                           {".rela.plt", SHT_RELA},
                                                           {".rela.dyn", SHT_RELA}};
  for (const auto& [name, type] : tables) {
    ElfBuilder elf;
    elf.define("f", elf.text(".text"));
    const u32 table = elf.section({.name = name, .contents = {}, .type = type});
    LinkedObject linked(elf);
    EXPECT_TRUE(linked.program().inputs[linked.section(table)].excluded) << name;
  }
}

TEST(Leftover, DoesNotGoByNamesThatOthersUse) {
  EXPECT_FALSE(is_leftover(section(".hash", SHT_PROGBITS)));
  EXPECT_FALSE(is_leftover(section(".dynamic", SHT_PROGBITS)));
  EXPECT_FALSE(is_leftover(section(".interp", SHT_PROGBITS, "REPL")));
  EXPECT_FALSE(is_leftover(section(".got", SHT_PROGBITS)));
  InputSection debug = section(".dynamic", SHT_DYNAMIC);
  debug.flags = 0;
  EXPECT_FALSE(is_leftover(debug));
}

}  // namespace
}  // namespace fwseal
