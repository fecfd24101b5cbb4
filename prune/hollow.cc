// The initialiser of the standard streams stays as long as anything calls it, and it refers to all
// of them. So it becomes a return where no stream is live for another reason: see library_calls.h
// for why nobody can tell. Its callers, of which we may know nothing else, keep just that.
//
// Only of a function that is an atom by itself, beginning and all: whoever refers to it means its
// first byte.
#include "prune/hollow.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "prune/entrance.h"
#include "prune/library_calls.h"

namespace fwseal {
namespace {

using Kind = LibraryFunction::Kind;
using namespace std::string_view_literals;

// Constructors and destructors return the object that they are given (C++ ABI for the Arm
// Architecture 2023Q3, "Constructors and destructors"), as r0 holds it; registrations return 0 for
// success (C11 7.22.4.2).
std::string stub_of(Kind kind, bool is_thumb) {
  if (kind != Kind::kRegister) return bare_return(is_thumb);
  return std::string(is_thumb ? "\x00\x20\x70\x47"sv : "\x00\x00\xa0\xe3\x1e\xff\x2f\xe1"sv);
}

}  // namespace

std::string bare_return(bool is_thumb) {
  return std::string(is_thumb ? "\x70\x47\x00\xbf"sv : "\x1e\xff\x2f\xe1"sv);
}

std::optional<HollowFunction> hollow_function(const Program& program, const Atoms& atoms,
                                              SectionId section, u64 offset, std::string stub) {
  HollowFunction hollow;
  hollow.section = section;
  hollow.function = atoms.at(section, offset);
  const bool is_piece = atoms.is_piece(hollow.function);
  hollow.begin = is_piece ? atoms.piece(hollow.function).begin : 0;
  hollow.end = is_piece ? atoms.piece(hollow.function).end : program.inputs[section].size;
  hollow.stub = std::move(stub);
  if (offset != hollow.begin || hollow.end - hollow.begin <= hollow.stub.size() ||
      Entrances(program, program.inputs[section].object)
          .any_in(section, hollow.begin + 1, hollow.end))
    return std::nullopt;
  return hollow;
}

std::vector<HollowFunction> find_hollow_functions(const Program& program, const Atoms& atoms,
                                                  bool never_exits) {
  const LibraryCalls library(program, atoms);
  std::vector<HollowFunction> found;
  for (const LibraryCalls::Entry& entry : library.functions()) {
    const bool registers = entry.function.kind == Kind::kRegister;
    if (registers && !never_exits) continue;
    const AtomId function = atoms.at(entry.place.section, entry.place.offset);
    if (std::ranges::find(found, function, &HollowFunction::function) != found.end()) continue;
    std::optional<HollowFunction> hollow =
        hollow_function(program, atoms, entry.place.section, entry.place.offset,
                        stub_of(entry.function.kind, entry.place.is_thumb));
    if (!hollow) continue;
    if (!registers) hollow->any_of = library.streams();
    hollow->symbol = entry.symbol;
    found.push_back(*std::move(hollow));
  }
  return found;
}

}  // namespace fwseal
