// OCaml's constants are written by nobody who keeps to the language. Some do not: they change a
// literal through Bytes.unsafe_of_string or Obj.set_field. In flash that would be a fault, so the
// code is searched for it.
//
// All code that refers to the data of units is read, an instruction after the other, with what the
// registers hold of addresses of such data: from a literal or MOVW and MOVT, passed on by moves and
// by additions and subtractions. A store through such a register is what is searched for, and a
// call of caml_modify or caml_initialize with one in r0 (runtime/memory.c: the place that they
// write). Where the code before an instruction does not go on to it, nothing is known: behind a
// jump, and behind a call of what raises (asmcomp/arm/emit.mlp: Lraise, bound_error_call), where
// the other branch of a test begins.
//
// That finds what is done where the address is made. It does not find what a function does with an
// address that it was given, nor what went through memory in between; and C code that is given a
// constant is trusted not to write it, as it would be with a constant of C.
#include "graph/ocaml_stores.h"

#include <algorithm>
#include <array>
#include <set>
#include <unordered_map>

#include "graph/code_runs.h"

namespace fwseal {
namespace {

using Kind = ArmStep::Kind;

constexpr u32 kIp = 12;
constexpr u32 kLr = 14;
constexpr u32 kPc = 15;

// Where in the data of units an address lies.
struct Spot {
  u32 data = 0;  // number of the section
  u32 offset = 0;
  bool operator==(const Spot&) const = default;
};

// VSTR and VSTM, which the decoder does not follow (Arm ARM DDI 0406C, "Extension register load and
// store instructions"): the register with the address. VMOV of two registers looks alike.
std::optional<u32> stored_through(CodeMode mode, Bytes contents, u64 offset) {
  if (!contents.holds(offset, 4)) return std::nullopt;
  const u32 insn = mode == CodeMode::kThumb
                       ? u32{contents.le<u16>(offset)} << 16 | contents.le<u16>(offset + 2)
                       : contents.le<u32>(offset);
  if (mode == CodeMode::kThumb && insn >> 28 != 0xe) return std::nullopt;
  const bool is_store = (insn >> 25 & 7) == 6 && (insn >> 20 & 1) == 0 && (insn >> 9 & 7) == 5;
  const bool is_move = (insn >> 21 & 0x7f) == 0x62;
  if (!is_store || is_move) return std::nullopt;
  return insn >> 16 & 15;
}

class Reader {
 public:
  Reader(const Program& program, OcamlProgram& ocaml) : program_(program), ocaml_(ocaml) {
    for (u32 i = 0; i < ocaml.data.size(); i++) data_of_[index(ocaml.data[i].section)] = i;
    writers_ = find({"caml_modify", "caml_initialize"});
    raisers_ = find({"caml_raise_exn", "caml_ml_array_bound_error"});
  }

  std::vector<OcamlStore> run() {
    for (u32 i = 0; i < program_.inputs.sections.size(); i++) {
      const InputSection& section = program_.inputs.sections[i];
      if (section.excluded || !section.has(SHF_ALLOC) || !section.has(SHF_EXECINSTR)) continue;
      if (find_references(section)) read(SectionId{i});
    }
    return std::move(found_);
  }

 private:
  std::vector<SymbolId> find(std::initializer_list<std::string_view> names) const {
    std::vector<SymbolId> found;
    for (const std::string_view name : names)
      if (const SymbolId id = program_.symbols.find(name); id != kNoSymbol) found.push_back(id);
    return found;
  }

