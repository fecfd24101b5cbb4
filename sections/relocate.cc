// The bytes of the image at their final addresses.
//
// Debugging information about code that is not in the image gets a tombstone in place of the
// address, so that no debugger takes it for code at 0: all ones, or 1 in the old lists of ranges,
// where all ones and a pair of zeroes have meanings of their own (DWARF 5, issue 200609.1 of the
// committee; the old lists as GNU ld and lld do).
#include "sections/relocate.h"

#include <elf.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "graph/clauses.h"
#include "sections/address_book.h"
#include "sections/exidx.h"
#include "sections/veneer.h"

namespace fwseal {
namespace {

constexpr u64 kReversedWord = 4;

class Relocator {
 public:
  Relocator(const Program& program, const Atoms& atoms, const Plan& plan,
            const MergedStrings& merged, const Layout& layout, const GotPlan& got,
            SectionId got_section, bool relocatable, Diag& diag)
      : program_(program),
        atoms_(atoms),
        plan_(plan),
        merged_(merged),
        layout_(layout),
        got_(got),
        got_section_(got_section),
        relocatable_(relocatable),
        diag_(diag),
        book_(address_book(program, layout, merged)) {
    for (const VeneerGroup& group : layout.veneer_groups) veneers_.push_back(index_veneers(group));
    for (const UnwindEnd& end : layout.unwind_ends) unwind_end_of_[index(end.table)] = end.text;
    if (got_section != kNoSection) got_address_ = book_.sections[index(got_section)];
    find_thread_storage();
  }

  Image run() {
    Image image;
    image.contents.resize(layout_.outputs.size());
    for (u32 i = 0; i < layout_.outputs.size(); i++)
      if (layout_.outputs[i].has_bytes()) image.contents[i] = contents(layout_.outputs[i]);
    return image;
  }

 private:
  using Buffer = std::vector<std::byte>;

  // The template of thread-local storage begins after the thread control block of two words,
  // aligned as the template needs (Addenda32 2023Q3, "Linux for Arm static TLS addressing").
  void find_thread_storage() {
    constexpr u64 kControlBlock = 8;
    u64 alignment = 1;
    bool found = false;
    for (const OutputSection& output : layout_.outputs) {
      if ((output.flags & SHF_TLS) == 0 || !output.allocated()) continue;
      if (!found) thread_start_ = output.vma;
      found = true;
      alignment = std::max<u64>(alignment, output.alignment);
    }
    thread_offset_ = align_up(kControlBlock, alignment);
  }

  Buffer contents(const OutputSection& output) {
    Buffer bytes(output.size);
    fill_gaps(output, bytes);
    for (const Chunk& chunk : output.chunks) {
      const std::span<std::byte> out = std::span(bytes).subspan(chunk.offset, chunk.size);
      switch (chunk.kind) {
        case ChunkKind::kInput:
          write_input(chunk.section, output, out);
          break;
        case ChunkKind::kMerged:
          copy(merged_.blobs[chunk.item].bytes, out);
          break;
        case ChunkKind::kData:
          write_data(chunk, out);
          break;
        case ChunkKind::kVeneers:
          write_veneers(chunk.item, out);
          break;
      }
    }
    return bytes;
  }

  static void copy(std::string_view from, std::span<std::byte> to) {
    const u64 size = std::min(from.size(), to.size());
    if (size != 0) std::memcpy(to.data(), from.data(), size);  // it takes no null pointer
  }

  static void fill_gaps(const OutputSection& output, Buffer& bytes) {
    if (output.fills.empty()) return;  // zeroes
    u64 first = 0;                     // of the fills, the one that the next gap begins in
    const auto fill = [&](u64 begin, u64 end) {
      while (first + 1 < output.fills.size() && output.fills[first + 1].offset <= begin) first++;
      // A gap may span a FILL statement, which counts from its own place on.
      for (u64 i = first; i < output.fills.size() && output.fills[i].offset < end; i++) {
        const Fill& pattern = output.fills[i];
        const u64 next = i + 1 < output.fills.size() ? output.fills[i + 1].offset : output.size;
        const u64 from = std::max(begin, pattern.offset);
        const u64 to = std::min(end, next);
        const std::string_view text = pattern.pattern();
        if (text.empty()) continue;
        for (u64 at = from; at < to; at++)
          bytes[at] = static_cast<std::byte>(text[(at - from) % text.size()]);
      }
    };
    u64 at = 0;
    for (const Chunk& chunk : output.chunks) {
      fill(at, chunk.offset);
      at = chunk.offset + chunk.size;
    }
    fill(at, output.size);
  }

