#include "tools/heap.h"

#include <malloc.h>

namespace fwseal {

void prepare_heap() {
  mallopt(M_MMAP_MAX, 0);         // large blocks come from the heap, too
  mallopt(M_TRIM_THRESHOLD, -1);  // which keeps what is freed, for the next pass
  mallopt(M_TOP_PAD, 4 << 20);
}

}  // namespace fwseal
