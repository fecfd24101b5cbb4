// The columns of a record's tables: what the writer writes is what the reader reads.
#pragma once

#include <string_view>

#include "report/record_graph.h"

namespace fwseal {

inline constexpr std::string_view kRecordSchema = "fwseal.record/1";

template <typename Row>
struct GraphColumn {
  std::string_view name;
  u32 Row::*field;
};

// A clause as a row. `premise` is the first of several; the others are rows of ConditionalRow.
struct ClauseRow {
  u32 conclusion = 0;
  u32 premise = kNoIndex;  // kNoIndex: a root
  u32 kind = 0;            // index into the list of kinds
  u32 place = 0;           // of a reference: the offset in the input section
};
struct ConditionalRow {
  u32 clause = 0;
  u32 premise = 0;
};

inline constexpr GraphColumn<RecordObject> kObjectColumns[] = {
    {"file", &RecordObject::file},
    {"member", &RecordObject::member},
};
inline constexpr GraphColumn<RecordOutput> kOutputColumns[] = {
    {"name", &RecordOutput::name},
    {"region", &RecordOutput::region},
    {"load_region", &RecordOutput::load_region},
};
inline constexpr GraphColumn<RecordAtom> kAtomColumns[] = {
    {"object", &RecordAtom::object}, {"name", &RecordAtom::name},
    {"offset", &RecordAtom::offset}, {"size", &RecordAtom::size},
    {"output", &RecordAtom::output}, {"bytes", &RecordAtom::bytes},
};
inline constexpr GraphColumn<RecordSymbol> kSymbolColumns[] = {
    {"atom", &RecordSymbol::atom},
    {"name", &RecordSymbol::name},
    {"offset", &RecordSymbol::offset},
};
inline constexpr GraphColumn<RecordRule> kRuleColumns[] = {
    {"atom", &RecordRule::atom},
    {"text", &RecordRule::text},
};
inline constexpr GraphColumn<ClauseRow> kClauseColumns[] = {
    {"conclusion", &ClauseRow::conclusion},
    {"premise", &ClauseRow::premise},
    {"kind", &ClauseRow::kind},
    {"place", &ClauseRow::place},
};
inline constexpr GraphColumn<ConditionalRow> kConditionalColumns[] = {
    {"clause", &ConditionalRow::clause},
    {"premise", &ConditionalRow::premise},
};

// As a record and JSON answers name it; empty if there is no such kind.
std::string_view name_of(ClauseKind kind);
// More than there will be.
inline constexpr u32 kMostClauseKinds = 64;

}  // namespace fwseal
