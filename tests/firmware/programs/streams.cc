// The heaviest part of the C++ library: streams, locales, containers, and the exceptions of
// streams.
//
//! start: newlib
//! boards: mps2-an385 mps2-an500
//! libraries: full nano
//! options: -Os
//! link: -u _printf_float -u _scanf_float
//! most: nano 90 88
#include <algorithm>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "check.h"

// std::random_device would take it from the system; without --gc-sections it is linked.
extern "C" int getentropy(void*, std::size_t) { return -1; }

namespace {

struct Entry {
  std::string word;
  int count;
};

std::ostream& operator<<(std::ostream& out, const Entry& entry) {
  return out << std::left << std::setw(8) << entry.word << std::right << std::setw(4)
             << entry.count;
}

void count_words() {
  std::istringstream text("the linker links what the compiler left for the linker");
  std::map<std::string, int> counts;
  for (std::string word; text >> word;) counts[word]++;
  std::vector<Entry> entries;
  for (const auto& [word, count] : counts) entries.push_back({word, count});
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.count > b.count; });
  for (const Entry& entry : entries) std::cout << entry << '\n';
  CHECK(entries.front().word == "the" && entries.front().count == 3);
}

void convert_numbers() {
  std::ostringstream out;
  out << std::hex << std::showbase << 48879 << ' ' << std::dec << -7 << ' ' << std::fixed
      << std::setprecision(3) << 3.14159265 << ' ' << std::scientific << 12345.678 << ' '
      << std::boolalpha << true;
  CHECK(out.str() == "0xbeef -7 3.142 1.235e+04 true");
  std::istringstream in("  42 2.5 0x1f nonsense");
  int number = 0, hexadecimal = 0;
  double half = 0;
  in >> number >> half >> std::hex >> hexadecimal;
  CHECK(number == 42 && half == 2.5 && hexadecimal == 31);
  in >> number;
  CHECK(in.fail());
}

void streams_that_throw() {
  std::istringstream in("x");
  in.exceptions(std::ios::failbit);
  bool caught = false;
  try {
    int number;
    in >> number;
  } catch (const std::ios_base::failure&) {
    caught = true;
  }
  CHECK(caught);
}

void lines() {
  std::stringstream text("first line\nsecond\n\nlast");
  std::vector<std::string> read;
  for (std::string line; std::getline(text, line);) read.push_back(line);
  CHECK(read.size() == 4 && read[1] == "second" && read[2].empty());
  std::set<char, std::greater<>> letters(read[0].begin(), read[0].end());
  for (char c : letters) std::cout << c;
  std::cout << std::endl;
  const auto shared = std::make_shared<std::string>(read[3]);
  const std::function<std::size_t()> length = [shared] { return shared->size(); };
  CHECK(length() == 4 && shared.use_count() == 2);
}

}  // namespace

int main() {
  count_words();
  convert_numbers();
  if (LIBRARY_THROWS) streams_that_throw();
  lines();
  std::cout << std::flush;
  return DONE();
}
