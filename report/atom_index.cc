#include "report/atom_index.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "elfio/ocaml_name.h"
#include "sections/glob.h"

namespace fwseal {
namespace {

std::string_view file_name(std::string_view path) {
  const u64 slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

// "f(int) const" as "f"; what is not C++ stays. Parentheses belong to the parameters unless they
// open the name, as in "(anonymous namespace)::f()", or are OCaml's.
std::string_view without_parameters(const std::string& symbol, std::string_view name) {
  if (!symbol.starts_with("_Z")) return name;
  if (!name.ends_with(')') && !name.ends_with(" const")) return name;
  int depth = 0;
  for (u64 i = name.rfind(')') + 1; i-- > 0;) {
    if (name[i] == ')') depth++;
    if (name[i] == '(' && --depth == 0) return i == 0 ? name : name.substr(0, i);
  }
  return name;
}

// Levenshtein's distance, at most `limit`; names are cut where they are longer than people write.
u64 distance(std::string_view a, std::string_view b, u64 limit) {
  constexpr u64 kLongest = 64;
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit;
  u64 row[kLongest + 1];
  std::iota(row, row + b.size() + 1, u64{0});
  for (u64 i = 0; i < a.size(); i++) {
    u64 diagonal = row[0];
    row[0] = i + 1;
    for (u64 k = 0; k < b.size(); k++) {
      const u64 change = diagonal + (a[i] != b[k]);
      diagonal = row[k + 1];
      row[k + 1] = std::min({change, row[k] + 1, row[k + 1] + 1});
    }
  }
  return std::min(row[b.size()], limit);
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr u64 kLongest = 1000;
  std::string result(text.substr(0, kLongest));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  if (text.size() > kLongest) result.back() = '~';
  return result;
}

AtomIndex::AtomIndex(const RecordGraph& graph, bool plain_names)
    : graph_(graph), first_symbol_(graph.atoms.size() + 1), plain_names_(plain_names) {
  for (const RecordSymbol& symbol : graph.symbols) first_symbol_[symbol.atom + 1]++;
  std::partial_sum(first_symbol_.begin(), first_symbol_.end(), first_symbol_.begin());
}

std::string AtomIndex::plain(const std::string& symbol) const {
  std::string name = ocaml_name(symbol);
  return name.empty() ? demangler_.name(symbol) : name;
}

std::string AtomIndex::shown(const std::string& symbol) const {
  return plain_names_ ? plain(symbol) : symbol;
}

std::vector<bool> AtomIndex::accepted(const Accepts& accepts) const {
  std::vector<bool> result;
  result.reserve(graph_.strings.size());
  for (const std::string& text : graph_.strings.all()) result.push_back(accepts(text));
  return result;
}

std::vector<AtomId> AtomIndex::with_symbols(const Accepts& accepts) const {
  const std::vector<bool> names = accepted(accepts);
  std::vector<AtomId> atoms;
  for (const RecordSymbol& symbol : graph_.symbols)  // by atom
    if (names[symbol.name] && (atoms.empty() || atoms.back() != AtomId{symbol.atom}))
      atoms.push_back(AtomId{symbol.atom});
  return atoms;
}

std::vector<AtomId> AtomIndex::where(const std::function<bool(const RecordAtom&)>& accepts) const {
  std::vector<AtomId> atoms;
  for (u32 i = 0; i < graph_.atoms.size(); i++)
    if (!graph_.atoms[i].proposition() && accepts(graph_.atoms[i])) atoms.push_back(AtomId{i});
  return atoms;
}

std::vector<bool> AtomIndex::accepted_objects(const Accepts& accepts) const {
  const std::vector<bool> names = accepted([&](const std::string& text) {
    return accepts(text) || accepts(std::string(file_name(text)));
  });
  std::vector<bool> result;
  for (u32 i = 0; i < graph_.objects.size(); i++) {
    const RecordObject& object = graph_.objects[i];
    const bool by_part = names[object.file] || (object.member != kNoIndex && names[object.member]);
    const std::string name = object.member == kNoIndex || by_part ? "" : object_name(i);
    result.push_back(by_part ||
                     (!name.empty() && (accepts(name) || accepts(std::string(file_name(name))))));
  }
  return result;
}

// Digits as C writes them; all of the text, or nothing.
std::optional<u32> parse_offset(std::string_view text) {
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  u32 value = 0;
  const auto [end, fault] =
      std::from_chars(text.data(), text.data() + text.size(), value, is_hex ? 16 : 10);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<AtomId> AtomIndex::at_place(std::string_view word) const {
  const u64 colon = word.rfind(":(");
  if (colon == word.npos || !word.ends_with(')')) return {};
  const std::string_view object = word.substr(0, colon);
  const std::string_view inner = word.substr(colon + 2, word.size() - colon - 3);
  const u64 plus = inner.rfind('+');
  const auto offset = plus == inner.npos ? std::nullopt : parse_offset(inner.substr(plus + 1));
  const std::string_view section = offset ? inner.substr(0, plus) : inner;
  const auto objects = accepted_objects([&](const std::string& text) { return text == object; });
  return where([&](const RecordAtom& atom) {
    if (!objects[atom.object] || graph_.strings[atom.name] != section) return false;
    return !offset || (*offset >= atom.offset && *offset - atom.offset < atom.size);
  });
}

std::vector<AtomId> AtomIndex::find(std::string_view word) const {
  std::vector<AtomId> atoms = with_symbols([&](const std::string& name) { return name == word; });
  if (!atoms.empty()) return atoms;
  atoms = with_symbols([&](const std::string& name) {
    const std::string written = plain(name);
    return written == word || without_parameters(name, written) == word;
  });
  if (atoms.empty()) atoms = at_place(word);
  const auto sections = accepted([&](const std::string& name) { return name == word; });
  if (atoms.empty()) atoms = where([&](const RecordAtom& atom) { return sections[atom.name]; });
  if (!atoms.empty()) return atoms;
  const auto objects = accepted_objects([&](const std::string& text) { return text == word; });
  return where([&](const RecordAtom& atom) { return objects[atom.object]; });
}

std::vector<AtomId> AtomIndex::matching(std::string_view pattern) const {
  const Accepts matches = [&](const std::string& name) { return glob_matches(pattern, name); };
  std::vector<AtomId> atoms = with_symbols([&](const std::string& name) {
    const std::string written = plain(name);
    return matches(name) || matches(written) ||
           glob_matches(pattern, without_parameters(name, written));
  });
  const auto sections = accepted(matches);
  const auto by_section = where([&](const RecordAtom& atom) { return sections[atom.name]; });
  atoms.insert(atoms.end(), by_section.begin(), by_section.end());
  const auto by_place = at_place(pattern);
  atoms.insert(atoms.end(), by_place.begin(), by_place.end());
  std::ranges::sort(atoms);
  atoms.erase(std::unique(atoms.begin(), atoms.end()), atoms.end());
  return atoms;
}

std::vector<AtomId> AtomIndex::of_objects(std::string_view pattern) const {
  const auto objects =
      accepted_objects([&](const std::string& text) { return glob_matches(pattern, text); });
  return where([&](const RecordAtom& atom) { return objects[atom.object]; });
}

std::vector<std::string> AtomIndex::near(std::string_view word) const {
  constexpr u64 kShown = 3;
  const u64 limit = std::min<u64>(word.size(), 12) / 3 + 2;  // this far is no likeness
  const std::string of_class = cat("::", word);
  const std::string of_module = cat('.', word);
  std::vector<std::pair<u64, std::string>> found;
  std::vector<bool> asked(graph_.strings.size());
  for (const RecordSymbol& symbol : graph_.symbols) {
    if (asked[symbol.name]) continue;
    asked[symbol.name] = true;
    const std::string& mangled = graph_.strings[symbol.name];
    const std::string name = shown(mangled);
    const std::string_view brief = without_parameters(mangled, name);
    const bool is_member = brief.ends_with(of_class) || brief.ends_with(of_module);
    const u64 far =
        is_member ? 0 : std::min(distance(name, word, limit), distance(brief, word, limit));
    if (far < limit) found.emplace_back(far, name);
  }
  std::ranges::sort(found);
  std::vector<std::string> names;
  for (const auto& [far, name] : found)
    if (names.size() < kShown && (names.empty() || names.back() != name)) names.push_back(name);
  return names;
}

std::string AtomIndex::object_name(u32 object) const {
  const RecordObject& row = graph_.objects[object];
  const std::string& file = graph_.strings[row.file];
  return row.member == kNoIndex ? file : cat(file, '(', graph_.strings[row.member], ')');
}

const std::string& AtomIndex::section(AtomId atom) const {
  return graph_.strings[graph_.atoms[index(atom)].name];
}

std::string AtomIndex::place(AtomId atom, u32 offset) const {
  const RecordAtom& row = graph_.atoms[index(atom)];
  if (row.proposition())
    return row.object == kNoIndex ? section(atom)
                                  : cat(object_name(row.object), ": ", section(atom));
  return cat(object_name(row.object), ":(", section(atom), offset == 0 ? "" : "+",
             offset == 0 ? "" : hex(offset), ')');
}

std::string AtomIndex::place(AtomId atom) const {
  const RecordAtom& row = graph_.atoms[index(atom)];
  return place(atom, row.proposition() ? 0 : row.offset);
}

std::string AtomIndex::name(AtomId atom) const {
  const u32 first = first_symbol_[index(atom)];
  const u32 end = first_symbol_[index(atom) + 1];
  if (first == end) return {};
  u32 best = first;
  while (best < end && is_boundary(best)) best++;
  return shown(graph_.strings[graph_.symbols[best == end ? first : best].name]);
}

std::string AtomIndex::name_at(AtomId atom, u32 offset) const {
  u32 found = first_symbol_[index(atom)];
  for (u32 i = found; i < first_symbol_[index(atom) + 1]; i++)
    if (graph_.symbols[i].offset <= offset &&
        graph_.symbols[i].offset != graph_.symbols[found].offset)
      found = i;
  if (found == first_symbol_[index(atom) + 1]) return {};
  return shown(graph_.strings[graph_.symbols[best_at(atom, found)].name]);
}

u32 AtomIndex::best_at(AtomId atom, u32 first) const {
  for (u32 i = first; i < first_symbol_[index(atom) + 1]; i++) {
    if (graph_.symbols[i].offset != graph_.symbols[first].offset) break;
    if (!is_boundary(i)) return i;
  }
  return first;
}

bool AtomIndex::is_boundary(u32 symbol) const {
  return is_ocaml_boundary(graph_.strings[graph_.symbols[symbol].name]);
}

std::vector<std::string> AtomIndex::names(AtomId atom) const {
  std::vector<std::string> names;
  for (u32 i = first_symbol_[index(atom)]; i < first_symbol_[index(atom) + 1]; i++)
    names.push_back(shown(graph_.strings[graph_.symbols[i].name]));
  return names;
}

std::vector<std::string_view> AtomIndex::symbols(AtomId atom) const {
  std::vector<std::string_view> symbols;
  for (u32 i = first_symbol_[index(atom)]; i < first_symbol_[index(atom) + 1]; i++)
    symbols.push_back(graph_.strings[graph_.symbols[i].name]);
  return symbols;
}

std::string AtomIndex::title(AtomId atom) const {
  const std::string own = name(atom);
  return own.empty() || graph_.atoms[index(atom)].proposition() ? place(atom)
                                                                : cat(own, " in ", place(atom));
}

std::string region_name(const RecordGraph& graph, u64 region) {
  return region < graph.regions.size() ? graph.strings[graph.regions[region]] : "(no region)";
}

std::string AtomIndex::regions(AtomId atom) const {
  const RecordAtom& row = graph_.atoms[index(atom)];
  if (row.output == kNoIndex) return {};
  const RecordOutput& output = graph_.outputs[row.output];
  std::string text =
      output.region == kNoIndex ? graph_.strings[output.name] : region_name(graph_, output.region);
  if (output.load_region != kNoIndex) text += cat('+', region_name(graph_, output.load_region));
  return text;
}

void RegionBytes::add(const RecordGraph& graph, AtomId atom) {
  const RecordAtom& row = graph.atoms[index(atom)];
  if (row.output == kNoIndex) return;
  const RecordOutput& output = graph.outputs[row.output];
  bytes[std::min<u64>(output.region, graph.regions.size())] += row.bytes;
  if (output.load_region != kNoIndex) bytes[output.load_region] += row.bytes;
}

u64 RegionBytes::total() const { return std::accumulate(bytes.begin(), bytes.end(), u64{0}); }

u64 bytes_of(const RecordGraph& graph, AtomId atom) {
  const RecordAtom& row = graph.atoms[index(atom)];
  if (row.output == kNoIndex) return 0;
  return graph.outputs[row.output].load_region == kNoIndex ? row.bytes : 2 * u64{row.bytes};
}

}  // namespace fwseal
