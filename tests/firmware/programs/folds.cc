// Copies of functions and constants: what is equal, what only looks so, and addresses that somebody
// compares.
//
//! start: board
//! boards: mps2-an385 mps2-an500 microbit raspi0
//! libraries: nano
//! options: -Os -fno-ipa-icf
//! files: folds_one.c folds_two.c
//! compares: addresses
#include "folds.h"

#include "check.h"

namespace {

// One body for every pointer and for each integer of the same size.
template <typename T>
struct List {
  T items[8];
  int count = 0;

  __attribute__((noinline)) void add(T item) {
    if (count < 8) items[count++] = item;
  }
  __attribute__((noinline)) T last() const { return count == 0 ? T() : items[count - 1]; }
};

struct Shape {
  virtual int area(int x) const { return x * x + 12 * x - 7; }
  virtual int edges() const { return 4; }
};
struct Square : Shape {
  int area(int x) const override { return x * 31 + (x >> 2) * 9; }
};
struct Room : Shape {
  int area(int x) const override { return x * 31 + (x >> 2) * 9; }
  int edges() const override { return 5; }
};

__attribute__((noinline)) bool same(Step a, Step b) { return a == b; }
__attribute__((noinline)) bool same(const int* a, const int* b) { return a == b; }
__attribute__((noinline)) int run(const Shape& shape, int x) { return shape.area(x) + shape.edges(); }

void copies() {
  for (int x = -3; x < 40; x += 7) {
    CHECK(called_one(x) == called_two(x));
    CHECK(called_through_one(x) == called_through_two(x));
    CHECK(taken_one(x) == taken_two(x));
    CHECK(in_ram_one(x) == called_one(x) && in_ram_two(x) == called_two(x));
  }
  for (unsigned x = 0; x < 9; x++) {
    CHECK(even_one(x) == even_two(x) && odd_one(x) == odd_two(x));
    printf("%d %d ", even_one(x), odd_two(x));
  }
  printf("\n%s, %s\n", text_one(1), text_two(0));
}

void differences() {
  CHECK(leads_to_one(10) - leads_to_two(10) == 2);
  CHECK(addend_one(0) - addend_two(0) == -3 && *addend_one(1) == 102 && *addend_two(2) == 106);
  CHECK(sum_of_pool_two(9) - sum_of_pool_one(9) == 1);
}

void addresses() {
  CHECK(!same(taken_one, taken_two));
  CHECK(same(own_step_one(), taken_one) && same(own_step_two(), taken_two));
  CHECK(!same(own_step_one(), own_step_two()));
  CHECK(same(step_of_others_one(), step_of_others_two()));
  CHECK(!same(named_one, named_two));
  const Step steps[] = {own_step_one(), own_step_two()};
  for (const Step step : steps) printf("%d ", step(21));
  printf("\n");
}

void templates() {
  List<int> numbers;
  List<unsigned> others;
  List<const char*> words;
  numbers.add(4);
  others.add(5u);
  words.add("six");
  printf("%d %u %s\n", numbers.last(), others.last(), words.last());
  const Square square;
  const Room room;
  printf("%d %d %d\n", run(square, 17), run(room, 17), run(Shape(), 17));
}

}  // namespace

int main() {
  copies();
  differences();
  addresses();
  templates();
  return DONE();
}
