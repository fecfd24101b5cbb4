// Boards are data: the memories of a device, and what each is for.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sections/layout.h"
#include "sections/script.h"

namespace fwseal {

enum class RegionKind : u8 {
  kFlash,  // keeps its bytes without power, is never written at run time
  kRam,    // holds data, or code that was copied there
  kIram,   // RAM meant for code: instruction RAM, ITCM
  kDram,   // RAM that can hold data only: data RAM, DTCM, CCM
};
std::string_view name_of(RegionKind kind);  // "flash", "ram", "iram", "dram"

struct BoardRegion {
  std::string name;
  u64 origin = 0;
  u64 length = 0;
  RegionKind kind = RegionKind::kRam;
};

// The regions in the order of Layout::regions, same index. A script without MEMORY has none.
struct Board {
  std::vector<BoardRegion> regions;
};

// `[board] regions.NAME = "KIND"` of the configuration.
struct RegionKindRule {
  std::string name;
  RegionKind kind = RegionKind::kRam;
};

// What the sections of a region show of it.
struct RegionContents {
  bool writable = false;   // a section that is written at run time has its VMA here
  bool read_only = false;  // one that is not
  bool loaded = false;     // bytes are stored here that run elsewhere
};

// What is a region for? The first of these that has an opinion:
//
// 1. its name. Authors say what they mean: a part of the name (between digits and punctuation)
//    begins or ends with a word such as `flash`, `rom`, `iram`, `itcm`, `dtcm`, `ccm`, `ram`.
// 2. its attributes: `w` makes it RAM, others without `w` flash ("The GNU linker", "MEMORY").
// 3. its contents: initial values stored for elsewhere, or nothing but read-only sections, make it
//    flash.
//
// Otherwise RAM: then no constant is ever moved there. The name stands before the attributes
// because vendors copy `(rwx)` to every region, and before the contents because writable sections
// such as .init_array lie in flash in most scripts.
RegionKind kind_of(std::string_view name, std::string_view attributes,
                   const RegionContents& contents);

// The contents of region `region` of the layout.
RegionContents contents_of(const Layout& layout, u32 region);

// Rules win over all that is inferred; names in `rules` that are no region are reported by whoever
// read the configuration.
Board infer_board(const Layout& layout, const Script& script,
                  std::span<const RegionKindRule> rules);

}  // namespace fwseal
