#include "report/memory_usage.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

// GNU ld 2.40's output for a script with these regions and this use.
TEST(MemoryUsageText, IsWhatGnuLdPrints) {
  Layout layout;
  layout.regions = {{"a", 0, 0x400, 8, 0},
                    {"b", 0x1000, 100, 201, 101},
                    {"c", 0x4000, 0, 0, 0},
                    {"averyveryverylongname", 0, u64{1} << 32, 0, 0},
                    {"flash", 0, 0x10'0000, 0xc00, 0}};
  EXPECT_EQ(memory_usage_text(layout),
            "Memory region         Used Size  Region Size  %age Used\n"
            "               a:           8 B         1 KB      0.78%\n"
            "               b:         201 B        100 B    201.00%\n"
            "               c:          0 GB         0 GB\n"
            "averyveryverylongname:          0 GB         4 GB      0.00%\n"
            "           flash:          3 KB         1 MB      0.29%\n");
}

TEST(MemoryUsageText, IsAHeadWithoutRegions) {
  EXPECT_EQ(memory_usage_text({}), "Memory region         Used Size  Region Size  %age Used\n");
}

TEST(MemoryUsageText, DoesNotBreakOnTheLargestNumbers) {
  Layout layout;
  layout.regions = {{"a", 0, 1, ~u64{0}, ~u64{0} - 1}};
  EXPECT_EQ(memory_usage_text(layout),
            "Memory region         Used Size  Region Size  %age Used\n"
            "               a:  18446744073709551615 B          1 B"
            "    1844674407370955161600.00%\n");
}

}  // namespace
}  // namespace fwseal
