#include "symbols.h"

ITEM(forced, 8);
int forced;
