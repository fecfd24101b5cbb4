// Finds atoms of a record by what people call them, and says what they are.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "elfio/demangle.h"
#include "report/record_graph.h"

namespace fwseal {

class AtomIndex {
 public:
  // Names are shown mangled, as objects have them, if `plain_names` is false; they can be asked for
  // in both spellings all the same.
  explicit AtomIndex(const RecordGraph& graph, bool plain_names = true);

  const RecordGraph& graph() const { return graph_; }

  // What a word names, the first of these that anything has: a symbol, mangled, as C++ or OCaml
  // writes it, or that without its parameters; a place, OBJECT:(SECTION) or
  // OBJECT:(SECTION+OFFSET); a section; an object or archive, with or without its directory. In the
  // order of the atoms.
  std::vector<AtomId> find(std::string_view word) const;
  // All that a pattern matches, in any of these ways but with an offset.
  std::vector<AtomId> matching(std::string_view pattern) const;
  std::vector<AtomId> of_objects(std::string_view pattern) const;
  // Names of symbols that are spelled nearly so, or so in some namespace, nearest first.
  std::vector<std::string> near(std::string_view word) const;

  // "libc.a(printf.o):(.text.printf)", with "+0x10" for an offset; what a proposition says.
  std::string place(AtomId atom) const;
  std::string place(AtomId atom, u32 offset) const;
  std::string object_name(u32 object) const;
  // Of the first symbol that names a thing, as people write it; empty if there is none.
  std::string name(AtomId atom) const;
  // The last symbol that begins at the offset or before it, or else that of the atom.
  std::string name_at(AtomId atom, u32 offset) const;
  std::vector<std::string> names(AtomId atom) const;
  std::vector<std::string_view> symbols(AtomId atom) const;  // the same, as objects have them
  // "main in app.o:(.text.main)"
  std::string title(AtomId atom) const;
  // "FLASH", "RAM+FLASH": where its bytes are; the output section if it has no region, or empty.
  std::string regions(AtomId atom) const;
  const std::string& section(AtomId atom) const;

 private:
  using Accepts = std::function<bool(const std::string&)>;
  std::vector<AtomId> with_symbols(const Accepts& accepts) const;
  // As C++ or OCaml writes it, or else as it is
  std::string plain(const std::string& symbol) const;
  std::string shown(const std::string& symbol) const;
  // Of the symbols that begin where `first` does, the first that names a thing
  u32 best_at(AtomId atom, u32 first) const;
  bool is_boundary(u32 symbol) const;
  std::vector<AtomId> where(const std::function<bool(const RecordAtom&)>& accepts) const;
  std::vector<AtomId> at_place(std::string_view word) const;
  // Per string, does a function accept it? Each is asked once.
  std::vector<bool> accepted(const Accepts& accepts) const;
  std::vector<bool> accepted_objects(const Accepts& accepts) const;

  const RecordGraph& graph_;
  std::vector<u32> first_symbol_;  // per atom, and one more
  bool plain_names_;
  mutable Demangler demangler_;
};

// What a terminal may be given: without control characters, and of bounded length.
std::string printable(std::string_view text);

// Bytes by region, as a table of one row per region that has any.
struct RegionBytes {
  std::vector<u64> bytes;  // per region of the graph, and last what lies outside of them

  explicit RegionBytes(const RecordGraph& graph) : bytes(graph.regions.size() + 1) {}
  void add(const RecordGraph& graph, AtomId atom);
  u64 total() const;
};
// All bytes of an atom: those that are stored elsewhere count twice, as they take room twice.
u64 bytes_of(const RecordGraph& graph, AtomId atom);
std::string region_name(const RecordGraph& graph, u64 region);

}  // namespace fwseal
