// Line programs against a machine written from the standard alone: rows that stay are the same, at
// addresses that follow, and no others are there.
#include "prune/debug_line.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "tests/unit/prune/debug_world.h"

namespace fwseal {
namespace {

struct Row {
  u64 address = 0;
  u64 file = 1, line = 1, column = 0, isa = 0, discriminator = 0;
  bool is_stmt = true, block = false, prologue = false, epilogue = false, end = false;
  bool operator==(const Row&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Row& row) {
  return out << std::hex << row.address << " line " << row.line << " column " << row.column
             << (row.is_stmt ? " stmt" : "") << (row.prologue ? " prologue" : "")
             << " discriminator " << row.discriminator << (row.end ? " end" : "");
}

using Sequence = std::vector<Row>;
struct Program_ {
  std::vector<Sequence> sequences;
  std::string others;  // instructions that concern no row
};

// The parameters that headers of the tests have.
constexpr u64 kMinimum = 2;
constexpr i64 kLineBase = -3;
constexpr u64 kLineRange = 12;
constexpr u64 kOpcodeBase = 14;  // one more than the standard knows
constexpr std::array<u64, 13> kOperands = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 2};

Assembly header(u64 version) {
  Assembly rest;
  rest.byte(kMinimum);
  if (version >= 4) rest.byte(1);
  rest.byte(1).byte(static_cast<u64>(kLineBase)).byte(kLineRange).byte(kOpcodeBase);
  for (const u64 operands : kOperands) rest.byte(operands);
  if (version >= 5)
    rest.byte(0).byte(0).byte(0).byte(0);
  else
    rest.byte(0).text("a.c").byte(0).byte(0).byte(0).byte(0).byte(0);
  Assembly result;
  result.half(version);
  if (version >= 5) result.byte(4).byte(0);
  result.word(rest.size()).text(rest.bytes());
  return result;
}

class Machine {
 public:
  explicit Machine(const std::string& section) : bytes_(section) {}

  std::vector<Program_> run() {
    std::vector<Program_> programs;
    while (at_ < bytes_.size()) programs.push_back(program());
    return programs;
  }

