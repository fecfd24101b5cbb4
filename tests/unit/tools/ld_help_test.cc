#include "tools/ld_help.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/parsed.h"
#include "tools/cmd_link.h"

namespace fwseal {
namespace {

TEST(LdOptions, PrintsAndStops) {
  const std::string version = version_text();
  EXPECT_TRUE(version.ends_with("(compatible with GNU ld 2.40)\n"));
  const std::string emulations = "  Supported emulations:\n   armelf\n   armelf_linux_eabi\n";
  struct Case {
    Words words;
    std::string text;
    bool link;
    bool script;
  };
  const Case cases[] = {
      {{"-v"}, version, false, false},
      {{"--version", "a.o"}, version, false, false},
      {{"-V"}, version + emulations, false, false},
      {{"-v", "-X"}, version, false, false},
      {{"-v", "a.o"}, version, true, false},
      {{"--verbose"}, version + emulations, false, true},
      {{"--verbose", "a.o"}, version + emulations, true, true},
      {{"--print-output-format"}, "elf32-littlearm\n", false, false},
      {{"--sysroot=/r", "--print-sysroot", "a.o"}, "/r\n", false, false},
      {{"--print-sysroot"}, "", false, false},
      {{"--target-help"}, target_help(), false, false},
      {{"--help"}, ld_help(), false, false},
      {{"-T", "x.ld"}, "", true, false},  // it may name inputs
  };
  for (const Case& c : cases) {
    const Parsed parsed = parse(c.words);
    EXPECT_EQ(parsed.text, c.text) << c.words.front();
    EXPECT_EQ(parsed.link, c.link) << c.words.front();
    EXPECT_EQ(parsed.print_script, c.script) << c.words.front();
    EXPECT_EQ(parsed.messages, "") << c.words.front();
  }
  EXPECT_EQ(parse({}).messages, "fwseal: error: no input files\n");
}

TEST(LdOptions, HelpFitsInEightyColumnsAndNamesEveryOption) {
  const std::string help = ld_help();
  expect_80_columns(help);
  for (const LdOption& option : ld_option_table())
    for_each_name(option.names, [&](std::string_view name) {
      if (name.starts_with("--")) name.remove_prefix(2);
      EXPECT_NE(help.find(cat("--", name)), help.npos) << name;
    });
}

TEST(LdOptions, WrapsText) {
  EXPECT_EQ(wrap_text("a b", 79, 2), "a\n  b");
  EXPECT_EQ(wrap_text("a b", 77, 2), "a b");
  EXPECT_EQ(wrap_text("", 0, 2), "");
}

TEST(LdName, IsWhatEndsInLd) {
  for (const std::string_view name :
       {"ld", "ld.fwseal", "/usr/bin/ld", "arm-none-eabi-ld", "../x/arm-none-eabi-ld.fwseal"})
    EXPECT_TRUE(is_ld_name(name)) << name;
  for (const std::string_view name : {"fwseal", "/ld/fwseal", "", "ld.bfd2", "ld/"})
    EXPECT_FALSE(is_ld_name(name)) << name;
}

}  // namespace
}  // namespace fwseal
