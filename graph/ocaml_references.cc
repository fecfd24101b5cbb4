// References to OCaml data before they are taken apart.
//
// One by a symbol goes where the symbol goes, so the distance must not lead out of what that stands
// for. One by the symbol of the section says by its place what is meant. Where either cannot be
// told, the unit stays as it is; where not even the unit can be told, all that have their data in
// that section.
#include "graph/ocaml_references.h"

#include <algorithm>
#include <unordered_set>

#include "graph/ocaml_parts.h"

namespace fwseal {
namespace {

constexpr u32 kWord = 4;

class Checker {
 public:
  Checker(OcamlProgram& ocaml, const Program& program)
      : ocaml_(ocaml), program_(program), maps_(ocaml_maps(ocaml, program)) {}

  void run() {
    check_objects();
    check_names();
    for (u32 i = 0; i < program_.inputs.sections.size() && !maps_.empty(); i++)
      check_references(SectionId{i});
    check_segments();
  }

 private:
  void refuse_all(const OcamlDataMap& map, std::string_view why) {
    if (!refused_.insert(index(map.data().section)).second) return;
    for (const u32 unit : map.data().units) ocaml_.units[unit].refuse(why);
  }
  void refuse_at(const OcamlDataMap& map, u64 offset, std::string_view why) {
    const auto unit = map.unit_at(static_cast<u32>(std::min<u64>(offset, ~u32{0})));
    if (unit)
      ocaml_.units[*unit].refuse(why);
    else
      refuse_all(map, why);
  }

  // What this does not know how to write anew.
  void check_objects() {
    for (const auto& [section, map] : maps_) {
      const Object& object = program_.inputs.objects[index(map.data().object)];
      if (!object.extended_indices.empty() ||
          u64{object.section_count} + map.parts().size() >= SHN_LORESERVE)
        refuse_all(map, "its object has too many sections");
    }
    for (const InputSection& other : program_.inputs.sections) {
      if (!other.has(SHF_LINK_ORDER) || other.excluded) continue;
      const Object& object = program_.inputs.objects[index(other.object)];
      if (other.link >= object.section_count) continue;
      if (const OcamlDataMap* const map = map_of(object.section(other.link)))
        refuse_all(*map, cat(other.name, " describes its data"));
    }
  }

  void check_names() {
    for (OcamlUnit& unit : ocaml_.units)
      for (const std::string_view suffix : {kOcamlRamBegin, kOcamlRamEnd})
        if (program_.symbols.find(cat(unit.name, suffix)) != kNoSymbol)
          unit.refuse(cat("there is a symbol ", unit.name, suffix));
  }

  const OcamlDataMap* map_of(SectionId section) const {
    const auto found = maps_.find(index(section));
    return found == maps_.end() ? nullptr : &found->second;
  }

  void check_references(SectionId id) {
    const InputSection& section = program_.inputs[id];
    if (section.excluded) return;
    const OcamlDataMap* const around = map_of(id);
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      const RelocationType* const type = program_.isa.find(reference.type);
      if (around != nullptr) check_place(*around, reference, type);
      const Referent to = referent(program_, section.object, reference.symbol);
      if (to.section == kNoSection) continue;
      if (const OcamlDataMap* const map = map_of(to.section))
        check_reference(section, reference, type, to, *map);
    }
  }

  // Everything that the relocation changes must stay together.
  void check_place(const OcamlDataMap& map, const Relocation& reference,
                   const RelocationType* type) {
    if (type == nullptr) return refuse_all(map, "its data have a relocation that is not known");
    const u32 size = std::max<u32>(type->size, 1);
    const u64 last = reference.offset + size - 1;
    if (last >= program_.inputs[map.data().section].size) return refuse_all(map, "bad relocation");
    const auto from = map.of_byte(static_cast<u32>(reference.offset));
    const auto to = map.of_byte(static_cast<u32>(last));
    if (from && to && from->part == to->part && from->offset + size - 1 == to->offset) return;
    refuse_at(map, reference.offset, "a relocation lies across what it consists of");
    refuse_at(map, last, "a relocation lies across what it consists of");
  }

  void check_reference(const InputSection& section, const Relocation& reference,
                       const RelocationType* type, const Referent& to, const OcamlDataMap& map) {
    if (type != nullptr && (type->use == Use::kMarker || type->use == Use::kNone)) return;
    if (type == nullptr || section.has_addends ||
        !section.contents.holds(reference.offset, type->size))
      return refuse_all(map, "something refers to its section by a relocation that is not known");
    const i64 addend = program_.isa.read_addend(reference.type, section.contents, reference.offset);
    const std::optional<i64> distance = program_.isa.distance_from_symbol(reference.type, addend);
    const bool is_plain = type->use == Use::kAddress && distance.has_value();
    if (to.type == STT_SECTION) {
      const i64 target = static_cast<i64>(to.value) + distance.value_or(0);
      if (!is_plain) return refuse_all(map, cat("its section is referred to by ", type->name));
      if (target < 0 || !map.of_target(static_cast<u64>(target)))
        refuse_at(map, static_cast<u64>(std::max<i64>(target, 0)),
                  cat("something refers to ", hex(static_cast<u64>(target)),
                      " in its section, and it cannot be told to what there"));
    } else if (!map.are_together(static_cast<u32>(to.value), is_plain ? *distance : addend)) {
      refuse_at(map, to.value,
                cat("something refers to a place far from a symbol of it, by ", type->name));
    }
  }

  // Without a new table none of the others can be taken apart.
  void check_segments() {
    const Symbol& segments = program_.symbols[ocaml_.segments];
    const OcamlDataMap* const map = map_of(segments.section);
    bool is_table = false;
    std::string_view why = "caml_data_segments is not where the start-up object has it";
    if (map != nullptr)
      if (const auto place = map->of_byte(static_cast<u32>(segments.value))) {
        const OcamlPart& part = map->parts()[place->part];
        is_table = part.kind == OcamlPart::Kind::kTable && part.table == "caml_data_segments" &&
                   part.contents.size() == (2 * ocaml_.units.size() + 1) * kWord;
        if (is_table && !ocaml_.units[part.unit].accepted()) {
          is_table = false;
          why = ocaml_.units[part.unit].refusal;
        }
      }
    if (is_table) return;
    const std::string reason = cat("the start-up object stays: ", why);
    for (OcamlUnit& unit : ocaml_.units) unit.refuse(reason);
  }

  OcamlProgram& ocaml_;
  const Program& program_;
  OcamlMaps maps_;
  std::unordered_set<u32> refused_;  // sections
};

}  // namespace

void refuse_untold_references(OcamlProgram& ocaml, const Program& program) {
  Checker(ocaml, program).run();
}

}  // namespace fwseal
