// OCaml's frame tables as a sealed image holds them: one pool of the descriptors of what is live,
// and the hash table that the runtime would make of them as it starts.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "graph/ocaml_frames.h"

namespace fwseal {

// A descriptor in the pool, whose first word is the address that `call` returns to.
struct PooledFrame {
  u32 offset = 0;  // in the pool
  SectionId code = kNoSection;
  u64 call = 0;  // a place in the code, 2 bytes before the return address
  bool is_thumb = false;
};

struct FramePool {
  std::string bytes;  // aligned to words; return addresses are 0
  std::vector<PooledFrame> frames;
  u64 debug_bytes = 0;  // of them: those that serve backtraces alone
  u64 left_out = 0;     // descriptors of dead code
};

// Is the code live that this call stands in?
using IsLiveCall = std::function<bool(SectionId code, u64 call)>;

// `keeps_debug`: what backtraces print stays.
FramePool pool_frames(const OcamlFrametables& tables, bool keeps_debug, const IsLiveCall& is_live);

// The smallest power of two that is no more than three quarters full, and has a free slot: look-ups
// of addresses that are not there end at one.
u32 frame_hash_slots(u64 descriptors);

// Where in the pool the descriptor of each slot is, or kFreeSlot. `addresses` are those of the
// descriptors, with the Thumb bit.
inline constexpr u32 kFreeSlot = ~u32{0};
std::vector<u32> hash_frames(std::span<const PooledFrame> frames, std::span<const u32> addresses,
                             u32 slots);

}  // namespace fwseal
