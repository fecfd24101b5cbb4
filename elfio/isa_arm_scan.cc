// Reading code for what refers to other places of its section.
//
// All that matters of an instruction is how long it is, whether it reads or writes the program
// counter, and whether control goes on behind it. Whoever computes an address from the program
// counter and a register could mean any place, so there the answer is "not certain"; and so it is
// for encodings that are undefined, unpredictable or newer than what is listed here. Table jumps
// are understood in the shapes that compilers give them, where the length of the table shows.
//
// Arm ARM DDI 0406C, "Thumb Instruction Set Encoding" and "ARM Instruction Set Encoding", whose
// order the functions below follow; Armv7-M ARM DDI 0403E.
#include "elfio/isa_arm_scan.h"

#include <algorithm>

#include "elfio/isa_arm_address.h"
#include "elfio/isa_arm_fields.h"
#include "elfio/isa_arm_forms.h"

namespace fwseal::arm {
namespace {

constexpr u32 kLr = 14;
constexpr u32 kPc = 15;
constexpr u32 kAlways = 14;

constexpr u32 bits(u32 insn, u32 high, u32 low) {
  return insn >> low & ((u32{2} << (high - low)) - 1);
}
constexpr bool bit(u32 insn, u32 number) { return (insn >> number & 1) != 0; }

class Scanner {
 public:
  Scanner(Bytes contents, std::span<const CodeRun> runs, u64 number, std::span<const u32> relocated,
          CodeScan& scan)
      : contents_(contents), runs_(runs), number_(number), relocated_(relocated), scan_(scan) {}

  bool run() {
    const CodeRun& run = runs_[number_];
    const bool thumb = run.mode == CodeMode::kThumb;
    const u64 unit = thumb ? 2 : 4;
    if (run.begin % unit != 0 || run.end > contents_.size()) return false;
    for (place_ = run.begin; place_ < run.end; place_ += length_) {
      length_ = unit;
      is_call_ = false;
      if (place_ + unit > run.end) return false;
      if (!(thumb ? read_thumb() : read_arm())) return false;
      if (conditional_left_ != 0)
        conditional_left_--;
      else if (is_call_)
        scan_.calls.push_back(static_cast<u32>(place_ + length_));
    }
    return place_ == run.end;
  }

 private:
  // ---- What was found. All return true.

  bool is_relocated() const {
    const auto first = std::ranges::lower_bound(relocated_, place_);
    return first != relocated_.end() && *first < place_ + length_;
  }

  // False if the target is outside of the section.
  bool refer(Form form, u32 insn) {
    if (is_relocated()) return true;
    const FormCodec& codec = codec_of(form);
    const i64 target = static_cast<i64>(codec.base(place_)) + codec.read(insn);
    const bool takes_address = makes_address(form) && !is_used_up(form, insn, target);
    return add(target, static_cast<u8>(form), takes_address);
  }
  // Does the next instruction load from the address that this one makes, from data that stand
  // there, and is that the end of it?
  bool is_used_up(Form form, u32 insn, i64 target) const {
    const u64 next = place_ + length_;
    const auto relocated = std::ranges::lower_bound(relocated_, next);
    const bool is_plain = relocated == relocated_.end() || *relocated >= next + 4;
    if (conditional_left_ != 0 || !is_plain || target < 0) return false;
    const auto used = bytes_used_up(form, insn, contents_, next, runs_[number_].end);
    const u64 from = static_cast<u64>(target);
    const auto behind = std::ranges::upper_bound(runs_, from, {}, &CodeRun::begin);
    if (!used || behind == runs_.begin()) return false;
    const CodeRun& data = *std::prev(behind);
    const bool is_data = data.mode == CodeMode::kData && data.end <= contents_.size();
    return is_data && from < data.end && *used <= data.end - from;
  }
  bool add(i64 target, u8 form, bool takes_address = false) {
    if (target < 0 || static_cast<u64>(target) > contents_.size()) return false;
    scan_.references.push_back(
        {static_cast<u32>(place_), static_cast<u32>(target), form, takes_address});
    return true;
  }
  bool stop() {
    if (conditional_left_ == 0) scan_.stops.push_back(static_cast<u32>(place_ + length_));
    return true;
  }
  bool stop_if(bool always) { return always ? stop() : true; }

  // ---- Thumb

