// In Arm state and without unwind tables every section is whole words, so that no padding blurs
// what goes.
namespace {

volatile int port;
int counter = 3;           // initial value in FLASH
volatile int buffer[32];  // zeroed
const int table[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

}  // namespace

namespace drivers {

__attribute__((noinline)) int read(int index) { return table[index & 15] + counter++; }

struct Uart {
  __attribute__((noinline)) void send(int value) { buffer[value & 31] = read(value); }
};

}  // namespace drivers

__attribute__((noinline)) void unused_helper() { port = 1; }
void unused() {
  unused_helper();
  drivers::read(1);
}

__attribute__((noinline)) void idle() { port = 2; }

// What --undefined brings in.
extern "C" void diagnostics() {
  drivers::Uart().send(port);
  port = 3;
}

extern "C" void _start() {
  for (;;) idle();
}

__attribute__((section(".vectors"), used)) void (*const vectors[])() = {_start};
