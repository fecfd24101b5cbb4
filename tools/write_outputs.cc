#include "tools/write_outputs.h"

#include <elf.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <set>
#include <sstream>

#include "flashmap/as_bin.h"
#include "flashmap/as_ihex.h"
#include "flashmap/seal.h"
#include "report/as_json.h"
#include "report/as_text.h"
#include "report/memory_usage.h"
#include "sections/build_id.h"
#include "sections/cross_reference.h"
#include "sections/map_file.h"
#include "sections/output_file.h"
#include "sections/write_elf.h"
#include "tools/decisions.h"
#include "tools/read_text.h"

namespace fwseal {
namespace {

void write_map(const Program& program, const MergedStrings& merged, const Script& script,
               const Matcher& matcher, const Layout& layout, const Options& options, Diag& diag) {
  const bool to_stdout = options.map_path == "-";
  std::string text;
  if (!options.map_path.empty()) {
    MapOptions map;
    map.output_name = options.output;
    map.discarded = options.print_map_discarded;
    map.demangle = options.demangle;
    text = map_file(program, script, matcher, merged, layout, map);
  }
  if (options.cref) text += cross_reference_table(program, layout, Demangler(options.demangle));
  if (text.empty()) return;
  // --cref without a map goes to standard output, as in GNU ld.
  if (to_stdout || options.map_path.empty()) std::cout << text;
  else write_output_file(options.map_path, text, FileMode::kData, diag);
}

u32 elf_flags(const ArmFeatures& features) {
  return EF_ARM_EABI_VER5 | static_cast<u32>(features.hard_float_abi ? EF_ARM_ABI_FLOAT_HARD
                                                                     : EF_ARM_ABI_FLOAT_SOFT);
}

KeptRelocations kept_relocations(const Options& options) {
  if (options.relocatable)
    return options.gc_sections() ? KeptRelocations::kObject : KeptRelocations::kAllObject;
  return options.emit_relocations ? KeptRelocations::kRecord : KeptRelocations::kNone;
}

// Names between white space, as GNU ld reads them.
std::optional<std::set<std::string, std::less<>>> retained_symbols(const Options& options,
                                                                   Diag& diag) {
  if (options.retain_symbols_file.empty()) return std::nullopt;
  std::set<std::string, std::less<>> names;
  const std::optional<std::string> text = read_text_file(options.retain_symbols_file);
  if (!text) {
    diag.error({}, cat("cannot open ", options.retain_symbols_file, ": no such file"));
    return names;
  }
  std::istringstream words(*text);
  for (std::string name; words >> name;) names.insert(name);
  return names;
}

void warn_of_rwx_segments(const Layout& layout, const Options& options, Diag& diag) {
  constexpr u32 kAll = PF_R | PF_W | PF_X;
  for (const OutputSegment& segment : layout.segments)
    if (segment.type == PT_LOAD && (segment.flags & kAll) == kAll)
      diag.warning({}, cat(options.output, " has a LOAD segment with RWX permissions"));
}

}  // namespace

void write_reports(const Program& program, const MergedStrings& merged, const Script& script,
                   const Matcher& matcher, const Layout& layout, const Record& record,
                   const Options& options, Diag& diag) {
  if (options.print_memory_usage) std::cout << memory_usage_text(layout);
  write_map(program, merged, script, matcher, layout, options, diag);
  if (options.print_report) std::cout << budget_text(record.budget) << decisions_text(record);
  if (!options.report_path.empty())
    write_output_file(options.report_path, report_json(record), FileMode::kData, diag);
  if (options.warn_rwx_segments) warn_of_rwx_segments(layout, options, diag);
}

ExitStatus budget_status(const std::vector<BudgetViolation>& violations) {
  const bool missing = std::any_of(violations.begin(), violations.end(),
                                   [](const BudgetViolation& one) { return one.missing; });
  return missing ? ExitStatus::kMissing : ExitStatus::kExceeded;
}

std::string write_images(const Program& program, const MergedStrings& merged, const Layout& layout,
                         const MadeSections& made, const ArmFeatures& features, Image image,
                         const Options& options, Diag& diag) {
  ElfOptions elf_options;
  // The float ABI is a statement about executables (AAELF32 2023Q3, "ELF Header").
  elf_options.elf_flags = options.relocatable ? u32{EF_ARM_EABI_VER5} : elf_flags(features);
  elf_options.strip_all = options.strip == Strip::kAll;
  elf_options.discard = options.discard;
  // Strings are merged only by the link that makes an executable.
  if (options.relocatable && options.discard == Discard::kMergedTemporaries)
    elf_options.discard = Discard::kNone;
  elf_options.relocations = kept_relocations(options);
  elf_options.retained = retained_symbols(options, diag);
  std::string elf = write_elf(program, merged, layout, image, elf_options);
  if (const auto style = build_id_style(options))
    fill_build_id(layout, made.build_id, *style, elf, image);

  std::string plain;  // if the output is no ELF file
  if (options.format == OutputFormat::kBinary) plain = as_bin(layout, image, options.output, diag);
  if (options.format == OutputFormat::kIhex) plain = as_ihex(layout, image, options.output, diag);
  const std::string& bytes = options.format == OutputFormat::kElf ? elf : plain;
  const std::string bin =
      options.bin_path.empty() ? "" : as_bin(layout, image, options.bin_path, diag);
  const std::string hex =
      options.hex_path.empty() ? "" : as_ihex(layout, image, options.hex_path, diag);
  stop_if_failed(diag);  // Until here nothing was written that could be flashed.

  const FileMode mode = options.relocatable ? FileMode::kData : FileMode::kExecutable;
  write_output_file(options.output, bytes, mode, diag);
  if (!options.elf_path.empty()) write_output_file(options.elf_path, elf, mode, diag);
  if (!options.bin_path.empty()) write_output_file(options.bin_path, bin, FileMode::kData, diag);
  if (!options.hex_path.empty()) write_output_file(options.hex_path, hex, FileMode::kData, diag);
  return options.seal || !options.record_path.empty() ? seal_digest(layout, image) : "";
}

void write_record_of_failure(const Record& record, const Options& options, Diag& diag) {
  if (!options.record_path.empty()) write_record(record, options.record_path, diag);
}

void write_records(const Record& record, const Inputs& inputs, const Options& options,
                   Diag& diag) {
  // Again, now that there is a digest.
  if (!options.report_path.empty())
    write_output_file(options.report_path, report_json(record), FileMode::kData, diag);
  if (!options.record_path.empty()) write_record(record, options.record_path, diag);
  if (!options.dependency_file_path.empty()) write_dependencies(inputs, options, diag);
  if (options.print_report && options.seal) std::cout << sealed_text(record);
}

}  // namespace fwseal
