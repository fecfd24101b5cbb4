// What has to be stored before power-on: the loadable bytes of an image, by load address.
//
// Every image format and the digest are views of the same runs, so that none of them can know of a
// byte that another does not.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "elfio/diag.h"
#include "sections/image.h"

namespace fwseal {

// The bytes of one output section at its LMA.
struct LoadRun {
  u64 lma = 0;
  std::span<const std::byte> bytes;  // never empty
  OutputId output = kNoOutput;

  // May wrap for a hostile address; load_is_sound refuses that.
  u64 end() const { return lma + bytes.size(); }
};

// In ascending order of LMA; of two at the same LMA, the section with the lower number first.
std::vector<LoadRun> load_runs(const Layout& layout, const Image& image);

// Reports two sections that claim the same LMA, and a run that leaves the 32-bit address space:
// neither can be stored. `file` is the file that was to be written.
bool load_is_sound(const Layout& layout, const std::vector<LoadRun>& runs, std::string_view file,
                   Diag& diag);

}  // namespace fwseal
