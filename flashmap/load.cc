#include "flashmap/load.h"

#include <algorithm>
#include <cassert>

namespace fwseal {

namespace {

constexpr u64 kAddressSpace = u64{1} << 32;  // only ELF32 is linked

bool fits_address_space(const LoadRun& run) {
  return run.lma < kAddressSpace && run.bytes.size() <= kAddressSpace - run.lma;
}

}  // namespace

std::vector<LoadRun> load_runs(const Layout& layout, const Image& image) {
  assert(image.contents.size() == layout.outputs.size());
  std::vector<LoadRun> runs;
  for (u32 i = 0; i < layout.outputs.size(); i++) {
    const OutputSection& output = layout.outputs[i];
    // NOLOAD has addresses and no bytes, whatever type its input sections gave it (ld manual,
    // "Output Section Type").
    if (!output.loaded() || output.script_type == OutputType::kNoload) continue;
    if (image.contents[i].empty()) continue;
    runs.push_back({output.lma, image.contents[i], OutputId{i}});
  }
  std::ranges::stable_sort(runs, {}, &LoadRun::lma);
  return runs;
}

bool load_is_sound(const Layout& layout, const std::vector<LoadRun>& runs, std::string_view file,
                   Diag& diag) {
  const auto name = [&](const LoadRun& run) { return layout.outputs[index(run.output)].name; };
  const int errors_before = diag.errors();
  // The run that reaches furthest so far, which need not be the one before.
  const LoadRun* furthest = nullptr;
  for (const LoadRun& run : runs) {
    if (!fits_address_space(run)) {
      diag.error(Location{file, {}, {}, 0, 0},
                 cat("section ", name(run), " loads ", hex(run.bytes.size()), " bytes at ",
                     hex(run.lma), ", past the end of the 32-bit address space"));
      continue;
    }
    if (furthest != nullptr && run.lma < furthest->end())
      diag.error(Location{file, {}, {}, 0, 0},
                 cat("sections ", name(*furthest), " and ", name(run), " both load at ",
                     hex(run.lma), "; give one of them another load address with AT>"));
    if (furthest == nullptr || run.end() > furthest->end()) furthest = &run;
  }
  return diag.errors() == errors_before;
}

}  // namespace fwseal
