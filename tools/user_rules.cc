#include "tools/user_rules.h"

#include <algorithm>
#include <unordered_map>

#include "prune/guarded.h"
#include "sections/glob.h"

namespace fwseal {
namespace {

// The atoms that one pattern names: those with a function or object of that name, local ones too,
// and the sections of that name with all their pieces.
class Matches {
 public:
  Matches(const Program& program, const Atoms& atoms) : program_(program), atoms_(atoms) {}

  std::vector<AtomId> find(std::string_view pattern) {
    found_.clear();
    const Inputs& inputs = program_.inputs;
    for (const Symbol& symbol : program_.symbols.symbols)
      if (symbol.state == SymbolState::kDefined && glob_matches(pattern, symbol.name))
        add(symbol.section, symbol.type, symbol.value);
    for (u32 i = 0; i < inputs.read_objects; i++) add_locals(inputs.objects[i], pattern);
    for (u32 i = 0; i < inputs.sections.size(); i++)
      if (!inputs.sections[i].excluded && glob_matches(pattern, inputs.sections[i].name))
        add_section(SectionId{i});
    std::ranges::sort(found_);
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return found_;
  }

 private:
  void add_locals(const Object& object, std::string_view pattern) {
    if (object.symbols_only) return;
    for (u32 i = 1; i < std::min(object.first_global, object.symbol_count); i++) {
      const ElfSymbol nameless = object.nameless_symbol(i);
      if (nameless.type != STT_FUNC && nameless.type != STT_OBJECT) continue;
      if (nameless.section == SHN_UNDEF || nameless.section >= object.section_count) continue;
      if (glob_matches(pattern, object.symbol(i).name))
        add(object.section(nameless.section), nameless.type, nameless.value);
    }
  }

  void add(SectionId section, u8 type, u64 value) {
    if (section == kNoSection || program_.inputs[section].excluded) return;
    found_.push_back(atoms_.at(section, type == STT_FUNC ? value & ~u64{1} : value));
  }

  void add_section(SectionId section) {
    found_.push_back(atom_of(section));
    for (u64 i = 0; i < atoms_.pieces(section).size(); i++)
      found_.push_back(atoms_.atom_of_piece(section, i));
  }

  const Program& program_;
  const Atoms& atoms_;
  std::vector<AtomId> found_;
};

class RuleFinder {
 public:
  RuleFinder(const Program& program, const Atoms& atoms, Diag& diag)
      : matches_(program, atoms), diag_(diag) {}

  void add_drop(const NameRule& rule) { add("drop", rule, cat("drop `", rule.pattern, "'"), {}); }

  void add_only_if(const OnlyIfRule& rule) {
    std::vector<AtomId> any_of;
    std::string text = cat("only_if `", rule.what.pattern, "'");
    for (const NameRule& other : rule.any_of) {
      const std::vector<AtomId> atoms = matches_.find(other.pattern);
      if (atoms.empty()) warn_unused("only_if", other);
      any_of.insert(any_of.end(), atoms.begin(), atoms.end());
      text += cat(&other == rule.any_of.data() ? " = " : ", ", other.pattern);
    }
    std::ranges::sort(any_of);
    any_of.erase(std::unique(any_of.begin(), any_of.end()), any_of.end());
    add("only_if", rule.what, text, any_of);
  }

  // A slot in a list goes with the function that it names.
  void follow_slots(std::span<const Initialiser> initialisers) {
    for (const Initialiser& slot : initialisers) {
      if (slot.targets.size() != 1) continue;
      const auto found = number_.find(index(slot.targets[0]));
      if (found == number_.end()) continue;
      const Guard function = rules_.guards[found->second];
      add_guard({slot.slot, function.any_of}, rules_.texts[found->second], {});
    }
  }

  UserRules take() { return std::move(rules_); }

 private:
  void add(std::string_view key, const NameRule& rule, const std::string& text,
           const std::vector<AtomId>& any_of) {
    const std::vector<AtomId> atoms = matches_.find(rule.pattern);
    if (atoms.empty()) warn_unused(key, rule);
    for (const AtomId atom : atoms) {
      std::vector<AtomId> others = any_of;
      std::erase(others, atom);
      add_guard({atom, std::move(others)}, text, rule.place.location());
    }
  }

  // Of two rules for one atom the one without conditions wins; two with conditions have no meaning
  // that we could be sure of.
  void add_guard(Guard guard, const std::string& text, const Location& place) {
    const auto [entry, added] =
        number_.try_emplace(index(guard.atom), static_cast<u32>(rules_.guards.size()));
    if (added) {
      rules_.guards.push_back(std::move(guard));
      rules_.texts.push_back(text);
      return;
    }
    Guard& before = rules_.guards[entry->second];
    if (before.any_of.empty() || before.any_of == guard.any_of) return;
    if (!guard.any_of.empty() && clashes_++ == 0)
      diag_.error(place, cat(text, " and ", rules_.texts[entry->second],
                             " are about the same bytes; make one rule of them"));
    before.any_of = std::move(guard.any_of);
    rules_.texts[entry->second] = text;
  }

  void warn_unused(std::string_view key, const NameRule& rule) {
    diag_.warning(rule.place.location(),
                  cat(key, ": no symbol and no section is called `", rule.pattern, "'"));
  }

  Matches matches_;
  Diag& diag_;
  UserRules rules_;
  std::unordered_map<u32, u32> number_;  // per atom: of its guard
  u32 clashes_ = 0;
};

}  // namespace

std::string_view UserRules::rule_about(AtomId atom) const {
  const auto found = std::ranges::find(guards, atom, &Guard::atom);
  if (found == guards.end()) return {};
  return texts[static_cast<u64>(found - guards.begin())];
}

UserRules find_user_rules(const Program& program, const Atoms& atoms,
                          std::span<const Initialiser> initialisers, const Options& options,
                          Diag& diag) {
  RuleFinder finder(program, atoms, diag);
  for (const NameRule& rule : options.drop) finder.add_drop(rule);
  for (const OnlyIfRule& rule : options.only_if) finder.add_only_if(rule);
  finder.follow_slots(initialisers);
  return finder.take();
}

void check_user_rules(const Program& program, const Atoms& atoms, const Reach& live,
                      const Options& options, UserRules& rules, Diag& diag) {
  if (rules.guards.empty()) return;
  constexpr u32 kShown = 3;  // places per rule
  std::unordered_map<u32, u32> number;
  for (u32 i = 0; i < rules.guards.size(); i++) number.emplace(index(rules.guards[i].atom), i);
  std::unordered_map<std::string_view, u32> shown;
  const bool keeps_relocations = options.relocatable || options.emit_relocations;
  for (const GuardedReference& reference :
       find_guarded_references(program, atoms, live, rules.guards)) {
    if (reference.is_word && !keeps_relocations) {
      rules.words.push_back({reference.section, reference.offset});
      continue;
    }
    const std::string& text = rules.texts[number.at(index(reference.to))];
    if (++shown[text] > kShown) continue;
    diag.error(program.inputs.location(reference.section, reference.offset),
               cat("refers to what ", text, " takes out; take this out as well, or keep that"));
  }
}

}  // namespace fwseal
