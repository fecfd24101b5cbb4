// The second pass list. An executable keeps its layout and every byte that is loaded, also if its
// linker kept the relocations (-q): they do not say enough to link it again.
//
// - Arm executables have SHT_REL tables, whose addends stood where the values now are (AAELF32
//   2023Q3, "Addends and PC-bias"). Where the linker put a veneer between, or merged strings, S + A
//   is not what stands there, and A is lost.
// - Numbers that the script made (copy tables of LONG(SIZEOF(...)), ASSERTed sizes, symbols) and
//   those that the assembler made have no relocation at all.
// - Input sections are gone: what nothing needs can no longer be left out.
//
// So the relocations are left out, and all that does not move a byte is done: the checks of a
// sealed image, the budget, the images, the digest, the record.
#include "tools/seal_executable.h"

#include <algorithm>
#include <iostream>

#include "elfio/executable.h"
#include "flashmap/as_bin.h"
#include "flashmap/as_ihex.h"
#include "flashmap/seal.h"
#include "flashmap/seal_check.h"
#include "report/as_json.h"
#include "report/as_text.h"
#include "report/memory_usage.h"
#include "sections/output_file.h"
#include "tools/board_rules.h"
#include "tools/decisions.h"
#include "tools/exit_status.h"
#include "tools/write_outputs.h"

