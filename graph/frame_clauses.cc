// A frame table that nobody reads is not needed, and neither is what it refers to. On Arm that is
// the rule: EHABI's unwinder reads .ARM.exidx. Who reads frame tables knows where they begin: by a
// symbol of the script (UnwindReaders), or by a reference to one of their sections, as crtbegin.o
// has one to hand to __register_frame_info. From the beginning on they are read record by record up
// to the one that ends them. So the tables are read all together, or not at all.
//
// A description may be needed as long as its code is live; what it describes it does not keep. It
// is about one atom: cut.cc does not cut inside of what one describes.
#include "graph/frame_clauses.h"

#include <elf.h>

#include <algorithm>
#include <array>

namespace fwseal {

FrameClauses::FrameClauses(const Program& program, const Atoms& atoms, const UnwindReaders* readers)
    : atoms_(atoms), program_(program) {
  if (readers != nullptr && atoms.may_have_frame_tables()) tables_ = read_frame_tables(program);
}

void FrameClauses::add(AtomId is_read, GraphBuilder& builder) const {
  for (const FrameTable& table : tables_.tables) {
    const AtomId whole = atom_of(table.section);
    // Who keeps a table by other means may read it.
    if (!marks_for_nobody(table.section)) builder.add(whole, is_read, ClauseKind::kReference);
    if (table.is_plain)
      add_rows(table, is_read, builder);
    else
      builder.add(is_read, whole, ClauseKind::kFollower);
  }
}

void FrameClauses::add_rows(const FrameTable& table, AtomId is_read, GraphBuilder& builder) const {
  const std::span<const FrameRow> rows = tables_.rows_of(table);
  for (const FrameRow& row : rows) {
    const AtomId atom = atoms_.at(table.section, row.begin);
    if (row.kind == FrameRow::Kind::kEnd) {
      builder.add(is_read, atom, ClauseKind::kFollower);
    } else if (row.kind == FrameRow::Kind::kDescription) {
      builder.add_conditional(std::array{atoms_.at(row.code, row.start), is_read}, atom);
      builder.add(atom, atoms_.at(table.section, rows[row.common].begin), ClauseKind::kReference,
                  row.pointer_place());
    }
  }
}

// libgcc's crtstuff.c defines __EH_FRAME_BEGIN__ at the beginning of all tables, and uses it for
// one thing: it calls __register_frame_info with it, and __deregister_frame_info, both weak. If
// nobody defines these, nothing is called. The name is reserved for the compiler (C11 7.1.3).
bool FrameClauses::marks_for_nobody(SectionId id) const {
  if (program_.inputs[id].size != 0) return false;
  const Object& object = program_.inputs.object_of(id);
  bool is_mark = false;
  for (u32 i = 1; i < object.first_global; i++) {
    const ElfSymbol symbol = object.nameless_symbol(i);
    if (symbol.section < object.section_count && object.section(symbol.section) == id)
      is_mark = is_mark || object.symbol(i).name == "__EH_FRAME_BEGIN__";
  }
  if (!is_mark) return false;
  bool asks = false;
  for (const std::string_view name : {"__register_frame_info", "__deregister_frame_info"}) {
    const SymbolId symbol = program_.symbols.find(name);
    if (symbol == kNoSymbol) continue;
    const Symbol& registers = program_.symbols[symbol];
    const bool is_missing =
        registers.state == SymbolState::kUndefined || registers.state == SymbolState::kUnseen;
    if (!is_missing) return false;
    asks = true;
  }
  return asks;
}

}  // namespace fwseal
