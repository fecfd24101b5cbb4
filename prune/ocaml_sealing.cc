// caml_init_frame_descriptors makes the hash table: it goes over caml_frametable, and stores an
// address and a mask in two variables. Nobody can tell it from a function that does nothing, if the
// variables have these values from the start, the table is in the image, and nothing live
// - refers to caml_frametable or to one of the tables that it names: there is the pool only;
// - adds tables or takes some away (caml_register_frametable, caml_unregister_frametable, and the
//   dynamic linker of native code, caml_natdynlink_*): these find the tables in lists that
//   caml_init_frame_descriptors would have filled;
// - refers to the two variables, except for the functions of the runtime that are known to read
//   them: somebody may write them.
//
// And it does nothing else: it and what it calls in its object name nothing but these, memory of
// the runtime's own allocator, and variables that nobody outside of the object knows.
//
// So these are what its body is conditional on (HollowFunction), and liveness decides. A reference
// is resolved by its symbol and by where it leads, and counts if either is in question. One through
// a local symbol to the section of a variable counts wherever it leads: with one address compilers
// reach several variables of a section.
#include "prune/ocaml_sealing.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "graph/clauses.h"

namespace fwseal {
namespace {

// OCaml 4.11 to 4.14, runtime/{roots_nat,backtrace_nat,signals_nat}.c: they read the variables, or
// others of their section, and write neither. Compilers add a suffix with a dot to parts of them.
constexpr std::array<std::string_view, 12> kReaders{"caml_collect_current_callstack",
                                                    "caml_darken_all_roots_slice",
                                                    "caml_darken_all_roots_start",
                                                    "caml_do_local_roots",
                                                    "caml_do_local_roots_nat",
                                                    "caml_do_roots",
                                                    "caml_garbage_collection",
                                                    "caml_next_frame_descriptor",
                                                    "caml_oldify_local_roots",
                                                    "caml_register_dyn_global",
                                                    "caml_stack_usage",
                                                    "caml_stash_backtrace"};

// What caml_init_frame_descriptors may name of other objects. Beside them: caml_stat_*, which
// allocates and frees, and what compilers put into any function.
constexpr std::array<std::string_view, 11> kNamedByInit{"_GLOBAL_OFFSET_TABLE_",
                                                        "__aeabi_memclr",
                                                        "__aeabi_memclr4",
                                                        "__aeabi_memset",
                                                        "__stack_chk_fail",
                                                        "__stack_chk_guard",
                                                        "caml_failed_assert",
                                                        "caml_frame_descriptors",
                                                        "caml_frame_descriptors_mask",
                                                        "caml_frametable",
                                                        "memset"};

constexpr u64 kWord = 4;

class Finder {
 public:
  Finder(const Program& program, const Atoms& atoms)
      : program_(program), inputs_(program.inputs), atoms_(atoms) {}

  FrameSealing run() {
    result_.tables = read_ocaml_frametables(program_);
    if (!result_.tables.present) return std::move(result_);
    result_.refusal = result_.tables.refusal;
    if (!result_.refusal) find_variable("caml_frame_descriptors", result_.hash);
    if (!result_.refusal) find_variable("caml_frame_descriptors_mask", result_.mask);
    if (!result_.refusal) find_init();
    if (result_.refusal || !result_.init) return std::move(result_);
    find_named_users();
    find_references();
    if (result_.refusal) result_.init.reset();
    if (result_.init)
      for (const FrameUser& user : result_.users) result_.init->any_of.push_back(user.atom);
    return std::move(result_);
  }

 private:
  enum class Kind : u8 { kTable, kList, kVariable };
  struct Range {
    u64 begin = 0;
    u64 end = 0;
    Kind kind = Kind::kTable;
    std::string_view name;
  };

  struct Function {
    SectionId section = kNoSection;
    u64 begin = 0;
    u64 size = 0;
    u32 symbol = 0;  // in its object
  };

  void refuse(SectionId section, u64 offset, std::string why) {
    result_.refusal = FrameRefusal{section, offset, std::move(why)};
  }

  // ---- What the runtime has

