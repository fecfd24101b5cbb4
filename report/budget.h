// The memory budget of an image: what each region and each kind of memory is filled with.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flashmap/board.h"
#include "report/contents.h"

namespace fwseal {

struct RegionBudget {
  std::string name = {};
  RegionKind kind = RegionKind::kRam;
  u64 origin = 0;
  u64 length = 0;
  u64 used = 0;      // past the end too, if it overflows
  u64 free = 0;      // 0 if it overflows
  u64 overflow = 0;  // bytes past the end
  Contents contents = {};

  // Of its length; more than 100 if it overflows. A region without length: 0 if nothing is in it.
  double percent() const;
};

// Sums over the regions, by what the bytes need. Without a MEMORY command there are no regions:
// then code and constants count as flash, the rest as RAM.
struct KindBudget {
  u64 flash_code = 0;
  u64 flash_rodata = 0;   // constants, also the variables that a script leaves in flash
  u64 flash_initial = 0;  // load copies of what lies in RAM
  u64 data_ram = 0;  // variables, constants that were copied, stacks and heaps that are sections
  u64 instruction_ram = 0;  // code that runs from RAM, and all that lies in iram

  bool operator==(const KindBudget&) const = default;
};

struct Budget {
  std::vector<RegionBudget> regions = {};  // in the order of Layout::regions
  KindBudget kinds = {};
};

// Where an output section runs and where it is stored, as indices of regions.
struct OutputHome {
  std::optional<u32> run;
  std::optional<u32> load;  // only if it is stored elsewhere than it runs
};
OutputHome home_of(const OutputSection& output, const Board& board);
// Thread-local .tbss has an address but takes no room there: gABI, "Special Sections".
bool takes_room(const OutputSection& output);

// Works on layouts that overflow: that is when it is wanted most. `board` is of the same layout.
// RegionUse::used counts what overflows too.
Budget compute_budget(const Inputs& inputs, const Layout& layout, const Board& board);

// `[budget]`: `subject` is the name of a region, or one of the sums "flash.code", "flash.rodata",
// "flash.initial", "ram.data", "ram.code". A sum has no percentage.
struct BudgetLimit {
  std::string subject;
  std::optional<u64> max_bytes = {};
  std::optional<double> max_percent = {};
};

struct BudgetViolation {
  std::string subject;
  std::string message;   // says the number, the limit, and by how much
  bool missing = false;  // nothing with this name was measured: exit status 4, not 3
};

// Also reports every region that overflows, with or without a limit. In the order of the regions,
// then of the limits. A limit that cannot be checked is a violation, never a pass.
std::vector<BudgetViolation> check_budget(const Budget& budget,
                                          std::span<const BudgetLimit> limits);

}  // namespace fwseal
