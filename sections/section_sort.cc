#include "sections/section_sort.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <unordered_set>

namespace fwseal {
namespace {

// The priority in a name such as .init_array.00101; a .ctors or .dtors number counts down from
// 65535 (GCC manual, "init_priority"). -1 if the name has none.
i64 init_priority(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == name.size()) return -1;
  i64 value = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + dot + 1, end, value);
  if (error != std::errc() || stop != end || value > INT_MAX || name[dot + 1] == '-') return -1;
  const std::string_view stem = name.substr(0, dot);
  return stem == ".ctors" || stem == ".dtors" ? 65535 - value : value;
}

// How two sections compare under one key: negative if `a` comes first.
int compare_by(SortKey key, const InputSection& a, const InputSection& b) {
  switch (key) {
    case SortKey::kNone:
      return 0;
    case SortKey::kName:
      return a.name.compare(b.name);
    case SortKey::kAlignment:  // the strictest first
      return a.alignment == b.alignment ? 0 : a.alignment > b.alignment ? -1 : 1;
    case SortKey::kInitPriority: {
      const i64 x = init_priority(a.name);
      const i64 y = init_priority(b.name);
      if (x < 0 || y < 0 || x == y) return a.name.compare(b.name);
      return x < y ? -1 : 1;
    }
  }
  return 0;
}

// A list that grows in the middle, as a search tree whose order is that of its insertions.
struct TreeNode {
  u32 left = 0;  // number of the node + 1, or 0
  u32 right = 0;
};

std::vector<u32> in_order(const std::vector<TreeNode>& nodes, u32 root) {
  std::vector<u32> order;
  std::vector<u32> open;
  for (u32 next = root; next != 0 || !open.empty();) {
    for (; next != 0; next = nodes[next - 1].left) open.push_back(next - 1);
    order.push_back(open.back());
    next = nodes[open.back()].right;
    open.pop_back();
  }
  return order;
}

}  // namespace

// --sort-section fills in a key that the script left open, but never touches SORT_NONE, .init and
// .fini.
Sorting sorting_of(const SectionPattern& pattern, SortKey command_line) {
  Sorting sorting{pattern.sort, pattern.then_by};
  if (command_line == SortKey::kNone || pattern.glob == ".init" || pattern.glob == ".fini")
    return sorting;
  if (sorting.first == SortKey::kNone && !pattern.sort_is_explicit)
    sorting.first = command_line;
  else if (sorting.first != SortKey::kNone && sorting.second == SortKey::kNone &&
           sorting.first != SortKey::kInitPriority && sorting.first != command_line)
    sorting.second = command_line;
  return sorting;
}

void SectionSorter::add(SectionId section, Sorting sorting) {
  sorted_ = sorted_ || by_file_ || sorting.first != SortKey::kNone;
  mixed_ = mixed_ || (!entries_.empty() && sorting != entries_[0].sorting);
  entries_.push_back({section, sorting});
}

std::vector<SectionId> SectionSorter::finish() {
  if (sorted_ && mixed_)
    insert_one_by_one();
  else if (sorted_)
    std::stable_sort(entries_.begin(), entries_.end(),
                     [&](const Entry& a, const Entry& b) { return compare(a, b) < 0; });
  std::vector<SectionId> sections;
  sections.reserve(entries_.size());
  std::unordered_set<u32> seen;
  for (const Entry& entry : entries_)
    if (!sorted_ || seen.insert(index(entry.section)).second) sections.push_back(entry.section);
  return sections;
}

// Compares by the sorting of `a`, the section that looks for its place.
int SectionSorter::compare(const Entry& a, const Entry& b) const {
  if (by_file_) {
    const Object& x = inputs_.object_of(a.section);
    const Object& y = inputs_.object_of(b.section);
    if (const int order = x.file.compare(y.file); order != 0) return order;
    if (const int order = x.member.compare(y.member); order != 0) return order;
  }
  const InputSection& x = inputs_[a.section];
  const InputSection& y = inputs_[b.section];
  const int order = compare_by(a.sorting.first, x, y);
  return order != 0 ? order : compare_by(a.sorting.second, x, y);
}

// Sections that are sorted by different keys, or not at all, share the list. Then there is no order
// to sort by, and what comes out depends on the way: GNU ld's is a search tree without balance, in
// which a section without keys is put behind everything (ld 2.40, ldlang.c, wild_sort). In the
// worst case, names that come sorted, that takes quadratic time there and here.
void SectionSorter::insert_one_by_one() {
  std::vector<TreeNode> nodes(entries_.size());
  u32 root = 0;
  u32* rightmost = &root;
  for (u32 i = 0; i < entries_.size(); i++) {
    const Entry& entry = entries_[i];
    u32* place = rightmost;
    if (by_file_ || entry.sorting.first != SortKey::kNone) {
      place = &root;
      while (*place != 0) {
        TreeNode& node = nodes[*place - 1];
        place = compare(entry, entries_[*place - 1]) < 0 ? &node.left : &node.right;
      }
    }
    if (place == rightmost) rightmost = &nodes[i].right;
    *place = i + 1;
  }
  std::vector<Entry> list;
  for (const u32 number : in_order(nodes, root)) list.push_back(entries_[number]);
  entries_ = std::move(list);
}

}  // namespace fwseal
