// The rules of getopt_long_only on a small table; each result was compared with ld 2.40's for
// options of the same shape.
#include "tools/option_scanner.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>

namespace fwseal {
namespace {

void nothing(LdState&, std::string_view) {}

constexpr LdOption kTable[] = {
    {'T', "script", Takes::kArgument, "", nothing, ""},
    {0, "Ttext", Takes::kArgument, "", nothing, ""},
    {0, "Ttext-segment", Takes::kArgument, "", nothing, ""},
    {'o', "--output", Takes::kArgument, "", nothing, ""},
    {'N', "--omagic", Takes::kNothing, "", nothing, ""},
    {'n', "nmagic", Takes::kNothing, "", nothing, ""},
    {'x', "discard-all", Takes::kNothing, "", nothing, ""},
    {'l', "library", Takes::kArgument, "", nothing, ""},
    {'G', "gpsize", Takes::kArgument, "", nothing, ""},
    {0, "shared", Takes::kNothing, "", nothing, ""},
    {0, "build-id", Takes::kMaybe, "", nothing, ""},
    {0, "pie pic-executable", Takes::kNothing, "", nothing, ""},
    {'(', "start-group", Takes::kNothing, "", nothing, ""},
};

// "-o=a.out nmagic file:main.o", one word for each thing found.
std::string scan(const std::vector<std::string>& words, std::string* messages = nullptr) {
  std::ostringstream out;
  Diag diag(out);
  std::string found;
  for (const ScannedOption& scanned : scan_options(words, kTable, diag)) {
    if (!found.empty()) found += ' ';
    if (!scanned.option)
      found += "file:";
    else
      found += scanned.option->names.substr(0, scanned.option->names.find(' '));
    if (scanned.option && scanned.option->takes != Takes::kNothing) found += ':';
    found += scanned.argument;
  }
  if (messages)
    *messages = out.str();
  else
    EXPECT_EQ(out.str(), "");
  return found;
}

TEST(OptionScanner, FindsEverySpelling) {
  const std::pair<std::vector<std::string>, std::string_view> cases[] = {
      {{"main.o", "-", ""}, "file:main.o file:- file:"},
      {{"-T", "a.ld"}, "script:a.ld"},
      {{"-Ta.ld"}, "script:a.ld"},
      {{"-Tfoo=1"}, "script:foo=1"},
      {{"--script", "a.ld"}, "script:a.ld"},
      {{"-script=a.ld"}, "script:a.ld"},
      {{"--scr=a.ld"}, "script:a.ld"},
      {{"-Ttext=0x8000"}, "Ttext:0x8000"},  // exact, though it abbreviates another
      {{"--Ttext", "8000"}, "Ttext:8000"},
      {{"-Ttext-s", "0"}, "Ttext-segment:0"},
      {{"-omagic"}, "--output:magic"},
      {{"-o", "-x"}, "--output:-x"},  // an argument may look like an option
      {{"--omagic"}, "--omagic"},
      {{"--out=x"}, "--output:x"},
      {{"-N"}, "--omagic"},
      {{"-n", "-x"}, "nmagic discard-all"},
      {{"-nmagic"}, "nmagic"},
      {{"-lm"}, "library:m"},
      {{"-library"}, "library:ibrary"},
      {{"-l", "m"}, "library:m"},
      {{"-lib=x"}, "library:ib=x"},
      {{"--library=m"}, "library:m"},
      {{"--build-id", "main.o"}, "build-id: file:main.o"},
      {{"--build-id=sha1"}, "build-id:sha1"},
      {{"-G", "8"}, "gpsize:8"},
      {{"-G8"}, "gpsize:8"},
      {{"-G", "main.o"}, "shared file:main.o"},
      {{"-G"}, "shared"},
      {{"--pi"}, "pie"},  // two names of one option
      {{"-(", "--start-group"}, "start-group start-group"},
      {{"--", "-x", "a.o"}, "file:-x file:a.o"},
  };
  for (const auto& [words, expected] : cases) EXPECT_EQ(scan(words), expected) << words.front();
}

TEST(OptionScanner, ReportsAndGoesOn) {
  const std::tuple<std::vector<std::string>, std::string_view, std::string_view> cases[] = {
      {{"--foo", "-x"}, "discard-all", "error: unrecognized option '--foo'"},
      {{"-q"}, "", "error: unrecognized option '-q'"},
      {{"--omagix"}, "", "error: unrecognized option '--omagix'"},
      {{"-xq"}, "discard-all", "error: unrecognized option '-xq'"},
      {{"-T"}, "", "error: option '-T' needs an argument"},
      {{"--script"}, "", "error: option '--script' needs an argument"},
      {{"--nmagic=1", "-x"}, "discard-all", "error: option '--nmagic' takes no argument"},
      {{"-Tt"}, "", "error: option '-Tt' is ambiguous: it could be --Ttext, --Ttext-segment"},
      {{"--o"}, "", "error: option '--o' is ambiguous: it could be --output, --omagic"},
      {{"-nx"}, "nmagic discard-all", "warning: grouped short options are deprecated: '-nx'"},
      {{"-no", "x"},
       "nmagic file:x",
       "error: option '-no' could be read in several ways; write --no or separate the letters"},
  };
  for (const auto& [words, expected, message] : cases) {
    std::string messages;
    EXPECT_EQ(scan(words, &messages), expected) << words.front();
    EXPECT_EQ(messages, cat("fwseal: ", message, "\n"));
  }
}

TEST(OptionTable, HasEverySpellingOnce) {
  std::set<std::string> seen;
  for (const LdOption& option : ld_option_table()) {
    EXPECT_NE(option.apply, nullptr) << option.names;
    EXPECT_FALSE(option.text.empty()) << option.names;
    if (option.letter != 0) {
      EXPECT_TRUE(seen.insert(std::string(1, option.letter)).second) << option.letter;
    }
    for_each_name(option.names, [&](std::string_view name) {
      EXPECT_FALSE(name.empty()) << option.names;
      if (name.starts_with("--")) name.remove_prefix(2);
      EXPECT_TRUE(seen.insert(cat("--", name)).second) << name;
    });
  }
}

}  // namespace
}  // namespace fwseal
