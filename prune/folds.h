// Atoms that gave way to equal ones: where the bytes that they held are now.
#pragma once

#include <span>
#include <vector>

#include "elfio/object.h"

namespace fwseal {

// A copy of another atom. References to it lead to the other one, or it holds nothing but a jump
// there.
struct Fold {
  // What proves that nobody can tell.
  enum class Proof : u8 {
    kOnlyCalled,  // code: nothing takes its address
    kUnnamed,     // constants that only the compiler knows of
    kJump,        // a jump there has taken its place, so its address is still its own
    kAssumed,     // the user says so
  };
  static constexpr u64 kWhole = ~u64{0};  // for `end`: everything that is said of the section

  SectionId section = kNoSection;
  u64 begin = 0;  // offsets of the input
  u64 end = 0;
  SectionId into = kNoSection;
  u64 into_begin = 0;
  Proof proof = Proof::kOnlyCalled;
  bool thumb = false;  // kJump: in which instruction set
};

class Folds {
 public:
  static constexpr u64 kJumpSize = 4;

  Folds() = default;
  // In any order; they do not overlap, and none leads to another one.
  Folds(std::vector<Fold> folds, u64 sections);

  std::span<const Fold> all() const { return folds_; }
  std::span<const Fold> of(SectionId section) const {
    if (first_.empty()) return {};
    const u32 begin = first_[index(section)];
    return std::span(folds_).subspan(begin, first_[index(section) + 1] - begin);
  }
  // The copy that held a byte, nullptr if it is where it was.
  const Fold* find(SectionId section, u64 offset) const;
  // The same for the bytes that a jump has taken the place of.
  bool is_jump(SectionId section, u64 offset) const;

  // The place of a byte: `beyond` bytes behind one that its section still has.
  struct Place {
    SectionId section = kNoSection;
    u64 offset = 0;
    u64 beyond = 0;
  };
  Place resolve(SectionId section, u64 offset) const {
    const Fold* const fold = find(section, offset);
    if (fold == nullptr) return {section, offset, 0};
    return {fold->into, fold->into_begin, offset - fold->begin};
  }

 private:
  const Fold* at(SectionId section, u64 offset) const;

  std::vector<Fold> folds_;  // by section and place
  std::vector<u32> first_;   // per section, and one more; empty if there are none
};

}  // namespace fwseal
