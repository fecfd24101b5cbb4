// The smallest C program that prints: what it takes is the C library's printf, of which it needs
// little.
//
//! start: newlib
//! boards: mps2-an385 mps2-an500
//! libraries: full nano
//! options: -Os -ffunction-sections -fdata-sections
//! most: full 92
#include "check.h"

int main(int argc, char** argv) {
  (void)argv;
  printf("%s from a board with %d arguments, 0x%08x\n", "hello", argc, 0xcafeu);
  return DONE();
}
