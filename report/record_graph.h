// The atoms of a link and the clauses that decided about them, as a record keeps them: with names
// and places, and without the files they come from.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace fwseal {

// For an index: there is none.
inline constexpr u32 kNoIndex = 0xffff'ffff;

// Each string once. Names are indices into it, as many atoms share one.
class StringTable {
 public:
  u32 add(std::string_view text);
  const std::string& operator[](u32 index) const { return strings_[index]; }
  u32 size() const { return static_cast<u32>(strings_.size()); }
  const std::vector<std::string>& all() const { return strings_; }
  void reset(std::vector<std::string> strings) { strings_ = std::move(strings); }

 private:
  std::vector<std::string> strings_;
  std::unordered_map<std::string, u32> numbers_;
};

struct RecordObject {
  u32 file = 0;
  u32 member = kNoIndex;  // of an archive
};

// An output section that takes room in memory.
struct RecordOutput {
  u32 name = 0;
  u32 region = kNoIndex;       // where it runs
  u32 load_region = kNoIndex;  // where it is stored, if that is elsewhere
};

// A run of an input section; or a proposition, which has no bytes.
struct RecordAtom {
  u32 object = kNoIndex;  // of a proposition: that it is about, if it is about one
  u32 name = 0;           // of the input section; what the proposition says
  u32 offset = 0;         // within the input section
  u32 size = kNoIndex;    // there; kNoIndex: a proposition
  u32 output = kNoIndex;  // kNoIndex: not in memory
  u32 bytes = 0;          // that it takes there; 0 if it shares them with others (merged strings)

  bool proposition() const { return size == kNoIndex; }
};

struct RecordSymbol {
  u32 atom = 0;
  u32 name = 0;
  u32 offset = 0;  // within the input section
};

// Why an atom was removed, if more is known than that nothing live refers to it; or why a root must
// stay.
struct RecordRule {
  u32 atom = 0;
  u32 text = 0;
};

struct RecordGraph {
  StringTable strings;
  std::vector<u32> regions;  // names
  std::vector<u32> used;     // bytes of each in use; empty in records of before
  std::vector<RecordObject> objects;
  std::vector<RecordOutput> outputs;
  std::vector<RecordAtom> atoms;
  std::vector<RecordSymbol> symbols;  // by atom, then by offset
  std::vector<RecordRule> rules;
  Graph graph;  // its atoms are those above

  bool empty() const { return atoms.empty(); }
};

}  // namespace fwseal
