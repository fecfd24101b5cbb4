// Numbers with a fraction as text: printf's largest part, over the mathematics of dtoa.
//
//! start: newlib
//! boards: mps2-an385 mps2-an500
//! libraries: full nano
//! options: -Os -ffunction-sections -fdata-sections
//! link: -u _printf_float
//! most: full 92
#include <string.h>

#include "check.h"

static volatile double third = 1.0 / 3, avogadro = 6.02214076e23, tiny = 2.5e-7;

int main(void) {
  char text[80];
  CHECK(sprintf(text, "%.3f|%8.2f|%-8.1f|", third, 1234.567, -0.25) == 24);
  CHECK(strcmp(text, "0.333| 1234.57|-0.2    |") == 0);
  CHECK(snprintf(text, sizeof text, "%g %e %g", avogadro, avogadro, tiny) == 32);
  CHECK(strcmp(text, "6.02214e+23 6.022141e+23 2.5e-07") == 0);
  CHECK(snprintf(text, 5, "%f", third) == 8 && strcmp(text, "0.33") == 0);
  printf("%s %f %.0f\n", text, third * 3, avogadro);
  return DONE();
}
