// Which input section descriptions of the script does an input section match?
//
// A firmware has some hundred patterns and up to a million sections, so each section is compared
// only with the patterns whose literal beginning is a beginning of its name: those lie on one path
// through a tree of characters.
#pragma once

#include <vector>

#include "graph/resolve.h"
#include "sections/script.h"

namespace fwseal {

// One input section description and where it stands.
struct PatternUse {
  const InputDescription* description = nullptr;
  u32 output = 0;     // number of the output section description in the script, from 0
  u32 statement = 0;  // number of the statement in it
};

class Matcher {
 public:
  // Which descriptions count.
  enum class Only : u8 { kAll, kKeep };

  // Holds references into the script, which must outlive it.
  explicit Matcher(const Script& script, Only only = Only::kAll);

  // Every use, in the order of the script.
  const std::vector<PatternUse>& uses() const { return uses_; }

  // A match: the use and, of its patterns, the first one that fits (0 if it has none).
  struct Match {
    u32 use = 0;
    u32 pattern = 0;
  };
  // Appends to `out` each use that the section matches, in the order of the script.
  void matches(const Inputs& inputs, SectionId section, std::vector<Match>& out) const;

 private:
  // How much of a pattern is left to compare when the walk through the tree has come to it.
  enum class Rest : u8 { kEnd, kAnything, kGlob };
  struct Entry {
    u32 use = 0;
    u32 pattern = 0;
    Rest rest = Rest::kGlob;
  };
  struct Node {
    std::vector<Entry> entries;
    std::vector<std::pair<char, u32>> children;
  };
  void insert(std::string_view prefix, Entry entry);

  std::vector<PatternUse> uses_;
  std::vector<Node> nodes_{1};
};

// Does a pattern name this section? Its file is taken to fit.
bool pattern_matches(const SectionPattern& pattern, const Inputs& inputs, SectionId section);

// Does the file pattern of an input section description, or of EXCLUDE_FILE, name this object?
// "archive:member", "archive:" and ":file" as in the ld manual, "Input Section Basics".
bool file_matches(std::string_view pattern, const Object& object);

}  // namespace fwseal
