// Constructors, a table of functions, and a command that not every firmware has.
int seen, shell_state, unread, log_end;

__attribute__((constructor)) static void slot_shell(void) {
  *(volatile int*)0x40000000 = 1;
  shell_state = 1;
}
__attribute__((constructor)) static void slot_unread(void) { unread = 1; }
__attribute__((constructor)) static void slot_seen(void) { seen = 1; }
__attribute__((destructor)) static void slot_end(void) { *(volatile int*)0x40000000 = 2; }

__attribute__((noinline)) void shell_run(void) { shell_state = 2; }
void handler_a(void) { seen = 3; }
void handler_b(void) { seen = 4; }
void (*const table[])(void) = {handler_a, handler_b};

__attribute__((noinline)) int other(int n) {
  table[n]();
  return seen;
}

int main(void) {
#ifdef SHELL
  shell_run();
#endif
  return other(1);
}
