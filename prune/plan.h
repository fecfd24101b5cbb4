// What stays, and what becomes of it: the result of pruning, which layout and relocation obey.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "elfio/code.h"
#include "graph/program.h"
#include "prune/folds.h"

namespace fwseal {

// A change to the bytes of an input section: `removed` bytes at `offset` give way to `inserted`.
// The only mechanism that changes bytes before relocation; see "What sections does" in the design.
struct Edit {
  u64 offset = 0;
  u64 removed = 0;
  std::string inserted;
  bool is_gap = false;  // inside of something live, of which a symbol right here is a name
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
  // Where what is left of the bytes before `offset` ends.
  u64 map_end(u64 offset) const;
  bool removes(u64 offset) const;
  bool removes_symbol(u64 offset) const;

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

// Bytes of an input section that others take the place of, whatever relocations say. What edits
// remove is not overwritten.
struct Overwrite {
  u64 offset = 0;
  std::string bytes;
};

// A relocation that is not about the byte that it names: it leads to `offset` of the section as
// edits leave it, or to a tombstone.
struct Retarget {
  u64 place = 0;                   // of the relocation
  SectionId section = kNoSection;  // kNoSection: a tombstone
  u64 offset = 0;
};

// Bytes that go from the inside of something live, and what fills up to the alignment: one or more
// times, 2 bytes each.
struct Gap {
  SectionId section = kNoSection;
  u64 begin = 0;
  u64 end = 0;
  std::string_view filler;
};

struct Plan {
  std::vector<bool> kept;       // per input section: its bytes go to the image
  std::vector<EditList> edits;  // per input section: what goes of it; empty if nothing does
  // Per section, in order. See poison.h and debug_info.h.
  std::map<u32, std::vector<Overwrite>> overwrites{};
  std::map<u32, std::vector<Retarget>> retargets{};
  // Per section of code: what instructions around a gap say of other places of the same piece.
  std::map<u32, std::vector<CodeReference>> references{};
  Folds folds{};  // see fold.h
  bool keeps(SectionId section) const { return kept[index(section)]; }
  std::span<const Overwrite> overwrites_of(SectionId section) const {
    return of(overwrites, section);
  }
  std::span<const Retarget> retargets_of(SectionId section) const { return of(retargets, section); }
  std::span<const CodeReference> references_of(SectionId section) const {
    return of(references, section);
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

 private:
  template <typename Change>
  static std::span<const Change> of(const std::map<u32, std::vector<Change>>& all, SectionId id) {
    const auto found = all.find(index(id));
    return found == all.end() ? std::span<const Change>() : found->second;
  }
};

}  // namespace fwseal
