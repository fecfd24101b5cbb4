// What names mean: weak and strong, aliases, common blocks, bounds of sections, archives, --wrap
// and
// --defsym.
//
//! start: board
//! boards: mps2-an385 microbit raspi0
//! libraries: nano
//! options: -Os -fcommon -ffunction-sections -fdata-sections
//! files: symbols_more.c
//! archive: symbols_used.c symbols_forced.c symbols_unused.c
//! link: -Wl,--wrap=malloc -Wl,--defsym=answer=42 -Wl,--defsym=second_name=plain -Wl,-u,forced
#include "symbols.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

ITEM(main, 1);
extern const struct Item __start_registry[], __stop_registry[];

// symbols_more.c has a longer one, symbols_used.c none.
int common_block[4];
char small_common;

__attribute__((weak)) int overridden(void) { return 1; }
__attribute__((weak)) int weak_in_both(void) { return 10; }
extern int nobody(void) __attribute__((weak));
// An archive member defines it, but a weak reference alone takes no member.
extern int unused_member(void) __attribute__((weak));
extern char answer[];
int second_name(int);

__attribute__((noinline)) int plain(int x) { return x * 3; }
int through_alias(int) __attribute__((alias("plain")));
static int weak_alias(int) __attribute__((weakref("plain")));
__attribute__((visibility("hidden"))) int hidden(void) { return 23; }

static const uint32_t aligned_table[4] __attribute__((aligned(256))) = {1, 2, 3, 4};

static volatile int wrapped;
extern void* __real_malloc(size_t size);
void* __wrap_malloc(size_t size) {
  wrapped++;
  return __real_malloc(size);
}

// A branch that the assembler resolves itself; the same text for every instruction set.
__attribute__((naked)) int local_branch(int x __attribute__((unused))) {
  __asm__("add r0, #1\n b 1f\n nop\n 1: bx lr");
}

// Read from memory, so that the compiler does not know the answers.
static int (*volatile const functions[])(int) = {plain,       through_alias, weak_alias,
                                                 second_name, from_archive,  local_branch};

int main(void) {
  CHECK(overridden() == 2);
  CHECK(weak_in_both() == 10);
  CHECK(nobody == NULL);
  CHECK(unused_member == NULL);
  CHECK((uintptr_t)answer == 42);
  CHECK(hidden() == 23 && more_hidden() == hidden);

  const int results[] = {21, 21, 21, 21, 107, 8};
  for (int i = 0; i < 6; i++) {
    CHECK(functions[i](7) == results[i]);
#ifdef __thumb__
    CHECK((uintptr_t)functions[i] % 2 == 1);
#else
    CHECK((uintptr_t)functions[i] % 4 == 0);
#endif
  }

  more_common()[9] = 5;
  CHECK(more_common() == common_block && more_common()[9] == 5);
  CHECK((uintptr_t)aligned_table % 256 == 0 && aligned_table[3] == 4);

  int sum = 0, count = 0;
  for (const struct Item* item = __start_registry; item < __stop_registry; item++) {
    sum += item->value;
    count++;
    CHECK(strlen(item->name) >= 4);
  }
  CHECK(count == 4 && sum == 1 + 2 + 4 + 8);

  const int before = wrapped;
  void* volatile memory = malloc(10);
  free(memory);
  CHECK(wrapped == before + 1 && more_wrapped_calls() == 1 && wrapped == before + 2);
  return DONE();
}
