// Hints to the system and the processor about large tables. Nothing depends on them but time.
#pragma once

#include <span>

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

// Loops that jump about in a table of `entries`, in the order of `indices`, wait for memory at every
// step. Called with each place i of the loop, asks for what a few later steps will need.
template <typename Entries, typename Index>
void prefetch_ahead(const Entries& entries, std::span<const Index> indices, u64 i) {
  constexpr u64 kAhead = 8;
  if (i + kAhead >= indices.size()) return;
  const auto& entry = entries[index(indices[i + kAhead])];
  __builtin_prefetch(&entry);
  if (sizeof entry > 64) __builtin_prefetch(reinterpret_cast<const char*>(&entry) + sizeof entry - 1);
}

// The same for the names of a table in its own order: they lie elsewhere.
template <typename Entries>
void prefetch_name_ahead(const Entries& entries, u64 i) {
  constexpr u64 kAhead = 8;
  if (i + kAhead < entries.size()) __builtin_prefetch(entries[i + kAhead].name.data());
}

}  // namespace fwseal
