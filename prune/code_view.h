// Code as it stands in the inputs: what is an instruction, and what the linker will write into it.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "elfio/arm_step.h"
#include "graph/code_runs.h"
#include "graph/program.h"
#include "prune/effect_state.h"

namespace fwseal {

class CodeView {
 public:
  explicit CodeView(const Program& program) : program_(program) {}

  // What the bytes at an offset are, by the mapping symbols (AAELF32 2023Q3, "Mapping symbols");
  // without one, data.
  CodeMode mode_at(SectionId section, u64 offset);

  // The instruction at a place. Throws Obstacle if there is none.
  ArmStep step_at(const CodePlace& place);
  // Where a branch at a place leads that the relocation is about; `switches`: to the other
  // instruction set. Throws Obstacle if that is not known.
  CodePlace branch_target(const CodePlace& place, const Relocation& relocation, const Referent& to,
                          bool switches) const;

  // The relocation of exactly the place at `offset`. `clash`: another one touches the `size` bytes
  // there, or one is not known, so that nothing can be said of them. What only marks a place does
  // not count.
  struct Fixup {
    std::optional<Relocation> relocation;
    bool clash = false;
  };
  Fixup fixup(SectionId section, u64 offset, u64 size);

  // A word of a section that nobody writes, as it will be in the image.
  Value constant(SectionId section, u64 offset);
  // What an absolute relocation gives: S + A.
  Value value_of(const Relocation& relocation, SectionId place) const;
  i64 addend_of(const Relocation& relocation, SectionId place) const;

 private:
  const std::vector<Relocation>& relocations_of(SectionId section);
  u64 width(const Relocation& relocation) const;

  const Program& program_;
  std::map<u32, CodeRuns> runs_;                        // by object
  std::map<u32, std::vector<Relocation>> relocations_;  // by section, in order of offset
};

}  // namespace fwseal
