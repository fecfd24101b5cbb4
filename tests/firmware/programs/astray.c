// The control of the poison run: it gets at a function and at an object in a way that no linker can
// know. What is called hidden_... is proven to be dead, and this program needs it all the same.
#include <stdint.h>
#include <stdio.h>

#ifdef STRAY_FUNCTION
// Both are as long as the distance between them.
int shown_function(void);
__asm__(
    ".pushsection .text.pair, \"ax\", %progbits\n"
    ".global shown_function, hidden_function\n"
    ".thumb\n"
    ".thumb_func\n"
    ".type shown_function, %function\n"
    "shown_function: movs r0, #1\n"
    "  bx lr\n"
    ".size shown_function, . - shown_function\n"
    ".thumb_func\n"
    ".type hidden_function, %function\n"
    "hidden_function: movs r0, #42\n"
    "  bx lr\n"
    ".size hidden_function, . - hidden_function\n"
    ".popsection\n");
volatile uintptr_t behind = 4;
static int look(void) {
  int (*function)(void) = (int (*)(void))((uintptr_t)shown_function + behind);
  return shown_function() + function();
}
#elif defined STRAY_STRING
// Whole words of text, which no gap between others takes in: they stay neighbours.
extern const char shown_string[];
__asm__(
    ".pushsection .rodata.str1.1, \"aMS\", %progbits, 1\n"
    ".global shown_string\n"
    "shown_string: .asciz \"\\1..\"\n"
    "hidden_string: .asciz \"*::\"\n"  // character 42
    ".popsection\n");
volatile uintptr_t behind = 4;
static int look(void) {
  return shown_string[0] + *(volatile const char *)((uintptr_t)shown_string + behind);
}
#else
int shown_object[4] = {1, 2, 3, 4};
int hidden_object[4] = {42, 43, 44, 45};
volatile uintptr_t behind = sizeof shown_object;
static int look(void) {
  return shown_object[0] + *(volatile int *)((uintptr_t)shown_object + behind);
}
#endif

int main(void) {
  printf("%d\n", look());
  return 0;
}