  void find_variable(std::string_view name, FrameVariable& variable) {
    const Symbol& symbol = *defined_symbol(program_, name);
    const InputSection& section = inputs_[symbol.section];
    variable = {program_.symbols.find(name), symbol.section, symbol.value};
    const bool is_word = symbol.size == 0 || symbol.size == kWord;
    const bool fits = symbol.value % kWord == 0 && section.alignment >= kWord &&
                      symbol.value <= section.size && section.size - symbol.value >= kWord;
    const bool is_data = section.has(SHF_ALLOC) && section.has(SHF_WRITE) &&
                         !section.has(SHF_EXECINSTR | SHF_TLS | SHF_MERGE) &&
                         (section.type == SHT_NOBITS || section.type == SHT_PROGBITS);
    if (!is_word || !fits || !is_data || !is_zero(section, symbol.value))
      return refuse(symbol.section, symbol.value, cat(name, " is no variable that begins as 0"));
    // All of the section will have an initial value. The runtime's table takes two words of RAM for
    // each descriptor, or more.
    u64 worth = 4096;
    for (const OcamlFrametable& table : result_.tables.tables)
      worth += 8 * table.descriptors.size();
    if (section.type == SHT_NOBITS && section.size > worth)
      return refuse(symbol.section, symbol.value,
                    cat(name, " shares a section of ", section.size,
                        " zeroes with others; compile the runtime with -fdata-sections"));
    ranges_[index(symbol.section)].push_back(
        {symbol.value, symbol.value + kWord, Kind::kVariable, name});
  }

  static bool is_zero(const InputSection& section, u64 offset) {
    if (section.type == SHT_NOBITS) return true;
    if (!section.contents.holds(offset, kWord) || section.contents.le<u32>(offset) != 0)
      return false;
    for (u64 i = 0; i < relocation_count(section); i++) {
      const u64 place = relocation(section, i).offset;
      if (place < offset + kWord && place + kWord > offset) return false;
    }
    return true;
  }

  void find_init() {
    constexpr std::string_view kName = "caml_init_frame_descriptors";
    const Symbol* const symbol = defined_symbol(program_, kName);
    if (symbol == nullptr) return refuse(kNoSection, 0, cat("the runtime has no ", kName));
    const InputSection& section = inputs_[symbol->section];
    if (symbol->type != STT_FUNC || !section.has(SHF_EXECINSTR) || section.type != SHT_PROGBITS)
      return refuse(symbol->section, symbol->value, cat(kName, " is no function"));
    const bool is_thumb = (symbol->value & 1) != 0;
    result_.init = hollow_function(program_, atoms_, symbol->section, symbol->value & ~u64{1},
                                   bare_return(is_thumb));
    if (!result_.init)
      return refuse(symbol->section, symbol->value & ~u64{1},
                    cat(kName,
                        " cannot be told from the code around it; compile the runtime with "
                        "-ffunction-sections"));
    result_.init->symbol = program_.symbols.find(kName);
    check_effects(result_.init->function);
    if (result_.refusal) result_.init.reset();
  }

  // Follows calls within the object, atom by atom.
  void check_effects(AtomId init) {
    std::vector<AtomId> found{init};
    std::unordered_set<u32> seen{index(init)};
    for (u64 next = 0; next < found.size() && !result_.refusal; next++) {
      constexpr u64 kMost = 64;  // it calls four functions
      if (next == kMost)
        return refuse(result_.init->section, result_.init->begin,
                      "caml_init_frame_descriptors calls more than is known");
      const bool is_piece = atoms_.is_piece(found[next]);
      const SectionId id =
          is_piece ? atoms_.piece(found[next]).section : SectionId{index(found[next])};
      for (u64 i = 0; i < relocation_count(inputs_[id]); i++) {
        const Relocation entry = relocation(inputs_[id], i);
        if (is_piece && atoms_.at(id, entry.offset) != found[next]) continue;
        if (const std::optional<AtomId> code = check_reference(id, entry))
          if (seen.insert(index(*code)).second) found.push_back(*code);
      }
      if (!is_piece) continue;
      for (const CodeReference& crossing : atoms_.crossings(id))
        if (atoms_.at(id, crossing.place) == found[next])
          if (const AtomId code = atoms_.at(id, crossing.target); seen.insert(index(code)).second)
            found.push_back(code);
    }
  }

