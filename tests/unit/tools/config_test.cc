#include "tools/config.h"

#include <gtest/gtest.h>

#include <sstream>

namespace fwseal {
namespace {

Options read(std::string_view text, std::string* messages = nullptr) {
  std::ostringstream out;
  Diag diag(out);
  Options options;
  read_config("fwseal.toml", text, options, diag);
  if (messages)
    *messages = out.str();
  else
    EXPECT_EQ(out.str(), "") << text;
  return options;
}

TEST(Config, ReadsEveryKey) {
  const Options options = read(R"([board]
name = "microbit"
[board.regions]
FLASH = "flash"
RAM = { kind = "ram", origin = 0x20000000, length = "16K" }
[prune]
gc = true
mode = "proven"
keep = ["SysTick_Handler", "*_IRQHandler"]
fold = "all"
drop = ["debug_*"]
exit = "never"
[prune.only_if]
slot = ["shell", "trace_*"]
[ocaml]
backtraces = false
keep_in_ram = ["camlFoo__12"]
[place]
flash = ["font_table"]
[image]
elf = "a.elf"
bin = "a.bin"
hex = "a.hex"
[budget]
FLASH = "90%"
RAM = 12288
flash_code = "200K"
flash_rodata = "10K"
static_data_ram = "8K"
static_instruction_ram = 0
)");
  EXPECT_EQ(options.board_name, "microbit");
  ASSERT_EQ(options.regions.size(), 2u);
  EXPECT_EQ(options.regions[0].name, "FLASH");
  EXPECT_EQ(options.regions[0].kind, RegionKind::kFlash);
  EXPECT_EQ(options.regions[0].place.line, 4u);
  EXPECT_EQ(options.regions[1].kind, RegionKind::kRam);
  EXPECT_EQ(options.regions[1].origin, 0x20000000u);
  EXPECT_EQ(options.regions[1].length, 16384u);
  EXPECT_EQ(options.prune, Prune::kProven);
  EXPECT_FALSE(options.ocaml_backtraces);
  EXPECT_EQ(options.fold, FoldMode::kAll);
  ASSERT_EQ(options.keep.size(), 2u);
  EXPECT_EQ(options.keep[1].pattern, "*_IRQHandler");
  EXPECT_EQ(options.keep[1].place.location().text(), "fwseal.toml:9");
  ASSERT_EQ(options.drop.size(), 1u);
  EXPECT_EQ(options.drop[0].pattern, "debug_*");
  EXPECT_TRUE(options.never_exits);
  ASSERT_EQ(options.only_if.size(), 1u);
  EXPECT_EQ(options.only_if[0].what.pattern, "slot");
  ASSERT_EQ(options.only_if[0].any_of.size(), 2u);
  EXPECT_EQ(options.only_if[0].any_of[1].pattern, "trace_*");
  EXPECT_EQ(options.only_if[0].any_of[1].place.location().text(), "fwseal.toml:14");
  ASSERT_EQ(options.flash.size(), 1u);
  EXPECT_EQ(options.flash[0].pattern, "font_table");
  ASSERT_EQ(options.ocaml_ram.size(), 1u);
  EXPECT_EQ(options.ocaml_ram[0].pattern, "camlFoo__12");
  EXPECT_EQ(options.elf_path, "a.elf");
  EXPECT_EQ(options.bin_path, "a.bin");
  EXPECT_EQ(options.hex_path, "a.hex");
  std::string budgets;
  for (const BudgetLimit& limit : options.budgets)
    budgets += cat(limit.subject, " ", limit.max_bytes.value_or(1), " ",
                   limit.max_percent.value_or(1), "\n");
  EXPECT_EQ(budgets,
            "FLASH 1 90\nRAM 12288 1\nflash.code 204800 1\nflash.rodata 10240 1\n"
            "ram.data 8192 1\nram.code 0 1\n");
}

TEST(Config, Prunes) {
  EXPECT_EQ(read("").prune, Prune::kNone);
  EXPECT_EQ(read("[prune]\ngc = true").prune, Prune::kSections);
  EXPECT_EQ(read("[prune]\ngc = false").prune, Prune::kNone);
  EXPECT_EQ(read("[prune]\nmode = 'sections'").prune, Prune::kSections);
  EXPECT_EQ(read("[prune]\nmode = 'none'\ngc = false").prune, Prune::kNone);
}

struct Fault {
  std::string_view text;
  std::string_view message;
};

TEST(Config, LocatesFaults) {
  constexpr Fault kFaults[] = {
      {"[prun]\n", "1: unknown key 'prun'; expected board, prune, ocaml, place, image, budget"},
      {"\n[board]\nnames = 'x'", "3: unknown key 'board.names'; expected name, regions"},
      {"[board]\nname = 1", "2: 'board.name' is of type integer, expected a string"},
      {"board = 1", "1: 'board' is of type integer, expected a table"},
      {"[board]\nregions = []", "2: 'board.regions' is of type array, expected a table"},
      {"[board.regions]\nX = 'rom'",
       "2: 'board.regions.X' is \"rom\", expected flash, ram, iram or dram"},
      {"[board.regions]\nX = 1",
       "2: 'board.regions.X' is of type integer, expected a kind, or a table of kind, origin and "
       "length"},
      {"[board.regions.X]\nsize = 1",
       "2: unknown key 'board.regions.X.size'; expected kind, origin, length"},
      {"[board.regions.X]\nlength = -1",
       "2: 'board.regions.X.length' is no size such as 4096 or \"256K\""},
      {"[board.regions.X]\norigin = 1.5",
       "2: 'board.regions.X.origin' is of type floating-point, expected a size such as 4096 or "
       "\"256K\""},
      {"[prune]\nmode = 'all'", "2: 'prune.mode' is \"all\", expected none, sections or proven"},
      {"[prune]\nfold = 'some'", "2: 'prune.fold' is \"some\", expected none, proven or all"},
      {"[prune]\ngc = 1", "2: 'prune.gc' is of type integer, expected true or false"},
      {"[prune]\ngc = false\nmode = 'proven'",
       "1: 'prune.gc' and 'prune.mode' contradict each other; leave out gc"},
      {"[prune]\nkeep = 'main'", "2: 'prune.keep' is of type string, expected an array of strings"},
      {"[prune]\nkeep = [\n'main',\n1]", "4: 'prune.keep' is of type integer, expected a string"},
      {"[prune]\ndrop = 'x'", "2: 'prune.drop' is of type string, expected an array of strings"},
      {"[prune]\nexit = 'always'", "2: 'prune.exit' is \"always\", expected never or may"},
      {"[prune]\nonly_if = ['x']", "2: 'prune.only_if' is of type array, expected a table"},
      {"[prune.only_if]\nx = 'y'",
       "2: 'prune.only_if.x' is of type string, expected an array of strings"},
      {"[prune.only_if]\nx = []",
       "2: 'prune.only_if.x' is empty; what is never needed belongs into prune.drop"},
      {"[place]\nram = []", "2: unknown key 'place.ram'; expected flash"},
      {"[image]\nuf2 = 'x'", "2: unknown key 'image.uf2'; expected elf, bin, hex"},
      {"[image]\nbin = true", "2: 'image.bin' is of type boolean, expected a string"},
      {"[budget]\nRAM = '1X'",
       "2: 'budget.RAM' is \"1X\", expected bytes such as \"256K\" or a part of a region such as "
       "\"90%\""},
      {"[budget]\nflash_code = '90%'",  // a sum has no length
       "2: 'budget.flash_code' is \"90%\", expected bytes such as \"256K\" or a part of a region "
       "such as \"90%\""},
      {"[budget]\nRAM = -1", "2: 'budget.RAM' is no size such as 4096 or \"256K\""},
      {"[budget]\nRAM = []",
       "2: 'budget.RAM' is of type array, expected a size such as 4096 or \"256K\""},
  };
  for (const Fault& fault : kFaults) {
    std::string messages;
    read(fault.text, &messages);
    EXPECT_EQ(messages, cat("fwseal: error: fwseal.toml:", fault.message, "\n"));
  }
}

TEST(Config, LocatesBrokenToml) {
  std::string messages;
  read("[board]\nname = \n", &messages);
  EXPECT_TRUE(messages.starts_with("fwseal: error: fwseal.toml:2: ")) << messages;
  // Every prefix of a good file is read or refused.
  constexpr std::string_view kGood = "[board.regions]\nRAM = { kind = \"ram\", length = \"1K\" }\n";
  for (u64 size = 0; size <= kGood.size(); size++) read(kGood.substr(0, size), &messages);
  EXPECT_EQ(messages, "");
}

}  // namespace
}  // namespace fwseal