  void write_data(const Chunk& chunk, std::span<std::byte> out) const {
    if ((chunk.item & kTextItem) != 0) return copy(layout_.texts[chunk.item & ~kTextItem], out);
    const u64 value = layout_.data[chunk.item];
    std::memcpy(out.data(), &value, std::min(out.size(), sizeof value));
  }

  void write_veneers(u32 number, std::span<std::byte> out) const {
    const VeneerGroup& group = layout_.veneer_groups[number];
    const u64 start = layout_.outputs[index(group.output)].vma + group.offset;
    for (const Veneer& veneer : group.veneers) {
      Operands x = operands_of(veneer);
      x.P = start + veneer.offset;
      program_.isa.write_veneer(veneer.shape, x, out.subspan(veneer.offset, veneer.shape.size));
    }
  }

  Operands operands_of(const Veneer& veneer) const {
    Operands x;
    if (veneer.symbol == kNoSymbol) {
      const u64 thumb = veneer.value & 1;
      // A local symbol may also be a number.
      x.S = veneer.section == kNoSection ? veneer.value - thumb
                                         : book_.address(veneer.section, veneer.value - thumb);
      x.T = thumb;
    } else {
      const AddressBook::Global& target = book_.globals[index(veneer.symbol)];
      x.S = target.address;
      x.T = target.thumb ? 1 : 0;
    }
    x.is_function = true;
    x.S += static_cast<u64>(veneer.addend);
    return x;
  }

  // ---- Input sections

  void write_input(SectionId id, const OutputSection& output, std::span<std::byte> out) {
    const InputSection& section = program_.inputs[id];
    if (id == got_section_) return write_got(out);
    const EditList* const edits =
        index(id) < layout_.edits.size() && !layout_.edits[index(id)].empty()
            ? &layout_.edits[index(id)]
            : nullptr;
    if (edits == nullptr)
      copy(section.contents.text(), out);
    else
      copy_edited(section.contents, *edits, out);
    const std::span<const Overwrite> overwrites = plan_.overwrites_of(id);
    const std::span<const Retarget> retargets = plan_.retargets_of(id);
    const u64 count = relocation_count(section);
    for (u64 i = 0; i < count; i++) {
      const Relocation reference = relocation(section, i);
      if (edits != nullptr && edits->removes(reference.offset)) continue;
      if (overwrites_place(overwrites, reference.offset)) continue;
      if (layout_.folds.is_jump(id, reference.offset)) continue;
      apply(id, reference, find_retarget(retargets, reference.offset), output, out);
    }
    for (const Overwrite& other : overwrites)
      copy(other.bytes, out.subspan(moved(id, other.offset)));
    write_jumps(id, output, out);
    if (edits != nullptr) redirect_code(id, *edits, out);
    if (edits != nullptr) end_unwind_table(id, out);
    if (runs_reversed(section.name, output.name)) reverse_words(out);
  }

  static bool overwrites_place(std::span<const Overwrite> overwrites, u64 offset) {
    const auto behind = std::ranges::upper_bound(overwrites, offset, {}, &Overwrite::offset);
    return behind != overwrites.begin() &&
           offset - std::prev(behind)->offset < std::prev(behind)->bytes.size();
  }
  static const Retarget* find_retarget(std::span<const Retarget> retargets, u64 offset) {
    const auto found = std::ranges::lower_bound(retargets, offset, {}, &Retarget::place);
    return found != retargets.end() && found->place == offset ? &*found : nullptr;
  }

