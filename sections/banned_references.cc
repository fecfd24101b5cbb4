#include "sections/banned_references.h"

#include <string_view>
#include <unordered_set>

namespace fwseal {
namespace {

class Checker {
 public:
  Checker(const Program& program, const Layout& layout, Diag& diag)
      : program_(program), layout_(layout), diag_(diag) {}

  void check(const CrossReferenceBan& ban) {
    const Inputs& inputs = program_.inputs;
    const std::unordered_set<std::string_view> names(ban.sections.begin(), ban.sections.end());
    named_.clear();
    for (const OutputSection& output : layout_.outputs)
      named_.push_back(names.contains(output.name));
    for (u32 s = 0; s < inputs.sections.size(); s++) {
      const OutputId from = layout_.places[s].output;
      if (from == kNoOutput || !named_[index(from)]) continue;
      const InputSection& section = inputs.sections[s];
      for (u64 i = 0; i < relocation_count(section); i++)
        if (s >= layout_.edits.size() || !layout_.edits[s].removes(relocation(section, i).offset))
          check(ban, SectionId{s}, from, relocation(section, i));
    }
  }

 private:
  const std::string& name_of(OutputId output) const { return layout_.outputs[index(output)].name; }
  // May the others of the ban not refer to this one?
  bool protects(const CrossReferenceBan& ban, OutputId to) const {
    return ban.only_to_first ? ban.sections.front() == name_of(to) : named_[index(to)];
  }

  void check(const CrossReferenceBan& ban, SectionId section, OutputId from,
             const Relocation& reference) {
    const ObjectId object = program_.inputs[section].object;
    const Referent to = referent(program_, object, reference.symbol);
    const OutputId output = output_of(to);
    if (output == kNoOutput || name_of(output) == name_of(from) || !protects(ban, output)) return;
    diag_.error(program_.inputs.location(section, reference.offset),
                cat("prohibited cross reference from ", name_of(from), " to `",
                    diag_.symbol(display_name(program_, object, reference.symbol)), "' in ",
                    name_of(output)));
  }

  OutputId output_of(const Referent& to) const {
    if (to.section != kNoSection) return layout_.place_of(to.section, to.value).output;
    if (to.symbol == kNoSymbol || program_.symbols[to.symbol].state != SymbolState::kScript)
      return kNoOutput;
    return layout_.script_symbols.at(to.symbol).output;
  }

  const Program& program_;
  const Layout& layout_;
  Diag& diag_;
  std::vector<bool> named_;  // by the ban that is checked; per output section
};

}  // namespace

void report_banned_references(const Program& program, const Script& script, const Layout& layout,
                              Diag& diag) {
  Checker checker(program, layout, diag);
  for (const CrossReferenceBan& ban : script.bans)
    if (!ban.sections.empty()) checker.check(ban);
}

}  // namespace fwseal
