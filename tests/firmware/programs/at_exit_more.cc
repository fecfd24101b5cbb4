#include <ostream>

namespace std {
extern ostream cout;
}

namespace {

struct LastWords {
  ~LastWords() { std::cout << "at exit: " << 6 * 7 << '\n'; }
};

}  // namespace

void have_last_words() { static LastWords words; }
