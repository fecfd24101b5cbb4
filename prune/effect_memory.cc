#include "prune/effect_memory.h"

namespace fwseal {
namespace {

void check_frame(const MachineState& state, const Value& at, u8 size) {
  // Below sp an interrupt may write; above its first value lies what belongs to the caller.
  if (at.offset < state.registers[kSp].offset || at.offset + size > 0)
    fail("it reaches outside its stack frame");
}

[[noreturn]] void fail_access(const Value& at, std::string_view verb) {
  if (at.is(Value::Kind::kNumber))
    fail(cat("it ", verb, " address ", hex(static_cast<u64>(at.offset)),
             ", which may be a device,"));
  fail(cat("it ", verb, " an address that is not known"));
}

}  // namespace

void EffectMemory::check_section(const Value& at, u8 size) const {
  const InputSection& section = section_of(at);
  const bool inside = at.offset >= 0 && static_cast<u64>(at.offset) < section.size &&
                      section.size - static_cast<u64>(at.offset) >= size;
  if (!inside) fail(cat("it reaches past the bounds of ", section.name));
}

void EffectMemory::store(MachineState& state, const Value& at, u8 size, const Value& value) {
  if (at.is(Value::Kind::kStack)) {
    check_frame(state, at, size);
    // Parts of words are not followed.
    for (i64 word = at.offset & ~i64{3}; word < at.offset + size; word += 4)
      state.stack[word] = size == 4 && word == at.offset ? value : Value{};
    return;
  }
  if (!at.is(Value::Kind::kAddress)) fail_access(at, "writes to");
  check_section(at, size);
  const InputSection& section = section_of(at);
  if (!plain_[at.id] || !section.has(SHF_WRITE) || section.excluded)
    fail(cat("it writes to ", section.name, ", which may be no ordinary memory,"));
  const u64 first = static_cast<u64>(at.offset);
  writes_.insert(atoms_.at(SectionId{at.id}, first));
  writes_.insert(atoms_.at(SectionId{at.id}, first + size - 1));
}

Value EffectMemory::load(const MachineState& state, const Value& at, u8 size) {
  if (at.is(Value::Kind::kStack)) {
    check_frame(state, at, size);
    const auto word = state.stack.find(at.offset);
    return size == 4 && word != state.stack.end() ? word->second : Value{};
  }
  if (!at.is(Value::Kind::kAddress)) fail_access(at, "reads");
  check_section(at, size);
  const InputSection& section = section_of(at);
  const bool is_own = SectionId{at.id} == state.place.section;
  if ((!plain_[at.id] && !is_own) || section.excluded)
    fail(cat("it reads ", section.name, ", which may be no ordinary memory,"));
  // Of what is merged only the pieces keep their neighbours.
  const bool is_constant =
      !section.has(SHF_WRITE) && !section.has(SHF_MERGE) && section.contents.size() == section.size;
  if (!is_constant || size != 4) return Value{};
  return code_.constant(SectionId{at.id}, static_cast<u64>(at.offset));
}

}  // namespace fwseal
