#include "tools/ld_options.h"

#include <gtest/gtest.h>

#include "tests/unit/tools/parsed.h"

namespace fwseal {
namespace {

// ---- Inputs

TEST(LdOptions, InputsKeepTheirOrderAndState) {
  const std::pair<Words, std::string_view> cases[] = {
      {{"main.o", "-lc", "-l:x.a", "-l", "m"}, "main.o -lc -l:x.a -lm a.o"},
      {{"-(", "-lc", "-lgcc", "-)"}, "( -lc -lgcc ) a.o"},
      {{"--start-group", "x.a", "--end-group"}, "( x.a ) a.o"},
      {{"--whole-archive", "x.a", "--no-whole-archive", "-ly"}, "x.a* -ly a.o"},
      {{"--push-state", "--whole-archive", "x.a", "--pop-state"}, "x.a* a.o"},
      {{"-whole-archive", "--push-state", "-no-whole-archive", "x.a", "--pop-state"}, "x.a a.o*"},
      {{"-b", "binary", "logo.bin", "-b", "elf32-littlearm"}, "b:logo.bin a.o"},
      {{"--format=binary", "x", "--format=default"}, "b:x a.o"},
      {{"-R", "rom.elf", "--just-symbols=b.elf"}, "r:rom.elf r:b.elf a.o"},
      {{"-R", "."}, "a.o"},  // a directory: Solaris' -rpath
  };
  for (const auto& [words, expected] : cases)
    EXPECT_EQ(inputs_text(options(words)), expected) << words.front();
}

TEST(LdOptions, AnOpenGroupIsClosedWithAWarning) {
  const Parsed parsed = parse({"-(", "a.o"});
  EXPECT_EQ(inputs_text(parsed.options), "( a.o )");
  EXPECT_EQ(parsed.messages, "fwseal: warning: missing --end-group; added as last option\n");
}

TEST(LdOptions, ScriptsAndDefsymsKeepTheirOrder) {
  const Options o =
      options({"x.o", "--defsym", "a=1", "-Tone.ld", "--defsym=b=a+1", "-T", "two.ld"});
  std::string text;
  for (const ScriptSource& source : o.scripts)
    text += cat(source.kind == ScriptSource::Kind::kFile ? "T " : "d ", source.text, "@",
                source.inputs_before, " ");
  EXPECT_EQ(text, "d a=1@1 T one.ld@1 d b=a+1@1 T two.ld@1 ");
  EXPECT_EQ(options({"-dT", "d.ld", "-T", "t.ld"}).scripts.size(), 1u);
  EXPECT_EQ(options({"--default-script=d.ld"}).scripts.at(0).text, "d.ld");
}

TEST(LdOptions, LibraryPathsKnowTheSysroot) {
  const Options o = options({"-L=/lib", "-L", "$SYSROOT/x", "-Ly", "-YP,/u:/v", "--sysroot=/root"});
  EXPECT_EQ(o.library_paths, (Words{"/root/lib", "/root/x", "y", "/u", "/v"}));
  EXPECT_EQ(with_sysroot("=/lib", ""), "/lib");
}

TEST(LdOptions, ReadsResponseFiles) {
  const Options o = options({"@args"}, {{"args", "-e main 'my file.o' @more"}, {"more", "-s"}});
  EXPECT_EQ(o.entry, "main");
  EXPECT_EQ(o.strip, Strip::kAll);
  EXPECT_EQ(inputs_text(o), "my file.o a.o");
}

// ---- Values

struct Effect {
  Words words;
  bool (*holds)(const Options&);
};
#define EFFECT(condition, ...)                                \
  Effect {                                                    \
    {__VA_ARGS__}, [](const Options& o) { return condition; } \
  }

TEST(LdOptions, EachChangesWhatItSays) {
  const std::vector<Effect> effects = {
      EFFECT(o.output == "a.out" && o.prune == Prune::kNone && !o.entry && !o.relocatable, "-lc"),
      EFFECT(o.output == "x", "-ox"),
      EFFECT(o.output == "x", "--output=x"),
      EFFECT(o.prune == Prune::kSections, "--gc-sections"),
      EFFECT(o.prune == Prune::kNone, "--gc-sections", "--no-gc-sections"),
      EFFECT(o.prune == Prune::kProven, "--fwseal-prune=proven", "--gc-sections"),
      EFFECT(o.prune == Prune::kNone, "--fwseal-prune=none"),
      EFFECT(o.fold == FoldMode::kProven, "--fwseal-prune=proven"),
      EFFECT(o.fold == FoldMode::kAll, "--fwseal-fold=all"),
      EFFECT(o.fold == FoldMode::kNone, "--fwseal-fold=none"),
      EFFECT(o.poison == Poison::kAll, "--fwseal-poison"),
      EFFECT(o.poison == Poison::kPieces, "--fwseal-poison=pieces"),
      EFFECT(o.seal && o.prune == Prune::kProven, "--gc-sections", "--fwseal-seal"),
      EFFECT(o.seal && o.prune == Prune::kSections, "--fwseal-seal", "--fwseal-prune=sections"),
      EFFECT(o.print_gc_sections, "--print-gc-sections"),
      EFFECT(!o.print_gc_sections, "--print-gc-sections", "--no-print-gc-sections"),
      EFFECT(o.gc_keep_exported, "--gc-keep-exported"),
      EFFECT(o.entry == "main" && !o.thumb_entry, "-e", "main"),
      EFFECT(o.entry == "main" && o.thumb_entry, "--thumb-entry=main"),
      EFFECT(o.init_symbol == "i" && o.fini_symbol == "f", "-init", "i", "-fini=f"),
      EFFECT((o.undefined == Words{"a", "b"}), "-ua", "--undefined", "b"),
      EFFECT(o.undefined == Words{"a"} && o.require_defined == Words{"a"}, "--require-defined=a"),
      EFFECT(o.wrapped == Words{"malloc"}, "-wrap=malloc"),
      EFFECT(o.traced == Words{"x"} && o.trace_files, "-yx", "-t"),
      EFFECT(o.allow_multiple_definition, "-z", "muldefs"),
      EFFECT(o.allow_multiple_definition, "--allow-multiple-definition"),
      EFFECT(o.only_command_line_paths, "-nostdlib"),
      EFFECT(o.force_common, "-d"),
      EFFECT(o.force_common, "-dc"),
      EFFECT(o.force_common, "-dp"),
      EFFECT(o.force_group_allocation, "--force-group-allocation"),
      EFFECT(o.unresolved == Unresolved::kError, "--no-undefined"),
      EFFECT(o.unresolved == Unresolved::kError, "-z", "undefs", "-z", "defs"),
      EFFECT(o.unresolved == Unresolved::kIgnore, "--unresolved-symbols=ignore-all"),
      EFFECT(o.unresolved == Unresolved::kIgnore, "--unresolved-symbols=ignore-in-object-files"),
      EFFECT(o.unresolved == Unresolved::kError, "--unresolved-symbols=ignore-in-shared-libs"),
      EFFECT(o.unresolved == Unresolved::kWarn, "--warn-unresolved-symbols"),
      EFFECT(o.unresolved == Unresolved::kError, "--warn-unresolved-symbols",
             "--error-unresolved-symbols"),
      EFFECT(o.ignored_unresolved == Words{"x"}, "--ignore-unresolved-symbol=x"),
      EFFECT(o.target1_is_rel, "--target1-rel"),
      EFFECT(!o.target1_is_rel, "--target1-rel", "--target1-abs"),
      EFFECT(o.target2 == Target2::kRel, "-m", "armelf"),
      EFFECT(o.target2 == Target2::kGotRel, "-marmelf_linux_eabi"),
      EFFECT(o.target2 == Target2::kAbs, "--target2=abs", "-m", "armelf_linux_eabi"),
      EFFECT(o.fix_arm1176, "--fix-arm1176"),
      EFFECT(!o.fix_arm1176, "--no-fix-arm1176"),
      EFFECT(!o.merge_exidx, "--no-merge-exidx-entries"),
      EFFECT(!o.warn_mismatch, "--no-warn-mismatch"),
      EFFECT(!o.warn_enum_size, "--no-enum-size-warning"),
      EFFECT(!o.warn_wchar_size, "--no-wchar-size-warning"),
      EFFECT(o.orphans == OrphanHandling::kPlace, "--orphan-handling=place"),
      EFFECT(o.orphans == OrphanHandling::kDiscard, "--orphan-handling=discard"),
      EFFECT(o.orphans == OrphanHandling::kWarn, "--orphan-handling=Warn"),
      EFFECT(o.orphans == OrphanHandling::kError, "--orphan-handling", "error"),
      EFFECT(o.sort_section == SortKey::kName, "--sort-section=name"),
      EFFECT(o.sort_section == SortKey::kAlignment, "--sort-section=alignment"),
      EFFECT(o.sort_common == SortCommon::kDescending, "--sort-common"),
      EFFECT(o.sort_common == SortCommon::kAscending, "--sort-common=ascending"),
      EFFECT(o.unique_orphans && o.unique_sections.empty(), "--unique"),
      EFFECT(!o.unique_orphans && o.unique_sections == Words{".t*"}, "--unique=.t*"),
      EFFECT(o.paging == Paging::kNmagic, "-n"),
      EFFECT(o.paging == Paging::kOmagic, "-N"),
      EFFECT(o.paging == Paging::kDemandPaged, "-N", "--no-omagic"),
      EFFECT(o.max_page_size == 4096, "-z", "max-page-size=0x1000"),
      EFFECT(o.common_page_size == 64, "-zcommon-page-size=64"),
      EFFECT(o.start_stop_gc, "-z", "start-stop-gc"),
      EFFECT(!o.check_sections, "--no-check-sections"),
      EFFECT(o.format == OutputFormat::kBinary, "--oformat", "binary"),
      EFFECT(o.format == OutputFormat::kIhex, "--oformat=ihex"),
      EFFECT(o.format == OutputFormat::kElf, "--oformat=elf32-littlearm"),
      EFFECT(o.relocatable && !o.check_sections, "-r"),
      EFFECT(o.relocatable, "-i"),
      EFFECT(o.relocatable, "-Ur"),
      EFFECT(o.relocatable, "-r", "--no-define-common"),
      EFFECT(o.strip == Strip::kDebug && o.discard == Discard::kLocals, "-r", "-s"),
      EFFECT(o.strip == Strip::kDebug && o.discard == Discard::kTemporaries, "-r", "-s", "-X"),
      EFFECT(o.relocatable && o.gc_sections(), "-r", "--gc-sections", "-e", "main"),
      EFFECT(o.emit_relocations, "-q"),
      EFFECT(o.emit_relocations, "--emit-relocs"),
      EFFECT(o.strip == Strip::kAll, "-s"),
      EFFECT(o.strip == Strip::kDebug, "-S"),
      EFFECT(o.discard == Discard::kMergedTemporaries, "-lc"),
      EFFECT(o.discard == Discard::kLocals, "-x"),
      EFFECT(o.discard == Discard::kTemporaries, "-X"),
      EFFECT(o.discard == Discard::kNone, "--discard-none"),
      EFFECT(o.retain_symbols_file == "f", "--retain-symbols-file=f"),
      EFFECT(o.build_id.style == BuildId::Style::kSha1, "--build-id"),
      EFFECT(o.build_id.style == BuildId::Style::kMd5, "--build-id=md5"),
      EFFECT(o.build_id.style == BuildId::Style::kFast, "--build-id=fast"),
      EFFECT(o.build_id.style == BuildId::Style::kNone, "--build-id", "--build-id=none"),
      EFFECT(o.build_id.style == BuildId::Style::kHex && o.build_id.bytes == "\x12\xab",
             "--build-id=0x12:aB"),
      EFFECT(o.map_path == "m", "-Map=m"),
      EFFECT(o.map_path == "m", "-Map", "m"),
      EFFECT(o.map_path == "-", "-M"),
      EFFECT(o.map_path == "x.map", "-Map=%", "-o", "x"),
      EFFECT(o.map_path == "m-x.txt", "-Map=m-%.txt", "-o", "x"),
      EFFECT(o.map_path == "./x.map", "-Map=.", "-o", "out/x"),
      EFFECT(o.cref, "--cref"),
      EFFECT(!o.print_map_discarded, "--no-print-map-discarded"),
      EFFECT(o.print_memory_usage, "--print-mem"),
      EFFECT(o.dependency_file_path == "d", "--dependency-file=d"),
      EFFECT(!o.demangle, "--no-demangle"),
      EFFECT(!o.demangle, "--demangle=none"),
      EFFECT(o.demangle, "--no-demangle", "--demangle=gnu-v3"),
      EFFECT(o.fatal_warnings, "--fatal-warnings"),
      EFFECT(!o.fatal_warnings, "-w"),
      EFFECT(o.warn_common, "--warn-common"),
      EFFECT(o.warn_once, "--warn-once"),
      EFFECT(o.warn_section_align, "--warn-section-align"),
      EFFECT(o.warn_rwx_segments, "--warn-rwx-segments"),
      EFFECT(o.keep.at(0).pattern == "main" && o.keep[0].place.file.empty(), "--fwseal-keep=main"),
      EFFECT(o.flash.at(0).pattern == "font", "--fwseal-place-flash=font"),
      EFFECT(o.ocaml_ram.at(0).pattern == "camlFoo", "--fwseal-ocaml-keep-in-ram=camlFoo"),
      EFFECT(o.board_name == "b", "--fwseal-board=b"),
      EFFECT(o.regions.at(0).name == "R" && o.regions[0].kind == RegionKind::kDram,
             "--fwseal-region=R:dram"),
      EFFECT(o.regions.at(0).origin == 16u && o.regions[0].length == 1024u,
             "--fwseal-region=R:ram:0x10:1K"),
      EFFECT(o.budgets.at(0).subject == "R" && o.budgets[0].max_percent == 87.5,
             "--fwseal-budget=R=87.5%"),
      EFFECT(o.budgets.size() == 1 && o.budgets[0].max_bytes == 2048u, "--fwseal-budget=R=1K",
             "--fwseal-budget=R=2K"),
      EFFECT(o.elf_path == "e" && o.bin_path == "b" && o.hex_path == "h", "--fwseal-elf=e",
             "--fwseal-bin=b", "--fwseal-hex=h"),
      EFFECT(o.record_path == "r" && o.report_path == "j", "--fwseal-record=r",
             "--fwseal-report=j"),
  };
  for (const Effect& effect : effects) {
    std::string shown;
    for (const std::string& word : effect.words) shown += word + " ";
    EXPECT_TRUE(effect.holds(options(effect.words))) << shown;
  }
}

TEST(LdOptions, SectionStartsAreHexadecimalAndTheLastOneCounts) {
  const Options o =
      options({"-Ttext=8000", "-Tdata", "0x20000000", "--section-start=.isr=0", "-Ttext", "9000",
               "-Ttext-segment=1", "-Trodata-segment=2", "-Tldata-segment=3", "-Tbss=4"});
  std::string text;
  for (const SectionStart& start : o.section_starts)
    text += cat(start.section, start.is_segment ? " s " : " ", hex(start.address), "\n");
  EXPECT_EQ(text,
            ".data s 0x20000000\n.isr 0x0\n.text s 0x9000\n.text-segment s 0x1\n"
            ".rodata-segment s 0x2\n.ldata-segment s 0x3\n.bss s 0x4\n");
}

TEST(LdOptions, WarningsCanBeFatalOrHidden) {
  EXPECT_EQ(messages({"-z", "gibberish"}), "fwseal: warning: -z gibberish ignored\n");
  EXPECT_EQ(messages({"-w", "-z", "gibberish"}), "");
  EXPECT_EQ(options({"--fatal-warnings", "-w"}).fatal_warnings, false);
}

// ---- Accepted in silence

TEST(LdOptions, AcceptsWhatChangesNothing) {
  const Words with_argument = {"rpath",
                               "rpath-link",
                               "soname",
                               "dynamic-linker",
                               "plugin",
                               "plugin-opt",
                               "version-script",
                               "dynamic-list",
                               "audit",
                               "exclude-libs",
                               "fuse-ld",
                               "flto-partition",
                               "architecture",
                               "version-exports-section",
                               "export-dynamic-symbol",
                               "export-dynamic-symbol-list",
                               "ctf-share-types",
                               "depaudit"};
  for (const std::string& name : with_argument) {
    EXPECT_EQ(inputs_text(options({"--" + name, "x"})), "a.o") << name;
    EXPECT_EQ(inputs_text(options({"--" + name + "=x"})), "a.o") << name;
  }
  const Words alone = {"-EL",
                       "-Bstatic",
                       "-Bdynamic",
                       "-dn",
                       "-dy",
                       "-non_shared",
                       "-call_shared",
                       "-static",
                       "-no-pie",
                       "--as-needed",
                       "--no-as-needed",
                       "-E",
                       "--export-dynamic",
                       "-Bsymbolic",
                       "-g",
                       "--no-keep-memory",
                       "--reduce-memory-overheads",
                       "--relax",
                       "--no-relax",
                       "--use-blx",
                       "--pic-veneer",
                       "--long-plt",
                       "--no-fix-cortex-a8",
                       "--vfp11-denorm-fix=none",
                       "--fix-stm32l4xx-629360=none",
                       "--eh-frame-hdr",
                       "--hash-style=gnu",
                       "--hash-size=7",
                       "-O2",
                       "-G8",
                       "--stub-group-size=-1",
                       "--compress-debug-sections=zlib",
                       "--color-diagnostics=auto",
                       "--flto",
                       "-p",
                       "--strip-discarded",
                       "--stats",
                       "-qmagic",
                       "-Qy",
                       "--traditional-format",
                       "--package-metadata",
                       "-assert=pure-text",
                       "-aarchive",
                       "-rpath=.",
                       "-h",
                       "-Ix",
                       "-Px",
                       "-znow",
                       "-zrelro",
                       "-zseparate-code",
                       "-znoexecstack",
                       "-zstack-size=4096",
                       "-zstart-stop-visibility=hidden",
                       "--warn-execstack",
                       "--ctf-variables"};
  for (const std::string& word : alone)
    EXPECT_EQ(inputs_text(options(word == "-h" ? Words{"-h", "lib"} : Words{word})), "a.o") << word;
}

// ---- Configuration

TEST(LdOptions, TheCommandLineWinsOverTheConfiguration) {
  const std::map<std::string, std::string> files = {
      {"f.toml",
       "[prune]\nmode = 'proven'\nkeep = ['a']\n[budget]\nR = 1\nS = 2\n"
       "[image]\nbin = 'c.bin'\n[board.regions]\nR = 'ram'\n"}};
  const Options o = options({"--fwseal-budget=R=3", "--fwseal-bin=o.bin", "--fwseal-keep=b",
                             "--fwseal-region=R:dram", "--fwseal-config=f.toml"},
                            files);
  EXPECT_EQ(o.prune, Prune::kProven);
  EXPECT_EQ(o.bin_path, "o.bin");
  ASSERT_EQ(o.keep.size(), 2u);
  EXPECT_EQ(o.keep[1].pattern, "b");
  ASSERT_EQ(o.budgets.size(), 2u);
  EXPECT_EQ(o.budgets[0].max_bytes, 3u);
  ASSERT_EQ(o.regions.size(), 1u);
  EXPECT_EQ(o.regions[0].kind, RegionKind::kDram);
  EXPECT_EQ(options({"--fwseal-config=f.toml", "--no-gc-sections"}, files).prune, Prune::kNone);
  EXPECT_EQ(options({"--fwseal-config=f.toml", "--gc-sections"}, files).prune, Prune::kProven);
}

}  // namespace
}  // namespace fwseal
