// How definitions and references of one name meet.
//
// The rules are those of GNU ld (2.40, by its behaviour):
//
//                   | first mention   after a reference   after common   after weak   after strong
//   reference       | undefined       -                   -              -            -
//   common          | common          common              the larger     common       -
//   weak definition | weak            weak                -              -            -
//   definition      | strong          strong              strong         strong       error
//
// where "-" keeps what is known. References are weak if all of them are; a weak one alone loads no
// archive member. Visibility is the most constraining one that any object asks for (gABI, "Symbol
// Table"). A definition in a section that another object's copy was taken for is a reference.
//
// What the script defines counts as undefined while objects are read, so that objects may define it
// as well; in the end the script's value is taken.
#include "graph/symbol_merge.h"

#include <algorithm>
#include <bit>

namespace fwseal {

namespace {

bool is_defined(const Symbol& symbol) {
  return symbol.state == SymbolState::kDefined || symbol.state == SymbolState::kAbsolute;
}

// gABI, "Symbol Table": STV_INTERNAL constrains more than STV_HIDDEN, that more than STV_PROTECTED,
// that more than STV_DEFAULT. Their values are 1, 2, 3 and 0.
u8 most_constraining(u8 a, u8 b) {
  if (a == STV_DEFAULT || b == STV_DEFAULT) return std::max(a, b);
  return std::min(a, b);
}

// The alignment of a common symbol is what its value says, rounded up to a power of two.
u64 common_alignment(const ElfSymbol& symbol) {
  return std::bit_ceil(std::clamp<u64>(symbol.value, 1, u64{1} << 31));
}

// Thread-local and other symbols never mean the same. A name that only options gave has no type.
bool tls_agrees(const Symbol& known, const ElfSymbol& incoming) {
  if (known.first_reference == kNoObject && known.object == kNoObject) return true;
  return (known.type == STT_TLS) == (incoming.type == STT_TLS);
}

}  // namespace

SymbolMerge::SymbolMerge(Inputs& inputs, Symbols& symbols, const ResolveOptions& options,
                         Diag& diag)
    : inputs_(inputs), symbols_(symbols), options_(options), diag_(diag) {
  set_up_wrapping();
  for (const std::string& name : options.traced) symbols_[named(name)].traced = true;
  for (const std::string& name : options.undefined) {
    Symbol& symbol = symbols_[named(name)];
    if (symbol.state != SymbolState::kUnseen) continue;
    symbol.state = SymbolState::kUndefined;
    want(symbol);
  }
}

// The symbol of a name that no input file holds.
SymbolId SymbolMerge::named(std::string_view name) {
  const SymbolId known = symbols_.find(name);
  return known != kNoSymbol ? known : symbols_.add(inputs_.arena.keep(std::string(name)));
}

// A reference to `f` becomes one to `__wrap_f`, a reference to `__real_f` becomes one to `f`.
// Definitions, options and archive indices keep their names.
void SymbolMerge::set_up_wrapping() {
  for (const std::string& name : options_.wrapped) {
    const SymbolId symbol = named(name);
    const SymbolId wrap = named(cat("__wrap_", name));
    const SymbolId real = named(cat("__real_", name));
    redirected_.resize(std::max<u64>(redirected_.size(), symbols_.symbols.size()), kNoSymbol);
    redirected_[index(symbol)] = wrap;
    // Should `__real_f` be wrapped as well, then that comes first.
    if (redirected_[index(real)] == kNoSymbol) redirected_[index(real)] = symbol;
  }
}

SymbolId SymbolMerge::redirected(SymbolId id) const {
  if (index(id) >= redirected_.size() || redirected_[index(id)] == kNoSymbol) return id;
  return redirected_[index(id)];
}

void SymbolMerge::add_object(ObjectId id, const std::vector<bool>& discarded) {
  const Object& object = inputs_.objects[index(id)];
  incoming_.clear();
  names_.clear();
  ids_.clear();
  for (u32 i = object.first_global; i < object.symbol_count; i++) {
    incoming_.push_back(object.symbol(i));
    names_.push_back(incoming_.back().name);
  }
  symbols_.add_all(names_, ids_);
  symbols_.first.push_back(static_cast<u32>(symbols_.ids.size()));
  for (u64 i = 0; i < incoming_.size(); i++)
    symbols_.ids.push_back(enter(object, id, incoming_[i], ids_[i], discarded));
}

// `own` is the symbol of the name as it stands in the object.
SymbolId SymbolMerge::enter(const Object& object, ObjectId id, const ElfSymbol& symbol,
                            SymbolId own, const std::vector<bool>& discarded) {
  if (symbol.type == STT_FILE || symbol.type == STT_SECTION) return kNoSymbol;
  const bool regular = symbol.section != SHN_UNDEF && symbol.section != SHN_ABS &&
                       symbol.section != SHN_COMMON && !object.symbols_only;
  const bool lost = regular && symbol.section < discarded.size() && discarded[symbol.section];
  const Incoming incoming{symbol,
                          id,
                          regular ? object.section(symbol.section) : kNoSection,
                          symbol.section == SHN_UNDEF || lost,
                          symbol.section == SHN_COMMON,
                          object.symbols_only};
  // Of another program only its definitions count, and its thread-local ones have no address here.
  if (object.symbols_only && (incoming.reference || incoming.common || symbol.type == STT_TLS))
    return kNoSymbol;

  const SymbolId meant = incoming.reference ? redirected(own) : own;
  Symbol& known = symbols_[meant];
  if (symbols_[own].traced) trace(known, incoming);
  if (lost) {
    only_discarded_.resize(std::max<u64>(only_discarded_.size(), index(meant) + u64{1}));
    only_discarded_[index(meant)] = true;
  }
  if (!tls_agrees(known, symbol)) {
    report_tls(known, incoming);
    return meant;
  }
  known.visibility = most_constraining(known.visibility, symbol.visibility);
  if (incoming.reference)
    refer(known, incoming);
  else if (incoming.common)
    add_common(known, incoming);
  else
    define(known, incoming);
  return meant;
}

void SymbolMerge::refer(Symbol& known, const Incoming& incoming) {
  known.referenced = true;
  if (known.first_reference == kNoObject) known.first_reference = incoming.object;
  if (known.state == SymbolState::kUnseen) {
    known.state = SymbolState::kUndefined;
    known.binding = STB_WEAK;
    known.type = incoming.symbol.type;
    if (incoming.weak()) return;
  } else if (known.state != SymbolState::kUndefined || known.binding != STB_WEAK ||
             incoming.weak()) {
    return;
  }
  known.binding = STB_GLOBAL;
  demands_++;
  want(known);
}

void SymbolMerge::add_common(Symbol& known, const Incoming& incoming) {
  const u64 alignment = common_alignment(incoming.symbol);
  const u64 size = incoming.symbol.size;
  const bool strong = is_defined(known) && known.binding != STB_WEAK;
  if (options_.warn_common && (strong || known.state == SymbolState::kCommon))
    warn_of_common(known, incoming);
  if (strong) return;
  if (known.state == SymbolState::kCommon) {
    known.value = std::max(known.value, alignment);
    if (size <= known.size) return;
    known.size = size;
    known.object = incoming.object;
    return;
  }
  if (known.state == SymbolState::kUnseen) demands_++;
  known.state = SymbolState::kCommon;
  known.value = alignment;
  known.size = size;
  known.object = incoming.object;
  known.section = kNoSection;
  known.binding = STB_GLOBAL;
  known.type = incoming.symbol.type;
  want(known);
}

// Does a definition take the place of what is known?
bool SymbolMerge::overrides(const Symbol& known, const Incoming& incoming) {
  if (known.state == SymbolState::kCommon) return !incoming.weak();
  if (!is_defined(known)) return true;
  if (incoming.weak()) return false;
  if (known.binding == STB_WEAK) return true;
  report_duplicate(known, incoming);
  return false;
}

void SymbolMerge::define(Symbol& known, const Incoming& incoming) {
  if (!overrides(known, incoming)) return;
  if (known.state == SymbolState::kCommon) {
    if (options_.warn_common) warn_of_common(known, incoming);
    warn_of_smaller(known, incoming);
  }
  const bool absolute = incoming.section == kNoSection;
  known.state = absolute ? SymbolState::kAbsolute : SymbolState::kDefined;
  known.value = incoming.symbol.value;
  known.size = incoming.symbol.size;
  known.object = incoming.object;
  known.section = incoming.section;
  known.binding = incoming.weak() ? STB_WEAK : STB_GLOBAL;
  known.type = incoming.symbol.type;
}

void SymbolMerge::want(const Symbol& known) {
  wanted_.push_back(SymbolId{static_cast<u32>(&known - symbols_.symbols.data())});
}

bool SymbolMerge::is_wanted(SymbolId id) const {
  const Symbol& symbol = symbols_[id];
  if (symbol.state == SymbolState::kCommon) return true;
  // One that only lacks a definition because its section was discarded is not looked for: the copy
  // that was taken should have had it.
  const bool lost = index(id) < only_discarded_.size() && only_discarded_[index(id)];
  return symbol.state == SymbolState::kUndefined && symbol.binding != STB_WEAK && !lost;
}

void SymbolMerge::define_by_script(std::string_view name, bool provided) {
  const SymbolId id = provided ? symbols_.find(name) : named(name);
  if (id == kNoSymbol) return;
  Symbol& symbol = symbols_[id];
  if (provided && symbol.state != SymbolState::kUndefined) return;
  (provided ? provided_ : scripted_).push_back(id);
  symbol.state = SymbolState::kScript;
  symbol.object = kNoObject;
  symbol.section = kNoSection;
}

void SymbolMerge::finish() {
  for (const std::string& name : options_.script_defined) scripted_.push_back(named(name));
  // An object that came later may have defined what was provided.
  for (const SymbolId id : provided_)
    if (symbols_[id].state == SymbolState::kScript) scripted_.push_back(id);
  for (const std::string& name : options_.script_provided) {
    const SymbolId id = symbols_.find(name);
    if (id != kNoSymbol && symbols_[id].state == SymbolState::kUndefined) scripted_.push_back(id);
  }
  for (SymbolId id : scripted_) {
    Symbol& symbol = symbols_[id];
    symbol.state = SymbolState::kScript;
    symbol.value = 0;
    symbol.size = 0;
    symbol.object = kNoObject;
    symbol.section = kNoSection;
    symbol.binding = STB_GLOBAL;
    symbol.type = STT_NOTYPE;
  }
}

}  // namespace fwseal
