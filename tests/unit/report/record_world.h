// Small records for tests.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "report/record_graph.h"

namespace fwseal {

// Regions FLASH and RAM; outputs .text (FLASH), .data (RAM, stored in FLASH), .bss (RAM).
class RecordWorld {
 public:
  enum Output : u32 { kText, kData, kBss };

  RecordWorld() {
    graph.regions = {text("FLASH"), text("RAM")};
    graph.outputs = {
        {text(".text"), 0, kNoIndex}, {text(".data"), 1, 0}, {text(".bss"), 1, kNoIndex}};
  }

  u32 object(const std::string& file, const std::string& member = "") {
    graph.objects.push_back({text(file), member.empty() ? kNoIndex : text(member)});
    return static_cast<u32>(graph.objects.size() - 1);
  }
  // Of the last object. A symbol begins at offset 0 of it.
  AtomId atom(const std::string& section, u32 bytes, const std::string& symbol = "",
              Output output = kText) {
    const u32 number = static_cast<u32>(graph.atoms.size());
    const u32 last = static_cast<u32>(graph.objects.size() - 1);
    graph.atoms.push_back({last, text(section), 0, bytes, output, bytes});
    if (!symbol.empty()) graph.symbols.push_back({number, text(symbol), 0});
    return AtomId{number};
  }
  AtomId proposition(const std::string& what) {
    graph.atoms.push_back({kNoIndex, text(what), 0, kNoIndex, kNoIndex, 0});
    return AtomId{static_cast<u32>(graph.atoms.size() - 1)};
  }
  void root(AtomId to, ClauseKind kind = ClauseKind::kEntry) {
    clauses_.push_back({{}, to, kind, 0});
  }
  void refer(AtomId from, AtomId to, u32 place = 0) {
    clauses_.push_back({{from}, to, ClauseKind::kReference, place});
  }
  void all_of(std::initializer_list<AtomId> from, AtomId to) {
    clauses_.push_back({from, to, ClauseKind::kConditional, 0});
  }
  void removed_by(AtomId atom, const std::string& rule) {
    graph.rules.push_back({index(atom), text(rule)});
  }
  u32 text(const std::string& what) { return graph.strings.add(what); }

  const RecordGraph& build() {
    GraphBuilder builder(static_cast<u32>(graph.atoms.size()));
    for (const Clause& clause : clauses_) {
      if (clause.premises.empty())
        builder.add_root(clause.to, clause.kind);
      else if (clause.kind == ClauseKind::kConditional)
        builder.add_conditional(clause.premises, clause.to);
      else
        builder.add(clause.premises[0], clause.to, clause.kind, clause.place);
    }
    graph.graph = builder.finish();
    return graph;
  }

  RecordGraph graph;

 private:
  struct Clause {
    std::vector<AtomId> premises;
    AtomId to;
    ClauseKind kind;
    u32 place;
  };
  std::vector<Clause> clauses_;
};

// main -> f -> (g and table) -> both; dead refers to f; old has a rule.
inline void fill(RecordWorld& world) {
  world.object("src/app.o");
  const AtomId main = world.atom(".text.main", 100, "main");
  const AtomId f = world.atom(".text._Z1fi", 20, "_Z1fi");
  world.object("lib/libx.a", "g.o");
  const AtomId g = world.atom(".text.g", 10, "g");
  const AtomId table = world.atom(".data.table", 8, "table", RecordWorld::kData);
  const AtomId both = world.atom(".bss.both", 4, "both", RecordWorld::kBss);
  const AtomId dead = world.atom(".text.dead", 50, "dead");
  const AtomId old = world.atom(".init_array", 4);
  const AtomId named = world.proposition("__start_x or __stop_x");
  world.graph.symbols.push_back({index(named), world.text("__start_x"), 0});
  world.root(main);
  world.refer(main, f, 4);
  world.refer(f, g, 8);
  world.refer(f, table, 12);
  world.refer(g, f, 2);
  world.all_of({g, table}, both);
  world.refer(dead, f);
  world.refer(dead, old, 16);
  world.removed_by(old, "it has no effect");
  world.build();
}

}  // namespace fwseal
