// What dynamic linking leaves in objects, of no use to an image that nobody relocates.
#pragma once

#include "elfio/object.h"

namespace fwseal {

// Is it for a dynamic linker? .interp, .dynsym, .hash, .gnu.hash, .dynamic,
// .gnu.version*, .plt and .got.plt. KEEP makes no root of it: it stays if something live
// refers to it, as any other section does.
bool is_leftover(const InputSection& section);

// A table that only a dynamic linker reads; a sealed image must not have it.
bool is_dynamic_table(const InputSection& section);

}  // namespace fwseal
