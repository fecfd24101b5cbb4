#include "symbols.h"

ITEM(unused, 1000);
int unused_member(void) { return 1; }
