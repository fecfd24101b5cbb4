// What the command line of ld is refused for, and in which words.
#include "tools/ld_options.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/parsed.h"

namespace fwseal {
namespace {

TEST(LdOptions, RefusesByNameWithAReason) {
  const Words refused = {"-shared",
                         "-Bshareable",
                         "-G",
                         "-pie",
                         "--pic-executable",
                         "-EB",
                         "--be8",
                         "-fx",
                         "--auxiliary=x",
                         "-Fx",
                         "--filter=x",
                         "-cx",
                         "--mri-script=x",
                         "--enable-non-contiguous-regions",
                         "--split-by-file",
                         "--split-by-reloc=1",
                         "--task-link=x",
                         "--noinhibit-exec",
                         "--error-handling-script=x",
                         "--disable-multiple-abs-defs",
                         "--package-metadata={}",
                         "--cmse-implib",
                         "--in-implib=x",
                         "--out-implib=x",
                         "--fix-cortex-a8",
                         "--fix-v4bx",
                         "--fix-v4bx-interworking",
                         "--vfp11-denorm-fix=scalar",
                         "--fix-stm32l4xx-629360",
                         "--fix-stm32l4xx-629360=all"};
  for (const std::string& word : refused) {
    std::string name = word.substr(0, word.find('='));
    if (word == "-G") name = "--shared";
    if (name.size() == 3 && name[2] == 'x') name.pop_back();
    const std::string said = messages({word});
    EXPECT_TRUE(said.starts_with(cat("fwseal: error: option '", name, "' is refused: "))) << said;
    EXPECT_NE(said.find("; "), said.npos) << "no way out: " << said;
  }
}

TEST(LdOptions, ReportsBadArguments) {
  const std::pair<Words, std::string_view> cases[] = {
      {{"-m", "armelfb"}, "option '-m': 'armelfb' is none of armelf, armelf_linux_eabi"},
      {{"--build-id=uuid"},
       "option '--build-id': a random build ID would make every link differ; use sha1"},
      {{"--build-id=x"}, "option '--build-id': 'x' is none of none, fast, md5, sha1"},
      {{"--build-id=0x123"},
       "option '--build-id': '0x123' is not made of pairs of hexadecimal digits"},
      {{"--build-id=0x"}, "option '--build-id': '0x' is not made of pairs of hexadecimal digits"},
      {{"-Ttext=zz"}, "option '-Ttext': 'zz' is no hexadecimal number"},
      {{"--section-start=.text"}, "option '--section-start': '.text' is not SECTION=ADDRESS"},
      {{"--defsym", "x"}, "option '--defsym': 'x' is not SYMBOL=EXPRESSION"},
      {{"--defsym", "=1"}, "option '--defsym': '=1' is not SYMBOL=EXPRESSION"},
      {{"--orphan-handling=x"},
       "option '--orphan-handling': 'x' is none of place, discard, warn, error"},
      {{"--sort-section=x"}, "option '--sort-section': 'x' is none of name, alignment"},
      {{"--sort-common=x"}, "option '--sort-common': 'x' is none of ascending, descending"},
      {{"--target2=x"}, "option '--target2': 'x' is none of rel, abs, got-rel"},
      {{"--oformat=srec"},
       "option '--oformat': 'srec' is none of elf32-littlearm, elf32-little, default, binary, "
       "ihex"},
      {{"-b", "ihex"},
       "option '-b': 'ihex' is none of elf32-littlearm, elf32-little, default, binary"},
      {{"-z", "max-page-size=3"}, "option '-z': page size '3' is no power of two"},
      {{"-z", "max-page-size=0"}, "option '-z': page size '0' is no power of two"},
      {{"-z", "stack-size=x"}, "option '-z': 'x' is no number"},
      {{"-z", "unique-symbol"},
       "option '-z': local symbols are not renamed; leave unique-symbol out"},
      {{"--hash-style=x"}, "option '--hash-style': 'x' is none of sysv, gnu, both"},
      {{"--unresolved-symbols=x"},
       "option '--unresolved-symbols': 'x' is none of ignore-all, report-all, "
       "ignore-in-object-files, ignore-in-shared-libs"},
      {{"--pop-state"}, "option '--pop-state': no state was pushed"},
      {{"-)"}, "option '-)': no group was begun"},
      {{"--no-define-common"},
       "option '--no-define-common' leaves common symbols without an address; use it only with -r"},
      {{"-r", "--gc-sections"},
       "with -r, --gc-sections needs a symbol to keep; name it with -e or -u"},
      {{"-r", "--oformat=binary"}, "with -r, only ELF can be written; leave out --oformat"},
      {{"-r", "-e", "x", "--fwseal-seal"},
       "the output of -r has relocations and cannot be sealed; leave out -r"},
      {{"--output="}, "the name of the output file is empty"},
      {{"--fwseal-poison=x"},
       "option '--fwseal-poison': 'x' is nothing that can be poisoned; pieces can"},
      {{"--fwseal-prune=all"}, "option '--fwseal-prune': 'all' is none of none, sections, proven"},
      {{"--fwseal-fold=some"}, "option '--fwseal-fold': 'some' is none of none, proven, all"},
      {{"--fwseal-region=R"},
       "option '--fwseal-region': 'R' is not NAME:KIND or NAME:KIND:ORIGIN:LENGTH"},
      {{"--fwseal-region=R:rom"},
       "option '--fwseal-region': 'rom' is none of flash, ram, iram, dram"},
      {{"--fwseal-region=R:ram:0:x"},
       "option '--fwseal-region': 'x' is no size such as 0x4000 or 256K"},
      {{"--fwseal-budget=R"}, "option '--fwseal-budget': 'R' is not NAME=SIZE"},
      {{"--fwseal-budget=R=x%"},
       "option '--fwseal-budget': 'x%' is no size such as 256K, nor a part of a region such as "
       "90%"},
      {{"--fwseal-config=none.toml"}, "none.toml: no such configuration file"},
      {{"--foo"}, "unrecognized option '--foo'"},
  };
  for (const auto& [words, message] : cases)
    EXPECT_EQ(messages(words), cat("fwseal: error: ", message, "\n"));
}

}  // namespace
}  // namespace fwseal
