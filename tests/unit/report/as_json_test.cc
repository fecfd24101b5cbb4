#include "report/as_json.h"

#include <gtest/gtest.h>

namespace fwseal {
namespace {

TEST(BudgetJson, HasAFixedOrderOfKeys) {
  Budget budget;
  budget.regions.push_back({.name = "FLASH",
                            .kind = RegionKind::kFlash,
                            .origin = 4096,
                            .length = 300,
                            .used = 100,
                            .free = 200,
                            .contents = {1, 2, 3, 4, 5, 85}});
  budget.kinds = {1, 2, 3, 4, 5};
  EXPECT_EQ(budget_json(budget), R"({
  "schema": "fwseal.budget/1",
  "regions": [
    {
      "name": "FLASH",
      "kind": "flash",
      "origin": 4096,
      "length": 300,
      "used": 100,
      "free": 200,
      "overflow": 0,
      "percent": 33.33,
      "contents": {
        "code": 1,
        "constants": 2,
        "data": 3,
        "zeroed": 4,
        "initial": 5,
        "gaps": 85
      }
    }
  ],
  "kinds": {
    "flash_code": 1,
    "flash_rodata": 2,
    "flash_initial": 3,
    "data_ram": 4,
    "instruction_ram": 5
  }
}
)");
}

TEST(BudgetJson, ReplacesBytesThatAreNotUtf8) {
  Budget budget;
  budget.regions.push_back({.name = "a\xff\"b"});
  EXPECT_NE(budget_json(budget).find("\"name\": \"a\xef\xbf\xbd\\\"b\""), std::string::npos);
}

TEST(BudgetJson, HasAnEmptyListWithoutRegions) {
  EXPECT_NE(budget_json({}).find("\"regions\": []"), std::string::npos);
}

}  // namespace
}  // namespace fwseal
