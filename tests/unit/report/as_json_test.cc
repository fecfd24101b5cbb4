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

TEST(ReportJson, HasNoDigestUntilTheImageIsSealed) {
  Record record;
  EXPECT_NE(report_json(record).find("\"sealed\": null"), std::string::npos);
  record.digest = "0123";
  EXPECT_NE(report_json(record).find("\"sealed\": {\n    \"sha256\": \"0123\"\n  }"),
            std::string::npos);
}

TEST(RecordJson, HoldsWhatWasDecided) {
  Record record;
  record.version = "1";
  record.board = "demo";
  record.inputs = {{"a.o", 12}};
  record.removed = {1, 4};
  record.initialisers = {{"a.o:(.init_array)", "f", true, "it has no effect", {}}};
  record.assumptions = {"x is never written"};
  const std::string expected = R"json({
  "schema": "fwseal.record/1",
  "version": "1",
  "board": "demo",
  "inputs": [
    {
      "path": "a.o",
      "size": 12
    }
  ],
  "budget": {
    "regions": [],
    "kinds": {
      "flash_code": 0,
      "flash_rodata": 0,
      "flash_initial": 0,
      "data_ram": 0,
      "instruction_ram": 0
    }
  },
  "kept": {
    "sections": 0,
    "bytes": 0
  },
  "removed": {
    "sections": 1,
    "bytes": 4
  },
  "initialisers": [
    {
      "place": "a.o:(.init_array)",
      "functions": "f",
      "removed": true,
      "rule": "it has no effect",
      "writes": []
    }
  ],
  "leftovers": [],
  "moved_to_flash": [],
  "assumptions": [
    "x is never written"
  ],
  "sealed": null
}
)json";
  EXPECT_EQ(record_json(record), expected);
}

}  // namespace
}  // namespace fwseal
