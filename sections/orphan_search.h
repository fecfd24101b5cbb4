// Behind which output section does an orphan go, if it is the first of its class?
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sections/arrange.h"
#include "sections/section_kind.h"

namespace fwseal {

// Each class of orphans stays together.
enum class OrphanClass : u8 {
  kText,
  kRodata,
  kTdata,
  kData,
  kBss,
  kNotes,     // loaded ones
  kNonAlloc,  // not in memory
  kDynamic,   // for a dynamic linker
  kNowhere,   // debugging information: behind everything else
};
inline constexpr u64 kOrphanClasses = 8;  // without kNowhere
constexpr u64 index(OrphanClass orphan) { return static_cast<u64>(orphan); }

// What GNU ld calls a section's flags (section_kind.h), and sh_type.
OrphanClass class_of_orphan(u32 kinds, u32 type);

// The output section of the default script that a class follows, and what that would hold.
struct ClassModel {
  std::string_view name;
  u32 kinds;
};
const ClassModel& model_of(OrphanClass orphan);

// The output sections among which to search, in the order of the script.
struct OrphanSearch {
  const StatementList& order;
  const std::vector<ArrangedOutput>& outputs;
  const std::vector<OutputKind>& kinds;
  const std::vector<u32>& empty_kinds;  // what counts while nothing stands in an output section

  struct Found {
    std::optional<u32> output;
    bool exact = false;  // it holds the very same kinds and type
  };
  // The last one that an orphan of these kinds may follow.
  Found by_kinds(u32 kinds_of_orphan, u32 type) const;
  std::optional<u32> for_dynamic() const;

 private:
  u32 kinds_in(u32 output) const {
    return kinds[output].made ? kinds[output].kinds : empty_kinds[output];
  }
  std::optional<u32> last_like(std::optional<u32> type, u32 wanted, u32 mask) const;
  std::optional<u32> for_thread(u32 kinds_of_orphan) const;
};

}  // namespace fwseal
