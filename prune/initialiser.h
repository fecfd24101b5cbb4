// Constructors and destructors whose effect nobody can observe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "graph/clauses.h"
#include "graph/program.h"

namespace fwseal {

// A section of a list of functions to call: .init_array, .preinit_array, .fini_array, .ctors,
// .dtors, and with a priority (.init_array.00100).
bool is_initialiser_list(const InputSection& section);

// What is known of one such section that the script keeps.
struct Initialiser {
  SectionId section = kNoSection;
  bool proven = false;
  std::string functions;  // that it calls, for messages
  std::string reason;     // why it must stay, if not proven
  // Proven: the functions do nothing but to write into these, so the section is needed only if
  // something else needs one of them.
  std::vector<SectionId> writes;
};

// Looks at each of `kept` that is such a section. `plain` as in effect.h.
std::vector<Initialiser> find_initialisers(const Program& program, std::span<const SectionId> kept,
                                           const std::vector<bool>& plain);

}  // namespace fwseal
