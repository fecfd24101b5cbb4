// What one link decided, for people and for the commands that read it later.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/budget.h"
#include "report/record_graph.h"

namespace fwseal {

struct RecordInput {
  std::string path;
  u64 size = 0;
};

// Allocated input sections, and their bytes in memory.
struct SectionCount {
  u64 sections = 0;
  u64 bytes = 0;
};

// A constructor or destructor whose KEEP gave way to a condition, or why it did not.
struct RecordInitialiser {
  std::string place;  // of its slot: "a.o:(.init_array)"
  std::string functions;
  bool removed = false;
  std::string rule;                 // removed: what proved it; otherwise what keeps it
  std::vector<std::string> writes;  // the sections that it initialises, if that is all it does
};

// A section that dynamic linking left.
struct RecordLeftover {
  std::string place;
  bool removed = false;
};

// A section that went to flash under another name.
struct RecordMove {
  std::string place;  // "a.o:(.data.rel.ro.x)"
  std::string name;   // ".rodata.x"
  bool assumed = false;
};

// OCaml's frame tables.
struct RecordFrames {
  std::string refusal;  // why they are not sealed, and nothing below is known; empty: they are
  u64 units = 0;
  u64 descriptors = 0;
  u64 left_out = 0;     // descriptors of what is not in the image
  u64 bytes = 0;        // of descriptors
  u64 debug_bytes = 0;  // of these, what backtraces print
  u64 slots = 0;        // of the hash table, words
};

struct Record {
  std::string version;  // of the tool
  std::string board;
  std::vector<RecordInput> inputs;
  SectionCount kept;
  SectionCount removed;
  std::vector<RecordInitialiser> initialisers;
  std::vector<RecordLeftover> leftovers;
  std::vector<RecordMove> moves;
  std::optional<RecordFrames> frames;
  std::vector<std::string> assumptions;  // what the image rests on and nothing proves
  Budget budget;
  RecordGraph graph;   // empty if no record is written
  std::string digest;  // of the sealed image; empty if there is none
};

}  // namespace fwseal
