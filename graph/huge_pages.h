// A wish to the system about large tables.
#pragma once

#include "elfio/types.h"

namespace fwseal {

// For a table of many megabytes, the system's work of handing out its pages one by one costs as
// much as filling them. Asks for large pages where they fit; nothing depends on the answer.
void prefer_huge_pages(void* start, u64 size);

// Room for `count` more, growing by no less than a vector does by itself.
template <typename Vector>
void reserve_more(Vector& values, u64 count) {
  const u64 needed = values.size() + count;
  if (needed <= values.capacity()) return;
  values.reserve(needed > 2 * values.capacity() ? needed : 2 * values.capacity());
  prefer_huge_pages(values.data(), values.capacity() * sizeof values[0]);
}

}  // namespace fwseal
