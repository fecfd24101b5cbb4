// The C library: what most firmware takes from it, most of it compiled without function sections.
//
//! start: newlib
//! boards: mps2-an385 mps2-an500
//! libraries: full nano
//! options: -O1 -Wno-infinite-recursion
//! link: -u _printf_float -u _scanf_float -lm
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

static int ascending(const void* a, const void* b) {
  const int x = *(const int*)a, y = *(const int*)b;
  return (x > y) - (x < y);
}

static void sort_and_search(void) {
  static int numbers[257];
  unsigned state = 12345;
  for (int i = 0; i < 257; i++)
    numbers[i] = (int)((state = state * 1103515245 + 12345) >> 8) % 1000;
  qsort(numbers, 257, sizeof *numbers, ascending);
  for (int i = 1; i < 257; i++) CHECK(numbers[i - 1] <= numbers[i]);
  const int key = numbers[100];
  const int* found = bsearch(&key, numbers, 257, sizeof *numbers, ascending);
  CHECK(found != NULL && *found == key);
}

static void heap(void) {
  void* blocks[64];
  for (int round = 0; round < 8; round++) {
    for (int i = 0; i < 64; i++) {
      const size_t size = (size_t)(i * 37 % 300 + 1);
      blocks[i] = malloc(size);
      CHECK(blocks[i] != NULL && (uintptr_t)blocks[i] % 8 == 0);
      memset(blocks[i], i, size);
    }
    for (int i = 0; i < 64; i += 2) blocks[i] = realloc(blocks[i], 400);
    for (int i = 0; i < 64; i++) {
      CHECK(*(char*)blocks[i] == i);
      free(blocks[i]);
    }
  }
  int* zeroes = calloc(50, sizeof *zeroes);
  for (int i = 0; i < 50; i++) CHECK(zeroes[i] == 0);
  free(zeroes);
}

static jmp_buf back;
__attribute__((noinline)) static void jump(int depth) {
  if (depth == 0) longjmp(back, 17);
  jump(depth - 1);
  __asm__ volatile("");
}

static void numbers(void) {
  char text[80];
  snprintf(text, sizeof text, "%5d|%-6s|%08.3f|%x|%lu|%c", -42, "ab", 3.14159, 0xbeefu, ULONG_MAX,
           'z');
  CHECK(strcmp(text, "  -42|ab    |0003.142|beef|4294967295|z") == 0);
  int a = 0;
  char word[10];
  float f = 0;
  CHECK(sscanf("12 words 2.5", "%d %9s %f", &a, word, &f) == 3 && a == 12 && f == 2.5f);
  char* rest;
  CHECK(strtod("1e-3x", &rest) == 1e-3 && *rest == 'x');
  CHECK(strtol("-0x7f", NULL, 16) == -127 && strtoul("777", NULL, 8) == 511);
  errno = 0;
  CHECK(strtol("99999999999", NULL, 10) == LONG_MAX && errno == ERANGE);
  volatile double two = 2, half = 0.5;
  printf("%.9f %.9f %.9f %.6e\n", sqrt(two), sin(half), pow(two, half), exp(half) / 1e10);
  volatile long long wide = 0x123456789abcdefLL, seven = 7;
  CHECK(wide / seven * seven + wide % seven == wide);
  printf("%d %d %d\n", (int)(wide >> 20), isalpha('x') != 0, toupper('q'));
}

static void times(void) {
  const time_t moment = 86400 * 365;
  struct tm parts;
  gmtime_r(&moment, &parts);
  char text[40];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  CHECK(strcmp(text, "1971-01-01 00:00:00") == 0);
}

int main(void) {
  sort_and_search();
  heap();
  volatile int came = 0;
  const int code = setjmp(back);
  if (code == 0) {
    came = 1;
    jump(20);
  }
  CHECK(code == 17 && came == 1);
  numbers();
  times();
  fputs("to stderr too\n", stderr);
  return DONE();
}
