// Veneers: code that we add where a branch cannot reach its target by itself.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "graph/program.h"
#include "sections/address_book.h"
#include "sections/layout.h"

namespace fwseal {

// Identifies a veneer: the symbol, or section and value, that it leads to; how many bytes beyond
// that; and which kind of veneer it is.
using VeneerKey = std::tuple<u32, u32, u64, i64, u8>;
// `addend` is the one that the relocation of the branch or its field holds.
struct VeneerTarget {
  Referent to;
  i64 beyond = 0;
};
VeneerTarget veneer_target(const Program& program, ObjectId object, const Relocation& branch,
                           i64 addend);
VeneerKey veneer_key(const VeneerTarget& target, u8 kind);

// The veneers of one group, by what they lead to.
using VeneerIndex = std::map<VeneerKey, u32>;
VeneerIndex index_veneers(const VeneerGroup& group);

// What layout knows of veneers; groups only grow.
struct VeneerPlan {
  std::vector<VeneerGroup> groups;
  std::vector<VeneerIndex> indices;  // per group
  std::vector<u32> group_of;         // per input section: the group that serves it + 1, or 0
  std::vector<u32> after;            // per input section: the group that stands behind it + 1, or 0
  u32 rounds = 0;                    // of adding
};

// Cuts the code of each output section into groups of at most `group_size` bytes.
void group_code(const Program& program, const std::vector<std::vector<SectionId>>& code_by_output,
                const AddressBook& book, u64 group_size, VeneerPlan& plan);

// Adds the veneers that branches need at the addresses of `book`. True if there was one to add.
bool add_veneers(const Program& program, const AddressBook& book, VeneerPlan& plan);

// Can any branch need a veneer at these addresses? A quick test that may say yes in vain.
bool may_need_veneers(const Program& program, const AddressBook& book);

}  // namespace fwseal
