// The symbols by which a program finds the unwind tables.
//
// EHABI32 2023Q3 leaves it to the platform how the unwinder finds the index table. On bare metal it
// is by symbols that the script sets before and behind the tables: __exidx_start and __exidx_end of
// libgcc's unwinder, or the like. To read a table, a program must know a place in it, or where it
// begins and its end together. So these count:
// - a place: a symbol set between tables, the nearest one before and the nearest one behind them in
//   their output section (or, if there is none in it, next to it), ADDR, LOADADDR and .startof. of
//   that section, and whatever has `exidx` in its name;
// - a beginning, or an end: the other symbols set before and behind them there, and SIZEOF.
// Firmware
//   takes such an end for the load address of .data, and reads no table by it.
// What the script makes of a beginning counts the same; what it makes of an end is an end, and
// as such it is no place any more. If something else than code or well known data stands next to
// the tables, it may mark their bounds by labels, and they count as read.
//
// Frame tables (.eh_frame) end themselves, and their records have sizes of their own. So they can
// be read from where they begin, and not from where they end. All symbols set before them are
// places, up to code or data that the script puts between the two: such a symbol is the beginning
// of that. An end is nothing; with SIZEOF it would be, so SIZEOF is a place. A label in what stands
// before the tables may be their beginning; one in what stands behind them tells nothing.
#include "sections/unwind_readers.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "graph/frame_table.h"
#include "graph/section_bounds.h"
#include "graph/unwind.h"
#include "sections/script_symbols.h"

namespace fwseal {
namespace {

// What a symbol says about the tables.
using Role = u8;
constexpr Role kPlace = 1;
constexpr Role kBegin = 2;
constexpr Role kEnd = 4;

bool begins_as_well_known(std::string_view glob) {
  constexpr std::array<std::string_view, 19> kStems{".text",
                                                    ".rodata",
                                                    ".data",
                                                    ".ARM.ex",
                                                    ".gnu.linkonce.",
                                                    ".eh_frame",
                                                    ".gcc_except_table",
                                                    ".init",
                                                    ".fini",
                                                    ".glue_",
                                                    ".vfp11_",
                                                    ".v4_bx",
                                                    ".ctors",
                                                    ".dtors",
                                                    ".bss",
                                                    "COMMON",
                                                    ".preinit",
                                                    ".gnu_extab",
                                                    ".gnu.warning"};
  return std::any_of(kStems.begin(), kStems.end(),
                     [&](std::string_view stem) { return glob.starts_with(stem); });
}

struct TableKind {
  bool (*is_table)(const InputSection& section);
  std::string_view stem;                // the names of the sections begin with it
  std::vector<std::string_view> words;  // in names of symbols that are about them
  std::vector<std::string_view> hooks;  // other names
  bool ends_itself = false;             // who knows where it begins can read it
};

bool all_begin_with(const InputDescription& description, std::span<const std::string_view> stems) {
  return std::ranges::all_of(description.patterns, [&](const SectionPattern& pattern) {
    return std::ranges::any_of(
        stems, [&](std::string_view stem) { return pattern.glob.starts_with(stem); });
  });
}

// Does it collect nothing but what belongs to unwinding? That may well be nothing at all.
bool is_about_unwinding(const InputDescription& description) {
  constexpr std::array<std::string_view, 4> kStems{".eh_frame", ".gcc_except_table", ".ARM.ex",
                                                   ".gnu_extab"};
  return all_begin_with(description, kStems);
}

// Does it collect what everybody has?
bool is_well_known(const InputDescription& description) {
  return description.file_glob == "*" && !description.patterns.empty() &&
         std::ranges::all_of(description.patterns, [](const SectionPattern& pattern) {
           return begins_as_well_known(pattern.glob);
         });
}

bool is_function_of(const Expr& expr, Function function, const std::set<std::string_view>& names) {
  return expr.kind == ExprKind::kFunction && expr.function == function && names.contains(expr.name);
}

class Finder {
 public:
  Finder(const TableKind& kind, const Inputs& inputs, const Symbols& symbols, const Script& script,
         const Matcher& matcher)
      : kind_(kind), inputs_(inputs), symbols_(symbols), script_(script), matcher_(matcher) {}

  std::optional<UnwindReaders> run() {
    if (!find_statements()) return std::nullopt;
    look_at_outputs();
    roles_by_name();
    follow_aliases();
    collect();
    return std::move(readers_);
  }

 private:
  // Which statements of which output sections collect tables? False if there are no tables.
  bool find_statements() {
    bool any = false;
    std::vector<Matcher::Match> matches;
    for (u32 i = 0; i < inputs_.sections.size(); i++) {
      const InputSection& section = inputs_.sections[i];
      if (section.excluded || !kind_.is_table(section)) continue;
      any = true;
      matches.clear();
      matcher_.matches(inputs_, SectionId{i}, matches);
      for (const Matcher::Match& match : matches) {
        const PatternUse& use = matcher_.uses()[match.use];
        const auto [at, added] = statements_.try_emplace(use.output, use.statement, use.statement);
        at->second.first = std::min(at->second.first, use.statement);
        at->second.second = std::max(at->second.second, use.statement);
      }
    }
    return any;
  }

