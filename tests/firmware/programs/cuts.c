// One section with all functions of a file, one with all its constants: what refers from one to
// another without saying so. What is called dead_... is not called at all.
//
//! start: board
//! boards: mps2-an385 microbit raspi0
//! libraries: nano
//! options: -O1
//! files: cuts_more.c cuts_font.c cuts_code.S cuts_before.S
#include "cuts.h"

#include "check.h"

int main(void) {
  static const uint8_t program[] = {0, 1, 2, 0, 3};
  int sum = 0;
  for (int i = 0; i < 4; i++) sum = sum * 10 + steps[i](i);
  CHECK(sum == 1399);
  CHECK(narrow_font['A'] == 'A' - 32 && narrow_font[' '] == 0);
  for (int i = 0; i < 6; i++) CHECK(anchored_first[i] == i + 1);
  for (int i = 0; i < 12; i++) {
    CHECK(jump_dense(i) == (i < 8 ? i * i + 3 : -1));
    CHECK(jump_sparse(i * 100) == (i % 3 == 0 ? i + 1000 : 7));
    CHECK(jump_far(i) == (i < 6 ? 31 * i + 2 : 9));
  }
  CHECK(jump_labels(program) == 38);
  CHECK(through_tail_calls(5) == 116);
  CHECK(sum_of(3, 10, 20, 30) == 60);
  CHECK(leaves_by_longjmp(4) == 12);
  CHECK(reads_before(2) == 102);
  CHECK(strong_name(1) == 41 && weak_name(1) == 41 && other_name(2) == 42);
  CHECK(in_own_section(6) == 66);
  CHECK(in_ram(1) == 15);
  CHECK(alias_of_middle[1] == 44);
  CHECK(code_adr(2) == 13);
  CHECK(code_falls(1) == 17);
  CHECK(code_table(0) == 20 && code_table(1) == 21 && code_table(2) == 22);
  CHECK(code_shared_literal(1) == 0x12345679);
  CHECK(code_word_before() == 0x0badcafe);
  CHECK(code_back(3) == 23);
  CHECK(code_relative(3) == 50);
  CHECK(code_behind_adr(1) == 0x600d);
  return DONE();
}
