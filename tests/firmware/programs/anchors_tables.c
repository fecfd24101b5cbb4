// Tables of one file that its functions reach by one address; between them such that only dead
// functions use. Each value follows from its index, so that a wrong table is seen.
#include "anchors.h"

#pragma GCC diagnostic ignored "-Warray-bounds"

#define FOUR(f, i) f(i), f((i) + 1), f((i) + 2), f((i) + 3)
#define SIXTEEN(f, i) FOUR(f, i), FOUR(f, (i) + 4), FOUR(f, (i) + 8), FOUR(f, (i) + 12)
#define LINE(f, i) {f(i), f((i) + 1), f((i) + 2), f((i) + 3)}

#define FONT(i) (uint8_t)((i) * 3 + 1)
#define DEAD(i) (uint8_t)((i) + 100)
#define HALF(i) (uint8_t)(200 - (i))
#define END(i) (uint8_t)((i) * 5)
#define BACK(i) (uint8_t)((i) * 7)
#define WIDE(i) 0x0001000100010001ull * (i)
#define KEY(i) {(i) * 11, (i) * 13 + 1}

static const uint8_t dead_before[32] = {SIXTEEN(DEAD, 0), SIXTEEN(DEAD, 16)};
static const uint8_t font[16][4] = {LINE(FONT, 0),  LINE(FONT, 4),  LINE(FONT, 8),  LINE(FONT, 12),
                                    LINE(FONT, 16), LINE(FONT, 20), LINE(FONT, 24), LINE(FONT, 28),
                                    LINE(FONT, 32), LINE(FONT, 36), LINE(FONT, 40), LINE(FONT, 44),
                                    LINE(FONT, 48), LINE(FONT, 52), LINE(FONT, 56), LINE(FONT, 60)};
static const uint8_t dead_first[32] = {SIXTEEN(DEAD, 1), SIXTEEN(DEAD, 17)};
static const uint8_t half[32] = {SIXTEEN(HALF, 0), SIXTEEN(HALF, 16)};
static const uint8_t dead_second[64] = {SIXTEEN(DEAD, 2), SIXTEEN(DEAD, 18)};
static const uint8_t to_end[16] = {SIXTEEN(END, 0)};
static const uint8_t from_end[16] = {SIXTEEN(BACK, 0)};
static const uint16_t dead_third[16] = {SIXTEEN(DEAD, 3)};
static const uint8_t counted[32] = {SIXTEEN(FONT, 0), SIXTEEN(FONT, 16)};
static const struct {
  int key, value;
} keys[] = {KEY(1), KEY(2), KEY(3), KEY(4), {0, -1}};
static const uint8_t dead_fourth[16] = {SIXTEEN(DEAD, 4)};
static const uint8_t bits[8] = {1, 4, 9, 16, 25, 36, 49, 64};
static const uint64_t wides[16] = {SIXTEEN(WIDE, 0ull)};
static const int16_t rows[3][5] = {{1, 2, 3, 4, 5}, {11, 12, 13, 14, 15}, {21, 22, 23, 24, 25}};
static const uint8_t dead_fifth[64] = {SIXTEEN(DEAD, 5)};
static const uint8_t passed[16] = {SIXTEEN(HALF, 0)};
static const uint8_t passed_back[16] = {SIXTEEN(END, 0)};
static const uint8_t dead_sixth[64] = {SIXTEEN(DEAD, 6)};
static const int from_1[4] = {7, 70, 700, 7000};
static const uint8_t even[4] = {2, 4, 6, 8};
static const uint8_t odd[4] = {1, 3, 5, 7};
static const uint8_t dead_seventh[4] = {90, 91, 92, 93};
static const uint8_t squares[8] = {0, 1, 4, 9, 16, 25, 36, 49};
static const uint8_t cubes[8] = {0, 1, 8, 27, 64, 125, 216, 87};
static const int16_t sorted[9] = {-50, -3, 0, 4, 8, 15, 16, 23, 42};
static const uint8_t dead_last[32] = {SIXTEEN(DEAD, 7)};

static int dead_words[8] = {1, 2, 3, 4, 5, 6, 7, 8};
static int counters[4] = {10, 20, 30, 40};
static int dead_more_words[8] = {8, 7, 6, 5, 4, 3, 2, 1};
static int steps[4] = {1, 2, 3, 4};

static int dead_zeroes[16];
static int ring[8];
static unsigned head;
static int dead_more_zeroes[16];
static int marks[4];
static jmp_buf back;

int font_row(int letter, int row) {
  if (letter < 32 || letter >= 48) return -1;
  return font[letter - 32][row & 3];
}

// The address from which this is counted lies where another table begins.
int upper_half(unsigned index) {
  const unsigned place = (index & 31) + 32;
  return half[place - 32];
}

