// Where a section goes is the script's business, and scripts are many. So a constant is not moved:
// it is given the name of a constant, and the script's own pattern for constants takes it.
//
// - .data.rel.ro.x holds constants with addresses in them. Compilers keep them apart (with -fPIC,
//   and for tables such as virtual functions) because a dynamic linker writes the addresses once,
//   before the program starts; the program itself never does (GCC's "relro" sections). We write the
//   addresses into the image, so they are constants like .rodata.x.
// - What the user names in `[place] flash` is moved on the user's word, and reported as an
//   assumption. A section moves as a whole, so a rule for a symbol must cover its neighbours.
// - The instructions of an OCaml bytecode program, `caml_code`, look like a constant and are none:
//   where the interpreter is built with threaded code, caml_thread_code puts the address of what
//   executes it in the place of each opcode (OCaml 4.13, runtime/fix_code.c). While that function
//   is in the image they move on the user's word only, with a warning.
#include "flashmap/place.h"

#include <elf.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "sections/glob.h"
#include "sections/plain_memory.h"

namespace fwseal {
namespace {

bool is_relocated_constant(const InputSection& section) {
  constexpr std::string_view kStem = ".data.rel.ro";
  return section.has(SHF_WRITE) && section.type == SHT_PROGBITS &&
         section.name.starts_with(kStem) &&
         (section.name.size() == kStem.size() || section.name[kStem.size()] == '.');
}

std::string name_in_flash(std::string_view name) {
  for (const std::string_view stem : {".data.rel.ro", ".data"})
    if (name == stem || name.starts_with(cat(stem, ".")))
      return cat(".rodata", name.substr(stem.size()));
  return cat(".rodata", name.starts_with('.') ? "" : ".", name);
}

std::optional<Matcher::Match> first_match(const Matcher& matcher, const Inputs& inputs,
                                          SectionId id) {
  std::vector<Matcher::Match> matches;
  matcher.matches(inputs, id, matches);
  if (matches.empty()) return std::nullopt;
  return matches[0];
}

class Planner {
 public:
  Planner(const Program& program, const Plan& plan, const Matcher& matcher,
          std::span<const FlashRule> rules, Inputs& inputs, Diag& diag)
      : program_(program),
        plan_(plan),
        matcher_(matcher),
        rules_(rules),
        inputs_(inputs),
        diag_(diag),
        used_(rules.size()) {}

  std::vector<FlashMove> run(bool proven) {
    if (is_live("caml_thread_code")) find_rewritten();
    if (!rules_.empty()) find_named();
    for (u32 i = 0; i < inputs_.sections.size(); i++) {
      const InputSection& section = inputs_.sections[i];
      if (!plan_.kept[i] || section.excluded || !section.has(SHF_ALLOC)) continue;
      const auto named = named_.find(i);
      if (proven && is_relocated_constant(section) && !rewritten_.contains(i))
        move(SectionId{i}, nullptr);
      else if (named != named_.end())
        move_named(SectionId{i}, *rules_for(named->second));
    }
    for (u64 i = 0; i < rules_.size(); i++)
      if (!used_[i])
        warn(rules_[i], cat("no symbol and no section is called `", rules_[i].pattern, "'"));
    return std::move(moves_);
  }

 private:
  struct Named {
    u32 rule = 0;
    bool as_section = false;
    std::string_view other;  // a symbol of the section that no rule names
  };

  void warn(const FlashRule& rule, std::string_view what) {
    diag_.warning(rule.place, cat("place flash: ", what));
  }
  const FlashRule* rules_for(const Named& named) const { return &rules_[named.rule]; }

  // The first rule that names this, or none.
  std::optional<u32> rule_naming(std::string_view name) const {
    for (u32 i = 0; i < rules_.size(); i++)
      if (glob_matches(rules_[i].pattern, name)) return i;
    return std::nullopt;
  }

  bool is_live(std::string_view name) const {
    const SymbolId id = program_.symbols.find(name);
    if (id == kNoSymbol || program_.symbols[id].section == kNoSection) return false;
    const Symbol& symbol = program_.symbols[id];
    return plan_.keeps(symbol.section) &&
           !plan_.removes(symbol.section, symbol.value & ~u64{symbol.type == STT_FUNC ? 1u : 0u});
  }

  // Sections with bytecode: the symbol is a local one.
  void find_rewritten() {
    for (const Object& object : inputs_.objects)
      for (u32 i = 1; !object.symbols_only && i < object.symbol_count; i++) {
        const ElfSymbol symbol = object.symbol(i);
        if (symbol.name == "caml_code" && symbol.section != SHN_UNDEF &&
            symbol.section < object.section_count)
          rewritten_.insert(index(object.section(symbol.section)));
      }
  }

