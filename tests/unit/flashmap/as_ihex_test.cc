#include "flashmap/as_ihex.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "tests/unit/flashmap/sample.h"

namespace fwseal {
namespace {

std::string write(const Sample& sample) {
  std::ostringstream said;
  Diag diag(said);
  std::string text = as_ihex(sample.layout, sample.image, "app.hex", diag);
  EXPECT_EQ(said.str(), "");
  return text;
}

// What `objcopy -O ihex` of binutils 2.40 wrote for the same sections and entry.
TEST(AsIhex, WritesLinearRecordsAboveOneMebibyte) {
  Sample sample({{.name = ".text", .lma = 0x0800'0000, .bytes = "0123456789abcdefXYZ"},
                 {.name = ".data", .lma = 0x0800'0014, .bytes = "!"}});
  sample.layout.entry = 0x0800'0001;
  EXPECT_EQ(write(sample),
            ":020000040800F2\r\n"
            ":10000000303132333435363738396162636465668E\r\n"
            ":0300100058595AE2\r\n"
            ":0100140021CA\r\n"
            ":0400000508000001EE\r\n"
            ":00000001FF\r\n");
}

TEST(AsIhex, WritesSegmentRecordsBelowOneMebibyte) {
  Sample sample({{.name = ".text", .lma = 0xfffe, .bytes = "abcd"}});
  sample.layout.entry = 0x1'2345;
  EXPECT_EQ(write(sample),
            ":02FFFE0061623E\r\n"
            ":020000021000EC\r\n"
            ":02000000636437\r\n"
            ":040000031000234581\r\n"
            ":00000001FF\r\n");
}

TEST(AsIhex, ClearsTheSegmentBeforeTheFirstLinearRecord) {
  const Sample sample({{.name = "a", .lma = 0x2'0000, .bytes = "a"},
                       {.name = "b", .lma = 0x10'0000, .bytes = "b"}});
  EXPECT_EQ(write(sample),
            ":020000022000DC\r\n"
            ":01000000619E\r\n"
            ":020000020000FC\r\n"
            ":020000040010EA\r\n"
            ":01000000629D\r\n"
            ":00000001FF\r\n");
}

// Reads the records back as the specification says.
std::map<u64, u8> read_back(const std::string& text) {
  std::map<u64, u8> memory;
  std::istringstream lines(text);
  u64 base = 0;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_EQ(line.front(), ':');
    EXPECT_EQ(line.back(), '\r');
    std::vector<u8> bytes;
    for (u64 i = 1; i + 1 < line.size(); i += 2)
      bytes.push_back(static_cast<u8>(std::stoul(line.substr(i, 2), nullptr, 16)));
    u8 sum = 0;
    for (const u8 byte : bytes) sum = static_cast<u8>(sum + byte);
    EXPECT_EQ(sum, 0) << line;
    EXPECT_EQ(bytes.size(), bytes[0] + 5u) << line;
    const u64 offset = static_cast<u64>(bytes[1] << 8 | bytes[2]);
    const u64 value = bytes[0] >= 2 ? static_cast<u64>(bytes[4] << 8 | bytes[5]) : 0;
    if (bytes[3] == 2) base = value << 4;
    if (bytes[3] == 4) base = value << 16;
    if (bytes[3] != 0) continue;
    EXPECT_LE(offset + bytes[0], 0x1'0000u) << "a record may not cross a window: " << line;
    for (u64 i = 0; i < bytes[0]; i++) memory[base + offset + i] = bytes[4 + i];
  }
  return memory;
}

// Every start and length around each place where a record or a base must change.
TEST(AsIhex, ReadsBackToTheSameBytes) {
  for (const u64 edge : {u64{0x10}, u64{0x1'0000}, u64{0x10'0000}, u64{0x8000'0000}})
    for (u64 before = 0; before <= 16; before++)
      for (u64 size = 1; size <= 40; size++) {
        std::string bytes;
        for (u64 i = 0; i < size; i++) bytes += static_cast<char>(7 * i + 1);
        std::map<u64, u8> expected;
        for (u64 i = 0; i < size; i++) expected[edge - before + i] = static_cast<u8>(7 * i + 1);
        const Sample sample({{.name = "x", .lma = edge - before, .bytes = bytes}});
        ASSERT_EQ(read_back(write(sample)), expected) << hex(edge - before) << '+' << size;
      }
}

TEST(AsIhex, LastByteOfTheAddressSpace) {
  const Sample sample({{.name = "x", .lma = 0xffff'ffff, .bytes = "x"}});
  const std::map<u64, u8> expected{{0xffff'ffff, 'x'}};
  EXPECT_EQ(read_back(write(sample)), expected);
}

}  // namespace
}  // namespace fwseal
