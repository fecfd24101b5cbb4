// The destructor of a static object is kept by the call that registers it: its address is a literal
// behind the code that makes the call. If nobody ever calls what was registered, that reference
// does not count, provided that the literal serves the call alone.
//
// The code of a section with such calls is read from beginning to end, a run of instructions at a
// time. A literal is followed from the load through moves between registers, as long as control
// goes straight on. It may end as an argument of the call, or be overwritten. It serves something
// else if another instruction uses it; if control leaves the straight line, or ends, while a
// register holds it; if it was loaded where it is not known whether, or what is loaded is not known
// to be a word by itself. Who comes in from elsewhere brings other values and does not matter.
//
// AAPCS32 2023Q3, "Core registers": r0 to r3, r12 and lr hold nothing for the caller behind a call.
#include "prune/exit_calls.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <set>

#include "graph/code_runs.h"
#include "graph/reference.h"
#include "prune/code_view.h"
#include "prune/entrance.h"
#include "prune/library_calls.h"

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;

constexpr u32 kArguments = 4;  // r0 to r3
constexpr u32 kWidestLoad = 16;

// The registers of one straight line, and the literals that they hold.
class StraightLine {
 public:
  explicit StraightLine(std::set<u32>& refused) : refused_(refused) {}

  void take(u32 reg, std::optional<u32> literal) {
    if (reg < held_.size()) held_[reg] = literal;
  }
  std::optional<u32> at(u32 reg) const { return reg < held_.size() ? held_[reg] : std::nullopt; }
  void use(u32 reg) {
    if (const std::optional<u32> literal = at(reg)) refused_.insert(*literal);
  }
  void use_all() {
    for (u32 reg = 0; reg < held_.size(); reg++) use(reg);
  }
  void end() {
    use_all();
    held_ = {};
  }
  void call(bool registers) {
    for (u32 reg = 0; reg < kArguments && !registers; reg++) use(reg);
    for (const u32 lost : {0u, 1u, 2u, 3u, kIp, kLr}) held_[lost].reset();
  }

 private:
  std::set<u32>& refused_;
  std::array<std::optional<u32>, 15> held_;
};

class SectionReader {
 public:
  SectionReader(const Program& program, CodeView& view, const Entrances& entrances,
                SectionId section, const std::vector<u32>& calls)
      : program_(program),
        view_(view),
        entrances_(entrances),
        section_(section),
        calls_(calls),
        line_(refused_) {}

  // The offsets of the literals that serve the calls alone.
  std::vector<u32> run(std::span<const CodeRun> runs) {
    CodeScan scan;
    const InputSection& section = program_.inputs[section_];
    const std::vector<u32> relocated = relocated_places(program_.isa, section);
    for (u64 i = 0; i < runs.size(); i++)
      if (!program_.isa.scan_code(section.contents, runs, i, relocated, scan)) return {};
    for (const CodeRun& run : runs)
      if (run.mode != CodeMode::kData) read(run);
    for (const CodeReference& reference : scan.references) refuse_around(reference, runs);
    std::vector<u32> found;
    for (const u32 literal : loaded_)
      if (!refused_.contains(literal) && is_address(literal)) found.push_back(literal);
    return found;
  }

 private:
  void read(const CodeRun& run) {
    CodePlace at{section_, run.begin, run.mode == CodeMode::kThumb};
    u32 in_block = 0;  // instructions that an IT makes conditional
    try {
      while (at.offset < run.end) {
        const ArmStep step = view_.step_at(at);
        if (step.kind == Kind::kJump || step.kind == Kind::kCall ||
            step.kind == Kind::kJumpIfZero || step.kind == Kind::kJumpIfOther)
          branches_.insert(static_cast<u32>(at.offset));
        const bool conditional = in_block != 0 || step.condition != ArmStep::kAlways;
        if (in_block != 0) in_block--;
        if (step.kind == Kind::kIfThen)
          in_block = 4 - static_cast<u32>(std::countr_zero(static_cast<u32>(step.offset) | 8));
        else if (conditional)
          line_.use_all();
        else
          follow(step, at);
        at.offset += step.length;
      }
    } catch (const Obstacle&) {
      // The rest is no code that could be read, so no literal is known to be of use there.
      refuses_all_ = true;
    }
    line_.end();
  }

  void follow(const ArmStep& step, const CodePlace& at) {
    switch (step.kind) {
      case Kind::kNothing:
      case Kind::kIfThen:
        return;
      case Kind::kMove:
        return move(step);
      case Kind::kMoveTop:
        line_.use(step.rd);
        return line_.take(step.rd, {});
      case Kind::kAdd:
      case Kind::kSubtract:
      case Kind::kCompare:
        use_operands(step);
        if (step.kind != Kind::kCompare) overwrite(step.rd);
        return;
      case Kind::kLoad:
        return load(step, at);
      case Kind::kStore:
        use_operands(step);
        line_.use(step.rd);
        if (step.size == 8) line_.use(step.rd2);
        return;
      case Kind::kLoadMany:
      case Kind::kStoreMany:
        return move_many(step);
      case Kind::kCall:
        return line_.call(registers_at(at));
      case Kind::kCallRegister:
        line_.use(step.rm);
        return line_.call(false);
      case Kind::kJump:
        if (registers_at(at)) line_.call(true);
        return line_.end();
      case Kind::kTest:
      case Kind::kOther:
      case Kind::kUnknown:
      case Kind::kJumpRegister:
      case Kind::kJumpIfZero:
      case Kind::kJumpIfOther:
      case Kind::kTableJump:
        return line_.end();
    }
  }

