// In which order do the sections that one input section description takes stand?
//
// As they come, unless SORT_* or --sort-section says otherwise; ld manual, "Input Section Wildcard
// Patterns".
#pragma once

#include <vector>

#include "graph/resolve.h"
#include "sections/script.h"

namespace fwseal {

struct Sorting {
  SortKey first = SortKey::kNone;
  SortKey second = SortKey::kNone;
  bool operator==(const Sorting&) const = default;
};

// The sorting of a pattern with --sort-section applied.
Sorting sorting_of(const SectionPattern& pattern, SortKey command_line);

// Takes the sections of one description one by one, each with the sorting of the pattern that it
// matched.
class SectionSorter {
 public:
  SectionSorter(const Inputs& inputs, const InputDescription& description)
      : inputs_(inputs), by_file_(description.sort_files) {}

  void add(SectionId section, Sorting sorting);
  bool is_sorted() const { return sorted_; }  // at least one section is
  // Of a section that was added twice, only the first place counts.
  std::vector<SectionId> finish();

 private:
  struct Entry {
    SectionId section;
    Sorting sorting;
  };
  int compare(const Entry& a, const Entry& b) const;
  void insert_one_by_one();

  const Inputs& inputs_;
  std::vector<Entry> entries_;
  bool by_file_;
  bool sorted_ = false;
  bool mixed_ = false;  // not all by the same keys
};

}  // namespace fwseal