  // Code of the same object, if that is what is referred to.
  std::optional<AtomId> check_reference(SectionId id, const Relocation& entry) {
    const RelocationType* const type = program_.isa.find(entry.type);
    if (type != nullptr && (type->use == Use::kMarker || type->use == Use::kNone))
      return std::nullopt;
    const Referent to = referent(program_, inputs_[id].object, entry.symbol);
    const std::string_view name =
        to.symbol == kNoSymbol ? std::string_view() : program_.symbols[to.symbol].name;
    if (std::ranges::binary_search(kNamedByInit, name) || name.starts_with("caml_stat_"))
      return std::nullopt;
    const bool is_own =
        to.section != kNoSection && inputs_[to.section].object == inputs_[id].object;
    const bool is_code = is_own && inputs_[to.section].has(SHF_EXECINSTR);
    if (is_own && !is_code && to.symbol == kNoSymbol) return std::nullopt;
    if (!is_code) {
      refuse(id, entry.offset,
             cat("caml_init_frame_descriptors does more than is known; it refers to ",
                 display_name(program_, inputs_[id].object, entry.symbol)));
      return std::nullopt;
    }
    if (to.type == STT_SECTION && atoms_.is_cut(to.section)) {
      const std::optional<i64> distance = distance_of(inputs_[id], entry, type);
      return atoms_.at(to.section, to.value + static_cast<u64>(distance.value_or(0)));
    }
    return atoms_.at(to.section, to.type == STT_FUNC ? to.value & ~u64{1} : to.value);
  }

  std::optional<i64> distance_of(const InputSection& section, const Relocation& entry,
                                 const RelocationType* type) const {
    if (type == nullptr || !section.contents.holds(entry.offset, type->size)) return std::nullopt;
    const i64 addend = section.has_addends
                           ? entry.addend
                           : program_.isa.read_addend(entry.type, section.contents, entry.offset);
    return program_.isa.distance_from_symbol(entry.type, addend);
  }

  // ---- Who needs it all as it is

  void add_user(AtomId atom, std::string what) {
    if (atom != result_.init->function && users_.insert(index(atom)).second)
      result_.users.push_back({atom, std::move(what)});
  }

  void find_named_users() {
    for (const Symbol& symbol : program_.symbols.symbols) {
      const bool changes = symbol.name == "caml_register_frametable" ||
                           symbol.name == "caml_unregister_frametable" ||
                           symbol.name.starts_with("caml_natdynlink_");
      if (!changes || symbol.state != SymbolState::kDefined || symbol.section == kNoSection)
        continue;
      const InputSection& section = inputs_[symbol.section];
      if (section.excluded || !section.has(SHF_EXECINSTR)) continue;
      add_user(atoms_.at(symbol.section, symbol.value & ~u64{1}),
               cat(symbol.name, " may add or take away frame tables"));
    }
  }

  void find_references() {
    const OcamlFrametables& tables = result_.tables;
    ranges_[index(tables.list)].push_back(
        {tables.list_begin, tables.list_end, Kind::kList, "caml_frametable"});
    for (const OcamlFrametable& table : tables.tables)
      ranges_[index(table.section)].push_back({table.begin, table.end, Kind::kTable, table.unit});
    for (auto& [section, ranges] : ranges_) {
      std::ranges::sort(ranges, {}, &Range::begin);
      const auto overlap = std::ranges::adjacent_find(
          ranges, [](const Range& a, const Range& b) { return b.begin < a.end; });
      if (overlap != ranges.end())
        return refuse(SectionId{section}, overlap->begin, cat(overlap->name, " overlaps others"));
    }
    is_asked_about_.resize(inputs_.sections.size());
    for (const auto& [section, ranges] : ranges_) is_asked_about_[section] = true;
    for (u32 i = 0; i < inputs_.sections.size(); i++) {
      const InputSection& section = inputs_.sections[i];
      if (section.excluded || !section.has(SHF_ALLOC)) continue;
      for (u64 k = 0; k < relocation_count(section); k++)
        look_at(SectionId{i}, section, relocation(section, k));
    }
  }

