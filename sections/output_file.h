// Output files appear by rename: complete, or not at all.
#pragma once

#include <string>
#include <string_view>

#include "elfio/diag.h"

namespace fwseal {

enum class FileMode : u8 { kData, kExecutable };

// Writes `bytes` to the file `path`. If anything goes wrong it is reported, and what stood there
// before is untouched. Something other than a regular file (/dev/null, a pipe) is written in place.
bool write_output_file(const std::string& path, std::string_view bytes, FileMode mode, Diag& diag);

}  // namespace fwseal
