// What may a function that is followed read and write?
#pragma once

#include <set>
#include <vector>

#include "prune/code_view.h"
#include "prune/effect_state.h"

namespace fwseal {

// The frame of the function, which it may use as it likes, and the sections of the program. What is
// reached through a pointer of unknown value or a plain number may be a device; so may a section
// that is not `plain`, as in effect.h.
class EffectMemory {
 public:
  EffectMemory(const Program& program, const Atoms& atoms, const std::vector<bool>& plain,
               CodeView& code)
      : program_(program), atoms_(atoms), plain_(plain), code_(code) {}

  void store(MachineState& state, const Value& at, u8 size, const Value& value);
  Value load(const MachineState& state, const Value& at, u8 size);
  // Somebody who is not followed writes to this.
  void add_write(AtomId atom) { writes_.insert(atom); }
  const std::set<AtomId>& writes() const { return writes_; }

 private:
  const InputSection& section_of(const Value& value) const {
    return program_.inputs[SectionId{value.id}];
  }
  void check_section(const Value& at, u8 size) const;

  const Program& program_;
  const Atoms& atoms_;
  const std::vector<bool>& plain_;
  CodeView& code_;
  std::set<AtomId> writes_;
};

}  // namespace fwseal