  // What the section refers to of the data of units, and whom it calls. False if no data.
  bool find_references(const InputSection& section) {
    spots_.clear();
    writes_.clear();
    raises_.clear();
    for (u64 i = 0; i < relocation_count(section); i++) {
      const Relocation reference = relocation(section, i);
      const Referent to = referent(program_, section.object, reference.symbol);
      if (std::ranges::find(writers_, to.symbol) != writers_.end())
        writes_.push_back(static_cast<u32>(reference.offset));
      if (std::ranges::find(raisers_, to.symbol) != raisers_.end())
        raises_.push_back(static_cast<u32>(reference.offset));
      if (to.section == kNoSection) continue;
      const auto data = data_of_.find(index(to.section));
      const RelocationType* const type = program_.isa.find(reference.type);
      if (data == data_of_.end() || type == nullptr || type->use != Use::kAddress ||
          !section.contents.holds(reference.offset, type->size))
        continue;
      const i64 addend =
          section.has_addends
              ? reference.addend
              : program_.isa.read_addend(reference.type, section.contents, reference.offset);
      const i64 distance = program_.isa.distance_from_symbol(reference.type, addend).value_or(0);
      spots_[static_cast<u32>(reference.offset)] = {
          data->second, static_cast<u32>(static_cast<i64>(to.value) + distance)};
    }
    std::ranges::sort(writes_);
    std::ranges::sort(raises_);
    return !spots_.empty();
  }

  void read(SectionId id) {
    section_ = id;
    const InputSection& section = program_.inputs[id];
    if (runs_of_ != section.object) {
      runs_ = code_runs(program_.inputs, program_.inputs.object_of(id));
      find_functions(program_.inputs.object_of(id));
    }
    runs_of_ = section.object;
    const auto runs = runs_.find(section.elf_index);
    if (runs == runs_.end()) return;
    for (const CodeRun& run : runs->second) {
      if (run.mode == CodeMode::kData) continue;
      held_ = {};
      for (u64 at = run.begin; at < run.end;) {
        if (functions_.contains({section.elf_index, at})) held_ = {};
        const ArmStep step = program_.isa.step_at(run.mode, section.contents, at);
        follow(step, run.mode, section, static_cast<u32>(at));
        at += std::max<u64>(step.length, 2);
      }
    }
  }

  // What stands before one may end in a call that never returns.
  void find_functions(const Object& object) {
    functions_.clear();
    for (u32 i = 1; i < object.symbol_count; i++) {
      const ElfSymbol symbol = object.nameless_symbol(i);
      if (symbol.type == STT_FUNC && symbol.size != 0)
        functions_.insert({symbol.section, symbol.value & ~u64{1}});
    }
  }

  void follow(const ArmStep& step, CodeMode mode, const InputSection& section, u32 at) {
    switch (step.kind) {
      case Kind::kMove:
        return put(step.rd, spot_at(at)        ? spot_at(at)
                            : step.by_register ? held(step.rm)
                                               : nothing());
      case Kind::kMoveTop:
        return;
      case Kind::kAdd:
      case Kind::kSubtract:
      case Kind::kOther: {
        std::optional<Spot> spot = held(step.rn);
        if (!spot && step.by_register) spot = held(step.rm);
        return put(step.rd, step.kind == Kind::kOther && !adds(step) ? nothing() : spot);
      }
      case Kind::kLoad:
        return load(step, mode, at);
      case Kind::kLoadMany:
        for (u32 reg = 0; reg < kPc; reg++)
          if ((step.list >> reg & 1) != 0) put(reg, {});
        if ((step.list >> kPc & 1) != 0 && step.condition == ArmStep::kAlways) held_ = {};
        return;
      case Kind::kStore:
        store(step.rn, at);
        if (step.by_register) store(step.rm, at);
        return;
      case Kind::kStoreMany:
        return store(step.rn, at);
      case Kind::kCall:
        if (std::ranges::binary_search(writes_, at)) store(0, at);
        if (std::ranges::binary_search(raises_, at)) held_ = {};
        return call();
      case Kind::kCallRegister:
        return call();
      case Kind::kJump:
        if (std::ranges::binary_search(writes_, at)) store(0, at);
        [[fallthrough]];
      case Kind::kJumpRegister:
        if (step.condition == ArmStep::kAlways) held_ = {};
        return;
      case Kind::kTableJump:
        held_ = {};
        return;
      case Kind::kUnknown:
        if (const auto reg = stored_through(mode, section.contents, at)) store(*reg, at);
        return;
      default:
        return;
    }
  }

