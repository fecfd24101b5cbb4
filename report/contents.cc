// A byte is what the input section that it comes from says: instructions, read-only, written, or
// zeroed. So one function in .data makes no RAM code of all the variables around it, and the
// constants of a .text that holds *(.rodata*) are no code. Literal pools are code: they lie within
// the input sections of the functions that load them.
//
// Padding and what the script skips inside an output section go with the piece before them, before
// the first piece with that one: who removes it gets them back. An output section with nothing in
// it but room is what its own flags say.
#include "report/contents.h"

#include <utility>

namespace fwseal {

namespace {

// By sh_type and sh_flags of an input or an output section.
u64 Contents::*row_of(u32 type, u64 flags) {
  if (type == SHT_NOBITS) return &Contents::zeroed;
  if (flags & SHF_EXECINSTR) return &Contents::code;
  return flags & SHF_WRITE ? &Contents::data : &Contents::constants;
}

u64 Contents::*row_of(const std::vector<InputSection>& inputs, const OutputSection& output,
                      const Chunk& chunk) {
  switch (chunk.kind) {
    case ChunkKind::kInput:
    case ChunkKind::kMerged: {
      const InputSection& section = inputs[index(chunk.section)];
      return row_of(section.type, section.flags);
    }
    case ChunkKind::kVeneers:
      return &Contents::code;
    // What the script spells out in bytes is no instruction to us.
    case ChunkKind::kData:
      break;
  }
  return row_of(output.type, output.flags & ~u64{SHF_EXECINSTR});
}

}  // namespace

std::vector<Share> shares_of(const std::vector<InputSection>& inputs, const OutputSection& output) {
  if (output.size == 0) return {};
  std::vector<Share> pieces{{0, 0, row_of(output.type, output.flags)}};
  if (output.has_bytes()) {
    bool first = true;
    for (const Chunk& chunk : output.chunks) {
      if (chunk.size == 0 || chunk.offset >= output.size) continue;
      u64 Contents::*const row = row_of(inputs, output, chunk);
      if (std::exchange(first, false)) pieces.back().row = row;
      // Not behind the last one only if the script moved back, which layout has refused.
      if (row != pieces.back().row && chunk.offset > pieces.back().offset)
        pieces.push_back({chunk.offset, 0, row});
    }
  }
  for (u64 i = 0; i < pieces.size(); i++) {
    const u64 end = i + 1 < pieces.size() ? pieces[i + 1].offset : output.size;
    pieces[i].size = end - pieces[i].offset;
  }
  return pieces;
}

}  // namespace fwseal
