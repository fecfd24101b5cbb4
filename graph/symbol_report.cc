// What is said about names while objects are read: traces, duplicates, commons that do not agree.
// The words are GNU ld's, because people and build systems look for them; so
// names are demangled where it does that.
#include <algorithm>

#include "graph/symbol_merge.h"

namespace fwseal {
namespace {

// AAELF32, "Symbol Values": bit 0 of a function's value is not part of its place.
u64 place_of_value(u64 value, u8 type, u16 machine) {
  return machine == EM_ARM && type == STT_FUNC ? value & ~u64{1} : value;
}

bool is_defined(const Symbol& symbol) {
  return symbol.state == SymbolState::kDefined || symbol.state == SymbolState::kAbsolute;
}

}  // namespace

Location SymbolMerge::place(ObjectId id, SectionId section, u64 value, u8 type) const {
  if (section == kNoSection) return place(id);
  return inputs_.location(section, place_of_value(value, type, options_.machine.machine));
}

// -y
void SymbolMerge::trace(const Symbol& known, const Incoming& incoming) {
  diag_.note(place(incoming.object),
             cat(incoming.reference ? "reference to " : "definition of ", known.name));
}

void SymbolMerge::report_duplicate(const Symbol& known, const Incoming& incoming) {
  if (options_.allow_multiple_definition) return;
  // The same number twice does no harm.
  const bool absolute = incoming.section == kNoSection;
  if (absolute && known.state == SymbolState::kAbsolute && known.value == incoming.symbol.value)
    return;
  // --just-symbols gives addresses to what is not defined otherwise.
  if (incoming.symbols_only || inputs_.objects[index(known.object)].symbols_only) return;
  diag_.error(place(incoming.object, incoming.section, incoming.symbol.value, incoming.symbol.type),
              cat("multiple definition of `", diag_.symbol(known.name), "'"));
  diag_.note(place(known.object, known.section, known.value, known.type), "first defined here");
}

void SymbolMerge::report_tls(const Symbol& known, const Incoming& incoming) {
  const bool incoming_is_tls = incoming.symbol.type == STT_TLS;
  const bool known_defines = known.object != kNoObject;
  const auto phrase = [](bool tls, bool defines, const Location& where) {
    return cat(tls ? "TLS " : "non-TLS ", defines ? "definition in " : "reference in ",
               where.text());
  };
  const std::string old = phrase(!incoming_is_tls, known_defines,
                                 place(known_defines ? known.object : known.first_reference));
  const std::string now = phrase(incoming_is_tls, !incoming.reference, place(incoming.object));
  diag_.error({}, cat(known.name, ": ", incoming_is_tls ? now : old, " mismatches ",
                      incoming_is_tls ? old : now));
}

// --warn-common
void SymbolMerge::warn_of_common(const Symbol& known, const Incoming& incoming) {
  const std::string other = place(known.object).text();
  const auto warn = [&](std::string_view before, std::string_view after) {
    diag_.warning(place(incoming.object),
                  cat(before, " `", diag_.symbol(known.name), "' ", after, other));
  };
  if (is_defined(known)) return warn("common of", "overridden by definition from ");
  if (!incoming.common) return warn("definition of", "overriding common from ");
  if (known.size > incoming.symbol.size)
    return warn("common of", "overridden by larger common from ");
  if (known.size < incoming.symbol.size)
    return warn("common of", "overriding smaller common from ");
  warn("multiple common of", "also in ");
}

// Who was compiled to see the common symbol may rely on its size and alignment.
void SymbolMerge::warn_of_smaller(const Symbol& common, const Incoming& definition) {
  const std::string before = place(common.object).text();
  const u64 size = definition.symbol.size;
  if (common.size != 0 && size != 0 && common.size != size)
    diag_.warning(place(definition.object), cat("size of symbol `", common.name, "' changed from ",
                                                common.size, " in ", before, " to ", size));
  if (definition.section == kNoSection) return;
  const u64 value =
      place_of_value(definition.symbol.value, definition.symbol.type, options_.machine.machine);
  u64 alignment = inputs_[definition.section].alignment;
  if (value != 0) alignment = std::min(alignment, value & (~value + 1));  // lowest bit that is set
  if (alignment < common.value)
    diag_.warning(place(definition.object),
                  cat("alignment ", alignment, " of symbol `", common.name, "' is smaller than ",
                      common.value, " in ", before));
}

}  // namespace fwseal