  void find_named() {
    for (u32 i = 0; i < inputs_.sections.size(); i++) {
      if (inputs_.sections[i].excluded) continue;
      const std::optional<u32> rule = rule_naming(inputs_.sections[i].name);
      if (!rule) continue;
      used_[*rule] = true;
      named_[i] = {*rule, true, {}};
    }
    std::map<u32, std::string_view> unnamed;  // by section
    for (const Object& object : inputs_.objects)
      if (!object.symbols_only) find_symbols(object, unnamed);
    for (auto& [section, named] : named_)
      if (const auto other = unnamed.find(section); !named.as_section && other != unnamed.end())
        named.other = other->second;
  }

  void find_symbols(const Object& object, std::map<u32, std::string_view>& unnamed) {
    for (u32 i = 1; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.symbol(i);
      const bool is_data = symbol.type == STT_OBJECT || symbol.type == STT_NOTYPE;
      if (!is_data || symbol.section == SHN_UNDEF || symbol.section >= object.section_count)
        continue;
      const u32 section = index(object.section(symbol.section));
      if (symbol.name.starts_with('$') || symbol.name.empty()) continue;
      if (const std::optional<u32> rule = rule_naming(symbol.name)) {
        used_[*rule] = true;
        named_.try_emplace(section, Named{*rule, false, {}});
      } else {
        unnamed.try_emplace(section, symbol.name);
      }
    }
  }

  void move_named(SectionId id, const FlashRule& rule) {
    const InputSection& section = inputs_[id];
    const Named& named = named_.at(index(id));
    const std::string where = program_.inputs.location(id).text();
    if (!section.has(SHF_WRITE)) return;  // a constant already
    if (section.type != SHT_PROGBITS || section.has(SHF_EXECINSTR | SHF_TLS))
      return warn(rule, cat(where, " has no initial value that could lie in flash"));
    if (!named.other.empty())
      return warn(rule, cat(where, " stays: it also holds `", named.other,
                            "'; compile with -fdata-sections, or name the section"));
    if (rewritten_.contains(index(id)))
      warn(rule, cat(where,
                     " is written: caml_thread_code, which is in the image, rewrites the "
                     "opcodes of caml_code in place (threaded code)"));
    move(id, &rule);
  }

  void move(SectionId id, const FlashRule* rule) {
    const InputSection& section = inputs_[id];
    FlashMove planned{id, name_in_flash(section.name), std::string(section.name),
                      rule != nullptr ? rule->pattern : std::string()};
    if (has_place_for_constants(matcher_, inputs_, id, planned.name)) {
      moves_.push_back(std::move(planned));
    } else if (rule != nullptr) {
      warn(*rule, cat(program_.inputs.location(id).text(), " stays: the script has no place for ",
                      planned.name));
    }
  }

  const Program& program_;
  const Plan& plan_;
  const Matcher& matcher_;
  const std::span<const FlashRule> rules_;
  Inputs& inputs_;
  Diag& diag_;
  std::vector<bool> used_;      // per rule
  std::map<u32, Named> named_;  // by section
  std::set<u32> rewritten_;     // sections
  std::vector<FlashMove> moves_;
};

}  // namespace

bool has_place_for_constants(const Matcher& matcher, Inputs& inputs, SectionId id,
                             std::string_view name) {
  InputSection& section = inputs.sections[index(id)];
  const InputSection original = section;
  const std::optional<Matcher::Match> before = first_match(matcher, inputs, id);
  section.name = name;
  section.flags &= ~u64{SHF_WRITE};
  const std::optional<Matcher::Match> after = first_match(matcher, inputs, id);
  section = original;
  if (!after || (before && before->use == after->use)) return false;
  return is_general(matcher.uses()[after->use], after->pattern);
}

std::vector<FlashMove> plan_flash_moves(const Program& program, const Plan& plan,
                                        const Matcher& matcher, bool proven,
                                        std::span<const FlashRule> rules, Inputs& inputs,
                                        Diag& diag) {
  if (!proven && rules.empty()) return {};
  return Planner(program, plan, matcher, rules, inputs, diag).run(proven);
}

void apply_flash_moves(std::span<const FlashMove> moves, Inputs& inputs) {
  for (const FlashMove& move : moves) {
    InputSection& section = inputs.sections[index(move.section)];
    section.name = inputs.arena.keep(move.name);
    section.flags &= ~u64{SHF_WRITE};
  }
}

}  // namespace fwseal
