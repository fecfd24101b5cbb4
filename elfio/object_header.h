// Which files are objects that we can link? All others are refused here, each by its name.
#pragma once

#include <elf.h>

#include <optional>
#include <string>

#include "elfio/bytes.h"
#include "elfio/object.h"

namespace fwseal {

enum class ReadAs : u8 {
  kObject,       // a relocatable object
  kSymbolsOnly,  // --just-symbols: an executable will do, only its symbols are read
  kExecutable,
};

// Throws BadInput unless `bytes` begins with the header of an ELF32 little-endian file that can be
// read for this machine.
void check_kind(Bytes bytes, ExpectedMachine expected, ReadAs purpose);

// "ARM", or "machine 4711" if e_machine has no name that a user would know.
std::string machine_name(u16 machine);

}  // namespace fwseal
