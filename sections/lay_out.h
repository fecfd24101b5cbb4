// From an arrangement to addresses. See the essay in lay_out.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elfio/diag.h"
#include "graph/program.h"
#include "prune/plan.h"
#include "sections/arrange.h"
#include "sections/layout.h"
#include "sections/script.h"

namespace fwseal {

struct LayoutOptions {
  std::map<std::string, u64, std::less<>> section_starts;  // --section-start, -Ttext, -Tdata, -Tbss
  std::map<std::string, u64, std::less<>> segment_starts;  // -Ttext-segment, -Trodata-segment, ...
  std::optional<std::string> entry;                        // -e
  std::optional<std::string> entry_default;                // ENTRY of the script
  bool entry_is_thumb = false;                             // --thumb-entry: bit 0 is set
  u64 max_page_size = 0x1000;       // -z max-page-size; as in bfd 2.40 for ARM
  u64 common_page_size = 0x1000;    // -z common-page-size
  u64 headers_size = 0;             // for SIZEOF_HEADERS
  u64 veneer_group_size = 0;        // --stub-group-size; 0: the machine's own
  bool merge_exidx_entries = true;  // --no-merge-exidx-entries
  bool check_sections = true;       // --no-check-sections
  bool warn_section_align = false;  // --warn-section-align
  bool text_is_writable = false;    // -N
  bool relocatable = false;         // -r: every section at 0
  bool keep_groups = false;         // -r: section groups stay groups
};

Layout lay_out(const Program& program, const Plan& plan, const MergedStrings& merged,
               const Script& script, const Arrangement& arrangement, const LayoutOptions& options,
               Diag& diag);

// Reports each region that does not hold what was put into it, in GNU ld's words.
void report_overflow(const Layout& layout, Diag& diag);

// The address of a byte of an input section, as it came out; nothing if it is not in the image.
std::optional<u64> address_of(const Layout& layout, const MergedStrings& merged, SectionId section,
                              u64 offset);

}  // namespace fwseal