  void use_operands(const ArmStep& step) {
    line_.use(step.rn);
    if (step.by_register) line_.use(step.rm);
  }
  void overwrite(u32 reg) {
    if (reg == kPc) return line_.end();
    line_.take(reg, {});
  }

  void move(const ArmStep& step) {
    if (step.rd == kPc) return line_.end();
    line_.take(step.rd, step.by_register ? line_.at(step.rm) : std::nullopt);
  }

  void load(const ArmStep& step, const CodePlace& at) {
    const bool is_word = step.rn == kPc && !step.by_register && step.size == 4 &&
                         !step.writes_back && !step.post_indexed && step.rd != kPc;
    if (is_word && !view_.fixup(section_, at.offset, step.length).relocation) {
      const u64 base = (at.offset + (at.is_thumb ? 4 : 8)) & ~u64{3};
      const u32 literal = static_cast<u32>(base + static_cast<u64>(step.offset));
      word_loads_.insert(static_cast<u32>(at.offset));
      loaded_.insert(literal);
      return line_.take(step.rd, literal);
    }
    use_operands(step);
    overwrite(step.rd);
    if (step.size == 8) overwrite(step.rd2);
  }

  void move_many(const ArmStep& step) {
    const bool stores = step.kind == Kind::kStoreMany;
    line_.use(step.rn);
    for (u32 reg = 0; reg < kPc; reg++) {
      if ((step.list >> reg & 1) == 0) continue;
      if (stores)
        line_.use(reg);
      else
        line_.take(reg, {});
    }
    if (!stores && (step.list >> kPc & 1) != 0) line_.end();
  }

  bool registers_at(const CodePlace& at) const {
    return std::ranges::binary_search(calls_, static_cast<u32>(at.offset));
  }

  // What is read otherwise than as a word, or as part of a table, is not followed.
  void refuse_around(const CodeReference& reference, std::span<const CodeRun> runs) {
    u64 begin = reference.target;
    u64 end = begin + kWidestLoad;
    if (word_loads_.contains(reference.place) || branches_.contains(reference.place)) return;
    if (reference.takes_address) {
      const auto behind = std::ranges::upper_bound(runs, begin, {}, &CodeRun::begin);
      if (behind != runs.begin()) {
        begin = std::prev(behind)->begin;
        end = std::prev(behind)->end;
      }
    }
    for (auto literal = loaded_.lower_bound(static_cast<u32>(begin < 3 ? 0 : begin - 3));
         literal != loaded_.end() && *literal < end; ++literal)
      refused_.insert(*literal);
  }

  bool is_address(u32 literal) {
    if (refuses_all_ || literal % 4 != 0) return false;
    if (view_.mode_at(section_, literal) != CodeMode::kData) return false;
    const CodeView::Fixup fixup = view_.fixup(section_, literal, 4);
    return !fixup.clash && fixup.relocation && fixup.relocation->type == R_ARM_ABS32 &&
           !entrances_.any_in(section_, literal, literal + u64{4});
  }

  const Program& program_;
  CodeView& view_;
  const Entrances& entrances_;
  SectionId section_;
  const std::vector<u32>& calls_;
  std::set<u32> refused_;     // literals that serve something else
  std::set<u32> loaded_;      // literals
  std::set<u32> word_loads_;  // instructions
  std::set<u32> branches_;
  bool refuses_all_ = false;
  StraightLine line_;
};

class Finder {
 public:
  Finder(const Program& program, const LibraryCalls& library) : program_(program), view_(program) {
    for (const LibraryCalls::Entry& entry : library.functions())
      if (entry.function.kind == LibraryFunction::Kind::kRegister)
        registering_.push_back(entry.symbol);
  }

  std::vector<IgnoredReference> run() {
    std::vector<IgnoredReference> found;
    if (registering_.empty()) return found;
    for (u32 i = 0; i < program_.inputs.read_sections; i++) {
      const SectionId id{i};
      const std::vector<u32> calls = calls_in(id);
      if (calls.empty()) continue;
      const InputSection& section = program_.inputs[id];
      if (section.object != object_) read(section.object);
      SectionReader reader(program_, view_, *entrances_, id, calls);
      for (const u32 literal : reader.run(runs_[section.elf_index])) found.push_back({id, literal});
    }
    return found;
  }

 private:
  // Sections come object by object.
  void read(ObjectId object) {
    object_ = object;
    runs_ = code_runs(program_.inputs, program_.inputs.objects[index(object)]);
    entrances_.emplace(program_, object);
  }

  std::vector<u32> calls_in(SectionId id) const {
    std::vector<u32> calls;
    const InputSection& section = program_.inputs[id];
    if (section.excluded || !section.has(SHF_ALLOC) || !section.has(SHF_EXECINSTR)) return calls;
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation entry = relocation(section, i);
      const SymbolId symbol = program_.symbols.of(program_.inputs, section.object, entry.symbol);
      if (symbol == kNoSymbol || std::ranges::find(registering_, symbol) == registering_.end())
        continue;
      const RelocationType* const type = program_.isa.find(entry.type);
      if (type != nullptr && (type->use == Use::kCall || type->use == Use::kJump))
        calls.push_back(static_cast<u32>(entry.offset));
    }
    std::ranges::sort(calls);
    return calls;
  }

  const Program& program_;
  CodeView view_;
  std::vector<SymbolId> registering_;
  ObjectId object_ = kNoObject;
  CodeRuns runs_;
  std::optional<Entrances> entrances_;
};

}  // namespace

std::vector<IgnoredReference> find_exit_arguments(const Program& program, const Atoms& atoms) {
  return Finder(program, LibraryCalls(program, atoms)).run();
}

}  // namespace fwseal
