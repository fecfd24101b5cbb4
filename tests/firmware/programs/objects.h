// Shared by objects.cc and objects_more.cc: what is in both must be one thing afterwards.
#pragma once

#include <string>

void log(const char* text);
extern std::string log_text;

struct Named {
  explicit Named(const char* name) : name(name) { log(name); }
  ~Named();
  const char* name;
};

struct Shape {
  virtual ~Shape();
  virtual int area() const = 0;
};
struct Coloured {
  virtual ~Coloured() = default;
  virtual int colour() const { return 7; }
};
struct Square : Shape, virtual Coloured {
  explicit Square(int side) : side(side) {}
  int area() const override { return side * side; }
  int colour() const override { return side; }
  int side;
};

// Inline functions, templates and their statics are COMDAT groups in every file that uses them.
inline int& counter() {
  static int count = 100;
  return count;
}
template <typename T>
struct Registry {
  static T value;
  static T* address() { return &value; }
};
template <typename T>
T Registry<T>::value = T(5);

Shape* make_square(int side);
int* other_counter();
long* other_registry();
using Plain = int (*)(int);
template <int kAdd>
int add(int x) {
  return x + kAdd;
}
Plain other_add();
