// Which bytes of data can code reach from the symbol of their section?
//
// A compiler may refer to several objects of a section by one address (GCC's section anchors), and
// to one by an address that lies before it, as what it is indexed with begins above 0. So where the
// address lies says nothing. Instead the code is followed with what is known of its registers
// (anchor_value.h): every load and store through a value that was made from an anchor is noted with
// the bytes that it can touch.
//
// States that come to one place together are joined; a loop is followed around again for each state
// that differs from the one before, so that counters and pointers of a loop whose end is known are
// exact in each round. After very many rounds intervals are widened until nothing changes.
//
// Where a pointer leaves the function (an argument, a result, a word in memory), others use it by
// the rules of C: it points to an object or behind the last element of one (C11 6.5.6p8). That is
// only held for code of a compiler that is known not to hand on anything else.
//
// What cannot be followed ends the walk without an answer: unknown instructions, a stack pointer
// that is not known, ways into the middle of the code, instructions that are not reached.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "graph/anchor_machine.h"

namespace fwseal {

// What all walks of a program share: a bound on the time that they may take together.
struct AnchorSearch {
  u64 work_left = u64{1} << 22;  // instructions
};

// Follows the code from `begin` to `end`, whose anchors are `anchors`, in order of place. Nothing
// if it cannot be followed.
std::optional<std::vector<AnchorReach>> follow_anchors(const Program& program,
                                                       const AnchorCode& code, u32 begin, u32 end,
                                                       std::span<const Anchor> anchors,
                                                       AnchorSearch& search);

}  // namespace fwseal
