// The digest that an image is sealed with: it names every loadable byte and where it is stored.
#pragma once

#include <string>

#include "sections/image.h"

namespace fwseal {

// 64 lower-case hexadecimal digits of the SHA-256 (FIPS 180-4) of:
//
//     "fwseal seal 1\n"                       14 bytes, so that no other format has our digest
//     for each run, in ascending order of LMA:
//       LMA      8 bytes, little endian
//       length   8 bytes, little endian
//       bytes
//
// A run is as long as can be: sections that touch are one run, so that the digest can be recomputed
// from an ELF, an Intel HEX or a raw file and does not depend on where sections were cut.
std::string seal_digest(const Layout& layout, const Image& image);

}  // namespace fwseal
