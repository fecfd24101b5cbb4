#include "graph/memory_hints.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace fwseal {

void prefer_huge_pages(void* start, u64 size) {
  constexpr u64 kHugePage = u64{2} << 20;
  const u64 address = reinterpret_cast<std::uintptr_t>(start);
  const u64 begin = align_up(address, kHugePage);
  const u64 end = (address + size) / kHugePage * kHugePage;
  if (end > begin)
    madvise(static_cast<std::byte*>(start) + (begin - address), end - begin, MADV_HUGEPAGE);
}

}  // namespace fwseal
