// What code reaches from its anchors; see anchor_walk.h.
#pragma once

#include <span>
#include <vector>

#include "graph/anchor_state.h"
#include "graph/program.h"

namespace fwseal {

// A place in code that holds the address of byte `base` of a section of data.
struct Anchor {
  SectionId code = kNoSection;
  u32 place = 0;
  SectionId data = kNoSection;
  i64 base = 0;
};

// In bytes of the section of data.
struct AnchorReach {
  u32 group = 0;  // anchors of one group must keep their distance: the first of them
  bool is_all = false;
  i64 low = 0;  // empty if not below `high`
  i64 high = 0;
  std::vector<i64> pointers = {};  // that leave the function, or are compared with others
};

// Is noted while code is followed. What is said of values that come from no anchor has no effect.
class AnchorReaches {
 public:
  AnchorReaches(const Program& program, std::span<const Anchor> anchors);

  // The value goes from an anchor to a register. `number`: of the anchor.
  AnchorValue load(u32 number, AnchorValue::Kind kind);
  void use(u32 number) { is_used_[number] = true; }
  bool all_used() const;

  // Bytes are read or written there.
  void touch(const AnchorValue& at, u64 size);
  // A pointer to an object, or behind its end.
  void note_pointer(const AnchorValue& value);
  void take_all(const AnchorValue& value);
  // Two values were compared or can be in one register.
  void unite(const AnchorValue& a, const AnchorValue& b);
  void unite(const AnchorState& a, const AnchorState& b);

  std::vector<AnchorReach> result();

 private:
  u32 group_of(u32 number);

  const Program& program_;
  const std::span<const Anchor> anchors_;
  std::vector<AnchorReach> reaches_;
  std::vector<bool> is_used_;
};

}  // namespace fwseal
