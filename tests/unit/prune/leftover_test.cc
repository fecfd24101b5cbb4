#include "prune/leftover.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/unit/elf_builder.h"

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
  EXPECT_TRUE(is_leftover(section(".dynamic", SHT_DYNAMIC)));
  EXPECT_TRUE(is_leftover(section(".hash", SHT_HASH)));
  EXPECT_TRUE(is_leftover(section(".gnu.version_r", SHT_GNU_verneed)));
  EXPECT_TRUE(is_leftover(section(".got.plt", SHT_PROGBITS)));
  EXPECT_TRUE(is_leftover(section(".interp", SHT_PROGBITS, "/lib/ld.so.1\0"sv)));
  EXPECT_TRUE(is_dynamic_table(section(".dynsym", SHT_DYNSYM)));
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
