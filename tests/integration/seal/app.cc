// Constructors of every kind, and code that can tell which of them ran.
extern "C" {
void board_puts(const char* text);
void board_exit(int code);
extern void (*__init_array_start[])();
extern void (*__init_array_end[])();
extern char __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[];
}
extern const char* const names[];

volatile int read_by_main;
volatile int nobody_reads[4];
volatile unsigned char lookup[4] = {1, 2, 3, 4};

extern "C" {
// Nothing but a return; the asm keeps the compiler from seeing that.
__attribute__((constructor(200))) static void does_nothing() { __asm__ volatile(""); }
__attribute__((constructor(201))) static void writes_dead() { nobody_reads[2] = 5; }
__attribute__((constructor(202))) static void writes_live() { read_by_main = 42; }
// A register of the board's timer 0.
__attribute__((constructor(203))) static void pokes() {
  *reinterpret_cast<volatile unsigned*>(0x40000008) = 1000;
}
__attribute__((constructor(204))) static void prints() { board_puts("a constructor that prints\n"); }
}

extern "C" [[noreturn]] void _start() {
  for (long i = 0; i < __data_end - __data_start; i++)
    const_cast<volatile char*>(__data_start)[i] = __data_load[i];
  for (volatile char* byte = __bss_start; byte != __bss_end; ++byte) *byte = 0;
  for (auto slot = __init_array_start; slot != __init_array_end; ++slot) (*slot)();
  const char digits[] = {static_cast<char>('0' + read_by_main / 10),
                         static_cast<char>('0' + read_by_main % 10), '\n', 0};
  board_puts(names[0]);
  board_puts(digits);
  const bool poked = *reinterpret_cast<volatile unsigned*>(0x40000008) == 1000;
  board_exit(lookup[2] + (poked ? 10 : 0));
  for (;;) {
  }
}

__attribute__((section(".vectors"), used)) static void (*const vectors[])() = {
    reinterpret_cast<void (*)()>(0x20003000), reinterpret_cast<void (*)()>(_start)};
