#include "flashmap/as_bin.h"

#include <cstring>

#include "flashmap/load.h"

namespace fwseal {

std::string as_bin(const Layout& layout, const Image& image, std::string_view file, Diag& diag) {
  const std::vector<LoadRun> runs = load_runs(layout, image);
  if (runs.empty() || !load_is_sound(layout, runs, file, diag)) return {};

  // The runs do not overlap, so the last one ends last.
  const LoadRun& first = runs.front();
  const LoadRun& last = runs.back();
  const u64 span = last.end() - first.lma;
  if (span > kMaxBinarySpan) {
    const auto name = [&](const LoadRun& run) { return layout.outputs[index(run.output)].name; };
    diag.error(Location{file, {}, {}, 0, 0},
               cat("a raw binary from section ", name(first), " at ", hex(first.lma),
                   " to the end of section ", name(last), " at ", hex(last.end()), " would have ",
                   span, " bytes, more than ", kMaxBinarySpan,
                   "; load both into one memory with AT>, or write Intel HEX"));
    return {};
  }

  std::string bytes(span, '\0');
  for (const LoadRun& run : runs)
    std::memcpy(bytes.data() + (run.lma - first.lma), run.bytes.data(), run.bytes.size());
  return bytes;
}

}  // namespace fwseal
