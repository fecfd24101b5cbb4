// Every atom with bytes counts once, for its object. What no atom has (merged strings, veneers, the
// entries of the GOT, padding) is the rest, so that the rows add up to what is in use.
#include "report/packages.h"

#include <algorithm>
#include <map>
#include <set>

#include "elfio/ocaml_name.h"

namespace fwseal {
namespace {

constexpr std::string_view kNoArchive = "(objects)";
constexpr std::string_view kLinker = "(linker)";
constexpr std::string_view kLinkerFile = "linker";

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

class Meter {
 public:
  explicit Meter(const AtomIndex& atoms) : atoms_(atoms), graph_(atoms.graph()) {
    for (const RecordSymbol& symbol : graph_.symbols) {
      const std::string_view unit = ocaml_unit_of_entry(graph_.strings[symbol.name]);
      if (unit.empty()) continue;
      units_.insert(unit);
      const auto [place, is_new] = unit_of_.emplace(graph_.atoms[symbol.atom].object, unit);
      if (!is_new && place->second != unit) place->second = {};
    }
  }

  Packages run() {
    Packages result{{}, RegionBytes(graph_), RegionBytes(graph_)};
    for (u32 i = 0; i < graph_.atoms.size(); i++)
      if (bytes_of(graph_, AtomId{i}) != 0) add(AtomId{i});
    for (auto& [path, package] : packages_) {
      for (auto& [name, row] : package.units) package.row.units.push_back(std::move(row));
      largest_first(package.row.units);
      result.rows.push_back(std::move(package.row));
    }
    largest_first(result.rows);
    for (u64 i = 0; i < graph_.used.size(); i++) {
      u64 known = 0;
      for (const PackageRow& row : result.rows) known += row.bytes.bytes[i];
      result.used.bytes[i] = graph_.used[i];
      result.rest.bytes[i] = graph_.used[i] - std::min<u64>(known, graph_.used[i]);
    }
    return result;
  }

 private:
  struct Package {
    PackageRow row;
    std::map<std::string, UnitRow> units;
  };

  template <typename Row>
  static void largest_first(std::vector<Row>& rows) {
    std::ranges::stable_sort(rows, std::ranges::greater(),
                             [](const Row& row) { return row.bytes.total(); });
  }

  void add(AtomId atom) {
    const RecordObject& object = graph_.objects[graph_.atoms[index(atom)].object];
    const std::string& file = graph_.strings[object.file];
    const bool is_archived = object.member != kNoIndex;
    const std::string ocaml = ocaml_unit(atom);
    std::string name, unit;
    if (is_archived) {
      name = file_name(file);
      unit = ocaml.empty() ? file_name(graph_.strings[object.member]) : ocaml;
    } else if (!ocaml.empty()) {
      name = unit_of_library(ocaml);
      unit = ocaml;
    } else if (file == kLinkerFile) {
      name = kLinker;
      unit = atoms_.section(atom);
    } else {
      name = kNoArchive;
      unit = file_name(file);
    }
    const std::string path = is_archived ? file : "";
    const auto [place, is_new] = packages_.try_emplace(
        std::pair(name, path), Package{{name, path, RegionBytes(graph_), {}}, {}});
    Package& package = place->second;
    package.row.bytes.add(graph_, atom);
    const auto row = package.units.try_emplace(unit, UnitRow{unit, RegionBytes(graph_)}).first;
    row->second.bytes.add(graph_, atom);
  }

  // "Stdlib" of "Stdlib.List", and of what the compiler needs of it.
  static std::string unit_of_library(const std::string& unit) {
    if (unit.starts_with("Camlinternal")) return "Stdlib";
    return unit.substr(0, unit.find('.'));
  }

