#include "report/budget.h"

#include <gtest/gtest.h>

#include "tests/unit/flashmap/sample.h"

namespace fwseal {
namespace {

constexpr u64 kText = SHF_ALLOC | SHF_EXECINSTR;
constexpr u64 kConstants = SHF_ALLOC;
constexpr u64 kData = SHF_ALLOC | SHF_WRITE;
constexpr u64 kFlashOrigin = 0x0800'0000;
constexpr u64 kRamOrigin = 0x2000'0000;

std::string bytes(u64 count) { return std::string(count, 'x'); }

Board board_of(const Layout& layout, const std::vector<RegionKind>& kinds) {
  Board board;
  for (u64 i = 0; i < layout.regions.size(); i++)
    board.regions.push_back(
        {layout.regions[i].name, layout.regions[i].origin, layout.regions[i].length, kinds[i]});
  return board;
}

// flash: 16 code, 8 constants, 8 gap, 4 initial values. ram: 4 data, 12 zeroed.
Sample firmware() {
  Sample sample({{.name = ".text",
                  .vma = kFlashOrigin,
                  .lma = kFlashOrigin,
                  .flags = kText,
                  .bytes = bytes(16),
                  .region = 0},
                 {.name = ".rodata",
                  .vma = kFlashOrigin + 24,
                  .lma = kFlashOrigin + 24,
                  .flags = kConstants,
                  .bytes = bytes(8),
                  .region = 0},
                 {.name = ".data",
                  .vma = kRamOrigin,
                  .lma = kFlashOrigin + 32,
                  .flags = kData,
                  .bytes = bytes(4),
                  .region = 1,
                  .load_region = 0},
                 {.name = ".bss",
                  .vma = kRamOrigin + 4,
                  .lma = kRamOrigin + 4,
                  .flags = kData,
                  .nobits = 12,
                  .region = 1}});
  sample.layout.regions = {{"FLASH", kFlashOrigin, 64, 36, 0}, {"RAM", kRamOrigin, 20, 16, 0}};
  return sample;
}

Budget budget_of(const Sample& sample, const std::vector<RegionKind>& kinds,
                 const Inputs& inputs = {}) {
  const Budget budget = compute_budget(inputs, sample.layout, board_of(sample.layout, kinds));
  for (const RegionBudget& region : budget.regions)
    EXPECT_EQ(region.contents.total(), region.used) << region.name;
  return budget;
}

TEST(ComputeBudget, CountsDataInRamAndInTheFlashItLoadsFrom) {
  const Budget budget = budget_of(firmware(), {RegionKind::kFlash, RegionKind::kRam});
  ASSERT_EQ(budget.regions.size(), 2u);
  const RegionBudget& flash = budget.regions[0];
  EXPECT_EQ(flash.contents, (Contents{.code = 16, .constants = 8, .initial = 4, .gaps = 8}));
  EXPECT_EQ(flash.used, 36u);
  EXPECT_EQ(flash.free, 28u);
  EXPECT_DOUBLE_EQ(flash.percent(), 56.25);
  const RegionBudget& ram = budget.regions[1];
  EXPECT_EQ(ram.contents, (Contents{.data = 4, .zeroed = 12}));
  EXPECT_EQ(ram.free, 4u);
  EXPECT_EQ(budget.kinds, (KindBudget{.flash_code = 16,
                                      .flash_rodata = 8,
                                      .flash_initial = 4,
                                      .data_ram = 16,
                                      .instruction_ram = 0}));
}

TEST(ComputeBudget, CountsCodeInRamAsInstructionRam) {
  Sample sample = firmware();
  sample.add({.name = ".fast",
              .vma = kRamOrigin + 16,
              .lma = kFlashOrigin + 36,
              .flags = kText,
              .bytes = bytes(4),
              .region = 1,
              .load_region = 0});
  sample.layout.regions[0].used = 40;
  sample.layout.regions[1].used = 20;
  const Budget budget = budget_of(sample, {RegionKind::kFlash, RegionKind::kRam});
  EXPECT_EQ(budget.kinds.instruction_ram, 4u);
  EXPECT_EQ(budget.kinds.data_ram, 16u);
  EXPECT_EQ(budget.kinds.flash_initial, 8u);
  EXPECT_EQ(budget.kinds.flash_code, 16u);

  const Budget iram = budget_of(sample, {RegionKind::kFlash, RegionKind::kIram});
  EXPECT_EQ(iram.kinds.instruction_ram, 20u);
  EXPECT_EQ(iram.kinds.data_ram, 0u);
}

// Two bytes of its four are a function; then the same without regions.
TEST(ComputeBudget, CountsAFunctionInDataAsCodeAndTheVariablesBesideItAsData) {
  Inputs inputs;
  inputs.sections.resize(2);
  inputs.sections[0].flags = kData;
  inputs.sections[1].flags = kText;
  Sample sample = firmware();
  OutputSection& data = sample.layout.outputs[2];
  data.flags |= SHF_EXECINSTR;
  data.chunks = {{ChunkKind::kInput, SectionId{0}, 0, 0, 2},
                 {ChunkKind::kInput, SectionId{1}, 0, 2, 2}};
  const std::vector<RegionKind> kinds{RegionKind::kFlash, RegionKind::kRam};
  const Budget budget = budget_of(sample, kinds, inputs);
  EXPECT_EQ(budget.regions[0].contents.initial, 4u);
  EXPECT_EQ(budget.regions[1].contents, (Contents{.code = 2, .data = 2, .zeroed = 12}));
  EXPECT_EQ(budget.kinds.instruction_ram, 2u);
  EXPECT_EQ(budget.kinds.data_ram, 14u);

  sample.layout.regions.clear();
  for (OutputSection& output : sample.layout.outputs)
    output.region = output.load_region = std::nullopt;
  const Budget homeless = budget_of(sample, {}, inputs);
  EXPECT_EQ(homeless.kinds.flash_code, 18u);
  EXPECT_EQ(homeless.kinds.data_ram, 14u);
}

// The second piece begins past the end of a region that no output section names.
TEST(ComputeBudget, CountsAllSharesOfASectionThatReachesPastTheEnd) {
  Inputs inputs;
  inputs.sections.resize(2);
  inputs.sections[0].flags = kConstants;
  inputs.sections[1].flags = kText;
  Sample sample({{.name = "x", .flags = kText, .bytes = bytes(8)}});
  sample.layout.outputs[0].chunks = {{ChunkKind::kInput, SectionId{0}, 0, 0, 6},
                                     {ChunkKind::kInput, SectionId{1}, 0, 6, 2}};
  sample.layout.regions = {{"r", 0, 4, 0, 0}};
  const RegionBudget region = budget_of(sample, {RegionKind::kFlash}, inputs).regions[0];
  EXPECT_EQ(region.contents, (Contents{.code = 2, .constants = 6}));
  EXPECT_EQ(region.overflow, 4u);
}

TEST(ComputeBudget, WorksWhenARegionOverflows) {
  Sample sample = firmware();
  sample.layout.regions[1] = {"RAM", kRamOrigin, 10, 16, 6};
  const RegionBudget ram = budget_of(sample, {RegionKind::kFlash, RegionKind::kRam}).regions[1];
  EXPECT_EQ(ram.used, 16u);
  EXPECT_EQ(ram.free, 0u);
  EXPECT_EQ(ram.overflow, 6u);
  EXPECT_DOUBLE_EQ(ram.percent(), 160.0);
}

TEST(ComputeBudget, CountsASectionPutThereByAddressAlone) {
  Sample sample = firmware();
  sample.add({.name = ".log",
              .vma = kRamOrigin + 18,
              .lma = kRamOrigin + 18,
              .flags = kData,
              .nobits = 4});
  const RegionBudget ram = budget_of(sample, {RegionKind::kFlash, RegionKind::kRam}).regions[1];
  EXPECT_EQ(ram.contents, (Contents{.data = 4, .zeroed = 16, .gaps = 2}));
  EXPECT_EQ(ram.used, 22u);
  EXPECT_EQ(ram.overflow, 2u);
}

TEST(ComputeBudget, CountsAByteOfAnOverlayOnce) {
  Sample sample({});
  for (u64 i = 0; i < 2; i++)
    sample.add({.name = ".overlay",
                .vma = kRamOrigin,
                .lma = kFlashOrigin + 8 * i,
                .flags = kText,
                .bytes = bytes(4 + 4 * i),
                .region = 1,
                .load_region = 0});
  sample.layout.regions = {{"FLASH", kFlashOrigin, 64, 16, 0}, {"RAM", kRamOrigin, 20, 8, 0}};
  const Budget budget = budget_of(sample, {RegionKind::kFlash, RegionKind::kRam});
  EXPECT_EQ(budget.regions[1].contents, (Contents{.code = 8}));
  EXPECT_EQ(budget.regions[0].contents, (Contents{.initial = 12, .gaps = 4}));
}

TEST(ComputeBudget, LeavesOutWhatTakesNoRoom) {
  Sample sample = firmware();
  sample.add({.name = ".debug", .flags = 0, .bytes = bytes(100)});
  sample.add({.name = ".tbss",
              .vma = kRamOrigin + 16,
              .lma = kRamOrigin + 16,
              .flags = kData | SHF_TLS,
              .nobits = 100,
              .region = 1});
  EXPECT_EQ(budget_of(sample, {RegionKind::kFlash, RegionKind::kRam}).kinds,
            budget_of(firmware(), {RegionKind::kFlash, RegionKind::kRam}).kinds);
}

TEST(ComputeBudget, WithoutRegionsGoesByTheSections) {
  Sample sample = firmware();
  sample.layout.regions.clear();
  for (OutputSection& output : sample.layout.outputs)
    output.region = output.load_region = std::nullopt;
  const Budget budget = budget_of(sample, {});
  EXPECT_TRUE(budget.regions.empty());
  EXPECT_EQ(budget.kinds, budget_of(firmware(), {RegionKind::kFlash, RegionKind::kRam}).kinds);
}

// Every pair of sections within and around a region of four bytes: the rows add up to what is used
// (checked in budget_of), and a byte is a gap exactly if nobody claims it.
TEST(ComputeBudget, RowsAddUpForEveryPairOfSections) {
  for (u64 begin_a = 0; begin_a < 5; begin_a++)
    for (u64 size_a = 0; size_a < 6; size_a++)
      for (u64 begin_b = 0; begin_b < 5; begin_b++)
        for (u64 size_b = 0; size_b < 6; size_b++) {
          Sample sample({{.name = "a",
                          .vma = begin_a,
                          .lma = begin_a,
                          .flags = kText,
                          .bytes = bytes(size_a),
                          .region = 0},
                         {.name = "b",
                          .vma = begin_b,
                          .lma = begin_b,
                          .flags = kConstants,
                          .bytes = bytes(size_b),
                          .region = 0}});
          u64 used = 0;
          std::vector<bool> claimed(16);
          const auto claim = [&](u64 begin, u64 size) {
            if (size == 0 || begin >= 4) return;
            used = std::max(used, begin + size);
            std::fill_n(claimed.begin() + static_cast<i64>(begin), size, true);
          };
          claim(begin_a, size_a);
          claim(begin_b, size_b);
          const u64 gaps =
              used - static_cast<u64>(std::count(claimed.begin(), claimed.end(), true));
          sample.layout.regions = {{"r", 0, 4, used, used > 4 ? used - 4 : 0}};
          // A section that begins past the end belongs to the region only once that overflows.
          if (begin_a >= 4 && size_a != 0) continue;
          if (begin_b >= 4 && size_b != 0) continue;
          const Budget budget = budget_of(sample, {RegionKind::kFlash});
          ASSERT_EQ(budget.regions[0].used, used);
          ASSERT_EQ(budget.regions[0].contents.gaps, gaps);
        }
}

TEST(ComputeBudget, SurvivesSectionsAtTheEndOfTheAddressSpace) {
  Sample sample({{.name = "x",
                  .vma = ~u64{0},
                  .lma = ~u64{0},
                  .flags = kData,
                  .nobits = ~u64{0},
                  .region = 0}});
  sample.layout.regions = {{"r", ~u64{0} - 8, 8, 8, 0}};
  const Budget budget = budget_of(sample, {RegionKind::kRam});
  EXPECT_EQ(budget.regions[0].contents.total(), budget.regions[0].used);
}

TEST(CheckBudget, ReportsWhatIsExceededAndNothingElse) {
  const Budget budget = budget_of(firmware(), {RegionKind::kFlash, RegionKind::kRam});
  const std::vector<BudgetLimit> met{{"FLASH", 36, 56.25},
                                     {"RAM", 16, 80.0},
                                     {"ram.data", 16, {}},
                                     {"flash.code", 16, {}},
                                     {"RAM", {}, {}}};
  EXPECT_TRUE(check_budget(budget, met).empty());

  const std::vector<BudgetLimit> missed{{"FLASH", 35, 50.0}, {"flash.initial", 3, {}}};
  const auto violations = check_budget(budget, missed);
  ASSERT_EQ(violations.size(), 3u);
  EXPECT_EQ(violations[0].message, "region 'FLASH' uses 36 bytes, 1 more than its budget of 35");
  EXPECT_EQ(violations[1].message,
            "region 'FLASH' is 56.25 % full, more than its budget of 50.00 %");
  EXPECT_EQ(violations[2].message, "'flash.initial' uses 4 bytes, 1 more than its budget of 3");
  for (const BudgetViolation& violation : violations) EXPECT_FALSE(violation.missing);
}

TEST(CheckBudget, NeverPassesALimitThatItCannotCheck) {
  const Budget budget = budget_of(firmware(), {RegionKind::kFlash, RegionKind::kRam});
  const std::vector<BudgetLimit> limits{{"SRAM", 1 << 20, {}}, {"ram.data", {}, 90.0}};
  const auto violations = check_budget(budget, limits);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_TRUE(violations[0].missing);
  EXPECT_EQ(violations[0].message, "no region or sum is called 'SRAM'");
  EXPECT_EQ(violations[1].subject, "ram.data");
}

TEST(CheckBudget, ReportsAnOverflowWithoutAnyLimit) {
  Sample sample = firmware();
  sample.layout.regions[1] = {"RAM", kRamOrigin, 10, 16, 6};
  const Budget budget = budget_of(sample, {RegionKind::kFlash, RegionKind::kRam});
  const auto violations = check_budget(budget, {});
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].message, "region 'RAM' overflows by 6 bytes");
}

}  // namespace
}  // namespace fwseal