  // In place of copies whose addresses somebody may compare.
  void write_jumps(SectionId id, const OutputSection& output, std::span<std::byte> out) {
    for (const Fold& fold : layout_.folds.of(id)) {
      if (fold.proof != Fold::Proof::kJump) continue;
      const auto jump = program_.isa.jump(fold.thumb ? CodeMode::kThumb : CodeMode::kArm);
      const u64 offset = moved(id, fold.begin);
      copy(jump->bytes, out.subspan(offset));
      Operands x;
      x.S = book_.address(fold.into, fold.into_begin);
      x.A = jump->addend;
      x.P = output.vma + layout_.places[index(id)].offset + offset;
      x.T = fold.thumb ? 1 : 0;
      x.is_function = true;
      if (const auto fault = program_.isa.apply(jump->type, x, out, offset))
        diag_.error(program_.inputs.location(id, fold.begin),
                    cat("a jump to an equal function ", fault->why,
                        "; --fwseal-fold=none leaves both where they are"));
    }
  }

  // What instructions say about other places of their section, which have moved.
  void redirect_code(SectionId id, const EditList& edits, std::span<std::byte> out) {
    redirect_code(id, atoms_.crossings(id), edits, out);
    redirect_code(id, plan_.references_of(id), edits, out);
  }
  void redirect_code(SectionId id, std::span<const CodeReference> references, const EditList& edits,
                     std::span<std::byte> out) {
    for (const CodeReference& reference : references) {
      if (reference.form == CodeReference::kFixed || edits.removes(reference.place)) continue;
      if (layout_.folds.is_jump(id, reference.place)) continue;
      const u64 place = edits.map(reference.place);
      const auto moved = [&](u64 offset, u64 to) {
        return static_cast<i64>(to) - static_cast<i64>(offset);
      };
      const i64 change =
          moved(reference.target, edits.map(reference.target)) - moved(reference.place, place);
      if (change == 0) continue;
      if (const auto fault = program_.isa.redirect(reference, change, out, place))
        diag_.error(
            program_.inputs.location(id, reference.place),
            cat("a reference to ", hex(reference.target), " in the same section ", fault->why));
    }
  }

  static void copy_edited(Bytes from, const EditList& edits, std::span<std::byte> out) {
    u64 read = 0;
    u64 written = 0;
    const auto put = [&](std::string_view bytes) {
      copy(bytes, out.subspan(written));
      written += bytes.size();
    };
    for (const Edit& edit : edits.edits()) {
      put(from.text().substr(read, edit.offset - read));
      put(edit.inserted);
      read = edit.offset + edit.removed;
    }
    put(from.text().substr(read));
  }

  void end_unwind_table(SectionId id, std::span<std::byte> out) const {
    const auto found = unwind_end_of_.find(index(id));
    if (found == unwind_end_of_.end()) return;
    constexpr u64 kRow = 8;
    const u64 row = out.size() - kRow;
    const u64 text_end = book_.end_of(found->second, program_.inputs[found->second].size);
    // In an object the place counts when it has an address; until then there is a relocation.
    const u64 place = relocatable_ ? 0 : book_.sections[index(id)] + row;
    copy(unwind_end_row(place, text_end), out.subspan(row));
  }

  static void reverse_words(std::span<std::byte> bytes) {
    for (u64 i = 0, j = bytes.size() / kReversedWord; i + 1 < j; i++) {
      j--;
      std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(i * kReversedWord),
                       bytes.begin() + static_cast<std::ptrdiff_t>((i + 1) * kReversedWord),
                       bytes.begin() + static_cast<std::ptrdiff_t>(j * kReversedWord));
    }
  }

  void write_got(std::span<std::byte> out) const {
    for (u64 i = 0; i < got_.entries().size(); i++) {
      const GotEntry& entry = got_.entries()[i];
      const Target target = find_target(program_, book_, entry.object, {0, 0, entry.symbol, 0}, 0);
      const Operands& x = target.operands;
      const u32 word = static_cast<u32>(entry.thread_local_offset ? thread_offset(x.S) : x.S | x.T);
      std::memcpy(out.data() + i * kGotEntrySize, &word, sizeof word);
    }
  }

  u64 thread_offset(u64 address) const { return address - thread_start_ + thread_offset_; }

  // ---- Relocations

