// A table whose base lies before it, just where another one begins; whatever the order in which
// they are written.
#include "cuts.h"

#pragma GCC diagnostic ignored "-Warray-bounds"

static const uint8_t dead_before[32] = {1};
static const uint8_t glyphs[36] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17,
    18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
};
static const uint8_t dead_behind[32] = {1};
const uint8_t* dead_users[] = {dead_before, dead_behind, glyphs};
const uint8_t* narrow_font = glyphs - 32;
