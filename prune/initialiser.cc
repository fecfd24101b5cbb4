// Which constructors may be left out?
//
// A constructor is kept by the script alone: KEEP names its slot in .init_array, the slot names the
// function, and the function the objects that it builds. So an object that nobody uses stays
// because it is built. Of each slot we try to prove that its function only writes into certain
// sections (effect.h). Then the KEEP gives way to clauses: the slot is live once one of those
// sections is live for another reason. Without a section to write to, there is nothing that needs
// the function, and the slot goes.
//
// A section is taken as a whole, as atoms are: of several slots all must be proven, and any use
// keeps them all. Clauses from elsewhere (a reference, SHF_GNU_RETAIN, the user's keep) are left as
// they are.
#include "prune/initialiser.h"

#include <algorithm>
#include <array>
#include <set>

#include "prune/effect.h"

namespace fwseal {
namespace {

constexpr u64 kWord = 4;

// "init_priority" of the GCC manual: .init_array.00100; only digits may follow.
bool is_list_name(std::string_view name) {
  constexpr std::array<std::string_view, 5> kStems{".init_array", ".preinit_array", ".fini_array",
                                                   ".ctors", ".dtors"};
  for (const std::string_view stem : kStems) {
    if (!name.starts_with(stem)) continue;
    const std::string_view rest = name.substr(stem.size());
    if (rest.empty()) return true;
    return rest[0] == '.' && rest.size() > 1 &&
           std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; });
  }
  return false;
}

class Finder {
 public:
  Finder(const Program& program, const std::vector<bool>& plain)
      : program_(program), plain_(plain), search_(program), view_(search_.code) {}

  Initialiser look_at(SectionId section) {
    Initialiser result;
    result.section = section;
    writes_.clear();
    result.reason = look_at_slots(section, result);
    result.proven = result.reason.empty();
    if (result.proven) result.writes.assign(writes_.begin(), writes_.end());
    return result;
  }

 private:
  // Gives the reason against the section, or nothing.
  std::string look_at_slots(SectionId id, Initialiser& result) {
    const InputSection& section = program_.inputs[id];
    if (section.size == 0) return "it is empty";
    if (section.size % kWord != 0 || section.contents.size() != section.size)
      return "it is not made of words";
    for (u64 offset = 0; offset < section.size; offset += kWord) {
      const CodeView::Fixup fixup = view_.fixup(id, offset, kWord);
      if (fixup.clash || !fixup.relocation) return "it holds a word that is no function";
      std::string obstacle = look_at_slot(id, *fixup.relocation, result);
      if (!obstacle.empty()) return obstacle;
    }
    return {};
  }

  // A list can be as long as an object has room for slots.
  static void add_name(std::string_view name, std::string& names) {
    constexpr u64 kEnough = 4096;
    if (names.size() > kEnough) return;
    names += cat(names.empty() ? "" : ", ", name);
    if (names.size() > kEnough) names += ", ...";
  }

  std::string look_at_slot(SectionId id, const Relocation& slot, Initialiser& result) {
    const std::string_view name = display_name(program_, program_.inputs[id].object, slot.symbol);
    add_name(name, result.functions);
    const bool is_address = slot.type == R_ARM_ABS32 || slot.type == R_ARM_TARGET1;
    const Value target = is_address ? view_.value_of(slot, id) : Value{};
    if (!target.is(Value::Kind::kAddress)) return cat(name, " is not known");
    const CodePlace entry = place_of(target);
    const Effect effect =
        effect_of(program_, plain_, search_, entry.section, entry.offset, entry.is_thumb);
    if (!effect.proven) return cat(name, ": ", effect.reason);
    writes_.insert(effect.writes.begin(), effect.writes.end());
    return {};
  }

  const Program& program_;
  const std::vector<bool>& plain_;
  EffectSearch search_;
  CodeView& view_;
  std::set<SectionId> writes_;  // of the section that is looked at
};

}  // namespace

bool is_initialiser_list(const InputSection& section) {
  return section.has(SHF_ALLOC) && is_list_name(section.name);
}

std::vector<Initialiser> find_initialisers(const Program& program, std::span<const SectionId> kept,
                                           const std::vector<bool>& plain) {
  std::vector<Initialiser> found;
  Finder finder(program, plain);
  for (const SectionId section : kept)
    if (is_initialiser_list(program.inputs[section])) found.push_back(finder.look_at(section));
  return found;
}

}  // namespace fwseal