  void apply(SectionId id, const Relocation& reference, const Retarget* retarget,
             const OutputSection& output, std::span<std::byte> out) {
    const InputSection& section = program_.inputs[id];
    const RelocationType* const type = program_.isa.find(reference.type);
    if (type == nullptr || type->use == Use::kDynamic) return refuse(id, reference, type);
    if (type->use == Use::kNone) return;
    const u64 offset = moved(id, reference.offset);
    if (!section.contents.holds(reference.offset, type->size) ||
        !Bytes(out).holds(offset, type->size))
      return refuse_outside(id, reference, *type);
    const i64 addend =
        section.has_addends
            ? reference.addend
            : program_.isa.read_addend(reference.type, section.contents, reference.offset);
    Target target = find_target(program_, book_, section.object, reference, addend);
    if (retarget != nullptr) aim(*retarget, target);
    if (target.nowhere) {
      if (output.allocated()) return refuse_discarded(id, reference);
      return write_tombstone(section, type->size, out.subspan(offset));
    }
    if (target.removed && !output.allocated())
      return write_tombstone(section, type->size, out.subspan(offset));
    if (relocatable_) return grow_addend(id, reference, *type, target, out, offset);
    Operands& x = target.operands;
    x.P = output.vma + layout_.places[index(id)].offset + offset;
    add_environment(section.object, reference, *type, x);
    if (type->use == Use::kCall || type->use == Use::kJump) use_veneer(id, reference, addend, x);
    if (const auto fault = program_.isa.apply(reference.type, x, out, offset))
      report(id, reference, *type, *fault);
  }

  void aim(const Retarget& retarget, Target& target) const {
    target.removed = retarget.section == kNoSection;
    if (target.removed || target.nowhere) return;
    target.operands.S = book_.sections[index(retarget.section)] + retarget.offset;
    target.operands.A = 0;
    target.operands.T = 0;
  }

  // With -r a relocation stays; but one that referred to a section of the input now refers to that
  // of the output, which begins earlier. See output_relocations.h.
  void grow_addend(SectionId id, const Relocation& reference, const RelocationType& type,
                   const Target& target, std::span<std::byte> out, u64 offset) {
    const InputSection& section = program_.inputs[id];
    if (section.has_addends) return;
    const Referent to = referent(program_, section.object, reference.symbol);
    if (to.type != STT_SECTION || to.section == kNoSection) return;
    const Operands& x = target.operands;
    const i64 addend = static_cast<i64>(x.S) + x.A;
    if (addend == x.A) return;
    if (const auto fault = program_.isa.write_addend(reference.type, addend, out, offset))
      report(id, reference, type, *fault);
  }

  u64 moved(SectionId id, u64 offset) const {
    return index(id) < layout_.edits.size() ? layout_.edits[index(id)].map(offset) : offset;
  }

  void add_environment(ObjectId object, const Relocation& reference, const RelocationType& type,
                       Operands& x) const {
    x.GOT = got_address_;
    switch (type.use) {
      case Use::kGotEntry:
      case Use::kTlsGotEntry: {
        const Referent to = referent(program_, object, reference.symbol);
        x.got_entry =
            got_address_ + kGotEntrySize * got_.entry_for(to, type.use == Use::kTlsGotEntry);
        break;
      }
      case Use::kBased: {
        const Referent to = referent(program_, object, reference.symbol);
        if (to.section == kNoSection) break;
        const OutputId output = layout_.place_of(to.section, to.value).output;
        if (output != kNoOutput) x.B = layout_.outputs[index(output)].vma;
        break;
      }
      case Use::kTlsOffset:
        x.tls_offset = thread_offset(x.S);
        break;
      default:
        break;
    }
  }

  void use_veneer(SectionId id, const Relocation& branch, i64 addend, Operands& x) const {
    if (index(id) >= layout_.veneer_group_of.size() || layout_.veneer_group_of[index(id)] == 0)
      return;
    const auto shape =
        program_.isa.veneer_for(branch.type, x, program_.inputs[id].contents, branch.offset);
    if (!shape) return;
    const u32 number = layout_.veneer_group_of[index(id)] - 1;
    const VeneerTarget leads = veneer_target(program_, program_.inputs[id].object, branch, addend);
    const auto found = veneers_[number].find(veneer_key(leads, shape->kind));
    if (found == veneers_[number].end()) return;  // apply() then says that it is out of range
    const VeneerGroup& group = layout_.veneer_groups[number];
    const Veneer& veneer = group.veneers[found->second];
    x.S = layout_.outputs[index(group.output)].vma + group.offset + veneer.offset;
    x.T = veneer.shape.entry_is_thumb ? 1 : 0;
    x.A = program_.isa.branch_bias(branch.type);
    x.is_function = true;
  }

