#include "tools/write_outputs.h"

#include <elf.h>

#include <algorithm>
#include <iostream>

#include "flashmap/as_bin.h"
#include "flashmap/as_ihex.h"
#include "report/as_json.h"
#include "report/as_text.h"
#include "report/memory_usage.h"
#include "sections/build_id.h"
#include "sections/cross_reference.h"
#include "sections/map_file.h"
#include "sections/output_file.h"
#include "sections/write_elf.h"

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
    text = map_file(program, script, matcher, merged, layout, map);
  }
  if (options.cref) text += cross_reference_table(program, layout);
  if (text.empty()) return;
  // --cref without a map goes to standard output, as in GNU ld.
  if (to_stdout || options.map_path.empty()) std::cout << text;
  else write_output_file(options.map_path, text, FileMode::kData, diag);
}

u32 elf_flags(const ArmFeatures& features) {
  return EF_ARM_EABI_VER5 | static_cast<u32>(features.hard_float_abi ? EF_ARM_ABI_FLOAT_HARD
                                                                     : EF_ARM_ABI_FLOAT_SOFT);
}

}  // namespace

std::vector<BudgetViolation> write_reports(const Program& program, const MergedStrings& merged,
                                           const Script& script, const Matcher& matcher,
                                           const Layout& layout, const Options& options,
                                           Diag& diag) {
  if (options.print_memory_usage) std::cout << memory_usage_text(layout);
  write_map(program, merged, script, matcher, layout, options, diag);
  const std::vector<RegionKindRule> rules = region_kinds(options);
  const Board board = infer_board(layout, script, rules);
  const Budget budget = compute_budget(layout, board);
  if (options.seal) std::cout << budget_text(budget);
  if (!options.report_path.empty())
    write_output_file(options.report_path, budget_json(budget), FileMode::kData, diag);
  std::vector<BudgetViolation> violations;
  for (BudgetViolation& violation : check_budget(budget, options.budgets)) {
    // A region that overflows is reported by layout, in GNU ld's words.
    bool limited = false;
    for (const BudgetLimit& limit : options.budgets)
      limited = limited || limit.subject == violation.subject;
    if (!limited) continue;
    diag.note({}, cat("budget: ", violation.message));
    violations.push_back(std::move(violation));
  }
  return violations;
}

ExitStatus budget_status(const std::vector<BudgetViolation>& violations) {
  const bool missing = std::any_of(violations.begin(), violations.end(),
                                   [](const BudgetViolation& one) { return one.missing; });
  return missing ? ExitStatus::kMissing : ExitStatus::kExceeded;
}

void write_images(const Program& program, const MergedStrings& merged, const Layout& layout,
                  const MadeSections& made, const ArmFeatures& features, Image image,
                  const Options& options, Diag& diag) {
  ElfOptions elf_options;
  elf_options.elf_flags = elf_flags(features);
  elf_options.strip_all = options.strip == Strip::kAll;
  elf_options.discard = options.discard;
  std::string elf = write_elf(program, merged, layout, image, elf_options);
  if (const auto style = build_id_style(options))
    fill_build_id(layout, made.build_id, *style, elf, image);

  std::string bytes;
  switch (options.format) {
    case OutputFormat::kElf: bytes = elf; break;
    case OutputFormat::kBinary: bytes = as_bin(layout, image, options.output, diag); break;
    case OutputFormat::kIhex: bytes = as_ihex(layout, image, options.output, diag); break;
  }
  const std::string bin =
      options.bin_path.empty() ? "" : as_bin(layout, image, options.bin_path, diag);
  const std::string hex =
      options.hex_path.empty() ? "" : as_ihex(layout, image, options.hex_path, diag);
  stop_if_failed(diag);  // Until here nothing was written that could be flashed.

  write_output_file(options.output, bytes, FileMode::kExecutable, diag);
  if (!options.elf_path.empty())
    write_output_file(options.elf_path, elf, FileMode::kExecutable, diag);
  if (!options.bin_path.empty()) write_output_file(options.bin_path, bin, FileMode::kData, diag);
  if (!options.hex_path.empty()) write_output_file(options.hex_path, hex, FileMode::kData, diag);
}

}  // namespace fwseal