  bool read_thumb() {
    const u16 first = contents_.le<u16>(place_);
    if (first < 0xe800) return read_thumb16(first);
    length_ = 4;
    if (place_ + length_ > runs_[number_].end) return false;
    return read_thumb32(thumb32(first, contents_.le<u16>(place_ + 2)));
  }

  bool read_thumb16(u32 insn) {
    if (insn < 0x4400) return true;  // shifts, arithmetic and logic of low registers
    if (insn < 0x4800) return read_special(insn);
    if (insn < 0x5000) return refer(Form::kThumbLiteral8, insn);
    if (insn < 0xa000) return true;  // loads and stores
    if (insn < 0xa800) return refer(Form::kThumbAddress8, insn);
    if (insn < 0xb000) return true;  // addresses on the stack
    if (insn < 0xc000) return read_miscellaneous16(insn);
    if (insn < 0xd000) return true;  // LDM, STM
    if (insn < 0xde00) return refer(Form::kThumbBranch8, insn);
    if (insn < 0xdf00) return stop();  // UDF
    if (insn < 0xe000) return true;    // SVC
    return refer(Form::kThumbBranch11, insn) && stop();
  }

  // ADD, CMP, MOV of any register, BX, BLX.
  bool read_special(u32 insn) {
    const u32 rm = bits(insn, 6, 3);
    const u32 rd = bits(insn, 7, 7) << 3 | bits(insn, 2, 0);
    switch (bits(insn, 9, 8)) {
      case 2:
        if (rm == kPc) return false;
        return rd == kPc ? stop() : true;
      case 3:
        is_call_ = bit(insn, 7);
        if (rm != kPc) return bit(insn, 7) ? true : stop();
        // BX PC goes on in Arm state, at the next word.
        return !bit(insn, 7) && add(static_cast<i64>((place_ + 4) & ~u64{3}), 0) && stop();
      case 0:
        if (rm == kPc && rd == kLr) return read_code_address();
        [[fallthrough]];
      default:
        return rm != kPc && rd != kPc;
    }
  }

  // LDR LR, a literal, and directly behind it ADD LR, PC, where the literal is the distance to code
  // of the section with bit 0 set, as OCaml makes the address of an exception handler (asmcomp/arm,
  // emit_load_handler_address, 4.13). It stays in LR, as after a call, and is no more to be counted
  // from than what a call leaves there. Load, addition, literal and handler keep their places.
  bool read_code_address() {
    if (lr_literal_behind_ != place_ || conditional_left_ != 0 || is_relocated()) return false;
    const u64 literal = lr_literal_;
    const auto relocated = std::ranges::lower_bound(relocated_, literal < 3 ? 0 : literal - 3);
    if (relocated != relocated_.end() && *relocated < literal + 4) return false;
    const i64 pc = static_cast<i64>(place_ + 4);
    const i64 target = pc + static_cast<i32>(contents_.le<u32>(literal));
    if (target < 0 || target % 2 == 0) return false;
    const u64 handler = static_cast<u64>(target) - 1;
    const CodeRun* const code = run_at(handler);
    if (code == nullptr || code->mode != CodeMode::kThumb) return false;
    scan_.references.back().form = CodeReference::kFixed;  // of the load
    return add(static_cast<i64>(literal), 0) && add(static_cast<i64>(handler), 0);
  }
  void note_literal_of_lr(u32 insn) {
    if (bits(insn, 15, 12) != kLr || conditional_left_ != 0 || is_relocated()) return;
    const FormCodec& codec = codec_of(Form::kThumbLiteral12);
    const i64 literal = static_cast<i64>(codec.base(place_)) + codec.read(insn);
    if (literal < 0 || literal % 4 != 0) return;
    const CodeRun* const data = run_at(static_cast<u64>(literal));
    const bool is_data = data != nullptr && data->mode == CodeMode::kData &&
                         data->end <= contents_.size() &&
                         data->end - static_cast<u64>(literal) >= 4;
    if (!is_data) return;
    lr_literal_ = static_cast<u64>(literal);
    lr_literal_behind_ = place_ + length_;
  }
  const CodeRun* run_at(u64 place) const {
    const auto behind = std::ranges::upper_bound(runs_, place, {}, &CodeRun::begin);
    if (behind == runs_.begin() || place >= std::prev(behind)->end) return nullptr;
    return &*std::prev(behind);
  }

