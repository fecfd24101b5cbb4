#include "included.h"

namespace {

int total;

Counted first(40);
Counted second(2);

}  // namespace

int& counted() { return total; }

Counted::Counted(int add) : added_(add) { counted() += add; }
Counted::~Counted() { counted() -= added_; }
