#include "graph/code_stops.h"

#include <algorithm>

namespace fwseal {

void add_calls_that_stop(const Program& program, const InputSection& section,
                         std::span<const CodeRun> runs,
                         const std::function<bool(SymbolId)>& never_returns, CodeScan& scan) {
  for (const CodeRun& run : runs)
    if (run.mode == CodeMode::kData && run.begin != 0 &&
        std::ranges::binary_search(scan.calls, static_cast<u32>(run.begin)))
      scan.stops.push_back(static_cast<u32>(run.begin));
  constexpr u32 kCallSize = 4;
  for (u64 i = 0; i < relocation_count(section); i++) {
    const Relocation entry = relocation(section, i);
    const RelocationType* const type = program.isa.find(entry.type);
    if (type == nullptr || type->use != Use::kCall) continue;
    const SymbolId symbol = program.symbols.of(program.inputs, section.object, entry.symbol);
    if (symbol == kNoSymbol || !never_returns(symbol)) continue;
    const u32 behind = static_cast<u32>(entry.offset) + kCallSize;
    if (std::ranges::binary_search(scan.calls, behind)) scan.stops.push_back(behind);
  }
  std::ranges::sort(scan.stops);
}

u32 last_stop(const Isa& isa, u32 cut, Bytes contents, std::span<const CodeRun> runs,
              const std::vector<u32>& stops) {
  auto run = std::ranges::upper_bound(runs, u64{cut} - 1, {}, &CodeRun::begin);
  while (run != runs.begin()) {
    --run;
    const u64 run_end = std::min(run->end, u64{cut});
    const auto stop = std::ranges::upper_bound(stops, run_end);
    const u32 end = stop == stops.begin() ? 0 : *std::prev(stop);
    if (run->mode == CodeMode::kData) {
      if (end == run_end && end != 0) return cut;
      continue;
    }
    if (end <= run->begin) return kRunsOn;
    const Bytes rest = contents.sub(end, run_end - end);
    if (!isa.is_padding(run->mode, rest)) return kRunsOn;
    return run_end == cut ? end : cut;
  }
  return cut;
}

}  // namespace fwseal