  void write_tombstone(const InputSection& section, u64 size, std::span<std::byte> out) const {
    const bool old_list = section.name == ".debug_ranges" || section.name == ".debug_loc";
    const u64 value = old_list ? 1 : ~u64{0};
    std::memcpy(out.data(), &value, std::min<u64>({size, out.size(), sizeof value}));
  }

  // ---- What can go wrong

  std::string symbol_name(SectionId id, const Relocation& reference) {
    return diag_.symbol(display_name(program_, program_.inputs[id].object, reference.symbol));
  }

  void refuse(SectionId id, const Relocation& reference, const RelocationType* type) {
    const std::string name =
        type != nullptr ? std::string(type->name) : cat("number ", reference.type);
    diag_.error(program_.inputs.location(id, reference.offset),
                type == nullptr
                    ? cat("unknown relocation ", name, "; references ", symbol_name(id, reference))
                    : cat("relocation ", name,
                          " is for the dynamic linker and has no meaning in "
                          "a static image; references ",
                          symbol_name(id, reference)));
  }

  void refuse_outside(SectionId id, const Relocation& reference, const RelocationType& type) {
    diag_.error(program_.inputs.location(id, reference.offset),
                cat("relocation ", type.name, " changes ", u32{type.size},
                    " bytes, which the section of ", program_.inputs[id].contents.size(),
                    " bytes does not have there; references ", symbol_name(id, reference)));
  }

  void refuse_discarded(SectionId id, const Relocation& reference) {
    const SectionId gone = referent(program_, program_.inputs[id].object, reference.symbol).section;
    diag_.error(
        program_.inputs.location(id, reference.offset),
        cat("`", symbol_name(id, reference), "' referenced in section `", program_.inputs[id].name,
            "' is defined in discarded section `", program_.inputs[gone].name, "' of ",
            program_.inputs.object_of(gone).location().text()));
  }

  void report(SectionId id, const Relocation& reference, const RelocationType& type,
              const RelocationFault& fault) {
    std::string what = cat("relocation ", type.name, " ", fault.why);
    if (fault.has_range)
      what += cat(": ", fault.value, " is not in [", fault.min, ", ", fault.max, "]");
    what += cat("; references ", symbol_name(id, reference));
    diag_.error(program_.inputs.location(id, reference.offset), what);
  }

  const Program& program_;
  const Atoms& atoms_;
  const Plan& plan_;
  const MergedStrings& merged_;
  const Layout& layout_;
  const GotPlan& got_;
  SectionId got_section_;
  const bool relocatable_;
  Diag& diag_;
  AddressBook book_;
  std::vector<VeneerIndex> veneers_;
  std::map<u32, SectionId> unwind_end_of_;  // by table
  u64 got_address_ = 0;
  u64 thread_start_ = 0;
  u64 thread_offset_ = 0;
};

}  // namespace

bool runs_reversed(std::string_view input, std::string_view output) {
  const auto is = [&](std::string_view stem) {
    return input.starts_with(stem) && (input.size() == stem.size() || input[stem.size()] == '.');
  };
  return (output == ".init_array" && is(".ctors")) || (output == ".fini_array" && is(".dtors"));
}

u64 reversed_offset(u64 offset, u64 size) {
  const u64 word = offset / kReversedWord;
  const u64 words = size / kReversedWord;
  if (word >= words) return offset;
  return (words - 1 - word) * kReversedWord + offset % kReversedWord;
}

Image relocate(const Program& program, const Atoms& atoms, const Plan& plan,
               const MergedStrings& merged, const Layout& layout, const GotPlan& got,
               SectionId got_section, bool relocatable, Diag& diag) {
  return Relocator(program, atoms, plan, merged, layout, got, got_section, relocatable, diag).run();
}

}  // namespace fwseal
