// Written by hand, not through a tree of JSON values: a large firmware has millions of numbers.
#include "report/graph_json.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <span>

#include "graph/retain.h"
#include "report/graph_columns.h"

namespace fwseal {

std::string_view name_of(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kEntry:
      return "entry";
    case ClauseKind::kKeep:
      return "keep";
    case ClauseKind::kUndefined:
      return "undefined";
    case ClauseKind::kExtern:
      return "extern";
    case ClauseKind::kInitFini:
      return "init_fini";
    case ClauseKind::kRetain:
      return "retain";
    case ClauseKind::kNote:
      return "note";
    case ClauseKind::kScript:
      return "script";
    case ClauseKind::kExported:
      return "exported";
    case ClauseKind::kUser:
      return "user";
    case ClauseKind::kWithoutGc:
      return "without_gc";
    case ClauseKind::kOutput:
      return "output";
    case ClauseKind::kReference:
      return "reference";
    case ClauseKind::kFollower:
      return "follower";
    case ClauseKind::kGroup:
      return "group";
    case ClauseKind::kStartStop:
      return "start_stop";
    case ClauseKind::kScriptSymbol:
      return "script_symbol";
    case ClauseKind::kConditional:
      return "conditional";
    case ClauseKind::kInitialiser:
      return "initialiser";
    case ClauseKind::kFold:
      return "fold";
  }
  return {};
}

u32 StringTable::add(std::string_view text) {
  const auto [place, added] = numbers_.try_emplace(std::string(text), size());
  if (added) strings_.emplace_back(text);
  return place->second;
}

namespace {

// Names are bytes from scripts and objects; those that are not UTF-8 must not end the program.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class Writer {
 public:
  std::string run(const RecordGraph& graph) {
    text_ = "{";
    strings("strings", graph.strings.all());
    numbers("regions", graph.regions, [](u32 name) { return name; });
    numbers("used", graph.used, [](u32 bytes) { return bytes; });
    table("objects", kObjectColumns, graph.objects);
    table("outputs", kOutputColumns, graph.outputs);
    table("atoms", kAtomColumns, graph.atoms);
    table("symbols", kSymbolColumns, graph.symbols);
    table("rules", kRuleColumns, graph.rules);
    clauses(graph.graph);
    text_ += "\n  }";
    return std::move(text_);
  }

 private:
  void key(std::string_view indent, std::string_view name) {
    if (text_.back() != '{') text_ += ',';
    text_ += cat('\n', indent, '"', name, "\": ");
  }

  void strings(std::string_view name, const std::vector<std::string>& list) {
    key("    ", name);
    text_ += '[';
    for (u64 i = 0; i < list.size(); i++) {
      if (i > 0) text_ += ",\n      ";
      text_ += quoted(list[i]);
    }
    text_ += ']';
  }

  void number(u32 value) {
    char digits[10];
    if (value == kNoIndex)
      text_ += "-1";
    else
      text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
  }

  template <typename Row, typename Get>
  void numbers(std::string_view name, const std::vector<Row>& rows, Get get,
               std::string_view indent = "    ") {
    key(indent, name);
    text_ += '[';
    text_.reserve(text_.size() + 6 * rows.size());  // 5 digits and a comma
    for (u64 i = 0; i < rows.size(); i++) {
      if (i > 0) text_ += ',';
      number(get(rows[i]));
    }
    text_ += ']';
  }

  template <typename Row>
  void table(std::string_view name, std::span<const GraphColumn<Row>> columns,
             const std::vector<Row>& rows) {
    key("    ", name);
    text_ += '{';
    for (const GraphColumn<Row>& column : columns)
      numbers(
          column.name, rows, [&](const Row& row) { return row.*column.field; }, "      ");
    text_ += '}';
  }
  template <typename Row, u64 size>
  void table(std::string_view name, const GraphColumn<Row> (&columns)[size],
             const std::vector<Row>& rows) {
    table(name, std::span<const GraphColumn<Row>>(columns), rows);
  }

  void clauses(const Graph& graph) {
    std::vector<std::string> kinds;
    for (u32 i = 0; i < kMostClauseKinds; i++) {
      const std::string_view name = name_of(static_cast<ClauseKind>(i));
      if (!name.empty()) kinds.emplace_back(name);
    }
    const Backwards backwards(graph);
    std::vector<ClauseRow> rows;
    std::vector<ConditionalRow> more;
    rows.reserve(graph.clause_count());
    for (u32 i = 0; i < graph.clause_count(); i++) {
      const ClauseId clause{i};
      rows.push_back({index(graph.conclusion(clause)), index(graph.premise(clause)),
                      static_cast<u32>(graph.kind(clause)), graph.offset(clause)});
      for (const AtomId premise : backwards.premises(clause))
        if (premise != graph.premise(clause)) more.push_back({i, index(premise)});
    }
    strings("kinds", kinds);
    table("clauses", kClauseColumns, rows);
    table("conditional", kConditionalColumns, more);
  }

  std::string text_;
};

}  // namespace

std::string graph_json(const RecordGraph& graph) { return Writer().run(graph); }

}  // namespace fwseal
