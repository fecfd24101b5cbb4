#include "graph/initialiser_list.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

TEST(InitialiserList, IsKnownByItsName) {
  InputSection section;
  section.flags = SHF_ALLOC;
  for (const std::string_view name : {".init_array", ".init_array.00001", ".preinit_array",
                                      ".fini_array", ".ctors.65435", ".dtors"}) {
    section.name = name;
    EXPECT_TRUE(is_initialiser_list(section)) << name;
  }
  for (const std::string_view name :
       {".init_array_of_mine", ".init_array.x", ".init_array12", ".init", ".ctors."}) {
    section.name = name;
    EXPECT_FALSE(is_initialiser_list(section)) << name;
  }
  for (const std::string_view name : {".fini_array.00001", ".dtors"}) {
    section.name = name;
    EXPECT_TRUE(is_destructor_list(section)) << name;
  }
  for (const std::string_view name : {".init_array", ".preinit_array", ".ctors"}) {
    section.name = name;
    EXPECT_FALSE(is_destructor_list(section)) << name;
  }
}

}  // namespace
}  // namespace fwseal