namespace fwseal {
namespace {

// What a user asked for and an executable cannot have.
void check_options(const Options& options, const Location& where, Diag& diag) {
  const auto refuse = [&](std::string_view what) {
    diag.error(where, cat("is an executable, which is sealed as it is: ", what));
  };
  const auto is_file = [](const InputFile& input) {
    return input.kind == InputFile::Kind::kFile || input.kind == InputFile::Kind::kLibrary;
  };
  if (std::ranges::count_if(options.inputs, is_file) != 1)
    refuse("it takes no other inputs; to link something with it, link its objects");
  if (!options.scripts.empty())
    refuse("a linker script cannot change its layout; say what its memories are with --region");
  if (options.entry) refuse("--entry cannot change where it starts");
  if (!options.map_path.empty()) refuse("only its linker can write a map");
  if (!options.flash.empty()) refuse("nothing in it can be placed in flash; link its objects");
  for (const RegionRule& region : options.regions)
    if (!region.origin || !region.length)
      diag.error(region.place.location(),
                 cat("region '", region.name,
                     "' needs an origin and a length, because an executable names no memories"));
}

void check_sealable(const Executable& executable, const Location& where, Diag& diag) {
  for (const std::string_view symbol : executable.undefined)
    diag.error(where, cat("a sealed image has no undefined symbols: `", diag.symbol(symbol), "'"));
  for (const std::string_view section : executable.for_dynamic_linking)
    diag.error(where, cat("a sealed image has no table for a dynamic linker: section ", section,
                          "; link it with -static"));
}

void add_section(const ExecutableSection& section, Layout& layout, Image& image) {
  OutputSection& output = layout.outputs.emplace_back();
  output.name = section.name;
  output.type = section.header.sh_type;
  output.flags = section.header.sh_flags;
  output.vma = section.header.sh_addr;
  output.lma = section.lma;
  output.size = section.header.sh_size;
  const auto bytes = section.contents.span();
  image.contents.emplace_back(bytes.begin(), bytes.end());
}

// By address, as the executable has no other word for where its sections are.
std::optional<u32> region_at(const Layout& layout, u64 where) {
  const auto found = std::ranges::find_if(layout.regions, [&](const RegionUse& region) {
    return where >= region.origin && where - region.origin < region.length;
  });
  if (found == layout.regions.end()) return std::nullopt;
  return static_cast<u32>(found - layout.regions.begin());
}

void use(Layout& layout, std::optional<u32> number, u64 begin, u64 size) {
  if (!number || size == 0) return;
  RegionUse& region = layout.regions[*number];
  region.used = std::max(region.used, begin - region.origin + size);
  region.overflow = region.used - std::min(region.used, region.length);
}

void place_in_regions(Layout& layout) {
  for (OutputSection& output : layout.outputs) {
    if (!output.has_bytes() && (output.flags & SHF_TLS) != 0) continue;  // takes no room there
    output.region = region_at(layout, output.vma);
    use(layout, output.region, output.vma, output.size);
    if (!output.has_bytes() || output.lma == output.vma) continue;
    output.load_region = region_at(layout, output.lma);
    use(layout, output.load_region, output.lma, output.size);
  }
}

Layout describe_layout(const Executable& executable, const Options& options, Image& image) {
  Layout layout;
  layout.entry = executable.header.e_entry;
  for (const RegionRule& region : options.regions)
    layout.regions.push_back({region.name, *region.origin, *region.length, 0, 0});
  for (const ExecutableSection& section : executable.sections)
    if (section.allocated()) add_section(section, layout, image);
  place_in_regions(layout);
  return layout;
}

void check_regions_not_full(const Layout& layout, Diag& diag) {
  for (const RegionUse& region : layout.regions)
    if (region.overflow != 0)
      diag.error({}, cat("region `", region.name, "' overflowed by ", region.overflow, " bytes"));
}

Record describe(const Layout& layout, const std::string& path, const Executable& executable,
                const Options& options) {
  Record record;
  record.version = FWSEAL_VERSION;
  record.board = options.board_name;
  record.inputs = {{path, executable.file.size()}};
  for (const OutputSection& output : layout.outputs) {
    record.kept.sections++;
    record.kept.bytes += output.size;
  }
  return record;
}

void write_report(const Layout& layout, const Record& record, const Options& options, Diag& diag) {
  if (options.print_memory_usage) std::cout << memory_usage_text(layout);
  if (options.print_report) std::cout << budget_text(record.budget) << decisions_text(record);
  if (!options.report_path.empty())
    write_output_file(options.report_path, report_json(record), FileMode::kData, diag);
}

void write_all(const Layout& layout, const Image& image, const std::string& elf,
               const Options& options, Diag& diag) {
  const auto write = [&](const std::string& path, const std::string& bytes, FileMode mode) {
    if (!path.empty()) write_output_file(path, bytes, mode, diag);
  };
  const std::string bin =
      options.bin_path.empty() ? "" : as_bin(layout, image, options.bin_path, diag);
  const std::string hex =
      options.hex_path.empty() ? "" : as_ihex(layout, image, options.hex_path, diag);
  stop_if_failed(diag);  // Until here nothing was written that could be flashed.
  write(options.output, elf, FileMode::kExecutable);
  write(options.elf_path, elf, FileMode::kExecutable);
  write(options.bin_path, bin, FileMode::kData);
  write(options.hex_path, hex, FileMode::kData);
}

const InputFile* find_executable(const Options& options, Files& files) {
  for (const InputFile& input : options.inputs) {
    if (input.kind != InputFile::Kind::kFile || input.binary || input.symbols_only) continue;
    try {
      const std::optional<Bytes> bytes = files.map_if_exists(input.name);
      if (bytes && is_executable(*bytes)) return &input;
    } catch (const BadInput&) {  // Whoever reads it says what is wrong with it.
      continue;
    }
  }
  return nullptr;
}

}  // namespace

bool names_executable(const Options& options) {
  Files files;
  return find_executable(options, files) != nullptr;
}

void seal_executable(const Options& options, Diag& diag) {
  if (!options.demangle) diag.show_mangled_names();
  Files files;
  const InputFile* const input = find_executable(options, files);
  const Location where{input->name, {}, {}, 0, 0};
  check_options(options, where, diag);
  stop_if_failed(diag);
  Executable executable;
  std::string elf;
  try {
    executable = read_executable(files.map(input->name), {});
    elf = without_relocations(executable);
  } catch (const BadInput& bad) {
    diag.error(where, bad.what());
  }
  stop_if_failed(diag);

  check_sealable(executable, where, diag);
  Image image;
  const Layout layout = describe_layout(executable, options, image);
  const Board board = describe_board(layout, {}, options, diag);
  Record record = describe(layout, input->name, executable, options);
  record.budget = compute_budget({}, layout, board);
  write_report(layout, record, options, diag);
  check_regions_hold(layout, board, diag);
  check_regions_not_full(layout, diag);
  stop_if_failed(diag);  // Until here nothing was written that could be flashed.

  write_all(layout, image, elf, options, diag);
  record.digest = seal_digest(layout, image);
  if (!options.report_path.empty())
    write_output_file(options.report_path, report_json(record), FileMode::kData, diag);
  if (!options.record_path.empty()) write_record(record, options.record_path, diag);
  if (options.print_report) std::cout << sealed_text(record);
  stop_if_failed(diag);

  const auto violations = violated_limits(record.budget, options);
  report_violations(violations, options, diag);
  if (!violations.empty()) throw StopWith{budget_status(violations)};
}

}  // namespace fwseal