  // By the atom's symbol, or its section, or as the only one of the object; empty if it is of none.
  std::string ocaml_unit(AtomId atom) const {
    if (units_.empty()) return {};
    const std::vector<std::string_view> symbols = atoms_.symbols(atom);
    std::string_view unit = symbols.empty() ? std::string_view() : known_unit(symbols[0]);
    if (unit.empty()) {
      const std::string_view section = atoms_.section(atom);
      unit = known_unit(section.substr(section.rfind('.') + 1));
    }
    if (const auto only = unit_of_.find(graph_.atoms[index(atom)].object);
        unit.empty() && only != unit_of_.end())
      unit = only->second;
    return ocaml_name(unit);
  }
  // The longest one with which the symbol begins.
  std::string_view known_unit(std::string_view symbol) const {
    for (std::string_view unit = symbol; unit.starts_with("caml");
         unit = unit.substr(0, unit.rfind("__"))) {
      if (units_.contains(unit)) return unit;
      if (unit.rfind("__") == unit.npos) break;
    }
    return {};
  }

  const AtomIndex& atoms_;
  const RecordGraph& graph_;
  std::map<u32, std::string_view> unit_of_;  // by object; empty if it has several
  std::set<std::string_view> units_;         // "camlStdlib__List"
  std::map<std::pair<std::string, std::string>, Package> packages_;  // by name and path
};

// Numbers, right-aligned, of the regions in which anything is.
class Table {
 public:
  Table(const RecordGraph& graph, const Packages& packages) : graph_(graph) {
    for (u64 i = 0; i <= graph.regions.size(); i++) {
      const auto has = [&](const PackageRow& row) { return row.bytes.bytes[i] != 0; };
      if (packages.used.bytes[i] != 0 || std::ranges::any_of(packages.rows, has))
        regions_.push_back(i);
    }
  }

  std::string heading(std::string_view text) const {
    std::string line;
    for (const u64 region : regions_) line += right(printable(region_name(graph_, region)));
    return cat(line, "  ", text, '\n');
  }
  std::string row(const RegionBytes& bytes, std::string_view text) const {
    std::string line;
    for (const u64 region : regions_) line += right(std::to_string(bytes.bytes[region]));
    return cat(line, "  ", printable(text), '\n');
  }

 private:
  static std::string right(const std::string& text) {
    constexpr u64 kWidth = 10;
    return cat(std::string(text.size() < kWidth ? kWidth - text.size() : 1, ' '), text);
  }

  const RecordGraph& graph_;
  std::vector<u64> regions_;
};

RegionBytes sum_of(const RecordGraph& graph, std::span<const UnitRow> rows) {
  RegionBytes sum(graph);
  for (const UnitRow& row : rows)
    for (u64 i = 0; i < sum.bytes.size(); i++) sum.bytes[i] += row.bytes.bytes[i];
  return sum;
}

}  // namespace

Packages measure_packages(const AtomIndex& atoms) { return Meter(atoms).run(); }

std::string packages_text(const AtomIndex& atoms, const Packages& packages, u64 top) {
  if (packages.rows.empty()) return "nothing in the record takes memory\n";
  const Table table(atoms.graph(), packages);
  std::string text = table.heading("package, unit");
  for (const PackageRow& package : packages.rows) {
    text += table.row(package.bytes, package.name);
    const std::span<const UnitRow> units = package.units;
    if (units.size() == 1 && units[0].name == package.name) continue;
    const u64 shown = units.size() == top + 1 ? units.size() : std::min<u64>(top, units.size());
    for (const UnitRow& unit : units.first(shown))
      text += table.row(unit.bytes, cat("  ", unit.name));
    if (shown < units.size())
      text += table.row(sum_of(atoms.graph(), units.subspan(shown)),
                        cat("  ", units.size() - shown, " more"));
  }
  if (packages.used.total() == 0) return text + "bytes, without padding and merged strings\n";
  text += table.row(packages.rest, "(padding, merged strings, veneers)");
  return text + table.row(packages.used, "in use");
}

}  // namespace fwseal