 private:
  u64 fixed(u64 size) {
    u64 value = 0;
    for (u64 i = 0; i < size; i++) value |= u64{static_cast<u8>(bytes_.at(at_++))} << 8 * i;
    return value;
  }
  u64 leb(bool is_signed) {
    u64 value = 0, shift = 0, byte = 0;
    do {
      byte = fixed(1);
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while ((byte & 0x80) != 0);
    if (is_signed && (byte & 0x40) != 0) value |= ~u64{0} << shift;
    return value;
  }

  Program_ program() {
    Program_ result;
    const u64 size = fixed(4);
    const u64 end = at_ + size;
    if (fixed(2) >= 5) at_ += 2;
    const u64 length = fixed(4);
    at_ += length;
    Row row;
    Sequence sequence;
    while (at_ < end) {
      const u64 begin = at_;
      const u64 opcode = fixed(1);
      bool emits = false;
      if (opcode >= kOpcodeBase) {
        row.address += (opcode - kOpcodeBase) / kLineRange * kMinimum;
        row.line += static_cast<u64>(kLineBase) + (opcode - kOpcodeBase) % kLineRange;
        emits = true;
      } else {
        switch (opcode) {
          case 0: {
            const u64 bytes = leb(false);
            const u64 behind = at_ + bytes;
            const u64 extended = fixed(1);
            if (extended == 1)
              row.end = emits = true;
            else if (extended == 2)
              row.address = fixed(4);
            else if (extended == 4)
              row.discriminator = leb(false);
            else
              result.others += bytes_.substr(begin, behind - begin);
            at_ = behind;
            break;
          }
          case 1:
            emits = true;
            break;
          case 2:
            row.address += leb(false) * kMinimum;
            break;
          case 3:
            row.line += leb(true);
            break;
          case 4:
            row.file = leb(false);
            break;
          case 5:
            row.column = leb(false);
            break;
          case 6:
            row.is_stmt = !row.is_stmt;
            break;
          case 7:
            row.block = true;
            break;
          case 8:
            row.address += (255 - kOpcodeBase) / kLineRange * kMinimum;
            break;
          case 9:
            row.address += fixed(2);
            break;
          case 10:
            row.prologue = true;
            break;
          case 11:
            row.epilogue = true;
            break;
          case 12:
            row.isa = leb(false);
            break;
          default:
            leb(false), leb(false);
            result.others += bytes_.substr(begin, at_ - begin);
        }
      }
      if (!emits) continue;
      sequence.push_back(row);
      row.discriminator = 0;
      row.block = row.prologue = row.epilogue = false;
      if (!row.end) continue;
      result.sequences.push_back(sequence);
      sequence.clear();
      row = Row();
    }
    EXPECT_EQ(at_, end);
    EXPECT_TRUE(sequence.empty());
    return result;
  }

  const std::string& bytes_;
  u64 at_ = 0;
};

// What is left of a sequence.
Sequence expected(const Sequence& sequence, const EditList& edits) {
  Sequence result;
  for (Row row : sequence) {
    if (row.end) {
      if (result.empty()) break;
      // Its other registers mean nothing.
      Row last;
      last.end = true;
      last.address = std::max(edits.map_end(row.address), result.back().address);
      result.push_back(last);
    } else if (!edits.removes(row.address)) {
      row.address = edits.map(row.address);
      result.push_back(row);
    }
  }
  return result;
}

void compare(const std::vector<Program_>& before, const std::vector<Program_>& after,
             const EditList& edits) {
  ASSERT_EQ(before.size(), after.size());
  for (u64 i = 0; i < before.size(); i++) {
    SCOPED_TRACE(cat("program ", i));
    std::vector<Sequence> wanted;
    for (const Sequence& sequence : before[i].sequences)
      if (Sequence rest = expected(sequence, edits); !rest.empty()) wanted.push_back(rest);
    std::vector<Sequence> got = after[i].sequences;
    for (Sequence& sequence : got) {
      Row last;
      last.end = true;
      last.address = sequence.back().address;
      sequence.back() = last;
    }
    ASSERT_EQ(wanted, got);
    ASSERT_EQ(before[i].others, after[i].others);
  }
}

constexpr u64 kCode = 48;
const std::vector<EditList>& all_edits() {
  static const std::vector<EditList> edits = {
      taken_out({{0, 16, 0}}),
      taken_out({{8, 20, 0}}),
      taken_out({{32, 48, 0}}),
      taken_out({{4, 12, 0}, {16, 24, 0}, {40, 48, 0}}),
      taken_out({{0, 10, 2}, {14, 32, 2}}),
      taken_out({{0, 4, 0}, {8, 46, 2}}),
      taken_out({{2, 48, 0}}),
  };
  return edits;
}

void check(const Assembly& lines) {
  for (const EditList& edits : all_edits()) {
    SCOPED_TRACE(cat("edit of ", edits.edits()[0].offset, ", ", edits.edits()[0].removed));
    DebugWorld world(kCode);
    world.add(".debug_line", lines);
    std::string said;
    const std::string after = world.follow(edits, said).at(".debug_line");
    EXPECT_EQ(said, "");
    compare(Machine(lines.bytes()).run(), Machine(after).run(), edits);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

// ---- Every short program

// An instruction, and how far it moves on.
using Instruction = u64 (*)(Assembly&);
const std::vector<Instruction> kInstructions = {
    [](Assembly& to) {
      to.byte(1);
      return u64{0};
    },
    [](Assembly& to) {
      to.byte(kOpcodeBase + 4 * kLineRange + 5);
      return u64{8};
    },
    [](Assembly& to) {
      to.byte(kOpcodeBase + 1 * kLineRange + 0);
      return u64{2};
    },
    [](Assembly& to) {
      to.byte(2).uleb(5);
      return u64{10};
    },
    [](Assembly& to) {
      to.byte(3).sleb(70);
      return u64{0};
    },
    [](Assembly& to) {
      to.byte(6);
      return u64{0};
    },
    [](Assembly& to) {
      to.byte(10);
      return u64{0};
    },
    [](Assembly& to) {
      to.byte(0).uleb(2).byte(4).uleb(3);
      return u64{0};
    },
    [](Assembly& to) {
      to.byte(13).uleb(1).uleb(300);
      return u64{0};
    },
};

void end_sequence(Assembly& to) { to.byte(0).uleb(1).byte(1); }
void set_address(Assembly& to, u64 address) { to.byte(0).uleb(5).byte(2).code(address); }

TEST(DebugLine, EveryShortProgram) {
  constexpr u64 kLength = 4;
  Assembly lines;
  std::array<u64, kLength> chosen{};
  for (;;) {
    Assembly program = header(3);
    set_address(program, 0);
    program.byte(3).sleb(1000);
    u64 address = 0;
    for (const u64 choice : chosen) address += kInstructions[choice](program);
    program.byte(2).uleb((kCode - address) / kMinimum);
    end_sequence(program);
    lines.unit(program);
    u64 i = 0;
    while (i < kLength && ++chosen[i] == kInstructions.size()) chosen[i++] = 0;
    if (i == kLength) break;
  }
  check(lines);
}

// ---- Long ones

class Random {
 public:
  explicit Random(u32 seed) : engine_(seed) {}
  u64 below(u64 bound) { return engine_() % bound; }
  bool chance(u64 percent) { return below(100) < percent; }

 private:
  std::mt19937 engine_;
};

Assembly& instruction(Assembly& to, Random& random, u64& address, u64 end) {
  const u64 most = (end - address) / kMinimum;
  switch (random.below(16)) {
    case 0:
      return to.byte(1);
    case 1: {
      const u64 step = random.below(most + 1);
      address += step * kMinimum;
      return to.byte(2).uleb(step, 1 + random.below(3));
    }
    case 2:
      return to.byte(3).sleb(static_cast<i64>(random.below(400)));
    case 3:
      return to.byte(4).uleb(1 + random.below(200));
    case 4:
      return to.byte(5).uleb(random.below(200));
    case 5:
      return to.byte(6);
    case 6:
      return to.byte(7 + random.below(2) * 4);
    case 7: {
      constexpr u64 kStep = (255 - kOpcodeBase) / kLineRange;
      if (kStep > most) return to;
      address += kStep * kMinimum;
      return to.byte(8);
    }
    case 8: {
      const u64 step = random.below(end - address + 1);
      address += step;
      return to.byte(9).half(step);
    }
    case 9:
      return to.byte(10);
    case 10:
      return to.byte(12).uleb(random.below(3));
    case 11:
      return to.byte(0).uleb(3).byte(4).uleb(random.below(100), 2);
    case 12:
      return to.byte(0).uleb(6).byte(3).text("f").byte(0).byte(0).byte(0).byte(0);
    default: {
      const u64 step = random.below(std::min<u64>(most, 7) + 1);
      address += step * kMinimum;
      return to.byte(kOpcodeBase + step * kLineRange + random.below(kLineRange));
    }
  }
}

void random_sequence(Assembly& program, Random& random) {
  u64 address = 2 * random.below(kCode / 4);
  if (random.chance(30)) program.byte(5).uleb(77);
  if (random.chance(10)) program.byte(10);
  program.byte(3).sleb(1000);
  set_address(program, address);
  for (u64 i = random.below(30); i > 0; i--) {
    if (random.chance(5)) {
      address += random.below(kCode - address + 1);
      set_address(program, address);
      program.byte(1);  // or the rest of a gap before it may belong to the sequence
    }
    instruction(program, random, address, kCode);
  }
  if (random.chance(60)) program.byte(9).half(kCode - address);
  end_sequence(program);
}

TEST(DebugLine, RandomPrograms) {
  for (u64 version = 2; version <= 5; version++) {
    Random random(static_cast<u32>(version));
    Assembly lines;
    for (u32 i = 0; i < 3000; i++) {
      Assembly program = header(version);
      for (u64 k = 1 + random.below(3); k > 0; k--) random_sequence(program, random);
      lines.unit(program);
    }
    SCOPED_TRACE(cat("DWARF ", version));
    check(lines);
    if (HasFatalFailure()) return;
  }
}

TEST(DebugLine, AProgramMayNeedMoreBytesThanItHad) {
  // A dead function of one row between two others: two bytes, which cannot say line + 16.
  Assembly program = header(3);
  set_address(program, 0);
  program.byte(1);
  program.byte(kOpcodeBase + 4 * kLineRange + 11).byte(kOpcodeBase + 6 * kLineRange + 11);
  program.byte(2).uleb((kCode - 20) / kMinimum);
  end_sequence(program);
  Assembly lines;
  lines.unit(program).unit(program);
  DebugWorld world(kCode);
  world.add(".debug_line", lines);
  std::string said;
  const std::string after = world.follow(taken_out({{8, 20, 0}}), said).at(".debug_line");
  EXPECT_GT(after.size(), lines.size());
  check(lines);
}

// What cannot be read stays as it is, and is said once.
TEST(DebugLine, MalformedProgramsStay) {
  Assembly good = header(3);
  set_address(good, 0);
  good.byte(1).byte(2).uleb(10).byte(1);
  Assembly without_end;
  without_end.unit(good);
  Assembly version_9;
  version_9.unit(Assembly().half(9).word(0));
  Assembly too_long;
  too_long.word(100).half(3);
  for (const Assembly& lines : {without_end, version_9, too_long}) {
    DebugWorld world(kCode);
    world.add(".debug_line", lines);
    std::string said;
    const std::string after = world.follow(taken_out({{8, 48, 0}}), said).at(".debug_line");
    EXPECT_EQ(after, lines.bytes());
    EXPECT_NE(said.find("a.o:(.debug_line"), std::string::npos) << said;
    EXPECT_NE(said.find("stays as it is"), std::string::npos) << said;
  }
}

// Every prefix of a good section is followed or left alone.
TEST(DebugLine, EveryPrefix) {
  Random random(9);
  Assembly program = header(5);
  for (u32 i = 0; i < 3; i++) random_sequence(program, random);
  Assembly lines;
  lines.unit(program);
  for (u64 size = 0; size < lines.size(); size++) {
    Assembly prefix;
    prefix.text(lines.bytes().substr(0, size));
    for (const u32 place : lines.code_places)
      if (place + 4 <= size) prefix.code_places.push_back(place);
    DebugWorld world(kCode);
    world.add(".debug_line", prefix);
    std::string said;
    const std::string after = world.follow(taken_out({{8, 48, 0}}), said).at(".debug_line");
    EXPECT_EQ(after.size(), size);
    EXPECT_EQ(said.empty(), size == 0);
  }
}

}  // namespace
}  // namespace fwseal
