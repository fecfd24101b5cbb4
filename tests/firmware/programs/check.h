// What the programs say about themselves: CHECK prints what does not hold, DONE ends main with
// "ok".
#pragma once

#include <stdio.h>

// libstdc++_nano is built without exceptions: it aborts where the full library throws, and it
// catches nothing.
#ifdef _NANO_FORMATTED_IO
#define LIBRARY_THROWS 0
#else
#define LIBRARY_THROWS 1
#endif

static int check_failures;

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      check_failures++;                                                         \
      printf("%s:%d does not hold: %s\n", __FILE_NAME__, __LINE__, #condition); \
    }                                                                           \
  } while (0)

#define DONE() (printf("%s\n", check_failures == 0 ? "ok" : "not ok"), check_failures != 0)
