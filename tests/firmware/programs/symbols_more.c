#include "symbols.h"

#include <stdlib.h>

ITEM(more, 2);

int common_block[10];

int overridden(void) { return 2; }
__attribute__((weak)) int weak_in_both(void) { return 20; }

int* more_common(void) { return common_block; }

extern int hidden(void) __attribute__((visibility("hidden")));
int (*more_hidden(void))(void) { return hidden; }

int more_wrapped_calls(void) {
  void* volatile memory = malloc(1);
  free(memory);
  return memory != NULL;
}
