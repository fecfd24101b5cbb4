// A record is input like any other, so nobody upstream is trusted to have checked it. The text is
// read event by event into columns of numbers, so that it takes memory in proportion to its length
// however deeply it is nested; then every index is held against the table that it points into.
#include "report/read_record.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "elfio/compressed.h"
#include "report/graph_columns.h"

namespace fwseal {
namespace {

using Json = nlohmann::json;

// Fits 20,000 objects of debugged C++ several times.
constexpr u64 kMostBytes = u64{1} << 29;
constexpr u64 kMostRegions = 4096;

struct Columns {
  std::string schema;
  bool has_graph = false;
  std::map<std::string, std::vector<u32>, std::less<>> numbers;  // by "table.column"
  std::map<std::string, std::vector<std::string>, std::less<>> strings;
};

// What the parser calls (its manual, "SAX Interface").
class Handler : public nlohmann::json_sax<Json> {
 public:
  explicit Handler(Columns& columns) : columns_(columns) {}

  bool null() override { return plain_value(); }
  bool boolean(bool) override { return plain_value(); }
  bool number_float(double, const std::string&) override { return plain_value(); }
  bool binary(Json::binary_t&) override { return plain_value(); }

  bool number_integer(Json::number_integer_t value) override {
    if (numbers_ != nullptr && value == -1) return add(kNoIndex);
    return plain_value();
  }
  bool number_unsigned(Json::number_unsigned_t value) override {
    if (numbers_ == nullptr) return plain_value();
    if (value >= kNoIndex) throw BadInput(cat("number ", value, " is too large in ", path()));
    return add(static_cast<u32>(value));
  }
  bool string(std::string& value) override {
    if (strings_ != nullptr && arrays_ == 1) {
      strings_->push_back(std::move(value));
      return true;
    }
    if (depth_ == 1 && arrays_ == 0 && keys_[0] == "schema") columns_.schema = value;
    return plain_value();
  }

  bool start_object(std::size_t) override {
    plain_value();
    depth_++;
    return true;
  }
  bool end_object() override {
    if (depth_ <= kKeys) keys_[depth_ - 1].clear();
    depth_--;
    return true;
  }
  bool key(std::string& name) override {
    if (depth_ <= kKeys) keys_[depth_ - 1] = std::move(name);
    return true;
  }

  bool start_array(std::size_t) override {
    if (arrays_++ > 0) return plain_value();
    if (depth_ < 2 || depth_ > kKeys || keys_[0] != "graph") return true;
    columns_.has_graph = true;
    const std::string name = path();
    if (name == "strings" || name == "kinds") {
      strings_ = &columns_.strings[name];
      if (!strings_->empty()) throw BadInput(cat(name, " are there twice"));
    } else if (is_column(name)) {
      numbers_ = &columns_.numbers[name];
      if (!numbers_->empty()) throw BadInput(cat(name, " are there twice"));
    }
    return true;
  }
  bool end_array() override {
    if (--arrays_ == 0) {
      numbers_ = nullptr;
      strings_ = nullptr;
    }
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    throw BadInput(cat("is no JSON at byte ", position));
  }

 private:
  static constexpr u64 kKeys = 3;

  template <typename Row>
  static bool is_in(std::string_view name, std::string_view table, const Row& columns) {
    if (!name.starts_with(table)) return false;
    return std::ranges::any_of(
        columns, [&](const auto& column) { return name.substr(table.size()) == column.name; });
  }
  static bool is_column(std::string_view name) {
    return name == "regions" || name == "used" || is_in(name, "objects.", kObjectColumns) ||
           is_in(name, "outputs.", kOutputColumns) || is_in(name, "atoms.", kAtomColumns) ||
           is_in(name, "symbols.", kSymbolColumns) || is_in(name, "rules.", kRuleColumns) ||
           is_in(name, "clauses.", kClauseColumns) ||
           is_in(name, "conditional.", kConditionalColumns);
  }

  std::string path() const { return depth_ == 2 ? keys_[1] : cat(keys_[1], '.', keys_[2]); }

  bool add(u32 value) {
    if (arrays_ != 1) return plain_value();
    numbers_->push_back(value);
    return true;
  }
  // Something that no column holds.
  bool plain_value() const {
    if (numbers_ != nullptr || strings_ != nullptr)
      throw BadInput(cat("something strange is in ", path()));
    return true;
  }

  Columns& columns_;
  std::string keys_[kKeys];
  u64 depth_ = 0;   // objects
  u64 arrays_ = 0;  // and arrays, which hold objects only where nothing is read
  std::vector<u32>* numbers_ = nullptr;
  std::vector<std::string>* strings_ = nullptr;
};

Columns read_columns(std::string_view text) {
  Columns columns;
  Handler handler(columns);
  Json::sax_parse(text, &handler);
  if (!columns.schema.starts_with("fwseal.record/")) throw BadInput("is no record of a link");
  if (columns.schema != kRecordSchema)
    throw BadInput(
        cat("has schema ", columns.schema.substr(0, 40), "; this program reads ", kRecordSchema));
  if (!columns.has_graph)
    throw BadInput("has no atoms: it was made of an executable, or by an older version");
  return columns;
}

class Builder {
 public:
  explicit Builder(Columns columns) : columns_(std::move(columns)) {}

