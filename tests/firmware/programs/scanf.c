// Text as numbers: scanf's scanner with its conversions, strtod among them.
//
//! start: newlib
//! boards: mps2-an385 mps2-an500
//! libraries: full nano
//! options: -Os -ffunction-sections -fdata-sections
//! link: -u _scanf_float
//! most: full 92
#include <string.h>

#include "check.h"

int main(void) {
  int number = 0, count = 0;
  unsigned mask = 0;
  double temperature = 0;
  char name[16], vowels[16];
  CHECK(sscanf("sensor7 -40 ff 21.5", "%15s %d %x %lf%n", name, &number, &mask, &temperature,
               &count) == 4);
  CHECK(strcmp(name, "sensor7") == 0 && number == -40 && mask == 255 && temperature == 21.5);
  CHECK(count == 19);
  CHECK(sscanf("aeiou-x", "%15[aeiou]-%c", vowels, name) == 2 && strcmp(vowels, "aeiou") == 0);
  CHECK(sscanf("x", "%d", &number) == 0 && sscanf("", "%d", &number) == EOF);
  CHECK(sscanf("1e-3 .5e2", "%lf %*f", &temperature) == 1 && temperature == 1e-3);
  printf("%s read, %d and %u\n", name, number, mask);
  return DONE();
}
