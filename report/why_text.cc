// One line a step, from what was asked for to a root:
//
//     counter in app.o:(.bss.counter): 4 bytes in RAM
//       named by tick at app.o:(.text.tick+0x8)
//       named by vectors at startup.o:(.isr_vector+0x3c)
//       root: KEEP in the linker script
//
// Each line says what keeps the thing of the line before. Where a clause has several premises, and
// what keeps the second is said, a line names the thing that the next one is about.
#include "report/why.h"

#include <algorithm>

namespace fwseal {
namespace {

constexpr u64 kMostCharacters = u64{1} << 26;  // nobody reads more

}  // namespace

// "main in app.o:(.text.main): 12 bytes in FLASH"
std::string Why::head(AtomId atom) const {
  const RecordAtom& row = graph_.atoms[index(atom)];
  std::string text = printable(atoms_.title(atom));
  const bool live = live_.live(atom);
  if (row.proposition())
    return cat(text, live ? " (a proposition, true)" : " (a proposition, false)");
  if (!live) return cat(text, ": removed, ", row.size, " bytes of the input");
  if (row.output == kNoIndex) return cat(text, ": kept, takes no memory");
  return cat(text, ": ", row.bytes, " bytes in ", printable(atoms_.regions(atom)),
             row.bytes == 0 && row.size != 0 ? " of its own, merged with others" : "");
}

std::string Why::premise_text(ClauseId clause, AtomId premise) const {
  const Graph& graph = graph_.graph;
  const std::string title = printable(atoms_.title(premise));
  switch (graph.kind(clause)) {
    case ClauseKind::kReference: {
      const u32 offset = graph.offset(clause);
      const std::string name = atoms_.name_at(premise, offset);
      return printable(cat("named ", name.empty() ? "" : cat("by ", name, ' '), "at ",
                           atoms_.place(premise, offset)));
    }
    case ClauseKind::kGroup:
      return cat("in a section group with ", title);
    case ClauseKind::kStartStop:
      return cat("walked over by who names ", title);
    case ClauseKind::kScriptSymbol:
      return cat("used by ", title, " of the linker script");
    case ClauseKind::kInitialiser:
      return cat("initialises ", title);
    case ClauseKind::kFold:
      return cat("stands for its copy ", title);
    case ClauseKind::kFollower:
      return cat("follows ", title);
    default:
      return cat("because of ", title);
  }
}

std::string Why::reason(ClauseId clause) const {
  const auto premises = backwards_.premises(clause);
  if (premises.size() == 1) return premise_text(clause, premises[0]);
  if (!premises.empty()) {
    std::string text = "because of all of:";
    for (u64 i = 0; i < premises.size() && text.size() < 1000; i++)
      text += cat(i == 0 ? " " : "; ", atoms_.title(premises[i]));
    return printable(text);
  }
  const Graph& graph = graph_.graph;
  const u32 output = graph_.atoms[index(graph.conclusion(clause))].output;
  std::string text = cat("root: ", describe(graph.kind(clause)));
  if (graph.kind(clause) == ClauseKind::kKeep && output != kNoIndex)
    text += cat(", in ", printable(graph_.strings[graph_.outputs[output].name]));
  if (const std::string_view more = rule(graph.conclusion(clause)); !more.empty())
    text += cat("; ", printable(more));
  return text;
}

std::string Why::derivation_text(const WhyAnswer& answer) const {
  std::string text;
  AtomId expected = answer.atom;
  for (const WhyStep& step : answer.derivation) {
    if (step.atom != expected) text += cat("  ", printable(atoms_.title(step.atom)), ":\n");
    text += cat("  ", reason(step.clause), '\n');
    const auto premises = backwards_.premises(step.clause);
    expected = premises.size() == 1 ? premises[0] : kNoAtom;
  }
  return text;
}

std::string Why::removal_text(const WhyAnswer& answer, bool all) const {
  constexpr u64 kShown = 5;
  const std::string_view rule_text = rule(answer.atom);
  std::string text;
  if (!rule_text.empty())
    text = cat("  ", printable(rule_text), '\n');
  else if (answer.keepers.empty())
    text = "  nothing refers to it\n";
  else
    text = "  nothing live refers to it; what is dead, too:\n";
  for (u64 i = 0; i < answer.keepers.size() && (all || i < kShown); i++)
    text += cat("    ", reason(answer.keepers[i].clause), '\n');
  if (!all && answer.keepers.size() > kShown)
    text += cat("    and ", answer.keepers.size() - kShown, " more (--all)\n");
  return text;
}

std::string Why::keepers_text(const WhyAnswer& answer, bool all) const {
  const auto others = std::ranges::count(answer.keepers, false, &WhyKeeper::circular) - 1;
  if (!all) return others < 1 ? "" : cat("kept in ", others, " other ways, too (--all)\n");
  if (answer.keepers.size() < 2) return "";
  std::string text = "all that keeps it:\n";
  for (const WhyKeeper& keeper : answer.keepers) {
    if (text.size() > kMostCharacters) break;
    text += cat("  ", reason(keeper.clause), keeper.circular ? ", which it keeps itself\n" : "\n");
  }
  return text;
}

std::string Why::text(const std::vector<WhyAnswer>& answers, bool all) const {
  std::string text;
  for (u64 i = 0; i < answers.size() && text.size() < kMostCharacters; i++) {
    const WhyAnswer& answer = answers[i];
    if (i > 0 && !all) {
      text += cat("and ", answers.size() - 1, " more by this name (--all)\n");
      break;
    }
    text += cat(head(answer.atom), '\n');
    if (const std::string_view said = rule(answer.atom); answer.live && !said.empty())
      text += cat("  ", printable(said), '\n');
    text += answer.live ? derivation_text(answer) : removal_text(answer, all);
    if (answer.live) text += keepers_text(answer, all);
  }
  return text;
}

}  // namespace fwseal