  void look_at_outputs() {
    u32 number = 0;
    for (u64 i = 0; i < script_.statements.size(); i++) {
      const auto* const output = std::get_if<OutputDescription>(&script_.statements[i]);
      if (output == nullptr) continue;
      const auto found = statements_.find(number++);
      if (found == statements_.end() || output->name == "/DISCARD/") continue;
      outputs_.insert(output->name);
      look_at_output(*output, i, found->second.first, found->second.second);
    }
  }

  // `number`: of the output section among the statements; `first` and `last` collect tables.
  void look_at_output(const OutputDescription& output, u64 number, u32 first, u32 last) {
    const std::span<const SectionStatement> all = output.statements;
    for (u64 i = first; i <= last; i++) look_between(all[i]);
    bool found = false;
    for (u64 i = first; i-- > 0;) found = look_beside(all[i], kBegin, found);
    look_outside(number, -1, kBegin, found);
    found = false;
    for (u64 i = last + 1; i < all.size(); i++) found = look_beside(all[i], kEnd, found);
    look_outside(number, 1, kEnd, found);
  }

  void look_between(const SectionStatement& statement) {
    if (const auto* const assignment = std::get_if<Assignment>(&statement))
      add_role(assignment->symbol, kPlace | kBegin);
    else if (const auto* const description = std::get_if<InputDescription>(&statement))
      if (!is_well_known(*description) && !collects_tables(*description)) read_by_unknown();
  }
  bool collects_tables(const InputDescription& description) const {
    return !description.patterns.empty() && all_begin_with(description, {&kind_.stem, 1});
  }

  // `found`: the nearest symbol on this side was found, and so it returns.
  bool look_beside(const SectionStatement& statement, Role side, bool found) {
    if (kind_.ends_itself) return look_beside_begin(statement, side, found);
    if (const auto* const assignment = std::get_if<Assignment>(&statement)) {
      if (assignment->symbol == ".") return found;
      add_role(assignment->symbol, static_cast<Role>(side | (found ? 0 : kPlace)));
      return true;
    }
    const auto* const description = std::get_if<InputDescription>(&statement);
    if (description != nullptr && !found && !is_well_known(*description)) read_by_unknown();
    return found;
  }

  // `found`: what is set here is the beginning of something else, and so it returns.
  bool look_beside_begin(const SectionStatement& statement, Role side, bool found) {
    if (found || side == kEnd) return found;
    if (const auto* const assignment = std::get_if<Assignment>(&statement))
      add_role(assignment->symbol, kPlace | kBegin);
    const auto* const description = std::get_if<InputDescription>(&statement);
    if (description == nullptr || collects_tables(*description)) return false;
    if (!is_well_known(*description)) read_by_unknown();
    return is_well_known(*description) && !is_about_unwinding(*description);
  }

  // Up to the next output section.
  void look_outside(u64 number, int step, Role side, bool found) {
    const std::vector<Statement>& all = script_.statements;
    const auto next = [&](u64 i) { return i + static_cast<u64>(i64{step}); };
    for (u64 i = next(number); i < all.size(); i = next(i)) {
      if (std::holds_alternative<OutputDescription>(all[i])) break;
      // It is not known yet what will stand here.
      if (std::holds_alternative<Insert>(all[i]) && !found) read_by_unknown();
      const auto* const assignment = std::get_if<Assignment>(&all[i]);
      if (assignment == nullptr || assignment->symbol == ".") continue;
      if (kind_.ends_itself) {
        if (!found && side == kBegin) add_role(assignment->symbol, kPlace | kBegin);
        continue;
      }
      add_role(assignment->symbol, static_cast<Role>(side | (found ? 0 : kPlace)));
      found = true;
    }
  }

  void add_role(std::string_view symbol, Role role) {
    if (symbol != ".") roles_[symbol] |= role;
  }
  void read_by_unknown() { readers_.always = ClauseKind::kScript; }

  void roles_by_name() {
    for (const Symbol& symbol : symbols_.symbols) {
      if (symbol.state != SymbolState::kScript) continue;
      const bool is_named = std::ranges::any_of(kind_.words, [&](std::string_view word) {
        return symbol.name.find(word) != std::string_view::npos;
      });
      if (is_named && !roles_.contains(symbol.name)) add_role(symbol.name, kPlace | kBegin);
      const std::string_view measured = measured_output(symbol.name);
      const std::string_view bounded = bounded_section(symbol.name);
      if (outputs_.contains(measured))
        add_role(symbol.name,
                 symbol.name.starts_with(".startof") ? Role{kPlace | kBegin} : role_of_size());
      if (outputs_.contains(bounded)) add_role(symbol.name, kPlace | kBegin);
    }
    for (const std::string_view name : kind_.hooks)
      if (symbols_.find(name) != kNoSymbol) add_role(name, kPlace | kBegin);
  }

