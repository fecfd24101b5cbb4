// C++ objects over two files: constructors in the order of priority and files, destructors in the
// reverse order, virtual tables with thunks, RTTI, COMDAT groups that must become one.
//
//! start: board
//! boards: mps2-an500 raspi0
//! libraries: full nano
//! most: nano 80
//! options: -Os -ffunction-sections -fdata-sections
//! files: objects_more.cc
#include "objects.h"

#include <cstdlib>
#include <cstring>
#include <typeinfo>

#include "check.h"

namespace {

char log_bytes[200];

Named second("main-a ");
Named third("main-b ");
Named first __attribute__((init_priority(200))) ("early ");

__attribute__((constructor(150))) void before_all() { log("attribute "); }
void even_before() { log("preinit "); }
__attribute__((used, section(".preinit_array"))) void (*const preinit)() = even_before;

Named& local() {
  static Named object("local ");
  return object;
}

void last_words() { printf("at exit: %s\n", log_bytes); }

}  // namespace

// No constructor of its own: it is used before any has run.
void log(const char* text) { strcat(log_bytes, text); }

int main() {
  std::atexit(last_words);
  CHECK(strcmp(log_bytes, "preinit attribute early main-a main-b more ") == 0);
  local();
  CHECK(&local() == &local() && std::strlen(log_bytes) == strlen("preinit attribute early main-a "
                                                                 "main-b more local "));

  Shape* shape = make_square(6);
  CHECK(shape->area() == 36);
  auto* coloured = dynamic_cast<Coloured*>(shape);
  CHECK(coloured != nullptr && coloured->colour() == 6);
  CHECK(dynamic_cast<Square*>(coloured) == shape);
  CHECK(typeid(*shape) == typeid(Square));
  printf("%s\n", typeid(*shape).name());
  delete coloured;

  CHECK(&counter() == other_counter() && ++counter() == 101 && *other_counter() == 101);
  CHECK(Registry<long>::address() == other_registry() && *other_registry() == 5);
  CHECK(other_add() == add<3> && other_add()(4) == 7);
  puts(log_bytes);
  return DONE();
}
