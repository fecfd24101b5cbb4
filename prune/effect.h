// What does a function leave behind when it returns?
#pragma once

#include <string>
#include <vector>

#include "graph/program.h"
#include "prune/code_view.h"
#include "prune/library_calls.h"

namespace fwseal {

// Proven: the function returns, and all that it did is to write into these atoms, at once or when
// what it registered is called at exit.
struct Effect {
  bool proven = false;
  std::string reason;          // not proven: what stands against it, and where
  std::vector<AtomId> writes;  // in ascending order
};

// What all questions about one program share: its code as it was read, and a bound on the time that
// they may take together.
struct EffectSearch {
  EffectSearch(const Program& of, const Atoms& cut, const std::vector<bool>& is_plain)
      : program(of), atoms(cut), plain(is_plain), code(of), library(of, cut) {}

  const Program& program;
  const Atoms& atoms;
  // Of each input section, whether it is ordinary memory: reading there has no effect, writing none
  // but that the bytes are there.
  const std::vector<bool>& plain;
  CodeView code;
  LibraryCalls library;
  u64 work_left = u64{1} << 27;  // steps, and places that a jump is compared with
};

// The function is called without arguments that matter.
Effect effect_of(EffectSearch& search, const CodePlace& function);

}  // namespace fwseal
