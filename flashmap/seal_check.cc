// What no sealed image may have, beyond what every link refuses: undefined symbols (the graph knows
// them) and relocations (the options exclude them).
#include "flashmap/seal_check.h"

#include <algorithm>

#include "prune/leftover.h"

namespace fwseal {
namespace {

class RegionChecker {
 public:
  RegionChecker(const Layout& layout, const Board& board, Diag& diag)
      : layout_(layout), board_(board), diag_(diag) {
    has_flash_ = std::any_of(board.regions.begin(), board.regions.end(), [](const BoardRegion& r) {
      return r.kind == RegionKind::kFlash && r.length != 0;
    });
  }

  void run() {
    for (const OutputSection& output : layout_.outputs) {
      if (!output.loaded() || output.size == 0) continue;
      if (output.script_type == OutputType::kNoload) continue;
      check_store(output);
      check_run(output);
    }
  }

 private:
  // The region that holds all of a range of addresses, or nothing.
  const BoardRegion* region_of(u64 first, u64 size) const {
    for (const BoardRegion& region : board_.regions)
      if (first >= region.origin && first - region.origin <= region.length &&
          region.length - (first - region.origin) >= size)
        return &region;
    return nullptr;
  }

  // An overflow is reported as such.
  bool overflows(const OutputSection& output) const {
    const auto full = [&](const std::optional<u32>& region) {
      return region && layout_.regions[*region].overflow != 0;
    };
    return full(output.region) || full(output.load_region);
  }

  void check_store(const OutputSection& output) {
    const BoardRegion* const region = region_of(output.lma, output.size);
    if (region == nullptr) {
      if (!overflows(output))
        diag_.error({}, cat("section ", output.name, " is stored at ", hex(output.lma), ", ",
                            output.size, " bytes, outside every region; give it one with AT>"));
    } else if (region->kind != RegionKind::kFlash && has_flash_) {
      diag_.error({}, cat("section ", output.name, " is stored at ", hex(output.lma),
                          " in region '", region->name, "', which is ", name_of(region->kind),
                          " and empty after power-on; give it a load address in flash with AT>, or "
                          "say what the region is in [board.regions]"));
    }
  }

  void check_run(const OutputSection& output) {
    if ((output.flags & SHF_EXECINSTR) == 0) return;
    const BoardRegion* const region = region_of(output.vma, output.size);
    if (region != nullptr && region->kind == RegionKind::kDram)
      diag_.error({}, cat("section ", output.name, " holds code and runs at ", hex(output.vma),
                          " in region '", region->name, "', which can hold data only (dram)"));
  }

  const Layout& layout_;
  const Board& board_;
  Diag& diag_;
  bool has_flash_ = false;
};

}  // namespace

void check_no_dynamic_tables(const Program& program, const Plan& plan, Diag& diag) {
  for (u32 i = 0; i < program.inputs.sections.size(); i++) {
    const InputSection& section = program.inputs.sections[i];
    if (!plan.kept[i] || !section.has(SHF_ALLOC) || !is_dynamic_table(section)) continue;
    diag.error(program.inputs.location(SectionId{i}),
               "a sealed image has no table for a dynamic linker, and something live refers to "
               "this one; link without the objects that need it");
  }
}

void check_regions_hold(const Layout& layout, const Board& board, Diag& diag) {
  if (board.regions.empty()) return;
  RegionChecker(layout, board, diag).run();
}

}  // namespace fwseal
