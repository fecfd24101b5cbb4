// Sets of what a register or word can hold, of all that is followed: addresses that code or data
// name, and what was loaded from fields of blocks that are followed.
//
// What else it can hold is not told apart ("unknown"): numbers, what lies in the heap, addresses
// that have escaped. Sets that grow too large become "all": who joins something with it gives it
// up.
#pragma once

#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "elfio/object.h"

namespace fwseal {

// A set. Equal sets have equal ids.
enum class ValueId : u32 {};
constexpr u32 index(ValueId id) { return static_cast<u32>(id); }

// Index of a block whose fields are followed.
enum class BlockId : u32 {};
inline constexpr BlockId kNoBlock{0xffff'ffff};
constexpr u32 index(BlockId id) { return static_cast<u32>(id); }

// What a value comes from.
struct Origin {
  bool is_field = false;
  BlockId block = kNoBlock;  // whose address it is or, of a field, the block that holds it
  u32 field = 0;
  SectionId section = kNoSection;  // of an address: the place of its relocation
  u32 place = 0;
  auto operator<=>(const Origin&) const = default;
};

class OcamlValues {
 public:
  OcamlValues();
  static constexpr ValueId kNothing{0};  // not reached
  static constexpr ValueId kUnknown{1};
  static constexpr ValueId kAll{2};

  ValueId of(const Origin& origin);
  ValueId unite(ValueId a, ValueId b);
  ValueId with_unknown(ValueId value) { return unite(value, kUnknown); }
  bool is_unknown(ValueId value) const { return value != kNothing && sets_[index(value)][0] == 0; }
  // Without what is unknown.
  std::span<const u32> origins(ValueId value) const;
  const Origin& origin(u32 number) const { return origins_[number - 1]; }

 private:
  static constexpr u64 kLargest = 24;
  ValueId intern(std::vector<u32> set);

  std::vector<Origin> origins_;  // by number - 1; 0 stands for the unknown
  std::map<Origin, u32> numbers_;
  std::vector<std::vector<u32>> sets_;  // sorted
  std::map<std::vector<u32>, u32> ids_;
  std::unordered_map<u64, ValueId> united_;
};

}  // namespace fwseal
