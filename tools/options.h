// Everything that the user asked for, from the command line and from fwseal.toml together.
//
// The ld command line fills it (ld_options.h), `fwseal seal` fills it (cmd_seal.h), and every pass
// is given what it needs from here. Comments name the option that a field stands for; "GNU" is ld
// of binutils 2.40.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elfio/diag.h"
#include "elfio/types.h"
#include "flashmap/board.h"
#include "graph/resolve.h"
#include "prune/poison.h"
#include "report/budget.h"
#include "sections/arrange.h"
#include "sections/output_symbols.h"

namespace fwseal {

// The configuration said something at a place; an option of the command line has none.
struct SettingPlace {
  std::string file;
  u64 line = 0;

  Location location() const { return {file, {}, {}, 0, line}; }
};

enum class Prune : u8 { kNone, kSections, kProven };
// Equal functions and constants, once sections are pruned as proven.
enum class FoldMode : u8 { kNone, kProven, kAll };
enum class Strip : u8 { kNone, kDebug, kAll };
enum class OutputFormat : u8 { kElf, kBinary, kIhex };
enum class Paging : u8 { kDemandPaged, kNmagic, kOmagic };  // -n, -N
enum class SortCommon : u8 { kNone, kAscending, kDescending };
enum class Unresolved : u8 { kError, kWarn, kIgnore };
// What R_ARM_TARGET2 means (AAELF32 2023Q3, "Relocation types"; it depends on the platform).
enum class Target2 : u8 { kRel, kAbs, kGotRel };

// The sources of the script tree, in the order in which they are to be parsed.
struct ScriptSource {
  enum class Kind : u8 {
    kFile,    // -T: a path, to be searched in the current directory, then along library_paths
    kDefsym,  // --defsym: "symbol=expression"
  };
  Kind kind = Kind::kFile;
  std::string text;
  // So many elements of `inputs` stood before it: there the script's INPUT and GROUP belong.
  u32 inputs_before = 0;
};

// --section-start, -Ttext and the like.
struct SectionStart {
  std::string section;  // ".text"; for a segment ".text-segment", which no section is called
  u64 address = 0;
  // -Ttext...: also the value of SEGMENT_START(name without the dot, ...); where the script asks
  // for that, the section's own address is left alone, as GNU does.
  bool is_segment = false;
};

struct BuildId {
  enum class Style : u8 { kNone, kFast, kMd5, kSha1, kHex };
  Style style = Style::kNone;
  std::string bytes;  // kHex
};

// `[board.regions]`, --fwseal-region: what is known of a memory region beyond the linker script.
struct RegionRule {
  std::string name;
  std::optional<RegionKind> kind;  // none: inferred from the script
  std::optional<u64> origin;       // what the board has; the script's region must lie within
  std::optional<u64> length;
  SettingPlace place;
};

// `[prune] keep`, `drop` and `[place] flash`: a symbol, a section or a pattern for either.
struct NameRule {
  std::string pattern;
  SettingPlace place;
};

// `[prune] only_if`: what matches stays only if something that matches one of the others does.
struct OnlyIfRule {
  NameRule what;
  std::vector<NameRule> any_of;
};

struct Options {
  // ---- Inputs
  std::vector<InputFile> inputs;           // files, -l, groups, in order
  std::vector<std::string> library_paths;  // -L, sysroot replaced; they count for every -l
  bool only_command_line_paths = false;    // -nostdlib: SEARCH_DIR of scripts does not count
  std::string sysroot;                     // --sysroot, or empty
  std::vector<ScriptSource> scripts;       // no kFile among them: the default script
  std::vector<std::string> undefined;      // -u, --require-defined
  std::vector<std::string> require_defined;
  std::vector<std::string> wrapped;        // --wrap
  std::vector<std::string> traced;         // -y
  bool trace_files = false;                // -t
  bool allow_multiple_definition = false;  // -z muldefs
  bool force_common = false;               // -d: give common symbols an address under -r too
  bool force_group_allocation = false;     // under -r: groups become plain sections

  // ---- Unresolved symbols
  Unresolved unresolved = Unresolved::kError;
  std::vector<std::string> ignored_unresolved;  // --ignore-unresolved-symbol

