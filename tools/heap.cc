#include "tools/heap.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdlib>

#include "elfio/types.h"
#include "graph/huge_pages.h"

namespace fwseal {

void prepare_heap() {
#ifndef __SANITIZE_ADDRESS__  // its own allocator would fill all of it
  constexpr u64 kHeap = u64{1} << 30;  // addresses, not memory: pages appear when they are written
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  void* const room = std::malloc(kHeap);
  if (room == nullptr) return;  // addresses are limited: then the heap grows step by step
  prefer_huge_pages(room, kHeap);
  std::free(room);
#endif
}

}  // namespace fwseal
