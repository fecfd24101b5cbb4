// What stands between a start file and a program: memory set up from the linker script,
// constructors, a console, an end, and the system calls of newlib.
//
// Console and end are semihosting ("Semihosting for AArch32 and AArch64", Arm), which QEMU offers
// on every board, so that no driver is needed.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, ADP_STOPPED_APPLICATION_EXIT = 0x20026 };
enum { EXCEPTION_CODE = 96 };

static void host(int operation, const void* parameter) {
  register int r0 __asm__("r0") = operation;
  register const void* r1 __asm__("r1") = parameter;
#if defined __ARM_ARCH_PROFILE && __ARM_ARCH_PROFILE == 'M'
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
#elif defined __thumb__
  __asm__ volatile("svc 0xab" : "+r"(r0) : "r"(r1) : "memory", "lr");
#else
  __asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr");
#endif
}

// SYS_EXIT of a 32-bit processor carries no code; the extended one does.
_Noreturn void board_end(int code) {
  const uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)code};
  for (;;) host(SYS_EXIT_EXTENDED, block);
}

static void print(const char* text, int size) {
  while (size > 0) {
    char piece[64];
    int count = 0;
    while (count < size && count < (int)sizeof piece - 1) {
      piece[count] = text[count];
      count++;
    }
    piece[count] = '\0';
    host(SYS_WRITE0, piece);
    text += count;
    size -= count;
  }
}

_Noreturn void board_exception(uint32_t pc) {
  char text[] = "exception at 0x00000000\n";
  for (int digit = 0; digit < 8; digit++)
    text[22 - digit] = "0123456789abcdef"[pc >> 4 * digit & 15];
  print(text, sizeof text - 1);
  board_end(EXCEPTION_CODE);
}

// From the linker script.
extern uint32_t __data_start[], __data_end[], __data_load[];
extern uint32_t __bss_start[], __bss_end[];
extern char __heap_start[], __heap_end[];
extern void (*__preinit_array_start[])(void), (*__preinit_array_end[])(void);
extern void (*__init_array_start[])(void), (*__init_array_end[])(void);

extern int main(void);

_Noreturn void board_start(void) {
  // Volatile, so that the loops do not become calls of memcpy and memset.
  volatile uint32_t* to = __data_start;
  for (const volatile uint32_t* from = __data_load; to < __data_end;) *to++ = *from++;
  for (to = __bss_start; to < __bss_end;) *to++ = 0;
  for (void (**f)(void) = __preinit_array_start; f < __preinit_array_end; f++) (*f)();
  for (void (**f)(void) = __init_array_start; f < __init_array_end; f++) (*f)();
  exit(main());
}

__attribute__((weak)) const char* board_name(void) { return "a board without a name"; }
const char* board_ask_name(void) { return board_name(); }

// newlib calls these by name ("The Red Hat newlib C Library", "System Calls").
int _write(int file, const char* text, int size) {
  (void)file;
  print(text, size);
  return size;
}

void* _sbrk(ptrdiff_t growth) {
  static char* end = __heap_start;
  if (growth > __heap_end - end || growth < __heap_start - end) return (void*)-1;
  end += growth;
  return end - growth;
}

int _fstat(int file, struct stat* status) {
  (void)file;
  status->st_mode = S_IFCHR;
  return 0;
}

int _read(int file, char* text, int size) {
  (void)file, (void)text, (void)size;
  return 0;
}

int _lseek(int file, int offset, int whence) {
  (void)file, (void)offset, (void)whence;
  return 0;
}

// There is no randomness to have.
int getentropy(void* buffer, size_t size) {
  (void)buffer, (void)size;
  return -1;
}

int _isatty(int file) { return file < 3; }
int _close(int file) { return file < 3 ? 0 : -1; }
int _getpid(void) { return 1; }
void _exit(int code) { board_end(code); }
int _kill(int process, int signal) {
  (void)process;
  board_end(128 + signal);
}
void _fini(void) {}
void _init(void) {}

// crtbegin.o has it otherwise: what destructors are registered for ("Itanium C++ ABI", "DSO Object
// Destruction API").
void* __dso_handle = NULL;
