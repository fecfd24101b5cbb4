// Two overlays that run at the same address, copied there by the program.
//
//! start: board
//! boards: mps2-an385 lm3s6965evb
//! libraries: nano
//! options: -O2
//! files: overlay_first.c overlay_second.c
//! link: -Wl,-T,overlay.ld
#include <stdint.h>
#include <string.h>

#include "check.h"

extern char __load_start_overlay_first[], __load_stop_overlay_first[];
extern char __load_start_overlay_second[], __load_stop_overlay_second[];
extern char overlay_area[];

int first(int x);
int second(int x);

static void bring(const char* from, const char* end) {
  memcpy(overlay_area, from, (size_t)(end - from));
  __asm__ volatile("dsb\n isb" ::: "memory");
}

int main(void) {
  int (*volatile run_first)(int) = first;
  int (*volatile run_second)(int) = second;
  CHECK(((uintptr_t)run_first & ~(uintptr_t)0xff) == ((uintptr_t)run_second & ~(uintptr_t)0xff));
  CHECK((uintptr_t)__load_stop_overlay_first <= (uintptr_t)__load_start_overlay_second);
  for (int round = 0; round < 2; round++) {
    bring(__load_start_overlay_first, __load_stop_overlay_first);
    printf("%d\n", run_first(round));
    bring(__load_start_overlay_second, __load_stop_overlay_second);
    printf("%d\n", run_second(round));
  }
  return DONE();
}
