#include "tools/number_text.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

constexpr std::optional<u64> kNothing;

struct Case {
  std::string_view text;
  std::optional<u64> value;
};

TEST(NumberText, Sizes) {
  constexpr Case kCases[] = {
      {"0", 0},
      {"4096", 4096},
      {"256K", 256 * 1024},
      {"256k", 256 * 1024},
      {"1M", 1024 * 1024},
      {"2G", u64{2} << 30},
      {"0x4000", 0x4000},
      {"0X4000", 0x4000},
      {"0x10K", 0x4000},
      {"010", 10},
      {"18446744073709551615", ~u64{0}},
      {"17179869183G", u64{17179869183} << 30},
      {"", kNothing},
      {"K", kNothing},
      {"0x", kNothing},
      {"0xK", kNothing},
      {"256KB", kNothing},
      {"1.5K", kNothing},
      {"-1", kNothing},
      {"+1", kNothing},
      {" 1", kNothing},
      {"1 ", kNothing},
      {"12a", kNothing},
      {"18446744073709551616", kNothing},
      {"17179869184G", kNothing},
  };
  for (const Case& c : kCases) EXPECT_EQ(parse_size(c.text), c.value) << c.text;
}

TEST(NumberText, HexadecimalWithAndWithoutPrefix) {
  constexpr Case kCases[] = {{"8000", 0x8000},
                             {"0x8000", 0x8000},
                             {"fF", 0xff},
                             {"0", 0},
                             {"ffffffffffffffff", ~u64{0}},
                             {"10000000000000000", kNothing},
                             {"", kNothing},
                             {"0x", kNothing},
                             {"8000h", kNothing},
                             {"-1", kNothing},
                             {"0x0x1", kNothing}};
  for (const Case& c : kCases) EXPECT_EQ(parse_hex(c.text), c.value) << c.text;
}

TEST(NumberText, IntegersAsInC) {
  constexpr Case kCases[] = {{"0", 0},         {"10", 10},       {"010", 8},     {"0x10", 16},
                             {"08", kNothing}, {"4K", kNothing}, {"", kNothing}, {"ff", kNothing}};
  for (const Case& c : kCases) EXPECT_EQ(parse_integer(c.text), c.value) << c.text;
}

}  // namespace
}  // namespace fwseal
