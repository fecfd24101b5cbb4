#include "objects.h"

namespace {
Named more("more ");
}

Named::~Named() {
  log("~");
  log(name);
}
Shape::~Shape() = default;

Shape* make_square(int side) { return new Square(side); }
int* other_counter() { return &counter(); }
long* other_registry() { return Registry<long>::address(); }
Plain other_add() { return add<3>; }
