#include "tools/cmd_seal.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/parsed.h"

namespace fwseal {
namespace {

TEST(SealOptions, AreTheLinkersByOtherNames) {
  const Parsed parsed =
      parse_with(parse_seal_command_line, {"a.o",        "--keep",  "main",
                                           "b.a",        "-o",      "app.elf",
                                           "--keep",     "x",       "-T",
                                           "s.ld",       "-L",      "lib",
                                           "--config",   "f.toml",  "--budget",
                                           "R=1K",       "--map",   "m",
                                           "--bin=b",    "--hex=h", "--json=j",
                                           "--record=r", "-e",      "start",
                                           "--region",   "R:ram",   "--print-memory-usage"},
                 {{"f.toml", "[budget]\nR = 1\nS = 2\n"}});
  EXPECT_EQ(parsed.messages, "");
  EXPECT_TRUE(parsed.link);
  const Options& o = parsed.options;
  EXPECT_TRUE(o.seal && o.print_memory_usage);
  EXPECT_EQ(o.prune, Prune::kProven);
  EXPECT_EQ(inputs_text(o), "( a.o b.a )");
  EXPECT_EQ(o.output, "app.elf");
  EXPECT_EQ(o.keep.size(), 2u);
  EXPECT_EQ(o.scripts.at(0).text, "s.ld");
  EXPECT_EQ(o.library_paths, Words{"lib"});
  EXPECT_EQ(o.budgets.at(0).max_bytes, 1024u);
  EXPECT_EQ(o.map_path + o.bin_path + o.hex_path + o.report_path + o.record_path, "mbhjr");
  EXPECT_EQ(o.entry, "start");
  EXPECT_EQ(o.regions.at(0).kind, RegionKind::kRam);
}

TEST(SealOptions, TheConfigurationWinsOverTheDefault) {
  const std::map<std::string, std::string> files = {{"f.toml", "[prune]\nmode = 'sections'\n"}};
  const Words words = {"a.o", "-ox", "--config=f.toml"};
  EXPECT_EQ(parse_with(parse_seal_command_line, words, files).options.prune, Prune::kSections);
}

TEST(SealOptions, ReportsFaults) {
  const std::pair<Words, std::string_view> cases[] = {
      {{}, "error: INPUT is required"},
      {{"a.o"}, "error: --output is required"},
      {{"a.o", "-ox", "--budget=R"}, "error: option '--budget': 'R' is not NAME=SIZE"},
      {{"a.o", "-ox", "--prune=all"},
       "error: option '--prune': 'all' is none of none, sections, proven"},
  };
  for (const auto& [words, message] : cases) {
    const Parsed parsed = parse_with(parse_seal_command_line, words);
    EXPECT_EQ(parsed.messages, cat("fwseal: ", message, "\n"));
  }
  EXPECT_NE(parse_with(parse_seal_command_line, {"a.o", "-ox", "--foo"}).messages, "");
}

TEST(SealOptions, HelpFitsInEightyColumns) {
  const Parsed parsed = parse_with(parse_seal_command_line, {"--help"});
  EXPECT_FALSE(parsed.link);
  EXPECT_NE(parsed.text.find("--budget"), parsed.text.npos);
  expect_80_columns(parsed.text);
}

}  // namespace
}  // namespace fwseal
