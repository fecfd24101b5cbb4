// A thermostat: the program that every board boots. It holds one of everything that a linker can
// get wrong in a small firmware, checks it, and prints what it found.
//
// -DEXIT_CODE=n       ends with n if all is well: codes travel
// -DSTORE_TO_ROM      stores into a constant: storewatch must see it
// -DTAKE_EXCEPTION    executes an undefined instruction
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifndef EXIT_CODE
#define EXIT_CODE 0
#endif

extern "C" const uint32_t calibration[8] = {100, 203, 297, 405, 499, 601, 702, 800};

// Nobody defines it.
extern "C" void board_led(int on) __attribute__((weak));
// board.c answers with what its weak board_name says, unless another file has a strong one.
extern "C" const char* board_ask_name();
extern "C" const char* board_name() { return BOARD; }

struct Command {
  const char* name;
  int (*run)(int);
};
// The linker names the bounds of a section whose name is a C name.
extern "C" const Command __start_commands[];
extern "C" const Command __stop_commands[];

namespace {

int failed;

void expect(bool holds, const char* what) {
  if (holds) return;
  failed++;
  printf("does not hold: %s\n", what);
}

// ---- Objects with constructors, in the order of the file, and calls through their tables.

int sensors_made;

class Sensor {
 public:
  explicit Sensor(const char* name) : name_(name), serial_(++sensors_made) {}
  virtual int read(int tick) const = 0;
  const char* name() const { return name_; }
  int serial() const { return serial_; }

 private:
  const char* name_;
  int serial_;
};

class Ramp : public Sensor {
 public:
  Ramp(const char* name, int slope) : Sensor(name), slope_(slope) {}
  int read(int tick) const override { return slope_ * tick; }

 private:
  int slope_;
};

class Table : public Sensor {
 public:
  explicit Table(const char* name) : Sensor(name) {}
  int read(int tick) const override { return static_cast<int>(calibration[tick & 7]); }
};

Ramp room("room", 7);
Table boiler("boiler");
const Sensor* const sensors[] = {&boiler, &room};

// ---- Memory that start-up has to prepare. Volatile, so that the checks look at it.

volatile int setpoint = 21;
volatile uint32_t history[16];

// ---- Code that start-up copies to RAM.

__attribute__((section(".ramcode"), noinline, long_call)) uint32_t checksum(const void* data,
                                                                            uint32_t size) {
  const auto* bytes = static_cast<const volatile uint8_t*>(data);
  uint32_t sum = 1;
  for (uint32_t i = 0; i < size; i++) sum = (sum << 5 | sum >> 27) ^ bytes[i];
  return sum;
}

// ---- A table that grows by what is linked.

#define COMMAND(word)                                                                            \
  int run_##word(int);                                                                           \
  __attribute__((used, section("commands"))) const Command command_##word = {#word, run_##word}; \
  int run_##word(int argument)

COMMAND(raise) { return setpoint + argument; }
COMMAND(lower) { return setpoint - argument; }
COMMAND(sum) { return static_cast<int>(checksum(calibration, sizeof calibration)) & argument; }

}  // namespace

int main() {
  expect(room.serial() == 1 && boiler.serial() == 2, "constructors run once, in order");
  expect(setpoint == 21, "initialised data");
  uint32_t zeroes = 0;
  for (const volatile uint32_t& entry : history) zeroes |= entry;
  expect(zeroes == 0, "zeroed data");
  expect(board_led == nullptr, "an undefined weak symbol is 0");
  expect(strcmp(board_ask_name(), BOARD) == 0, "a strong definition wins over a weak one");
  expect(strcmp("boiler", sensors[0]->name()) == 0, "strings");

  for (int tick = 0; tick < 3; tick++)
    for (const Sensor* sensor : sensors)
      printf("%s #%d at %d: %d\n", sensor->name(), sensor->serial(), tick, sensor->read(tick));
  for (const Command* command = __start_commands; command < __stop_commands; command++)
    printf("%s: %d\n", command->name, command->run(0xff));
  expect(__stop_commands - __start_commands == 3, "three commands");

#ifdef STORE_TO_ROM
  *const_cast<volatile uint32_t*>(&calibration[3]) = 1;
#endif
#ifdef TAKE_EXCEPTION
  __builtin_trap();
#endif
  printf("%s: %s\n", BOARD, failed == 0 ? "all is well" : "not well");
  return failed == 0 ? EXIT_CODE : 1;
}
