#include "symbols.h"

ITEM(used, 4);
int from_archive(int x) { return x + 100; }