  Role role_of_size() const { return kind_.ends_itself ? kPlace | kBegin : kEnd; }

  Role role_of(const ExprPtr& value) const {
    Role role = 0;
    // "LOADADDR(x) + SIZEOF(x)" is an end.
    if (value != nullptr && value->kind == ExprKind::kBinary && value->op == Op::kAdd) {
      const Expr& left = *value->operands[0];
      const bool from_begin = is_function_of(left, Function::kAddr, outputs_) ||
                              is_function_of(left, Function::kLoadaddr, outputs_);
      if (from_begin && is_function_of(*value->operands[1], Function::kSizeof, outputs_))
        return kEnd;
    }
    walk_expression(value, [&](const Expr& expr) {
      if (is_function_of(expr, Function::kAddr, outputs_) ||
          is_function_of(expr, Function::kLoadaddr, outputs_))
        role |= kPlace | kBegin;
      if (is_function_of(expr, Function::kSizeof, outputs_)) role |= role_of_size();
      if (expr.kind != ExprKind::kName) return;
      const auto used = roles_.find(expr.name);
      if (used == roles_.end()) return;
      const bool is_begin = (used->second & kBegin) != 0;
      role |= is_begin ? used->second : static_cast<Role>(used->second & ~kPlace);
    });
    return role;
  }

  // Symbols may be made of symbols that stand further down, so until nothing changes. Each round
  // but the last gives a symbol a role that it did not have; a script with longer chains than this
  // is given up.
  void follow_aliases() {
    constexpr int kMostRounds = 16;
    for (int round = 0; round < kMostRounds; round++) {
      bool changed = false;
      visit_assignments(script_, [&](const Assignment& assignment) {
        const Role role = role_of(assignment.value);
        if (role == 0) return;
        Role& known = roles_[assignment.symbol];
        changed = changed || (known | role) != known;
        known |= role;
      });
      if (!changed) return;
    }
    read_by_unknown();
  }

  void collect() {
    for (const auto& [name, role] : roles_) {
      const SymbolId symbol = symbols_.find(name);
      if (symbol == kNoSymbol) continue;
      if ((role & kPlace) != 0) readers_.places.push_back(symbol);
      if (kind_.ends_itself) continue;
      if ((role & kBegin) != 0) readers_.begins.push_back(symbol);
      if ((role & kEnd) != 0) readers_.ends.push_back(symbol);
    }
    visit_data(script_, [&](const Expr& expr) {
      if (expr.kind == ExprKind::kName && roles_.contains(expr.name) &&
          (!kind_.ends_itself || (roles_.at(expr.name) & kPlace) != 0))
        if (const SymbolId symbol = symbols_.find(expr.name); symbol != kNoSymbol)
          readers_.in_image.push_back(symbol);
      if (is_function_of(expr, Function::kAddr, outputs_) ||
          is_function_of(expr, Function::kLoadaddr, outputs_))
        read_by_unknown();
    });
  }

  const TableKind& kind_;
  const Inputs& inputs_;
  const Symbols& symbols_;
  const Script& script_;
  const Matcher& matcher_;
  // Per output section with tables, the first and the last statement that collects some.
  std::map<u32, std::pair<u32, u32>> statements_;
  std::set<std::string_view> outputs_;  // their names
  std::map<std::string_view, Role> roles_;
  UnwindReaders readers_;
};

}  // namespace

std::optional<UnwindReaders> find_unwind_readers(const Inputs& inputs, const Symbols& symbols,
                                                 const Script& script, const Matcher& matcher) {
  // The hook of libgcc's unwinder; and the program headers, of which PT_ARM_EXIDX is one.
  static const TableKind kUnwindTables{
      is_unwind_table,
      ".ARM.exidx",
      {"exidx"},
      {"__gnu_Unwind_Find_exidx", "dl_iterate_phdr", "__ehdr_start"}};
  return Finder(kUnwindTables, inputs, symbols, script, matcher).run();
}

std::optional<UnwindReaders> find_frame_readers(const Inputs& inputs, const Symbols& symbols,
                                                const Script& script, const Matcher& matcher) {
  static const TableKind kFrameTables{is_frame_table,
                                      ".eh_frame",
                                      {"eh_frame", "EH_FRAME"},
                                      {"dl_iterate_phdr", "__ehdr_start"},
                                      true};
  return Finder(kFrameTables, inputs, symbols, script, matcher).run();
}

}  // namespace fwseal