  bool read_miscellaneous16(u32 insn) {
    if ((insn & 0xf500) == 0xb100) return refer(Form::kThumbCompare, insn);
    switch (insn >> 8) {
      case 0xb0:
      case 0xb2:
      case 0xb4:
      case 0xb5:
      case 0xbc:
      case 0xbe:
        return true;  // the stack pointer, SXTB and the like, PUSH, POP, BKPT
      case 0xb6:
        return (insn & 0xfff7) == 0xb650 || (insn & 0xffe8) == 0xb660;  // SETEND, CPS
      case 0xba:
        return bits(insn, 7, 6) != 2;  // REV
      case 0xbd:
        return stop();  // POP with the program counter
      case 0xbf:
        return read_if_then(insn);
      default:
        return false;
    }
  }

  // IT makes up to four instructions conditional; without a mask it is a hint such as NOP.
  bool read_if_then(u32 insn) {
    const u32 mask = bits(insn, 3, 0);
    if (mask == 0) return true;
    if (bits(insn, 7, 4) == kAlways) return mask == 8;
    u64 count = 1;
    for (u32 rest = mask; (rest & 7) != 0; rest = rest << 1 & 15) count++;
    conditional_left_ = count + 1;  // this one included
    return true;
  }

  bool read_thumb32(u32 insn) {
    const u32 first = insn >> 16;
    if ((first & 0xfe40) == 0xe800) return read_load_many(insn);
    if ((first & 0xfe40) == 0xe840) return read_load_two(insn);
    // CSEL and the like, in which the program counter's number means zero (DDI 0553, Armv8.1-M).
    if ((insn & 0xfff0'c000) == 0xea50'8000) return bits(insn, 11, 8) != kPc;
    // LSLL and other long shifts by a number, which would be ORRS with the program counter.
    if ((insn & 0xfff0'800f) == 0xea50'000f) return true;
    if ((first & 0xfe00) == 0xea00) return !bit(insn, 15) && read_operation(insn, true);
    if ((first & 0xfc00) == 0xfc00) return bit(insn, 25) || bits(insn, 19, 16) != kPc;
    if ((first & 0xfc00) == 0xec00) return read_coprocessor(insn, Form::kThumbLiteral10);
    if ((first & 0xf800) == 0xf000)
      return bit(insn, 15) ? read_control(insn) : read_immediate(insn);
    if ((first & 0xfe00) == 0xf800) return read_load_one(insn);
    if ((first & 0xff00) == 0xfa00)
      return bits(insn, 15, 12) == 15 && bits(insn, 11, 8) != kPc && bits(insn, 3, 0) != kPc;
    if ((first & 0xff00) == 0xfb00) return bits(insn, 11, 8) != kPc && bits(insn, 3, 0) != kPc;
    return false;
  }

  // LDM, STM, RFE, SRS.
  bool read_load_many(u32 insn) {
    const u32 mode = bits(insn, 24, 23);
    if (mode == 0 || mode == 3) return bit(insn, 20) ? stop() : true;
    if (bits(insn, 19, 16) == kPc) return false;
    return stop_if(bit(insn, 20) && bit(insn, 15));
  }

  // LDRD, STRD, exclusive accesses, TBB and TBH.
  bool read_load_two(u32 insn) {
    const u32 rn = bits(insn, 19, 16);
    if ((insn & 0xfff0'ffe0) == 0xe8d0'f000) return rn == kPc && read_table_branch(bit(insn, 4));
    if (rn != kPc) return true;
    const bool is_literal = bit(insn, 24) && !bit(insn, 21) && bit(insn, 20);
    return is_literal && refer(Form::kThumbLiteral10, insn);
  }

  // The table stands behind the instruction, as data; its entries are half the distance from there.
  bool read_table_branch(bool halfwords) {
    const u64 table = place_ + 4;
    if (table != runs_[number_].end || number_ + 1 == runs_.size() || conditional_left_ != 0)
      return false;
    const CodeRun& data = runs_[number_ + 1];
    if (data.mode != CodeMode::kData || data.end > contents_.size()) return false;
    const u64 size = halfwords ? 2 : 1;
    for (u64 at = table; at + size <= data.end; at += size) {
      const u64 entry = halfwords ? contents_.le<u16>(at) : contents_.le<u8>(at);
      const bool is_padding = !halfwords && entry == 0 && at + 1 == data.end;
      if (!is_padding && !add(static_cast<i64>(table + 2 * entry), 0)) return false;
    }
    scan_.stops.push_back(static_cast<u32>(data.end));
    return true;
  }

  // Arithmetic and logic: those that give no result have the program counter in place of one, and
  // MOV and MVN in place of an operand.
  bool read_operation(u32 insn, bool by_register) {
    const u32 operation = bits(insn, 24, 21);
    const bool is_test =
        bit(insn, 20) && (operation == 0 || operation == 4 || operation == 8 || operation == 13);
    if (bits(insn, 11, 8) == kPc && !is_test) return false;
    if (by_register && bits(insn, 3, 0) == kPc) return false;
    return bits(insn, 19, 16) != kPc || operation == 2 || operation == 3;
  }

  bool read_immediate(u32 insn) {
    if (!bit(insn, 25)) return read_operation(insn, false);
    if (bits(insn, 11, 8) == kPc) return false;
    const bool from_pc = bits(insn, 19, 16) == kPc;
    switch (bits(insn, 24, 20)) {
      case 0:
      case 10:
        return from_pc ? refer(Form::kThumbAddress12, insn) : true;
      case 4:
      case 12:
      case 22:
        return true;  // MOVW, MOVT, BFI and BFC
      case 16:
      case 18:
      case 20:
      case 24:
      case 26:
      case 28:
        return !from_pc;  // SSAT, SBFX, USAT, UBFX
      default:
        return false;
    }
  }

  // Branches, hints, barriers, system registers.
  bool read_control(u32 insn) {
    switch (insn & 0x5000) {
      case 0x1000:
        return refer(Form::kThumbBranch24, insn) && stop();
      case 0x4000:
        is_call_ = !bit(insn, 0);
        return bit(insn, 0) ? read_loop(insn) : refer(Form::kThumbBlx, insn);
      case 0x5000:
        is_call_ = true;
        return refer(Form::kThumbBranch24, insn);
      default:
        break;
    }
    if (bits(insn, 25, 23) != 7) return refer(Form::kThumbBranch19, insn);
    const u32 operation = bits(insn, 26, 20);
    if (operation == 0x7f) return bits(insn, 14, 12) == 2 ? stop() : true;  // UDF, SMC
    if (operation == 0x3c || operation == 0x3d) return stop();              // BXJ, SUBS PC, LR
    return operation == 0x38 || operation == 0x39 || operation == 0x3a || operation == 0x3b ||
           operation == 0x3e || operation == 0x3f || operation == 0x7e;
  }

  // LE branches back and WLS forth, DLS begins a loop without a branch (Armv8-M ARM DDI 0553,
  // "LE, LETP" and others). A loop is in one function, so nobody needs to encode them anew. What
  // has a number other than zero in bits 26 to 23 is BF, which announces a branch.
  bool read_loop(u32 insn) {
    if (bits(insn, 26, 23) != 0 || is_relocated()) return false;
    if (bit(insn, 13)) return bits(insn, 11, 0) == 1;
    const i64 distance = i64{bits(insn, 10, 1)} << 2 | i64{bits(insn, 11, 11)} << 1;
    const bool back = bits(insn, 19, 16) == kPc;
    return add(static_cast<i64>(place_ + 4) + (back ? -distance : distance), 0);
  }

  bool read_load_one(u32 insn) {
    const u32 rn = bits(insn, 19, 16);
    const u32 size = bits(insn, 22, 21);
    if (!bit(insn, 20)) return rn != kPc && (bit(insn, 24) || size != 3);  // also of vectors
    if (size == 3 || (size == 2 && bit(insn, 24))) return false;
    if (rn == kPc && !refer(Form::kThumbLiteral12, insn)) return false;
    if (rn == kPc && size == 2) note_literal_of_lr(insn);
    return stop_if(size == 2 && bits(insn, 15, 12) == kPc);
  }

  // ---- Both

  // LDC, STC, VLDR, VSTR, VLDM; MCR and MRC move to a core register, of which the program counter
  // means the flags. Vector arithmetic.
  bool read_coprocessor(u32 insn, Form literal) {
    if (bit(insn, 25)) return true;
    if (bits(insn, 19, 16) != kPc) return true;
    const bool is_half = bits(insn, 11, 8) == 9;
    const bool is_literal = bit(insn, 24) && !bit(insn, 21) && bit(insn, 20) && !is_half;
    return is_literal && refer(literal, insn);
  }

  // ---- Arm

  bool read_arm() {
    const u32 insn = contents_.le<u32>(place_);
    if (insn >> 28 == 15) return read_unconditional(insn);
    always_ = insn >> 28 == kAlways;
    switch (bits(insn, 27, 25)) {
      case 0:
        return bit(insn, 7) && bit(insn, 4) ? read_multiply_or_load(insn) : read_data(insn);
      case 1:
        return read_data(insn);
      case 2:
        return read_load_arm(insn);
      case 3:
        return bit(insn, 4) ? read_media(insn) : read_load_arm(insn);
      case 4:
        if (bits(insn, 19, 16) == kPc) return false;
        return stop_if(always_ && bit(insn, 20) && bit(insn, 15));
      case 5:
        is_call_ = always_ && bit(insn, 24);
        return refer(Form::kArmBranch, insn) && stop_if(always_ && !bit(insn, 24));
      case 6:
        return read_coprocessor(insn, Form::kArmLiteral10);
      default:
        return true;  // SVC, CDP, MCR, MRC
    }
  }

  bool read_unconditional(u32 insn) {
    const bool from_pc = bits(insn, 19, 16) == kPc;
    switch (bits(insn, 27, 24)) {
      case 1:
      case 2:
      case 3:
      case 14:
        return true;  // CPS, SETEND, vectors, MCR2
      case 4:
      case 5:
        if ((insn & 0x0ff0'0000) == 0x0570'0000) return true;  // CLREX, DSB, DMB, ISB
        if (!from_pc) return true;                             // vectors, PLD, PLI
        return (insn & 0x0e70'0000) == 0x0450'0000 && refer(Form::kArmLiteral12, insn);
      case 6:
      case 7:
        return !from_pc && bits(insn, 3, 0) != kPc;
      case 8:
      case 9:
        return bit(insn, 20) ? stop_if(true) : true;  // RFE, SRS
      case 10:
      case 11:
        is_call_ = true;
        return refer(Form::kArmBlx, insn);
      case 12:
      case 13:
        return !from_pc;
      default:
        return false;
    }
  }

  // Multiplications, exclusive accesses; LDRH, LDRSB, LDRSH, LDRD and their stores.
  bool read_multiply_or_load(u32 insn) {
    const bool from_pc = bits(insn, 19, 16) == kPc;
    if (bits(insn, 6, 5) == 0) return bits(insn, 27, 24) == 0 || !from_pc;
    const bool by_register = !bit(insn, 22);
    if (bits(insn, 15, 12) == kPc || (by_register && bits(insn, 3, 0) == kPc)) return false;
    if (!from_pc) return true;
    const bool loads = bit(insn, 20) || bits(insn, 6, 5) == 2;
    return loads && !by_register && bit(insn, 24) && !bit(insn, 21) &&
           refer(Form::kArmLiteral8, insn);
  }

  bool read_data(u32 insn) {
    const bool is_immediate = bit(insn, 25);
    const u32 operation = bits(insn, 24, 21);
    if (bits(insn, 24, 23) == 2 && !bit(insn, 20))
      return is_immediate ? (bit(insn, 21) || bits(insn, 15, 12) != kPc) : read_state(insn);
    const u32 rn = bits(insn, 19, 16);
    const u32 rd = bits(insn, 15, 12);
    const bool is_move = operation == 13 || operation == 15;
    const bool is_test = operation >= 8 && operation < 12;
    if (!is_immediate && bits(insn, 3, 0) == kPc) return insn == 0xe1a0'e00f && jumps_next();
    if (!is_immediate && bit(insn, 4) && bits(insn, 11, 8) == kPc) return false;
    if (rn == kPc && !is_move) {
      if (is_immediate && (operation == 2 || operation == 4) && rd != kPc && !bit(insn, 20))
        return refer(Form::kArmAddress, insn);
      return (insn & 0x0fff'fff0) == 0x008f'f100 && read_jump_table(insn);
    }
    if (rd != kPc || is_test) return true;
    // MOV PC, and returns from exceptions.
    return (operation == 13 || bit(insn, 20)) && stop_if(always_);
  }

  // BX, BLX, BXJ; CLZ, MRS, MSR, QADD, BKPT.
  bool read_state(u32 insn) {
    switch (insn & 0x0fff'fff0) {
      case 0x012f'ff10:
      case 0x012f'ff20:
        return bits(insn, 3, 0) != kPc && stop_if(always_);
      case 0x012f'ff30:
        is_call_ = always_;
        return bits(insn, 3, 0) != kPc;
      default:
        break;
    }
    if ((insn & 0x0fff'ffff) == 0x0160'006e) return stop_if(always_);  // ERET
    return bits(insn, 3, 0) != kPc && (bits(insn, 15, 12) != kPc || bits(insn, 7, 4) == 0);
  }

  // The call of a function whose address is in a register, before there was BLX: MOV LR, PC.
  bool jumps_next() const {
    if (place_ + 8 > runs_[number_].end) return false;
    const u32 next = contents_.le<u32>(place_ + 4);
    const bool jumps = (next & 0xffff'fff0) == 0xe12f'ff10 || (next & 0xffff'fff0) == 0xe1a0'f000;
    const bool loads = (next & 0xfe50'f000) == 0xe410'f000 && bits(next, 19, 16) != kPc;
    return jumps || loads;
  }

  bool read_load_arm(u32 insn) {
    const u32 rn = bits(insn, 19, 16);
    const bool by_register = bit(insn, 25);
    const bool to_pc = bit(insn, 20) && !bit(insn, 22) && bits(insn, 15, 12) == kPc;
    if (by_register && bits(insn, 3, 0) == kPc) return false;
    if (rn == kPc) {
      if (by_register) return (insn & 0x0fff'fff0) == 0x079f'f100 && read_jump_table(insn);
      const bool is_literal = bit(insn, 24) && !bit(insn, 21) && bit(insn, 20);
      if (!is_literal || !refer(Form::kArmLiteral12, insn)) return false;
    }
    return stop_if(always_ && to_pc);
  }

  // Arithmetic of parts of registers; UDF.
  bool read_media(u32 insn) {
    if ((insn & 0x0ff0'00f0) == 0x07f0'00f0) return stop_if(always_);
    return true;
  }

  // CMP Rm, #last; ADDLS PC, PC, Rm, LSL #2 or LDRLS PC, [PC, Rm, LSL #2]: one branch or address
  // for each number up to the last.
  bool read_jump_table(u32 insn) {
    constexpr u32 kLowerOrSame = 9;
    constexpr u64 kFurthest = 4;  // instructions
    if (insn >> 28 != kLowerOrSame) return false;
    for (u64 i = 1; i <= kFurthest && place_ >= runs_[number_].begin + 4 * i; i++) {
      const u32 before = contents_.le<u32>(place_ - 4 * i);
      const bool compares = (before & 0xfff0'f000) == 0xe350'0000;
      if (compares && bits(before, 19, 16) == bits(insn, 3, 0)) {
        const u64 last =
            static_cast<u64>(magnitude(read_arm_immediate(before & ~(kAddBit | kSubBit))));
        return add(static_cast<i64>(place_ + 8 + 4 * last), 0);
      }
      if (bits(before, 15, 12) == bits(insn, 3, 0) || bits(before, 27, 26) != 0) return false;
    }
    return false;
  }

  Bytes contents_;
  std::span<const CodeRun> runs_;
  u64 number_;
  std::span<const u32> relocated_;
  CodeScan& scan_;
  u64 place_ = 0;
  u64 length_ = 0;
  bool is_call_ = false;      // BL or BLX is the instruction
  u64 conditional_left_ = 0;  // instructions that IT makes conditional, the one at hand included
  bool always_ = false;       // of an Arm instruction: its condition
  u64 lr_literal_ = 0;        // what the instruction loads into LR that ends at:
  u64 lr_literal_behind_ = ~u64{0};
};

// Nobody may come to ADD LR, PC but from the load before it. `scan` has all runs of the section.
bool enters_code_address(Bytes contents, std::span<const CodeRun> runs, const CodeScan& scan) {
  constexpr u16 kAddLrPc = 0x44fe;
  std::vector<u32> sums;
  for (const CodeReference& reference : scan.references)
    if (reference.form == CodeReference::kFixed && contents.holds(reference.place, 2) &&
        contents.le<u16>(reference.place) == kAddLrPc)
      sums.push_back(reference.place);
  if (sums.empty() || runs.empty()) return false;
  std::ranges::sort(sums);
  return std::ranges::any_of(scan.references, [&](const CodeReference& reference) {
    return std::ranges::binary_search(sums, reference.target);
  });
}

}  // namespace

bool scan_code(Bytes contents, std::span<const CodeRun> runs, u64 number,
               std::span<const u32> relocated, CodeScan& scan) {
  const bool is_read = runs[number].mode == CodeMode::kData ||
                       Scanner(contents, runs, number, relocated, scan).run();
  return is_read && (number + 1 < runs.size() || !enters_code_address(contents, runs, scan));
}

}  // namespace fwseal::arm