int end_pointer(void) {
  int sum = 0;
  for (const uint8_t* p = to_end; p != to_end + 16; p++) sum = sum * 2 + *p;
  return sum;
}

int backwards(void) {
  int sum = 0;
  for (const uint8_t* p = from_end + 16; p != from_end;) sum = sum * 2 + *--p;
  return sum;
}

int first_bytes(int count) {
  int sum = 0;
  const uint8_t* p = counted;
  while (count-- > 0) sum += *p++;
  return sum;
}

int every_third(void) {
  int sum = 0;
  for (int i = 30; i >= 0; i -= 3) sum += counted[i];
  return sum;
}

int value_of_key(int key) {
  int i = 0;
  while (keys[i].key != 0 && keys[i].key != key) i++;
  return keys[i].value;
}

int by_bits(unsigned word) { return bits[word >> 5 & 7] + bits[word >> 29]; }
uint64_t wide(unsigned index) { return wides[index & 15] ^ wides[index >> 28]; }

int in_row(unsigned row, unsigned column) {
  const int16_t* line = rows[row % 3];
  return line[column % 5] + rows[2][column & 3];
}

int handed_on(void) { return sum_between(passed, passed + 16); }
int handed_on_backwards(void) { return sum_backwards(passed_back + 16, 16); }
int counted_from_1(void) { return sum_from_1(from_1 - 1, 4); }
const uint8_t* second_half(void) { return passed + 8; }

void view_of(int which, View* view) {
  view->begin = which ? even : odd;
  view->end = view->begin + 4;
}

int chosen(int which) {
  const uint8_t* p = which > 3 ? even : odd;
  int sum = 0;
  for (int i = 0; i < 4; i++) sum = sum * 10 + p[i];
  return sum;
}

int switched(int which, int index) {
  switch (which) {
    case 0: return squares[index & 7];
    case 1: return cubes[index & 7];
    case 2: return even[index & 3] * squares[3];
    case 3: return odd[index & 3];
    case 4: return bits[index & 7] - 1;
    case 5: return rows[1][index & 3];
    default: return 99;
  }
}

int from_local_table(unsigned which, unsigned index) {
  const uint8_t* const tables[] = {squares, cubes, bits};
  return tables[which % 3][index & 7];
}

int in_lockstep(int count) {
  int sum = 0;
  for (int i = 0; i < 8 && i < count; i++) sum += squares[i] * cubes[7 - i] + bits[i];
  return sum;
}

int count_up(int by) {
  int sum = 0;
  for (int i = 0; i < 4; i++) sum += counters[i] += by * steps[i];
  return sum;
}

int remember(int value) {
  ring[head++ & 7] = value;
  return (int)head;
}
int remembered(int index) { return ring[(head - 1 - (unsigned)index) & 7]; }

int over_setjmp(int value) {
  volatile int rounds = 0;
  const uint8_t* volatile p = even;
  if (setjmp(back) != 0) p = odd;
  marks[rounds & 3] += value + p[2];
  if (rounds++ < 2) longjmp(back, 1);
  return marks[0] * 10000 + marks[1] * 100 + marks[2];
}

int search(int low, int high, int key) {
  if (low >= high) return -1;
  const int middle = (low + high) / 2;
  if (sorted[middle] == key) return middle;
  return sorted[middle] < key ? search(middle + 1, high, key) : search(low, middle, key);
}

// The end of one is the beginning of the next.
int shared_end(void) {
  int sum = 0;
  const uint8_t* p = even;
  while (p != even + 4) sum += *p++;
  const uint8_t* q = odd + 4;
  while (q != odd) sum = sum * 3 + *--q;
  return sum;
}

int many_spilled(int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) {
    const int j = i & 7;
    sum += font_row(32 + j, i) + upper_half((unsigned)i) + squares[j] + cubes[j] + bits[j];
    sum += remember(sum) + remembered(1) + from_1[i & 3] + counters[i & 3] + (int)wides[j];
  }
  return sum;
}

int dead_user(int i) {
  dead_zeroes[i & 15] += dead_words[i & 7] + dead_more_words[i & 7];
  dead_more_zeroes[i & 15] += dead_before[i & 31] + dead_first[i & 31] + dead_second[i & 63];
  return dead_zeroes[i & 7] + dead_more_zeroes[i & 7] + dead_third[i & 15] + dead_fourth[i & 15] +
         dead_fifth[i & 63] + dead_sixth[i & 63] + dead_seventh[i & 3] + dead_last[i & 31];
}
int dead_walker(int n) {
  int sum = 0;
  for (const uint8_t* p = dead_first; n-- > 0; p++) sum += *p;
  return sum + dead_user(sum);
}
