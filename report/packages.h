// Which packages, and which units of them, take how much of each region?
//
// A package is an archive; the objects that are in none are one together. A unit is an object, or
// what OCaml calls so: of those an object may hold many, and then their packages are told by their
// names, as a library's modules begin with its own.
#pragma once

#include <string>
#include <vector>

#include "report/atom_index.h"

namespace fwseal {

struct UnitRow {
  std::string name;
  RegionBytes bytes;
};

struct PackageRow {
  std::string name;  // of the archive, without its directory; "Stdlib"; or what else it is
  std::string path;  // of the archive
  RegionBytes bytes;
  std::vector<UnitRow> units;  // largest first
};

struct Packages {
  std::vector<PackageRow> rows;  // largest first
  RegionBytes rest;              // of what is in use; nothing if the record does not say that
  RegionBytes used;
};

Packages measure_packages(const AtomIndex& atoms);

// `top` units of each package, and the others in one row.
std::string packages_text(const AtomIndex& atoms, const Packages& packages, u64 top);
std::string packages_json(const AtomIndex& atoms, const Packages& packages);

}  // namespace fwseal