  void look_at(SectionId id, const InputSection& section, const Relocation& entry) {
    const RelocationType* const type = program_.isa.find(entry.type);
    if (type != nullptr && (type->use == Use::kMarker || type->use == Use::kNone)) return;
    const Referent to = referent(program_, section.object, entry.symbol);
    if (to.section == kNoSection || !is_asked_about_[index(to.section)]) return;
    const std::optional<i64> distance = distance_of(section, entry, type);
    const bool is_local = to.symbol == kNoSymbol;
    const std::vector<Range>& ranges = ranges_.at(index(to.section));
    const Range* range = is_local ? nullptr : range_at(ranges, to.value);
    if (range == nullptr && distance)
      range = range_at(ranges, to.value + static_cast<u64>(*distance));
    if (range == nullptr && is_local) {
      const auto variable = std::ranges::find(ranges, Kind::kVariable, &Range::kind);
      if (variable != ranges.end()) range = &*variable;
      if (range == nullptr && !distance) range = &ranges.front();
    }
    if (range != nullptr) found(id, entry.offset, *range);
  }

  static const Range* range_at(const std::vector<Range>& ranges, u64 place) {
    const auto behind = std::ranges::upper_bound(ranges, place, {}, &Range::begin);
    if (behind == ranges.begin() || place >= std::prev(behind)->end) return nullptr;
    return &*std::prev(behind);
  }

  void found(SectionId id, u64 offset, const Range& range) {
    const OcamlFrametables& tables = result_.tables;
    if (range.kind == Kind::kTable && id == tables.list && offset >= tables.list_begin &&
        offset < tables.list_end)
      return;
    const AtomId atom = atoms_.at(id, offset);
    if (users_.contains(index(atom))) return;
    const std::string_view function = function_at(id, offset);
    if (range.kind == Kind::kVariable &&
        std::ranges::binary_search(kReaders, function.substr(0, function.find('.'))))
      return;
    const std::string from =
        function.empty() ? inputs_.location(id, offset).text() : std::string(function);
    add_user(atom, cat(from, " refers to ", range.kind == Kind::kTable ? "the frame table of " : "",
                       range.name));
  }

  // The name of the function that a place is in; empty if there is none.
  std::string_view function_at(SectionId id, u64 offset) {
    if (!inputs_[id].has(SHF_EXECINSTR)) return {};
    const Object& object = inputs_.object_of(id);
    if (functions_of_ != &object) list_functions(object);
    const auto key = [](const Function& one) { return std::pair(index(one.section), one.begin); };
    const auto behind = std::ranges::upper_bound(functions_, std::pair(index(id), offset), {}, key);
    if (behind == functions_.begin()) return {};
    const Function& one = *std::prev(behind);
    const bool is_in = one.section == id && offset - one.begin < one.size;
    return is_in ? object.symbol(one.symbol).name : std::string_view();
  }

  void list_functions(const Object& object) {
    functions_of_ = &object;
    functions_.clear();
    for (u32 i = 1; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.nameless_symbol(i);
      if (symbol.type == STT_FUNC && symbol.size != 0 && symbol.section != SHN_UNDEF &&
          symbol.section < object.section_count)
        functions_.push_back(
            {object.section(symbol.section), symbol.value & ~u64{1}, symbol.size, i});
    }
    std::ranges::stable_sort(functions_, {}, [](const Function& one) {
      return std::pair(index(one.section), one.begin);
    });
  }

  const Program& program_;
  const Inputs& inputs_;
  const Atoms& atoms_;
  FrameSealing result_;
  std::unordered_map<u32, std::vector<Range>> ranges_;  // by section
  std::vector<bool> is_asked_about_;                    // per section
  std::unordered_set<u32> users_;                       // atoms
  const Object* functions_of_ = nullptr;
  std::vector<Function> functions_;  // of that object, in order of place
};

}  // namespace

FrameSealing find_frame_sealing(const Program& program, const Atoms& atoms) {
  return Finder(program, atoms).run();
}

}  // namespace fwseal
