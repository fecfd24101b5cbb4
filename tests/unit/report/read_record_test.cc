#include "report/read_record.h"

#include <gtest/gtest.h>

#include "elfio/compressed.h"
#include "report/as_json.h"
#include "tests/unit/report/record_world.h"

namespace fwseal {
namespace {

Bytes bytes_of(const std::string& text) { return Bytes(std::as_bytes(std::span(text))); }

std::string sample() {
  RecordWorld world;
  fill(world);
  Record record;
  record.graph = std::move(world.graph);
  return record_json(record);
}

// What a reader says of the text; empty if it reads it.
std::string fault(const std::string& text) {
  try {
    read_record_graph(bytes_of(text));
  } catch (const BadInput& bad) {
    return bad.what();
  }
  return {};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, text.npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Record, ReadBackIsTheSameRecord) {
  const std::string first = sample();
  Record again;
  again.graph = read_record_graph(bytes_of(first));
  EXPECT_EQ(record_json(again), first);
  EXPECT_EQ(again.graph.atoms.size(), 8u);
  EXPECT_EQ(again.graph.graph.clause_count(), 8u);
  EXPECT_EQ(reach(again.graph.graph).live(AtomId{4}), true);
  EXPECT_EQ(reach(again.graph.graph).live(AtomId{5}), false);
}

TEST(Record, MayBeCompressed) {
  Record again;
  again.graph = read_record_graph(bytes_of(gzip(sample())));
  EXPECT_EQ(record_json(again), sample());
}

TEST(Record, KeepsNamesThatNeedEscapes) {
  RecordWorld world;
  world.object("a\"b\\c\n\x01.o");
  world.atom(".text", 4, "\xff");
  Record record;
  record.graph = world.build();
  const RecordGraph graph = read_record_graph(bytes_of(record_json(record)));
  EXPECT_EQ(graph.strings[graph.objects[0].file], "a\"b\\c\n\x01.o");
  EXPECT_EQ(graph.strings[graph.symbols[0].name], "\xef\xbf\xbd");  // it was not UTF-8
}

TEST(Record, SaysWhatIsWrong) {
  const std::string good = sample();
  const std::pair<std::string, std::string> cases[] = {
      {"", "is no JSON at byte 1"},
      {"[]", "is no record of a link"},
      {"{\"schema\": \"fwseal.budget/1\"}", "is no record of a link"},
      {"{\"schema\": \"fwseal.record/2\"}",
       "has schema fwseal.record/2; this program reads fwseal.record/1"},
      {"{\"schema\": \"fwseal.record/1\"}",
       "has no atoms: it was made of an executable, or by an older version"},
      {replaced(good, "\"conclusion\": [0", "\"conclusion\": [8"),
       "number 8 in clauses.conclusion names nothing"},
      {replaced(good, "\"conclusion\": [0,", "\"conclusion\": ["),
       "columns of clauses have different lengths"},
      {replaced(good, "\"entry\"", "\"entrance\""), "has clauses of the unknown kind entrance"},
      {replaced(good, "\"regions\": [0", "\"regions\": [4294967295"),
       "number 4294967295 is too large in regions"},
      {replaced(good, "\"bytes\": [100", "\"bytes\": [100.5"),
       "something strange is in atoms.bytes"},
      {replaced(good, "\"bytes\": [100", "\"bytes\": [[100]"),
       "something strange is in atoms.bytes"},
      {replaced(good, "\"bytes\": [100", "\"bytes\": [-2"), "something strange is in atoms.bytes"},
      {replaced(good, "\"regions\": [0,1]", "\"regions\": [0], \"regions\": [1]"),
       "regions are there twice"},
      {replaced(good, "\"used\": []", "\"used\": [1]"), "used and regions have different lengths"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(fault(text), message);
}

TEST(Record, RefusesPremisesThatAreNone) {
  const std::string good = sample();
  const std::string before = "\"conditional\": {\n      \"clause\": [5],\n      \"premise\": [3]";
  const auto with = [&](const std::string& clause, const std::string& premise) {
    return fault(replaced(good, before,
                          cat("\"conditional\": {\n      \"clause\": [", clause,
                              "],\n      \"premise\": [", premise, "]")));
  };
  EXPECT_EQ(with("5", "3"), "");
  EXPECT_EQ(with("5", "2"), "a clause has a premise twice");
  EXPECT_EQ(with("4", "3"), "conditional premises are out of order");
  EXPECT_EQ(with("99", "3"), "conditional premises are out of order");
  EXPECT_EQ(with("5", "8"), "number 8 in conditional.premise names nothing");
  EXPECT_EQ(with("5", "-1"), cat("number ", kNoIndex, " in conditional.premise names nothing"));
}

TEST(Record, EveryPrefixIsRefused) {
  const std::string good = sample();
  for (u64 size = 0; size + 2 < good.size(); size++)  // the last two: "}\n"
    ASSERT_NE(fault(good.substr(0, size)), "") << size;
  const std::string packed = gzip(good);
  for (u64 size = 0; size < packed.size(); size++)
    ASSERT_NE(fault(packed.substr(0, size)), "") << size;
}

// Every byte, changed to those that mean something in JSON, and in one bit: read or refused.
TEST(Record, EveryChangedByteIsReadOrRefused) {
  std::string text = sample();
  u32 read = 0;
  u32 refused = 0;
  for (u64 i = 0; i < text.size(); i++) {
    const char was = text[i];
    for (const char now : {'0', '9', '-', ',', '"', '[', ']', '{', '}', '\\', '.', ' ',
                           static_cast<char>(was ^ 1), static_cast<char>(was ^ 0x80)}) {
      text[i] = now;
      (fault(text).empty() ? read : refused)++;
    }
    text[i] = was;
  }
  EXPECT_GT(read, 1000u);
  EXPECT_GT(refused, 1000u);
  std::string packed = gzip(text);
  for (char& byte : packed) {
    byte ^= 0x10;
    fault(packed);
    byte ^= 0x10;
  }
}

TEST(Record, DeepNestingIsNoDanger) {
  const std::string depth(1'000'000, '[');
  EXPECT_NE(fault(depth), "");
  EXPECT_NE(fault(cat("{\"graph\": {\"strings\": ", depth)), "");
  std::string objects;
  for (u32 i = 0; i < 100'000; i++) objects += "{\"a\":";
  EXPECT_NE(fault(objects), "");
}

TEST(Gunzip, StopsAtTheLimit) {
  const std::string zeroes(5'000'000, '\0');
  EXPECT_EQ(gunzip(bytes_of(gzip(zeroes)), zeroes.size()), zeroes);
  EXPECT_THROW(gunzip(bytes_of(gzip(zeroes)), zeroes.size() - 1), BadInput);
  EXPECT_THROW(gunzip(bytes_of(gzip(zeroes) + "x"), zeroes.size()), BadInput);
}

}  // namespace
}  // namespace fwseal
