// What C++ firmware mostly takes from its library: strings and vectors, in a program that throws
// nothing. Nobody told the compiler.
//
//! start: newlib
//! boards: mps2-an385 mps2-an500
//! libraries: full nano
//! options: -Os -ffunction-sections -fdata-sections
//! most: nano 80
#include <algorithm>
#include <string>
#include <vector>

#include "check.h"

// std::random_device would take it from the system; without --gc-sections it is linked.
extern "C" int getentropy(void*, std::size_t) { return -1; }

namespace {

// Allocates: "this name is too long for the short form" has no room within a string.
std::string number(const std::string& name, int n) { return name + '-' + std::to_string(n); }

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ", ";
    text.append(word);
  }
  return text;
}

}  // namespace

int main() {
  std::vector<std::string> names;
  for (int i = 0; i < 12; i++)
    names.push_back(number(i % 2 ? "odd" : "an even name that is long", i));
  std::sort(names.begin(), names.end());
  CHECK(names.front() == "an even name that is long-0" && names.back() == "odd-9");
  names.erase(names.begin(), names.begin() + 6);
  names.insert(names.begin(), "first");
  const std::string text = joined(names);
  CHECK(text.find("odd-11") == 14 && text.rfind(',') == text.size() - 7);
  CHECK(text.substr(0, 5) == "first" && text.compare(0, 5, "fist") < 0);
  std::vector<int> squares;
  for (int i = 0; i < 100; i++) squares.push_back(i * i);
  CHECK(squares.size() == 100 && std::binary_search(squares.begin(), squares.end(), 49 * 49));
  printf("%s\n", text.c_str());
  return DONE();
}
