#include "graph/code_runs.h"

#include <algorithm>
#include <optional>

namespace fwseal {
namespace {

std::optional<CodeMode> mode_named(std::string_view name) {
  if (name.size() < 2 || name[0] != '$' || (name.size() > 2 && name[2] != '.')) return std::nullopt;
  switch (name[1]) {
    case 'a':
      return CodeMode::kArm;
    case 't':
      return CodeMode::kThumb;
    case 'd':
      return CodeMode::kData;
    default:
      return std::nullopt;
  }
}

}  // namespace

CodeRuns code_runs(const Inputs& inputs, const Object& object) {
  CodeRuns runs;
  for (u32 i = 1; i < object.first_global; i++) {
    if (object.nameless_symbol(i).type != STT_NOTYPE) continue;
    const ElfSymbol symbol = object.symbol(i);
    if (const auto mode = mode_named(symbol.name))
      runs[symbol.section].push_back({symbol.value, 0, *mode});
  }
  for (auto& [elf_index, list] : runs) {
    const u64 size = elf_index < object.section_count ? inputs[object.section(elf_index)].size : 0;
    std::ranges::stable_sort(list, {}, &CodeRun::begin);
    for (u64 i = 0; i < list.size(); i++)
      list[i].end = std::min(i + 1 < list.size() ? list[i + 1].begin : size, size);
    // Of several at one place the last one counts; none reaches past the end.
    std::erase_if(list, [](const CodeRun& run) { return run.begin >= run.end; });
  }
  return runs;
}

}  // namespace fwseal
