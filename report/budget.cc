// Every output section claims the addresses where it runs, piece by piece, and those where it is
// stored if they are others. Within a region the claims are walked in order of address and a byte
// goes to the first that claims it, so that overlays, which share addresses, count once; what
// nobody claims before the end of the used part is a gap. So the rows of a region always add up to
// what is used of it.
#include "report/budget.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>

namespace fwseal {

namespace {

struct Claim {
  u64 begin = 0;
  u64 size = 0;
  u64 rest = 0;  // from `begin` to the end of the output section
  u64 Contents::*row = nullptr;
};

bool contains(const BoardRegion& region, u64 where) {
  return where >= region.origin && where - region.origin < region.length;
}

std::optional<u32> region_at(const Board& board, u64 where) {
  for (u32 i = 0; i < board.regions.size(); i++)
    if (contains(board.regions[i], where)) return i;
  return std::nullopt;
}

// How far the region is used: as the layout counted, or to the end of the claim that reaches
// furthest.
u64 used_by(const std::vector<Claim>& claims, const RegionUse& use) {
  u64 used = use.used;
  for (const Claim& claim : claims) {
    if (claim.begin < use.origin || claim.begin - use.origin >= std::max(use.length, used))
      continue;
    const u64 begin = claim.begin - use.origin;
    used = std::max(used, begin + std::min(claim.rest, ~begin));  // ~begin: all that does not wrap
  }
  return used;
}

Contents fill_rows(const std::vector<Claim>& claims, u64 origin, u64 used) {
  Contents contents;
  u64 done = 0;  // bytes of the region that are accounted for
  for (const Claim& claim : claims) {
    // A section that names this region and lies outside it by its address is not in it.
    if (claim.begin < origin || claim.begin - origin >= used) continue;
    const u64 begin = claim.begin - origin;
    const u64 end = begin + std::min(claim.size, used - begin);
    if (end <= done) continue;
    if (begin > done) contents.gaps += begin - done;
    contents.*claim.row += end - std::max(begin, done);
    done = end;
  }
  contents.gaps += used - done;
  return contents;
}

using Claims = std::vector<std::vector<Claim>>;  // per region

void claim(const OutputSection& output, const OutputHome& home, const std::vector<Share>& pieces,
           Claims& claims) {
  if (home.run)
    for (const Share& piece : pieces)
      claims[*home.run].push_back(
          {output.vma + piece.offset, piece.size, output.size - piece.offset, piece.row});
  if (home.load)
    claims[*home.load].push_back({output.lma, output.size, output.size, &Contents::initial});
}

std::vector<RegionBudget> region_budgets(const Layout& layout, const Board& board, Claims claims) {
  std::vector<RegionBudget> budgets;
  for (u32 i = 0; i < board.regions.size(); i++) {
    const BoardRegion& region = board.regions[i];
    std::ranges::stable_sort(claims[i], {}, &Claim::begin);
    const u64 used = used_by(claims[i], layout.regions[i]);
    const u64 in_region = std::min(region.length, used);
    budgets.push_back({.name = region.name,
                       .kind = region.kind,
                       .origin = region.origin,
                       .length = region.length,
                       .used = used,
                       .free = region.length - in_region,
                       .overflow = used - in_region,
                       .contents = fill_rows(claims[i], region.origin, used)});
  }
  return budgets;
}

void add_region(KindBudget& kinds, const RegionBudget& region) {
  const Contents& rows = region.contents;
  const u64 run_data = rows.constants + rows.data + rows.zeroed;
  switch (region.kind) {
    case RegionKind::kFlash:
      kinds.flash_code += rows.code;
      kinds.flash_rodata += run_data;
      kinds.flash_initial += rows.initial;
      break;
    case RegionKind::kRam:
    case RegionKind::kDram:
      kinds.instruction_ram += rows.code;
      kinds.data_ram += run_data + rows.initial;
      break;
    case RegionKind::kIram:
      kinds.instruction_ram += rows.code + run_data + rows.initial;
      break;
  }
}

// What of a section lies outside every region: all of it, if the script has no MEMORY.
void add_homeless(const OutputSection& output, const OutputHome& home,
                  const std::vector<Share>& pieces, KindBudget& kinds) {
  if (!home.run)
    for (const Share& piece : pieces) {
      if (piece.row == &Contents::code)
        kinds.flash_code += piece.size;
      else if (piece.row == &Contents::constants)
        kinds.flash_rodata += piece.size;
      else
        kinds.data_ram += piece.size;
    }
  if (!home.load && output.has_bytes() && output.lma != output.vma)
    kinds.flash_initial += output.size;
}

struct Sum {
  std::string_view name;
  u64 KindBudget::*bytes;
};
constexpr Sum kSums[] = {
    {"flash.code", &KindBudget::flash_code},       {"flash.rodata", &KindBudget::flash_rodata},
    {"flash.initial", &KindBudget::flash_initial}, {"ram.data", &KindBudget::data_ram},
    {"ram.code", &KindBudget::instruction_ram},
};

std::string percent_text(double percent) {
  std::array<char, 400> text;
  const int size = std::snprintf(text.data(), text.size(), "%.2f %%", percent);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<std::string> check_bytes(std::string_view subject, u64 used, u64 limit) {
  if (used <= limit) return std::nullopt;
  return cat(subject, " uses ", used, " bytes, ", used - limit, " more than its budget of ", limit);
}

std::vector<std::string> check_region(const RegionBudget& region, const BudgetLimit& limit) {
  std::vector<std::string> messages;
  const std::string subject = cat("region '", region.name, "'");
  if (limit.max_bytes)
    if (auto message = check_bytes(subject, region.used, *limit.max_bytes))
      messages.push_back(std::move(*message));
  // Negated, so that a limit that is not a number holds nothing back.
  if (limit.max_percent && !(region.percent() <= *limit.max_percent))
    messages.push_back(cat(subject, " is ", percent_text(region.percent()),
                           " full, more than its budget of ", percent_text(*limit.max_percent)));
  return messages;
}

std::vector<std::string> check_sum(const KindBudget& kinds, const Sum& sum,
                                   const BudgetLimit& limit) {
  if (limit.max_percent)
    return {cat("'", limit.subject, "' is a sum and has no percentage; give its budget in bytes")};
  if (!limit.max_bytes) return {};
  if (auto message = check_bytes(cat("'", sum.name, "'"), kinds.*sum.bytes, *limit.max_bytes))
    return {std::move(*message)};
  return {};
}

}  // namespace

bool takes_room(const OutputSection& output) {
  if (!output.allocated() || output.size == 0) return false;
  return output.has_bytes() || (output.flags & SHF_TLS) == 0;
}

OutputHome home_of(const OutputSection& output, const Board& board) {
  OutputHome home;
  home.run = output.region ? output.region : region_at(board, output.vma);
  if (output.has_bytes() && output.lma != output.vma)
    home.load = output.load_region ? output.load_region : region_at(board, output.lma);
  return home;
}

double RegionBudget::percent() const {
  if (length == 0) return used == 0 ? 0.0 : 100.0 * static_cast<double>(used);
  return static_cast<double>(used) * 100.0 / static_cast<double>(length);
}

Budget compute_budget(const Inputs& inputs, const Layout& layout, const Board& board) {
  assert(board.regions.size() == layout.regions.size());
  Budget budget;
  Claims claims(board.regions.size());
  for (const OutputSection& output : layout.outputs) {
    if (!takes_room(output)) continue;
    const OutputHome home = home_of(output, board);
    const std::vector<Share> pieces = shares_of(inputs.sections, output);
    claim(output, home, pieces, claims);
    add_homeless(output, home, pieces, budget.kinds);
  }
  budget.regions = region_budgets(layout, board, std::move(claims));
  for (const RegionBudget& region : budget.regions) add_region(budget.kinds, region);
  return budget;
}

std::vector<BudgetViolation> check_budget(const Budget& budget,
                                          std::span<const BudgetLimit> limits) {
  std::vector<BudgetViolation> violations;
  for (const RegionBudget& region : budget.regions)
    if (region.overflow != 0)
      violations.push_back({region.name, cat("region '", region.name, "' overflows by ",
                                             region.overflow, " bytes")});
  for (const BudgetLimit& limit : limits) {
    const auto region = std::ranges::find(budget.regions, limit.subject, &RegionBudget::name);
    const auto sum = std::ranges::find(kSums, limit.subject, &Sum::name);
    if (region == budget.regions.end() && sum == std::end(kSums)) {
      violations.push_back(
          {limit.subject, cat("no region or sum is called '", limit.subject, "'"), true});
      continue;
    }
    for (std::string& message : region != budget.regions.end()
                                    ? check_region(*region, limit)
                                    : check_sum(budget.kinds, *sum, limit))
      violations.push_back({limit.subject, std::move(message)});
  }
  return violations;
}

}  // namespace fwseal
