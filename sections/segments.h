// Program headers and file offsets: which output sections are loaded as one, and where the bytes of
// every output section stand in the file.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "elfio/diag.h"
#include "sections/layout.h"
#include "sections/script.h"

namespace fwseal {

struct SegmentOptions {
  bool paged = true;           // false: -n and -N, segments need not begin at a page of the file
  u64 max_page_size = 0x1000;  // -z max-page-size; the default is arm-none-eabi-ld 2.40's
  bool separate_code = false;  // -z separate-code
  bool relocatable = false;    // -r: an object has no program headers
  bool uses_headers_size = false;  // the script uses SIZEOF_HEADERS: it leaves room for the headers
  std::optional<u32> stack_flags;  // PF_* of PT_GNU_STACK: -z [no]execstack, or .note.GNU-stack
  u64 stack_size = 0;              // -z stack-size
  // Evaluates an expression of PHDRS. Without it, only numbers are understood.
  std::function<u64(const Expr&)> evaluate;
};

// What SIZEOF_HEADERS gives before addresses are known: the ELF header and as many program headers
// as there will be if loaded sections fall into two runs, as GNU ld assumes.
u64 headers_size(const Script& script, const SegmentOptions& options,
                 const std::vector<OutputSection>& outputs);

// Fills Layout::segments, OutputSection::file_offset, and the load address of sections in a segment
// of PHDRS that has AT.
void plan_segments(const Script& script, const SegmentOptions& options, Layout& layout, Diag& diag);

}  // namespace fwseal