  static bool adds(const ArmStep& step) {
    using Operation = ArmStep::Operation;
    return step.operation == Operation::kAdd || step.operation == Operation::kSubtract ||
           step.operation == Operation::kReverseSubtract || step.operation == Operation::kOperand;
  }

  static std::optional<Spot> nothing() { return {}; }
  std::optional<Spot> held(u32 reg) const { return reg < held_.size() ? held_[reg] : nothing(); }
  void put(u32 reg, std::optional<Spot> spot) {
    if (reg < held_.size()) held_[reg] = spot;
  }
  std::optional<Spot> spot_at(u32 offset) const {
    const auto spot = spots_.find(offset);
    return spot == spots_.end() ? nothing() : spot->second;
  }

  void load(const ArmStep& step, CodeMode mode, u32 at) {
    put(step.rd, {});
    if (step.size == 8) put(step.rd2, {});
    if (step.rn != kPc || step.by_register || step.size != 4) return;
    const u32 base = (at + (mode == CodeMode::kThumb ? 4 : 8)) & ~u32{3};
    put(step.rd, spot_at(base + static_cast<u32>(step.offset)));
  }

  void call() {
    for (const u32 lost : {0u, 1u, 2u, 3u, kIp, kLr}) held_[lost].reset();
  }

  void store(u32 reg, u32 at) {
    const std::optional<Spot> spot = held(reg);
    if (!spot) return;
    const OcamlData& data = ocaml_.data[spot->data];
    const auto behind = std::ranges::upper_bound(
        data.units, spot->offset, {}, [&](u32 number) { return ocaml_.units[number].begin; });
    if (behind == data.units.begin()) return;
    OcamlUnit& unit = ocaml_.units[*std::prev(behind)];
    if (unit.accepted() && spot->offset < unit.frametable_end) keep(unit, data, spot->offset, at);
  }

  void keep(OcamlUnit& unit, const OcamlData& data, u32 offset, u32 at) {
    const auto behind = std::ranges::upper_bound(unit.atoms, offset, {}, &OcamlAtom::begin);
    if (behind != unit.atoms.begin() && std::prev(behind)->in_ram) return;
    const Location place = program_.inputs.location(section_, at);
    if (!keep_in_ram(data, unit, offset))
      return unit.refuse(cat("code stores to its tables at ", place.text()));
    const OcamlAtom& atom = *std::prev(behind);
    const auto labels = data.labels_in(atom.begin + 1, atom.end);
    const Object& object = program_.inputs.objects[index(data.object)];
    found_.push_back({labels.empty() ? std::string(unit.name)
                                     : std::string(object.symbol(labels.front().symbol).name),
                      place});
  }

  const Program& program_;
  OcamlProgram& ocaml_;
  std::unordered_map<u32, u32> data_of_;  // by section
  std::vector<SymbolId> writers_;
  std::vector<SymbolId> raisers_;
  std::vector<OcamlStore> found_;
  // Of the section that is being read.
  SectionId section_ = kNoSection;
  std::unordered_map<u32, Spot> spots_;  // by the place of the relocation
  std::vector<u32> writes_;              // calls of writers_, in order
  std::vector<u32> raises_;              // of raisers_
  ObjectId runs_of_ = kNoObject;
  CodeRuns runs_;
  std::set<std::pair<u32, u64>> functions_;  // of the object: (ELF section index, offset)
  std::array<std::optional<Spot>, 15> held_;
};

}  // namespace

std::vector<OcamlStore> keep_stored_in_ram(const Program& program, OcamlProgram& ocaml) {
  return Reader(program, ocaml).run();
}

}  // namespace fwseal
