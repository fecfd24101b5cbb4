// -b binary: any file as data.
#pragma once

#include <string_view>

#include "graph/resolve.h"

namespace fwseal {

// An object whose section .data is the file, with the symbols _binary_NAME_start, _end and _size,
// where NAME is the path as the user wrote it, with "_" for all but letters and digits (binutils
// manual, "objcopy", -B). `like` says where it stands among the inputs. Its sections are appended
// to those of `inputs`.
Object binary_object(Bytes file, std::string_view path, Object like, Inputs& inputs);

}  // namespace fwseal
