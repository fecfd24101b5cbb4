// Walking the stack by the frame table (.eh_frame), which the program reads itself from where it
// begins.
//
//! start: board
//! boards: mps2-an385 raspi0
//! libraries: nano
//! options: -Os
//! link: -Wl,-T,frames.ld
//! files: frames_code.S
//! gone: dead_frame_1 dead_frame_2 dead_frame_4
//! stays: small_frame unused_joined
#include <stdint.h>
#include <string.h>

#include "check.h"

typedef int Step(void);
typedef int Through(Step*);
Through small_frame, large_frame, own_frame, used_joined;

extern const uint8_t frames_begin[];

enum { kStart = 8, kSize = 12, kInstructions = 17 };  // offsets in a description of "zR"

static uint32_t word(const uint8_t* place) {
  uint32_t value;
  memcpy(&value, place, sizeof value);
  return value;
}
static uintptr_t start_of(const uint8_t* row) {
  return (uintptr_t)(row + kStart) + word(row + kStart);
}

// The description of the code at `place`; each row of the table is looked at.
static const uint8_t* find(uintptr_t place) {
  const uint8_t* found = 0;
  for (const uint8_t* row = frames_begin; word(row) != 0; row += 4 + word(row)) {
    CHECK(word(row) < 0x100);
    if (word(row + 4) == 0) continue;
    const uint8_t* const common = row + 4 - word(row + 4);
    CHECK(common >= frames_begin && word(common + 4) == 0);
    CHECK(common[8] == 1 && strcmp((const char*)common + 9, "zR") == 0);
    if (place - start_of(row) >= word(row + kSize)) continue;
    CHECK(found == 0);
    found = row;
  }
  return found;
}

// How far above the stack pointer the frame of the code at `place` ends.
static uint32_t frame_at(const uint8_t* row, uintptr_t place) {
  const uint8_t* const common = row + 4 - word(row + 4);
  const uint32_t unit = common[12];
  uintptr_t at = start_of(row);
  uint32_t frame = 0;
  for (const uint8_t* code = row + kInstructions; code < row + 4 + word(row) && at < place;) {
    if (*code >> 6 == 1) {  // DW_CFA_advance_loc
      at += (*code++ & 0x3f) * unit;
    } else if (*code == 0x02) {  // DW_CFA_advance_loc1
      at += code[1] * unit;
      code += 2;
    } else if (*code == 0x0e) {  // DW_CFA_def_cfa_offset
      if (at < place) frame = code[1];
      code += 2;
    } else {  // DW_CFA_offset of registers that are pushed, DW_CFA_nop
      code += *code >> 6 == 2 ? 2 : 1;
    }
  }
  return frame;
}

static uintptr_t caller;

__attribute__((noinline)) static int look(void) {
  caller = (uintptr_t)__builtin_return_address(0) & ~(uintptr_t)1;
  return 1;
}

static void expect(const char* name, Through* through, uint32_t frame) {
  CHECK(through(look) == 2);
  const uint8_t* const row = find(caller);
  CHECK(row != 0);
  if (row == 0) return;
  CHECK(frame_at(row, caller) == frame);
  printf("%s: %u bytes\n", name, (unsigned)frame_at(row, caller));
}

int main(void) {
  expect("small", small_frame, 24);
  expect("large", large_frame, 48);
  expect("own", own_frame, 72);
  expect("joined", used_joined, 8);
  CHECK(find((uintptr_t)look & ~(uintptr_t)1) == 0);  // C has none
  return DONE();
}
