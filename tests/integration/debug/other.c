// An object of which everything stays: units of others must not claim its addresses.
volatile int out;
__attribute__((noreturn)) void stop(int code) {
  out = code;
  for (;;) out++;
}
int behind(int x) { return x + out; }
