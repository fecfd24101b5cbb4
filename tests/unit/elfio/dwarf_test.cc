#include "elfio/dwarf.h"

#include <gtest/gtest.h>

#include "elfio/dwarf_abbrev.h"
#include "tests/unit/elf_builder.h"

namespace fwseal {
namespace {

using namespace std::string_literals;

TEST(Dwarf, NumbersComeBack) {
  for (u64 shift = 0; shift < 64; shift++)
    for (const u64 number : {u64{1} << shift, (u64{1} << shift) - 1, ~u64{0} << shift}) {
      const std::string unsigned_bytes = uleb_of(number);
      DwarfCursor cursor(bytes_of(unsigned_bytes), 0);
      EXPECT_EQ(cursor.uleb(), number);
      EXPECT_TRUE(cursor.done());
      const std::string signed_bytes = sleb_of(static_cast<i64>(number));
      DwarfCursor other(bytes_of(signed_bytes), 0);
      EXPECT_EQ(other.sleb(), static_cast<i64>(number));
      EXPECT_TRUE(other.done());
      for (u64 more = 0; more < 3; more++) {
        const auto padded = uleb_of_size(number, unsigned_bytes.size() + more);
        ASSERT_TRUE(padded);
        EXPECT_EQ(padded->size(), unsigned_bytes.size() + more);
        DwarfCursor third(bytes_of(*padded), 0);
        EXPECT_EQ(third.uleb(), number);
        EXPECT_TRUE(third.done());
      }
      EXPECT_FALSE(uleb_of_size(number, unsigned_bytes.size() - 1));
    }
  // DWARF 5, tables of examples of ULEB128 and SLEB128.
  EXPECT_EQ(uleb_of(12857), "\xb9\x64");
  EXPECT_EQ(sleb_of(-129), "\xff\x7e");
  EXPECT_EQ(sleb_of(127), "\xff\0"s);
  EXPECT_EQ(fixed_of_size(0x1234, 2), "\x34\x12");
  EXPECT_EQ(fixed_of_size(0x12345, 2), std::nullopt);
}

TEST(Dwarf, NumbersOfTooManyBits) {
  const std::string too_long = std::string(9, '\xff') + "\x03";
  EXPECT_THROW(DwarfCursor(bytes_of(too_long), 0).uleb(), BadInput);
  const std::string without_end = "\x80\x80";
  EXPECT_THROW(DwarfCursor(bytes_of(without_end), 0).uleb(), BadInput);
  EXPECT_THROW(DwarfCursor(bytes_of(without_end), 0).sleb(), BadInput);
  const std::string padded = "\x81" + std::string(30, '\x80') + "\0"s;
  EXPECT_EQ(DwarfCursor(bytes_of(padded), 0).uleb(), 1u);
}

TEST(Dwarf, InitialLengths) {
  const std::string short_form = "ab\3\0\0\0xyz"s;
  const DwarfUnit unit = read_initial_length(bytes_of(short_form), 2);
  EXPECT_EQ(unit.length_place, 2u);
  EXPECT_EQ(unit.begin, 6u);
  EXPECT_EQ(unit.end, 9u);
  EXPECT_EQ(unit.offset_size, 4u);
  const std::string long_form = "\xff\xff\xff\xff\1\0\0\0\0\0\0\0x"s;
  const DwarfUnit wide = read_initial_length(bytes_of(long_form), 0);
  EXPECT_EQ(wide.length_place, 4u);
  EXPECT_EQ(wide.begin, 12u);
  EXPECT_EQ(wide.end, 13u);
  EXPECT_EQ(wide.offset_size, 8u);
  for (const std::string& bad : {"\4\0\0\0xyz"s, "\xf1\xff\xff\xff"s, "\0\0"s,
                                 "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s})
    EXPECT_THROW(read_initial_length(bytes_of(bad), 0), BadInput);
}

// Every form, with what it takes of these bytes.
TEST(Dwarf, SizesOfForms) {
  const std::string bytes = "\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s;
  const std::vector<std::pair<u32, u64>> sizes = {
      {0x01, 4}, {0x03, 4}, {0x04, 6},   {0x05, 2},   {0x06, 4},   {0x07, 8},  {0x08, 2}, {0x09, 3},
      {0x0a, 3}, {0x0b, 1}, {0x0c, 1},   {0x0d, 1},   {0x0e, 4},   {0x0f, 1},  {0x10, 4}, {0x11, 1},
      {0x12, 2}, {0x13, 4}, {0x14, 8},   {0x15, 1},   {0x17, 4},   {0x18, 3},  {0x19, 0}, {0x1a, 1},
      {0x1b, 1}, {0x1c, 4}, {0x1d, 4},   {0x1e, 16},  {0x1f, 4},   {0x20, 8},  {0x21, 0}, {0x22, 1},
      {0x23, 1}, {0x24, 8}, {0x25, 1},   {0x26, 2},   {0x27, 3},   {0x28, 4},  {0x29, 1}, {0x2a, 2},
      {0x2b, 3}, {0x2c, 4}, {0x1f01, 1}, {0x1f02, 1}, {0x1f20, 4}, {0x1f21, 4}};
  for (const auto& [form, size] : sizes) {
    DwarfCursor cursor(bytes_of(bytes), 0);
    read_form(form, 7, {5, 4, 4}, cursor);
    EXPECT_EQ(cursor.at(), size) << form;
    // Of no form a byte that is not there is read.
    for (u64 less = 0; less < size; less++) {
      DwarfCursor prefix(bytes_of(bytes).sub(0, less), 0);
      EXPECT_THROW(read_form(form, 7, {5, 4, 4}, prefix), BadInput) << form;
    }
  }
  DwarfCursor cursor(bytes_of(bytes), 0);
  EXPECT_THROW(read_form(0x02, 0, {5, 4, 4}, cursor), BadInput);
  const std::string indirect = "\x05\x34\x12";
  DwarfCursor through(bytes_of(indirect), 0);
  EXPECT_EQ(read_form(0x16, 0, {5, 4, 4}, through).number, 0x1234u);
}

TEST(Dwarf, Abbreviations) {
  const std::string table =
      "\1\x11\1\x11\1\0\0"
      "\2\x2e\0\x12\x21\x2a\0\0"
      "\x90\1\x34\0\0\0"
      "\x90\1\x35\0\0\0"
      "\0rest"s;
  const AbbrevTable read(bytes_of(table), 0);
  EXPECT_EQ(read.size(), table.size() - 4);
  EXPECT_TRUE(read.find(1).has_children);
  ASSERT_EQ(read.attributes(read.find(2)).size(), 1u);
  EXPECT_EQ(read.attributes(read.find(2))[0].implicit, 0x2au);
  EXPECT_EQ(read.find(0x90).tag, 0x34u) << "the first of two";
  EXPECT_THROW(read.find(3), BadInput);
  EXPECT_THROW(read.find(0), BadInput);
  for (u64 size = 0; size + 4 < table.size(); size++)
    EXPECT_THROW(AbbrevTable(bytes_of(table).sub(0, size), 0), BadInput) << size;
}

}  // namespace
}  // namespace fwseal
