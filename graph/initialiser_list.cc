// A compiler writes one word into a section of such a list for each file. Tables made by hand,
// .ctors and the output of ld -r have several. The start-up code walks from the beginning of the
// output section to its end, so any of them may be left out, unless
// - one of the words is no function: it may say how many follow, or mark the end;
// - something refers to the section: code of the program's own may walk over it.
#include "graph/initialiser_list.h"

#include <elf.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace fwseal {
namespace {

constexpr u32 kWord = 4;

// "init_priority" of the GCC manual: .init_array.00100; only digits may follow.
bool is_named(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem)) return false;
  const std::string_view rest = name.substr(stem.size());
  if (rest.empty()) return true;
  return rest[0] == '.' && rest.size() > 1 &&
         std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class ListCutter {
 public:
  explicit ListCutter(const Program& program) : program_(program), inputs_(program.inputs) {}

  void run(Atoms& atoms) {
    for (u32 i = 0; i < inputs_.read_sections; i++)
      if (is_list_of_several(SectionId{i})) lists_.push_back(SectionId{i});
    if (lists_.empty()) return;
    for (const Symbol& symbol : program_.symbols.symbols)
      if (symbol.section != kNoSection) refuse(symbol.section);
    for (u32 i = 0; i < inputs_.sections.size(); i++) refuse_referents(inputs_[SectionId{i}]);
    for (const SectionId list : lists_) {
      if (refused_.contains(index(list))) continue;
      std::vector<u32> starts;
      for (u32 at = 0; at < inputs_[list].size; at += kWord) starts.push_back(at);
      atoms.cut(list, starts, inputs_[list].size, {});
    }
  }

 private:
  bool is_list_of_several(SectionId id) const {
    const InputSection& section = inputs_[id];
    if (section.excluded || section.size <= kWord || !is_initialiser_list(section)) return false;
    if (section.size % kWord != 0 || section.contents.size() != section.size) return false;
    const u64 count = relocation_count(section);
    if (count != section.size / kWord) return false;
    std::vector<bool> named(count);
    for (u64 i = 0; i < count; i++) {
      const Relocation entry = relocation(section, i);
      if (entry.offset % kWord != 0 || entry.offset >= section.size) return false;
      if (!is_function(section, entry)) return false;
      if (named[entry.offset / kWord]) return false;
      named[entry.offset / kWord] = true;
    }
    return true;
  }

  // What refers to something else than code has the value of a symbol: that is a number, too.
  bool is_function(const InputSection& section, const Relocation& entry) const {
    if (entry.type != R_ARM_ABS32 && entry.type != R_ARM_TARGET1) return false;
    const SectionId to = referent(program_, section.object, entry.symbol).section;
    return to != kNoSection && inputs_[to].has(SHF_EXECINSTR);
  }

  void refuse(SectionId id) {
    if (is_initialiser_list(inputs_[id])) refused_.insert(index(id));
  }

  void refuse_referents(const InputSection& section) {
    if (section.excluded || !section.has(SHF_ALLOC)) return;
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation entry = relocation(section, i);
      const SectionId to = referent(program_, section.object, entry.symbol).section;
      if (to != kNoSection) refuse(to);
    }
  }

  const Program& program_;
  const Inputs& inputs_;
  std::vector<SectionId> lists_;
  std::unordered_set<u32> refused_;  // sections that are not cut
};

}  // namespace

// The names last: most sections are code, and their names lie all over the input.
bool is_destructor_list(const InputSection& section) {
  return section.has(SHF_ALLOC) && !section.has(SHF_EXECINSTR) &&
         (is_named(section.name, ".fini_array") || is_named(section.name, ".dtors"));
}

bool is_initialiser_list(const InputSection& section) {
  constexpr std::array<std::string_view, 3> kStems{".init_array", ".preinit_array", ".ctors"};
  return section.has(SHF_ALLOC) && !section.has(SHF_EXECINSTR) &&
         (is_destructor_list(section) ||
          std::ranges::any_of(kStems, [&](auto stem) { return is_named(section.name, stem); }));
}

void cut_initialiser_lists(const Program& program, Atoms& atoms) { ListCutter(program).run(atoms); }

}  // namespace fwseal