  RecordGraph run() {
    RecordGraph graph;
    graph.strings.reset(std::move(columns_.strings["strings"]));
    strings_ = graph.strings.size();
    graph.regions = std::move(columns_.numbers["regions"]);
    if (graph.regions.size() > kMostRegions) throw BadInput("has too many regions");
    for (const u32 name : graph.regions) check(name, strings_, "regions");
    graph.used = std::move(columns_.numbers["used"]);
    if (!graph.used.empty() && graph.used.size() != graph.regions.size())
      throw BadInput("used and regions have different lengths");
    graph.objects = rows("objects", kObjectColumns);
    graph.outputs = rows("outputs", kOutputColumns);
    graph.atoms = rows("atoms", kAtomColumns);
    graph.symbols = rows("symbols", kSymbolColumns);
    graph.rules = rows("rules", kRuleColumns);
    check_tables(graph);
    graph.graph = read_clauses(graph.atoms.size());
    return graph;
  }

 private:
  static void check(u32 number, u64 size, std::string_view what) {
    if (number >= size) throw BadInput(cat("number ", number, " in ", what, " names nothing"));
  }
  static void check_or_none(u32 number, u64 size, std::string_view what) {
    if (number != kNoIndex) check(number, size, what);
  }

  template <typename Row, u64 size>
  std::vector<Row> rows(std::string_view table, const GraphColumn<Row> (&columns)[size]) {
    std::vector<Row> result;
    for (u64 i = 0; i < size; i++) {
      const std::vector<u32> numbers =
          std::move(columns_.numbers[cat(table, '.', columns[i].name)]);
      if (i == 0) result.resize(numbers.size());
      if (numbers.size() != result.size())
        throw BadInput(cat("columns of ", table, " have different lengths"));
      for (u64 k = 0; k < numbers.size(); k++) result[k].*columns[i].field = numbers[k];
    }
    return result;
  }

  void check_tables(const RecordGraph& graph) const {
    for (const RecordObject& object : graph.objects) {
      check(object.file, strings_, "objects.file");
      check_or_none(object.member, strings_, "objects.member");
    }
    for (const RecordOutput& output : graph.outputs) {
      check(output.name, strings_, "outputs.name");
      check_or_none(output.region, graph.regions.size(), "outputs.region");
      check_or_none(output.load_region, graph.regions.size(), "outputs.load_region");
    }
    for (const RecordAtom& atom : graph.atoms) {
      check_or_none(atom.object, graph.objects.size(), "atoms.object");
      check(atom.name, strings_, "atoms.name");
      check_or_none(atom.output, graph.outputs.size(), "atoms.output");
      if (!atom.proposition()) check(atom.object, graph.objects.size(), "atoms.object");
    }
    for (const RecordRule& rule : graph.rules) {
      check(rule.atom, graph.atoms.size(), "rules.atom");
      check(rule.text, strings_, "rules.text");
    }
    u32 last = 0;
    for (const RecordSymbol& symbol : graph.symbols) {
      check(symbol.atom, graph.atoms.size(), "symbols.atom");
      check(symbol.name, strings_, "symbols.name");
      if (symbol.atom < last) throw BadInput("symbols are out of order");
      last = symbol.atom;
    }
  }

  // Of each number in the record, by name: they may have been others when it was written.
  std::vector<ClauseKind> read_kinds() {
    std::vector<ClauseKind> kinds;
    for (const std::string& name : columns_.strings["kinds"]) {
      u32 kind = 0;
      while (kind < kMostClauseKinds && name_of(static_cast<ClauseKind>(kind)) != name) kind++;
      if (kind == kMostClauseKinds)
        throw BadInput(cat("has clauses of the unknown kind ", name.substr(0, 40)));
      kinds.push_back(static_cast<ClauseKind>(kind));
    }
    return kinds;
  }

  Graph read_clauses(u64 atoms) {
    const std::vector<ClauseKind> kinds = read_kinds();
    const std::vector<ClauseRow> clauses = rows("clauses", kClauseColumns);
    const std::vector<ConditionalRow> more = rows("conditional", kConditionalColumns);
    GraphBuilder builder(static_cast<u32>(atoms));
    builder.reserve(clauses.size());
    u64 next = 0;  // in `more`
    for (u32 i = 0; i < clauses.size(); i++) {
      const ClauseRow& clause = clauses[i];
      check(clause.conclusion, atoms, "clauses.conclusion");
      check_or_none(clause.premise, atoms, "clauses.premise");
      check(clause.kind, kinds.size(), "clauses.kind");
      const ClauseKind kind = kinds[clause.kind];
      const AtomId to{clause.conclusion};
      if (kind == ClauseKind::kConditional) {
        check(clause.premise, atoms, "clauses.premise");
        std::vector<AtomId> premises{AtomId{clause.premise}};
        for (; next < more.size() && more[next].clause == i; next++) {
          check(more[next].premise, atoms, "conditional.premise");
          premises.push_back(AtomId{more[next].premise});
        }
        check_different(premises);
        builder.add_conditional(premises, to);
      } else if (clause.premise == kNoIndex) {
        builder.add_root(to, kind);
      } else {
        builder.add(AtomId{clause.premise}, to, kind, clause.place);
      }
    }
    if (next != more.size()) throw BadInput("conditional premises are out of order");
    return builder.finish();
  }

  static void check_different(std::vector<AtomId> premises) {
    std::ranges::sort(premises, {}, [](AtomId atom) { return index(atom); });
    if (std::ranges::adjacent_find(premises) != premises.end())
      throw BadInput("a clause has a premise twice");
  }

  Columns columns_;
  u64 strings_ = 0;
};

}  // namespace

RecordGraph read_record_graph(Bytes file) {
  std::string expanded;
  std::string_view text = file.text();
  if (text.starts_with("\x1f\x8b")) {  // RFC 1952, "Member header and trailer"
    expanded = gunzip(file, kMostBytes);
    text = expanded;
  }
  if (text.size() > kMostBytes) throw BadInput(cat("is longer than ", kMostBytes, " bytes"));
  return Builder(read_columns(text)).run();
}

}  // namespace fwseal
