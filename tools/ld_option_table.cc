#include "tools/ld_option_table.h"

#include <cassert>
#include <cstdlib>

#include "tools/ld_actions.h"

namespace fwseal {
namespace {

constexpr Takes kNo = Takes::kNothing;
constexpr Takes kArg = Takes::kArgument;
constexpr Takes kMaybe = Takes::kMaybe;

// The part of the state that a member belongs to.
template <auto Member>
auto& field(LdState& state) {
  if constexpr (requires { state.options.*Member; })
    return state.options.*Member;
  else
    return state.*Member;
}
template <auto Member, auto Value>
void set(LdState& state, std::string_view) {
  field<Member>(state) = Value;
}
template <auto Member>
void text(LdState& state, std::string_view argument) {
  field<Member>(state) = std::string(argument);
}
template <auto Member>
void append(LdState& state, std::string_view argument) {
  field<Member>(state).emplace_back(argument);
}

using O = Options;
using S = LdState;

// One option, one line, however long: the table is read by column.
// clang-format off
constexpr LdOption kTable[] = {
// ---- Inputs
{'l', "library", kArg, "NAME", add_library, "search for libNAME.a, or the file FILE for :FILE"},
{'L', "library-path", kArg, "DIRECTORY", append<&O::library_paths>, "add DIRECTORY to the library search path"},
{0, "nostdlib", kNo, "", set<&O::only_command_line_paths, true>, "search in directories of the command line only"},
{0, "sysroot", kArg, "DIRECTORY", text<&O::sysroot>, "what a leading = or $SYSROOT of a path stands for"},
{'Y', "", kArg, "PATH", text<&S::solaris_paths>, "directories to search after those of -L"},
{'T', "script", kArg, "FILE", add_script, "read the linker script FILE"},
{0, "default-script dT", kArg, "FILE", text<&S::default_script>, "read the linker script FILE unless there is a -T"},
{0, "defsym", kArg, "SYMBOL=EXPRESSION", add_defsym, "define SYMBOL"},
{'(', "start-group", kNo, "", begin_group, "begin a group of archives that are searched repeatedly"},
{')', "end-group", kNo, "", end_group, "end the group"},
{0, "whole-archive", kNo, "", set<&S::whole_archive, true>, "take every member of the archives that follow"},
{0, "no-whole-archive", kNo, "", set<&S::whole_archive, false>, "take the members that are needed"},
{0, "push-state", kNo, "", push_state, "remember --whole-archive"},
{0, "pop-state", kNo, "", pop_state, "go back to what --push-state remembered"},
{'b', "format", kArg, "FORMAT", set_input_format, "format of the inputs that follow: elf32-littlearm, binary, default"},
{'R', "just-symbols", kArg, "FILE", add_just_symbols, "take only the addresses of symbols from FILE"},
{'u', "undefined", kArg, "SYMBOL", append<&O::undefined>, "want SYMBOL from archives, and keep it"},
{0, "require-defined", kArg, "SYMBOL", add_required, "as -u, and SYMBOL must be defined"},
{0, "wrap", kArg, "SYMBOL", append<&O::wrapped>, "SYMBOL means __wrap_SYMBOL, __real_SYMBOL means SYMBOL"},
{'y', "trace-symbol", kArg, "SYMBOL", append<&O::traced>, "print each file that defines or uses SYMBOL"},
{'t', "trace", kNo, "", set<&O::trace_files, true>, "print each input file"},
{0, "allow-multiple-definition", kNo, "", set<&O::allow_multiple_definition, true>, "the first definition of a symbol counts"},
{'z', "", kArg, "KEYWORD", set_z_keyword, "defs, undefs, muldefs, max-page-size=N, common-page-size=N, start-stop-gc"},

// ---- What is kept
{0, "gc-sections", kNo, "", set_gc_sections, "leave out sections that nothing needs"},
{0, "no-gc-sections", kNo, "", set<&O::prune, Prune::kNone>, "keep every section (default)"},
{0, "print-gc-sections", kNo, "", set<&O::print_gc_sections, true>, "list the sections left out"},
{0, "no-print-gc-sections", kNo, "", set<&O::print_gc_sections, false>, "do not list them"},
{0, "gc-keep-exported", kNo, "", set<&O::gc_keep_exported, true>, "keep every global symbol that is not hidden"},
{'e', "entry", kArg, "ADDRESS", text<&O::entry>, "symbol or address where the program starts"},
{0, "thumb-entry", kArg, "SYMBOL", set_thumb_entry, "start at SYMBOL, in Thumb state"},
{0, "init", kArg, "SYMBOL", text<&O::init_symbol>, "keep SYMBOL instead of _init"},
{0, "fini", kArg, "SYMBOL", text<&O::fini_symbol>, "keep SYMBOL instead of _fini"},

// ---- Layout
{0, "section-start", kArg, "SECTION=ADDRESS", set_section_start, "address of an output section, hexadecimal"},
{0, "Ttext", kArg, "ADDRESS", set_text_start, "address of .text, hexadecimal"},
{0, "Tdata", kArg, "ADDRESS", set_data_start, "address of .data"},
{0, "Tbss", kArg, "ADDRESS", set_bss_start, "address of .bss"},
{0, "Ttext-segment", kArg, "ADDRESS", set_text_segment_start, "address of the text segment"},
{0, "Trodata-segment", kArg, "ADDRESS", set_rodata_segment_start, "address of the read-only data segment"},
{0, "Tldata-segment", kArg, "ADDRESS", set_ldata_segment_start, "address of the ldata segment"},
{0, "orphan-handling", kArg, "MODE", set_orphan_handling, "sections the script does not name: place, discard, warn, error"},
{0, "unique", kMaybe, "PATTERN", set_unique, "do not merge input sections PATTERN (default: orphans) of one name"},
{0, "sort-section", kArg, "ORDER", set_sort_section, "sort wildcard patterns by name or alignment"},
{0, "sort-common sort_common", kMaybe, "ORDER", set_sort_common, "sort common symbols by alignment: ascending, descending"},
{'d', "dc dp", kNo, "", set<&O::force_common, true>, "give common symbols an address with -r too"},
{0, "no-define-common", kNo, "", set<&S::no_define_common, true>, "leave common symbols alone; only with -r"},
{0, "force-group-allocation", kNo, "", set<&O::force_group_allocation, true>, "make groups plain sections with -r"},
{'n', "nmagic", kNo, "", set<&O::paging, Paging::kNmagic>, "do not align segments to pages"},
{'N', "--omagic", kNo, "", set<&O::paging, Paging::kOmagic>, "nor data; text is writable"},
{0, "--no-omagic", kNo, "", set<&O::paging, Paging::kDemandPaged>, "undo -N"},
{0, "check-sections", kNo, "", set<&O::check_sections, true>, "sections must not overlap (default)"},
{0, "no-check-sections", kNo, "", set<&O::check_sections, false>, "sections may overlap"},

// ---- Machine
{'m', "", kArg, "EMULATION", set_emulation, "armelf or armelf_linux_eabi"},
{0, "target1-rel", kNo, "", set<&O::target1_is_rel, true>, "R_ARM_TARGET1 is R_ARM_REL32"},
{0, "target1-abs", kNo, "", set<&O::target1_is_rel, false>, "R_ARM_TARGET1 is R_ARM_ABS32 (default)"},
{0, "target2", kArg, "TYPE", set_target2, "R_ARM_TARGET2 is rel (default), abs or got-rel"},
{0, "fix-arm1176", kNo, "", set<&O::fix_arm1176, true>, "avoid the erratum of BLX in ARM1176 (default)"},
{0, "no-fix-arm1176", kNo, "", set<&O::fix_arm1176, false>, "the core does not have that erratum"},
{0, "no-merge-exidx-entries", kNo, "", set<&O::merge_exidx, false>, "keep equal rows of .ARM.exidx"},
{0, "merge-exidx-entries", kNo, "", set<&O::merge_exidx, true>, "merge equal rows of .ARM.exidx (default)"},
{0, "no-enum-size-warning", kNo, "", set<&O::warn_enum_size, false>, "objects may differ in the size of enums"},
{0, "no-wchar-size-warning", kNo, "", set<&O::warn_wchar_size, false>, "objects may differ in the size of wchar_t"},
{0, "no-warn-mismatch", kNo, "", set<&O::warn_mismatch, false>, "objects may be for different ABIs"},

// ---- Output
{'o', "--output", kArg, "FILE", text<&O::output>, "write FILE (default a.out)"},
{0, "--oformat", kArg, "FORMAT", set_output_format, "elf32-littlearm, binary or ihex"},
{'r', "relocatable", kNo, "", set<&O::relocatable, true>, "write an object that can be linked again"},
{'i', "Ur", kNo, "", set<&O::relocatable, true>, "as -r"},
{'q', "emit-relocs", kNo, "", set<&O::emit_relocations, true>, "keep relocations in the output"},
{'s', "strip-all", kNo, "", set<&O::strip, Strip::kAll>, "leave out all symbols"},
{'S', "strip-debug", kNo, "", set<&O::strip, Strip::kDebug>, "leave out debug information"},
{'x', "discard-all", kNo, "", set<&O::discard, Discard::kLocals>, "leave out all local symbols"},
{'X', "discard-locals", kNo, "", set<&O::discard, Discard::kTemporaries>, "leave out temporary local symbols"},
{0, "discard-none", kNo, "", set<&O::discard, Discard::kNone>, "leave out no local symbol"},
{0, "retain-symbols-file", kArg, "FILE", text<&O::retain_symbols_file>, "leave out all symbols that FILE does not list"},
{0, "build-id", kMaybe, "STYLE", set_build_id, "write a note with a build ID: sha1 (default), md5, fast, 0xHEX, none"},

// ---- Reports and messages
{0, "Map", kArg, "FILE", text<&O::map_path>, "write a map; % in FILE stands for the output, - is standard output"},
{'M', "print-map", kNo, "", [](LdState& s, std::string_view) { s.options.map_path = "-"; }, "write a map to standard output"},
{0, "cref", kNo, "", set<&O::cref, true>, "add a table of cross references to the map"},
{0, "print-map-discarded", kNo, "", set<&O::print_map_discarded, true>, "list sections left out in the map (default)"},
{0, "no-print-map-discarded", kNo, "", set<&O::print_map_discarded, false>, "do not list them"},
{0, "print-memory-usage", kNo, "", set<&O::print_memory_usage, true>, "print how full each region is"},
{0, "dependency-file", kArg, "FILE", text<&O::dependency_file_path>, "write a make rule that names every input"},
{0, "unresolved-symbols", kArg, "METHOD", set_unresolved, "ignore-all, report-all, ignore-in-object-files, ignore-in-shared-libs"},
{0, "no-undefined", kNo, "", set<&S::report_unresolved, true>, "report undefined symbols (default)"},
{0, "warn-unresolved-symbols", kNo, "", set<&S::warn_unresolved, true>, "undefined symbols are warnings"},
{0, "error-unresolved-symbols", kNo, "", set<&S::warn_unresolved, false>, "undefined symbols are errors (default)"},
{0, "ignore-unresolved-symbol", kArg, "SYMBOL", append<&O::ignored_unresolved>, "SYMBOL may be undefined"},
{0, "fatal-warnings", kNo, "", set<&O::fatal_warnings, true>, "treat warnings as errors"},
{0, "no-fatal-warnings", kNo, "", set<&O::fatal_warnings, false>, "do not (default)"},
{'w', "no-warnings", kNo, "", hide_warnings, "show no warnings"},
{0, "warn-common", kNo, "", set<&O::warn_common, true>, "warn of common symbols that meet other definitions"},
{0, "warn-section-align", kNo, "", set<&O::warn_section_align, true>, "warn if alignment moves an output section"},
{0, "warn-once", kNo, "", set<&O::warn_once, true>, "report each undefined symbol once"},
{0, "warn-rwx-segments", kNo, "", set<&O::warn_rwx_segments, true>, "warn of segments that are writable and executable"},
{0, "no-warn-rwx-segments", kNo, "", set<&O::warn_rwx_segments, false>, "do not (default)"},
{0, "demangle", kMaybe, "STYLE", set_demangle, "show C++ names in messages (default)"},
{0, "no-demangle", kNo, "", set<&O::demangle, false>, "show names as they are in objects"},
{0, "help", kNo, "", print_help, "print this text"},
{0, "target-help", kNo, "", print_target_help, "print the output formats and emulations"},
{'v', "", kNo, "", print_version, "print the version"},
{0, "version", kNo, "", print_version_and_stop, "print the version and stop"},
{'V', "", kNo, "", print_emulations, "print the version and the emulations"},
{0, "verbose dll-verbose", kMaybe, "NUMBER", be_verbose, "print the version and the linker script"},
{0, "print-output-format", kNo, "", print_format, "print the default output format"},
{0, "print-sysroot", kNo, "", print_sysroot, "print the directory of --sysroot"},

// ---- Our own; each key of fwseal.toml has its option here or above
{0, "fwseal-config", kArg, "FILE", accept, "read the configuration FILE (TOML); options win over it"},
{0, "fwseal-prune", kArg, "MODE", set_prune, "none, sections (as --gc-sections) or proven (all that needs no assumption)"},
{0, "fwseal-fold", kArg, "MODE", set_fold, "equal functions and constants under --fwseal-prune=proven: none, proven (default) or all (nobody compares addresses)"},
{0, "fwseal-keep", kArg, "PATTERN", add_keep, "keep the symbols and sections that match"},
{0, "fwseal-drop", kArg, "PATTERN", add_drop, "assume that nobody needs the symbols and sections that match"},
{0, "fwseal-only-if", kArg, "PATTERN=PATTERN,...", add_only_if, "assume that nobody needs what matches unless one of the others stays"},
{0, "fwseal-exit", kArg, "WHEN", set_exit, "never: assume that main does not return and nobody calls exit; may (default)"},
{0, "fwseal-ocaml-backtraces", kArg, "WORD", set_ocaml_backtraces, "no: leave out of OCaml's frame tables what backtraces print, under --fwseal-prune=proven; yes (default)"},
{0, "fwseal-place-flash", kArg, "PATTERN", add_flash, "place matching constants in flash on the user's word"},
{0, "fwseal-ocaml-keep-in-ram", kArg, "PATTERN", add_ocaml_ram, "leave matching units and blocks of OCaml in RAM"},
{0, "fwseal-board", kArg, "NAME", text<&O::board_name>, "name of the board, for reports"},
{0, "fwseal-region", kArg, "NAME:KIND[:ORIGIN:LENGTH]", add_region, "what a memory region is: flash, ram, iram or dram"},
{0, "fwseal-budget", kArg, "NAME=SIZE", add_budget, "bytes (256K) or part (90%) of a region; bytes of flash_code, flash_rodata, static_data_ram, static_instruction_ram"},
{0, "fwseal-seal", kNo, "", set_seal, "refuse what no sealed image may have; --fwseal-prune=proven unless told otherwise"},
{0, "fwseal-poison", kMaybe, "pieces", set_poison, "for tests: leave what would be removed (of pieces: from kept sections) where it is, but destroy it"},
{0, "fwseal-elf", kArg, "FILE", text<&O::elf_path>, "write the ELF to FILE as well"},
{0, "fwseal-bin", kArg, "FILE", text<&O::bin_path>, "write a raw binary as well"},
{0, "fwseal-hex", kArg, "FILE", text<&O::hex_path>, "write Intel HEX as well"},
{0, "fwseal-record", kArg, "FILE", text<&O::record_path>, "write what the link decided, for fwseal why, diff, gate"},
{0, "fwseal-report", kArg, "FILE", text<&O::report_path>, "write the sizes as JSON"},

// ---- Accepted: there is no dynamic linking, hence nothing to change
{'E', "export-dynamic", kNo, "", accept, "nothing is exported to a dynamic linker"},
{0, "no-export-dynamic", kNo, "", accept, "so it is"},
{0, "--export-dynamic-symbol", kArg, "SYMBOL", accept, "nothing is exported"},
{0, "--export-dynamic-symbol-list dynamic-list", kArg, "FILE", accept, "nothing is exported"},
{0, "dynamic-list-data dynamic-list-cpp-new dynamic-list-cpp-typeinfo", kNo, "", accept, "nothing is exported"},
{0, "version-script", kArg, "FILE", accept, "symbols of a static image have no versions"},
{0, "version-exports-section", kArg, "SYMBOL", accept, "no versions"},
{0, "--undefined-version no-undefined-version default-symver default-imported-symver", kNo, "", accept, "no versions"},
{0, "Bdynamic dy call_shared Bstatic dn non_shared static", kNo, "", accept, "only archives are searched"},
{0, "Bsymbolic Bno-symbolic Bsymbolic-functions Bgroup", kNo, "", accept, "for shared libraries"},
{0, "as-needed no-as-needed add-needed no-add-needed copy-dt-needed-entries no-copy-dt-needed-entries", kNo, "", accept, "for shared libraries"},
{0, "allow-shlib-undefined no-allow-shlib-undefined", kNo, "", accept, "for shared libraries"},
{'a', "", kArg, "KEYWORD", check_shared_keyword, "for shared libraries"},
{'h', "soname", kArg, "NAME", accept, "for shared libraries"},
{'I', "dynamic-linker", kArg, "PROGRAM", accept, "there is none"},
{0, "no-dynamic-linker no-pie", kNo, "", accept, "so it is"},
{0, "rpath rpath-link", kArg, "PATH", accept, "for shared libraries"},
{0, "audit spare-dynamic-tags exclude-libs", kArg, "", accept, "for shared libraries"},
{'P', "depaudit", kArg, "LIBRARY", accept, "for shared libraries"},
{0, "disable-new-dtags enable-new-dtags", kNo, "", accept, "no dynamic section"},
{0, "hash-style", kArg, "STYLE", check_hash_style, "no dynamic symbols"},
{0, "long-plt", kNo, "", accept, "no procedure linkage table"},
{0, "warn-textrel warn-shared-textrel", kNo, "", accept, "no dynamic relocations"},

// ---- Accepted: ARM has no such thing, or what we do fits either way
{0, "EL", kNo, "", accept, "the only byte order"},
{'A', "architecture", kArg, "ARCH", accept, "objects say what they need"},
{0, "accept-unknown-input-arch no-accept-unknown-input-arch", kNo, "", accept, "objects say what they are for"},
{'G', "gpsize", kArg, "SIZE", check_number, "no small data sections"},
{0, "use-blx pic-veneer", kNo, "", accept, "branches and veneers follow from what the objects need"},
{0, "stub-group-size", kArg, "N", check_signed_number, "veneers lie where branches reach them"},
{0, "no-fix-cortex-a8", kNo, "", accept, "no code is changed for that erratum"},
{'p', "no-pipeline-knowledge", kNo, "", accept, "for compatibility"},
{0, "eh-frame-hdr no-eh-frame-hdr", kNo, "", accept, "ARM code is unwound with .ARM.exidx"},
{0, "relax no-relax", kNo, "", accept, "ARM code is not relaxed"},
{0, "embedded-relocs warn-multiple-gp warn-alternate-em", kNo, "", accept, "for other machines"},
{0, "warn-constructors", kNo, "", accept, "ELF has no constructor symbols"},
{0, "warn-execstack no-warn-execstack", kNo, "", accept, "no stack segment is written"},
{0, "compress-debug-sections", kArg, "STYLE", check_compression, "debug information is written as it is"},
{0, "ctf-variables no-ctf-variables", kNo, "", accept, "CTF sections are copied"},
{0, "ctf-share-types", kArg, "METHOD", accept, "CTF sections are copied"},
{0, "strip-discarded no-strip-discarded", kNo, "", accept, "a symbol without an address is not written"},
{0, "traditional-format", kNo, "", accept, "the output is standard ELF"},
{0, "no-warn-search-mismatch", kNo, "", accept, "libraries that do not fit are not skipped"},
{'O', "", kArg, "LEVEL", accept, "there is one level, the best"},
{'g', "stats no-keep-memory reduce-memory-overheads force-exe-suffix qmagic Qy", kNo, "", accept, "for compatibility"},
{0, "hash-size max-cache-size", kArg, "SIZE", check_number, "for compatibility"},
{0, "assert", kArg, "KEYWORD", check_assert_keyword, "for compatibility"},
{0, "plugin plugin-opt", kArg, "PLUGIN", accept, "objects must hold machine code"},
{0, "flto map-whole-files no-map-whole-files color-diagnostics no-color-diagnostics", kMaybe, "", accept, "for compatibility"},
{0, "flto-partition fuse-ld", kArg, "", accept, "for compatibility"},

// ---- Refused, with a way out
{0, "shared Bshareable", kNo, "", refuse, "firmware has no dynamic linker; link without it"},
{0, "pie pic-executable", kNo, "", refuse, "nothing would relocate the image when it starts; link at the address where it runs"},
{0, "EB be8", kNo, "", refuse, "only little-endian ARM is supported; compile with -mlittle-endian"},
{'f', "auxiliary", kArg, "LIBRARY", refuse, "it describes a shared library; leave it out"},
{'F', "filter", kArg, "LIBRARY", refuse, "it describes a shared library; leave it out"},
{'c', "mri-script", kArg, "FILE", refuse, "MRI scripts are not read; write a linker script and use -T"},
{0, "enable-non-contiguous-regions enable-non-contiguous-regions-warnings", kNo, "", refuse, "a section goes where the script says; name what overflows in an output section of its own"},
{0, "split-by-file split-by-reloc", kMaybe, "", refuse, "ELF needs no split output sections; leave it out"},
{0, "task-link", kArg, "SYMBOL", refuse, "global symbols are not made local; use -r, then objcopy --keep-global-symbol"},
{0, "noinhibit-exec noinhibit_exec", kNo, "", refuse, "an image with errors is not written; if undefined symbols are meant, use --warn-unresolved-symbols"},
{0, "error-handling-script", kArg, "SCRIPT", refuse, "no program is run during a link; leave it out"},
{0, "disable-multiple-abs-defs", kNo, "", refuse, "the first definition counts; leave it out"},
{0, "package-metadata", kMaybe, "JSON", refuse_unless_empty, "no package note is written; place the text in a section with objcopy --add-section"},
{0, "cmse-implib", kNo, "", refuse, "secure gateway veneers are not made; link the secure image with arm-none-eabi-ld"},
{0, "in-implib out-implib", kArg, "FILE", refuse, "import libraries are not made; give the image itself to --just-symbols"},
{0, "fix-cortex-a8", kNo, "", refuse, "code is not changed for the erratum of branches across pages; use --no-fix-cortex-a8 if the core is not affected, or link with arm-none-eabi-ld"},
{0, "fix-v4bx fix-v4bx-interworking", kNo, "", refuse, "BX is not rewritten for ARMv4; compile with -march=armv4t or later"},
{0, "vfp11-denorm-fix", kArg, "KIND", refuse_unless_none, "code is not changed for the erratum of VFP11 with denormal operands; run in RunFast mode and use none, or link with arm-none-eabi-ld"},
{0, "fix-stm32l4xx-629360", kMaybe, "KIND", refuse_unless_none, "multiple loads are not split for the erratum of reads from external memory; use none if the program has no external memory, or link with arm-none-eabi-ld"},
};
// clang-format on

}  // namespace

std::span<const LdOption> ld_option_table() { return kTable; }

const LdOption& ld_option(std::string_view name) {
  for (const LdOption& option : kTable)
    if (option.names == name || option.names == cat("--", name)) return option;
  assert(false && "no such option");
  std::abort();
}

}  // namespace fwseal
