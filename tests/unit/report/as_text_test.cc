#include "report/as_text.h"

#include <gtest/gtest.h>

#include <sstream>

namespace fwseal {
namespace {

Budget sample() {
  Budget budget;
  budget.regions.push_back(
      {.name = "FLASH",
       .kind = RegionKind::kFlash,
       .length = 262144,
       .used = 1000,
       .free = 261144,
       .contents = {.code = 600, .constants = 300, .initial = 90, .gaps = 10}});
  budget.regions.push_back({.name = "RAM",
                            .length = 1024,
                            .used = 1536,
                            .overflow = 512,
                            .contents = {.data = 90, .zeroed = 1446}});
  budget.regions.push_back({.name = "spare", .length = 16, .free = 16});
  budget.kinds = {.flash_code = 600, .flash_rodata = 300, .flash_initial = 90, .data_ram = 1536};
  return budget;
}

TEST(BudgetText, IsATableOfTheRegionsAndSums) {
  EXPECT_EQ(budget_text(sample()),
            "region               kind         size       used       free       full\n"
            "FLASH                flash      262144       1000     261144     0.38 %\n"
            "RAM                  ram          1024       1536       -512   150.00 % FULL\n"
            "spare                ram            16          0         16     0.00 %\n"
            "  FLASH: code 600, constants 300, initial 90, gaps 10\n"
            "  RAM: data 90, zeroed 1446\n"
            "\n"
            "flash, code                                600 bytes\n"
            "flash, constants                           300 bytes\n"
            "flash, initial values                       90 bytes\n"
            "RAM, static data                          1536 bytes\n"
            "RAM, static instructions                     0 bytes\n");
}

// The largest numbers that a 32-bit device can have, and a hostile name.
TEST(BudgetText, StaysWithinEightyColumns) {
  constexpr u64 kMost = u64{1} << 32;
  Budget budget;
  budget.regions.push_back({.name = std::string(300, 'n') + "\n\x1b[2J",
                            .length = 1,
                            .used = kMost,
                            .overflow = kMost,
                            .contents = {kMost, kMost, kMost, kMost, kMost, kMost}});
  budget.kinds = {kMost, kMost, kMost, kMost, kMost};
  std::istringstream lines(budget_text(budget));
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 80u) << line;
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
}

TEST(DecisionsText, ListsWhatWasLeftOutAndEveryAssumption) {
  Record record;
  record.board = "demo";
  record.removed = {2, 40};
  record.initialisers = {{"a.o:(.init_array)", "f", true, "it has no effect", {}},
                         {"b.o:(.init_array)", "g", false, "it has a loop", {}}};
  EXPECT_EQ(decisions_text(record),
            "board: demo\n"
            "left out: 2 sections, 40 bytes\n"
            "  a.o:(.init_array) f: it has no effect\n"
            "assumptions: none\n");
  record = {};
  record.moves = {{"a.o:(.data.x)", ".rodata.x", true}};
  record.assumptions = {"x is never\nwritten"};
  EXPECT_EQ(decisions_text(record),
            "left out: 0 sections, 0 bytes\n"
            "in flash: a.o:(.data.x)\n"
            "assumptions:\n"
            "  x is never?written\n");
}

TEST(DecisionsText, SaysWhatFrameTablesCost) {
  Record record;
  record.frames = RecordFrames{{}, 42, 5057, 3, 194044, 123292, 8192};
  EXPECT_EQ(decisions_text(record),
            "left out: 0 sections, 0 bytes\n"
            "OCaml's frame tables: 5057 descriptors of 42 units, 3 left out\n"
            "  70752 bytes, and a hash table of 32768 bytes\n"
            "  backtraces cost 123292 bytes more: [ocaml] backtraces = false\n"
            "assumptions: none\n");
  record.frames->refusal = "caml_x may\nwrite";
  EXPECT_EQ(decisions_text(record),
            "left out: 0 sections, 0 bytes\n"
            "OCaml's frame tables stay as they are:\n"
            "  caml_x may?write\n"
            "assumptions: none\n");
}

}  // namespace
}  // namespace fwseal
