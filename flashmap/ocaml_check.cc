// OCaml 4.13, runtime/startup_nat.c, init_static: pairs of the addresses of the first and the last
// word; an address 0 ends the table.
#include "flashmap/ocaml_check.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr u64 kWord = 4;

struct Extent {
  u64 begin = 0;
  u64 end = 0;
};

class Checker {
 public:
  Checker(const Inputs& inputs, const Layout& layout, const Image& image)
      : inputs_(inputs), layout_(layout), image_(image) {}

  // Where a section lies; empty if it is not in the image.
  Extent extent(SectionId id) const {
    const SectionPlace& place = layout_.places[index(id)];
    if (place.output == kNoOutput) return {};
    const u64 begin = layout_.outputs[index(place.output)].vma + place.offset;
    const bool is_edited = index(id) < layout_.edits.size();
    return {begin, begin + inputs_[id].size +
                       static_cast<u64>(is_edited ? layout_.edits[index(id)].growth() : 0)};
  }

  void read_pairs(SectionId table) {
    const Extent where = extent(table);
    const SectionPlace& place = layout_.places[index(table)];
    const Bytes bytes =
        Bytes(image_.contents[index(place.output)]).sub(place.offset, where.end - where.begin);
    for (u64 at = 0; bytes.holds(at, 2 * kWord) && bytes.le<u32>(at) != 0; at += 2 * kWord)
      pairs_.push_back({bytes.le<u32>(at), bytes.le<u32>(at + kWord) + kWord});
    std::ranges::sort(pairs_, {}, &Extent::begin);
  }

  bool is_inside(SectionId id) const {
    const Extent part = extent(id);
    if (part.begin == part.end) return true;
    const auto behind = std::ranges::upper_bound(pairs_, part.begin, {}, &Extent::begin);
    return behind != pairs_.begin() && std::prev(behind)->end >= part.end;
  }

 private:
  const Inputs& inputs_;
  const Layout& layout_;
  const Image& image_;
  std::vector<Extent> pairs_;
};

}  // namespace

void check_ocaml_segments(const OcamlSections& ocaml, const Inputs& inputs, const Atoms& atoms,
                          const Reach& live, const Layout& layout, const Image& image, Diag& diag) {
  // In a poison run a table that nobody reads is in the image, and destroyed.
  if (ocaml.units.empty() || layout.places[index(ocaml.segments)].output == kNoOutput ||
      !atoms.any_live(live, ocaml.segments))
    return;
  Checker checker(inputs, layout, image);
  checker.read_pairs(ocaml.segments);
  for (const OcamlParts& unit : ocaml.units)
    for (const SectionId part : {unit.constants, unit.ram})
      if (part != kNoSection && atoms.any_live(live, part) && !checker.is_inside(part))
        diag.error(inputs.location(part),
                   cat("OCaml unit ", unit.unit, " has values outside of caml_data_segments"));
}

}  // namespace fwseal