  // ---- Machine
  Target2 target2 = Target2::kRel;
  bool target1_is_rel = false;  // R_ARM_TARGET1 is R_ARM_REL32; else R_ARM_ABS32
  bool fix_arm1176 = true;      // do not use BLX (immediate) on ARMv6 cores that the erratum hits
  bool warn_mismatch = true;    // --no-warn-mismatch
  bool warn_enum_size = true;   // --no-enum-size-warning
  bool warn_wchar_size = true;  // --no-wchar-size-warning
  bool merge_exidx = true;      // --no-merge-exidx-entries

  // ---- What is kept
  Prune prune = Prune::kNone;  // --gc-sections: kSections
  FoldMode fold = FoldMode::kProven;
  std::vector<NameRule> keep;
  std::vector<NameRule> drop;      // assumed to be of no use
  std::vector<OnlyIfRule> only_if; // assumed to be of use only to others
  bool ocaml_backtraces = true;    // keep what they print, of OCaml's code
  bool never_exits = false;        // assumed: main does not return, and nobody calls exit
  std::optional<std::string> entry;  // -e: a symbol or a number; none: what the script says
  bool thumb_entry = false;          // --thumb-entry: bit 0 of the entry address is set
  std::string init_symbol = "_init";
  std::string fini_symbol = "_fini";
  bool gc_keep_exported = false;
  bool print_gc_sections = false;
  bool start_stop_gc = false;  // -z start-stop-gc: __start_X keeps no section X

  // ---- Layout
  std::vector<SectionStart> section_starts;  // at most one for a section
  std::vector<RegionRule> regions;
  std::string board_name;
  std::vector<NameRule> flash;  // constants that may go to flash although nothing proves it
  std::vector<NameRule> ocaml_ram;  // OCaml units and blocks that stay in RAM
  OrphanHandling orphans = OrphanHandling::kPlace;
  SortKey sort_section = SortKey::kNone;
  SortCommon sort_common = SortCommon::kNone;
  bool unique_orphans = false;               // --unique
  std::vector<std::string> unique_sections;  // --unique=PATTERN
  Paging paging = Paging::kDemandPaged;
  u64 max_page_size = 0;     // 0: the machine's
  u64 common_page_size = 0;  // 0: the machine's
  bool check_sections = true;

  // ---- Output
  std::string output = "a.out";
  OutputFormat format = OutputFormat::kElf;
  bool relocatable = false;       // -r
  bool emit_relocations = false;  // -q
  Strip strip = Strip::kNone;
  Discard discard = Discard::kMergedTemporaries;
  std::string retain_symbols_file;  // path of a list of symbols, one a line; the rest is left out
  BuildId build_id;
  std::string elf_path;  // a second copy of the ELF, [image] elf
  std::string bin_path;  // [image] bin
  std::string hex_path;  // [image] hex
  Poison poison = Poison::kNothing;  // what is dead and stays where it is, destroyed
  bool seal = false;     // refuse what no sealed image may have, and compute its digest

  // ---- Reports
  std::string map_path;  // -Map; "-" is standard output
  bool cref = false;
  bool print_map_discarded = true;
  bool print_memory_usage = false;
  std::string record_path;           // --fwseal-record
  std::string report_path;           // --fwseal-report
  std::string dependency_file_path;  // --dependency-file: a make rule
  std::vector<BudgetLimit> budgets;  // at most one for a subject
  std::map<std::string, SettingPlace> budget_places;  // by subject
  bool print_report = false;         // fwseal seal: what was done, on standard output
  bool demangle = true;

  // ---- Warnings
  bool fatal_warnings = false;
  bool warn_common = false;
  bool warn_section_align = false;
  bool warn_once = false;  // an undefined symbol is reported once, not per reference
  bool warn_rwx_segments = false;

  bool gc_sections() const { return prune != Prune::kNone; }
};

// The last word on a region or a budget wins, so that the command line can correct fwseal.toml.
// What was said of a region's kind and what was said of its size are corrected one by one.
void set_region(Options& options, RegionRule rule);
void set_budget(Options& options, BudgetLimit limit, SettingPlace place = {});

std::optional<Prune> parse_prune(std::string_view text);  // "none", "sections", "proven"
std::optional<FoldMode> parse_fold(std::string_view text);    // "none", "proven", "all"
std::optional<RegionKind> parse_region_kind(std::string_view text);
// "256K", or "90%" of a region. Nothing if it is neither.
std::optional<BudgetLimit> parse_budget(std::string_view name, std::string_view amount);
// The subject that budget.h gives to flash_code and the like; a region's name is its own.
std::string_view budget_subject(std::string_view name);

// As infer_board takes them.
std::vector<RegionKindRule> region_kinds(const Options& options);

}  // namespace fwseal
