#include "tools/ocaml.h"

#include <map>

#include "flashmap/place.h"
#include "graph/ocaml_stores.h"
#include "sections/glob.h"
#include "sections/match.h"
#include "tools/passes.h"
#include "tools/proven.h"

namespace fwseal {
namespace {

// What the script would do with the section if it were called `name`.
std::optional<u32> first_use(const Matcher& matcher, Inputs& inputs, SectionId id,
                             std::string_view name) {
  InputSection& section = inputs.sections[index(id)];
  const std::string_view original = section.name;
  section.name = name;
  std::vector<Matcher::Match> matches;
  matcher.matches(inputs, id, matches);
  section.name = original;
  if (matches.empty()) return std::nullopt;
  return matches[0].use;
}

constexpr std::string_view kUsersWord = "the user keeps it there";

// [ocaml] keep_in_ram
void keep_named_in_ram(const Options& options, const Inputs& inputs, OcamlProgram& ocaml,
                       Diag& diag) {
  for (const NameRule& rule : options.ocaml_ram) {
    bool used = false;
    for (const OcamlData& data : ocaml.data) {
      const Object& object = inputs.objects[index(data.object)];
      for (const u32 number : data.units) {
        OcamlUnit& unit = ocaml.units[number];
        if (glob_matches(rule.pattern, unit.name)) {
          unit.refuse(kUsersWord);
          used = true;
        }
        if (!unit.accepted()) continue;
        for (const OcamlLabel& label : data.labels_in(unit.begin, unit.data_end)) {
          const std::string_view name = object.symbol(label.symbol).name;
          if (glob_matches(rule.pattern, name) && keep_in_ram(data, unit, label.offset))
            used = true;
        }
      }
    }
    if (!used)
      diag.warning(rule.place.location(),
                   cat("ocaml keep_in_ram: no unit, and no block that can be told from its "
                       "neighbours, is called `",
                       rule.pattern, "'"));
  }
}

// One warning for all units that stay for the same reason.
void report_refusals(const OcamlProgram& ocaml, const Inputs& inputs, Diag& diag) {
  std::map<std::string_view, std::vector<const OcamlUnit*>> by_reason;
  for (const OcamlUnit& unit : ocaml.units)
    if (!unit.accepted() && unit.refusal != kUsersWord) by_reason[unit.refusal].push_back(&unit);
  constexpr u64 kMostNames = 3;
  for (const auto& [reason, units] : by_reason) {
    std::string names;
    for (u64 i = 0; i < units.size() && i < kMostNames; i++)
      names += cat(i == 0 ? "" : ", ", units[i]->name);
    if (units.size() > kMostNames) names += cat(" and ", units.size() - kMostNames, " others");
    Location where;
    if (units[0]->object != kNoObject) where = inputs.objects[index(units[0]->object)].location();
    diag.warning(where, cat("constants of OCaml stay in RAM: ", names, ": ", reason));
  }
}

}  // namespace

OcamlSections take_ocaml_apart(const Options& options, const Script& script, Inputs& inputs,
                               Symbols& symbols, Diag& diag) {
  // The relocations that -q writes down are those of the objects.
  if (!prunes_proven(options) || options.emit_relocations || options.relocatable) return {};
  if (symbols.find("caml_data_segments") == kNoSymbol) return {};  // all that others pay
  const auto isa = make_isa(options, {});
  auto ocaml = find_ocaml_units({inputs, symbols, *isa});
  if (!ocaml) return {};
  if (!ocaml->refusal.empty()) {
    diag.warning({}, cat("constants of OCaml stay in RAM: ", ocaml->refusal));
    return {};
  }
  for (const OcamlStore& store : keep_stored_in_ram({inputs, symbols, *isa}, *ocaml))
    diag.warning(store.place,
                 cat("OCaml block ", store.block, " stays in RAM: it is written here"));
  keep_named_in_ram(options, inputs, *ocaml, diag);
  const Matcher matcher(script);
  for (const OcamlData& data : ocaml->data)
    if (!has_place_for_constants(matcher, inputs, data.section, ".rodata.caml"))
      for (const u32 unit : data.units)
        ocaml->units[unit].refuse("the script has no place for .rodata.*");
  const auto ram_name = [&](SectionId section, std::string_view unit) {
    const std::string own = cat(".data.", unit);
    const std::string_view original = inputs[section].name;
    const bool is_same =
        first_use(matcher, inputs, section, own) == first_use(matcher, inputs, section, original);
    return is_same ? own : std::string(original);
  };
  OcamlSections sections = split_ocaml_units(*ocaml, *isa, ram_name, inputs, symbols);
  report_refusals(*ocaml, inputs, diag);
  return sections;
}

}  // namespace fwseal
