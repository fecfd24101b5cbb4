#include "graph/ocaml_values.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

ValueId address(OcamlValues& values, u32 place) {
  Origin origin;
  origin.section = SectionId{1};
  origin.place = place;
  return values.of(origin);
}

// Whoever adds an address to a set looks whether it has become too large. Who adds the unknown does
// not, so that may never be the reason.
TEST(OcamlValues, TheUnknownMakesNoSetTooLarge) {
  OcamlValues values;
  ValueId set = OcamlValues::kNothing;
  u32 size = 0;
  for (; size < 1000; size++) {
    const ValueId larger = values.unite(set, address(values, size));
    if (larger == OcamlValues::kAll) break;
    set = larger;
    const ValueId with_unknown = values.with_unknown(set);
    EXPECT_NE(with_unknown, OcamlValues::kAll) << size;
    EXPECT_TRUE(values.is_unknown(with_unknown));
    EXPECT_EQ(values.origins(with_unknown).size(), size + 1u);
  }
  EXPECT_LT(size, 1000u);  // there is a limit
  const ValueId full = values.with_unknown(set);
  EXPECT_EQ(values.unite(full, address(values, 2000)), OcamlValues::kAll);
  EXPECT_EQ(values.with_unknown(OcamlValues::kAll), OcamlValues::kAll);
}

}  // namespace
}  // namespace fwseal
