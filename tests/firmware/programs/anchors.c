// Data that code reaches through one address for many objects (GCC's section anchors, and the
// symbols of sections in general): what is between them and dead goes, and nothing else.
//
//! start: board
//! boards: mps2-an385 microbit raspi0
//! libraries: nano
//! files: anchors_tables.c
#include "anchors.h"

#include "check.h"

__attribute__((noinline)) int sum_between(const uint8_t* begin, const uint8_t* end) {
  int sum = 0;
  while (begin != end) sum = sum * 2 + *begin++;
  return sum;
}
__attribute__((noinline)) int sum_backwards(const uint8_t* end, int count) {
  int sum = 0;
  while (count-- > 0) sum = sum * 2 + *--end;
  return sum;
}
__attribute__((noinline)) int sum_from_1(const int* before, int count) {
  int sum = 0;
  for (int i = 1; i <= count; i++) sum += before[i];
  return sum;
}

static int any(int value) {
  static volatile int hidden;
  hidden = value;
  return hidden;
}

static void check_tables(void) {
  int end = 0, back = 0, passed = 0, passed_back = 0, bytes = 0;
  for (int i = 0; i < 16; i++) {
    end = end * 2 + i * 5;
    back = back * 2 + (15 - i) * 7;
    passed = passed * 2 + 200 - i;
    passed_back = passed_back * 2 + (15 - i) * 5;
    CHECK(font_row(any(32 + i), any(i)) == (4 * i + (i & 3)) * 3 + 1);
    CHECK(upper_half((unsigned)any(i * 2)) == 200 - i * 2);
    CHECK(first_bytes(any(i)) == bytes);
    CHECK(wide((unsigned)any(i)) == 0x0001000100010001ull * (unsigned)i);
    bytes += i * 3 + 1;
  }
  CHECK(font_row(any(31), 0) == -1 && font_row(any(48), 0) == -1);
  CHECK(end_pointer() == end);
  CHECK(backwards() == back);
  CHECK(handed_on() == passed);
  CHECK(handed_on_backwards() == passed_back);
  CHECK(counted_from_1() == 7777);
  CHECK(every_third() == 3 * 165 + 11);
  CHECK(value_of_key(any(33)) == 40 && value_of_key(any(44)) == 53 && value_of_key(any(5)) == -1);
  CHECK(by_bits((unsigned)any(0x60)) == 16 + 1 && by_bits((unsigned)any(-1)) == 64 + 64);
  CHECK(in_row((unsigned)any(4), (unsigned)any(8)) == 14 + 21);
  for (int i = 0; i < 8; i++) CHECK(second_half()[i] == 192 - i);
}

static void check_choices(void) {
  View view;
  view_of(any(1), &view);
  CHECK(sum_between(view.begin, view.end) == 2 * 8 + 4 * 4 + 6 * 2 + 8);
  view_of(any(0), &view);
  CHECK(sum_between(view.begin, view.end) == 1 * 8 + 3 * 4 + 5 * 2 + 7);
  CHECK(chosen(any(4)) == 2468 && chosen(any(3)) == 1357);
  CHECK(switched(any(0), any(3)) == 9 && switched(any(1), any(3)) == 27);
  CHECK(switched(any(2), any(3)) == 72 && switched(any(3), any(3)) == 7);
  CHECK(switched(any(4), any(7)) == 63 && switched(any(5), any(2)) == 13);
  CHECK(switched(any(6), 0) == 99);
  CHECK(from_local_table((unsigned)any(4), (unsigned)any(5)) == 125);
  CHECK(in_lockstep(any(2)) == 0 * 87 + 1 + 216 + 4);
  CHECK(search(0, 9, any(15)) == 5 && search(0, 9, any(-50)) == 0 && search(0, 9, any(1)) == -1);
  CHECK(shared_end() == ((((20 * 3 + 7) * 3 + 5) * 3 + 3) * 3 + 1));
}

static void check_memory(void) {
  CHECK(count_up(any(1)) == 110 && count_up(any(2)) == 130);
  for (int i = 0; i < 11; i++) CHECK(remember(any(i * i)) == i + 1);
  for (int i = 0; i < 8; i++) CHECK(remembered(any(i)) == (10 - i) * (10 - i));
  CHECK(over_setjmp(any(1)) == 70606);
  const int first = many_spilled(any(9));
  CHECK(first != 0 && remembered(0) != 0);
}

int main(void) {
  check_tables();
  check_choices();
  check_memory();
  return DONE();
}
