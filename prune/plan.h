// What stays, and what becomes of it: the result of pruning, which layout and relocation obey.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "graph/program.h"
#include "prune/folds.h"

namespace fwseal {

// A change to the bytes of an input section: `removed` bytes at `offset` give way to `inserted`.
// The only mechanism that changes bytes before relocation; see "What sections does" in the design.
struct Edit {
  u64 offset = 0;
  u64 removed = 0;
  std::string inserted;
};

// The edits of one section, in ascending order and not overlapping, and the map they imply.
class EditList {
 public:
  void add(Edit edit);
  const std::vector<Edit>& edits() const { return edits_; }
  bool empty() const { return edits_.empty(); }
  i64 growth() const;  // bytes by which the section grows; negative if it shrinks
  // Where the byte at `offset` of the input lies afterwards; a removed byte maps to where the
  // bytes behind it went.
  u64 map(u64 offset) const;
  bool removes(u64 offset) const;

 private:
  i64 growth_before(u64 edit) const { return edit == 0 ? 0 : growth_[edit - 1]; }

  std::vector<Edit> edits_;
  std::vector<i64> growth_;  // by each edit and all before it
};

// One blob for all mergeable strings or constants that may share bytes: same output section, flags
// and entry size.
struct MergedBlob {
  std::string bytes;
  u32 alignment = 1;
  std::vector<SectionId> sections;  // whose pieces it holds
  SectionId place = kNoSection;     // one of them: the blob stands where this one would
};

// A piece of a mergeable section: `size` input bytes at `input_offset`. Up to the next piece there
// may be padding. The size of a string leaves out its terminator.
struct MergedPiece {
  u32 input_offset = 0;
  u32 blob_offset = 0;
  u32 size = 0;
};

struct MergedStrings {
  std::vector<MergedBlob> blobs;
  // Per input section: index + 1 of its blob, or 0; and its pieces, in order.
  std::vector<u32> blob_of;
  std::vector<u32> first_piece;  // index into pieces; one more entry than sections
  std::vector<MergedPiece> pieces;

  bool merged(SectionId section) const {
    return index(section) < blob_of.size() && blob_of[index(section)] != 0;
  }
  const MergedBlob* blob(SectionId section) const {
    return merged(section) ? &blobs[blob_of[index(section)] - 1] : nullptr;
  }
  // Where in the blob the byte at `offset` of a merged section went.
  u64 map(SectionId section, u64 offset) const;
};

// Bytes of an input section that others take the place of, whatever relocations say.
struct Overwrite {
  u64 offset = 0;
  std::string bytes;
};

struct Plan {
  std::vector<bool> kept;       // per input section: its bytes go to the image
  std::vector<EditList> edits;  // per input section: what goes of it; empty if nothing does
  std::map<u32, std::vector<Overwrite>> poison{};  // per section, in order; see poison.h
  Folds folds{};                                   // see fold.h
  bool keeps(SectionId section) const { return kept[index(section)]; }
  std::span<const Overwrite> poison_of(SectionId section) const {
    const auto found = poison.find(index(section));
    return found == poison.end() ? std::span<const Overwrite>() : found->second;
  }
  // nullptr if nothing goes of the section
  const EditList* edits_of(SectionId section) const {
    const bool edited = index(section) < edits.size() && !edits[index(section)].empty();
    return edited ? &edits[index(section)] : nullptr;
  }
  // Of a kept section, is this byte left out?
  bool removes(SectionId section, u64 offset) const {
    const EditList* const list = edits_of(section);
    return list != nullptr && list->removes(offset);
  }
};

}  // namespace fwseal
