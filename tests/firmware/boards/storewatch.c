// A plugin for QEMU that ends it with code 97 when the guest stores into memory that must never be
// written:
//
//     cc -O2 -shared -fPIC storewatch.c -o storewatch.so
//     boot.sh BOARD IMAGE -plugin ./storewatch.so,range=ORIGIN:LENGTH
//
// Every store instruction is seen, also one that a rom ignores or that changes nothing. Not seen
// are writes by the emulator itself: the loader, semihosting, devices.
//
// Debian 12 has no header for QEMU's plugin interface, so what is used of version 1 (QEMU 4.2 to 8)
// is declared here; docs/devel/tcg-plugins of QEMU describes it.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FOUND = 97, MAX_RANGES = 8 };
enum { CALLBACK_READS_NO_REGISTERS = 0, MEMORY_WRITES = 2 };

struct qemu_plugin_tb;
struct qemu_plugin_insn;
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                                  void (*translated)(uint64_t,
                                                                     struct qemu_plugin_tb*));
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb* block,
                                                        size_t number);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn* instruction);
extern void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn* instruction,
                                             void (*accessed)(unsigned, uint32_t, uint64_t, void*),
                                             int registers, int accesses, void* data);
extern bool qemu_plugin_mem_is_store(uint32_t access);
extern unsigned qemu_plugin_mem_size_shift(uint32_t access);

int qemu_plugin_version = 1;

struct range {
  uint64_t origin, length;
};
static struct range forbidden[MAX_RANGES];
static int forbidden_count;

static void accessed(unsigned processor, uint32_t access, uint64_t address, void* instruction) {
  (void)processor;
  // QEMU 7.2 calls for loads as well, in spite of MEMORY_WRITES.
  if (!qemu_plugin_mem_is_store(access)) return;
  const uint64_t size = UINT64_C(1) << qemu_plugin_mem_size_shift(access);
  for (int i = 0; i < forbidden_count; i++) {
    const struct range* range = &forbidden[i];
    const bool before = address + size <= range->origin;
    if (before || address >= range->origin + range->length) continue;
    fprintf(stderr, "storewatch: the instruction at 0x%08" PRIxPTR " stores to 0x%08" PRIx64 "\n",
            (uintptr_t)instruction, address);
    _exit(FOUND);
  }
}

static void translated(uint64_t id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
    struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
    void* address = (void*)(uintptr_t)qemu_plugin_insn_vaddr(instruction);
    qemu_plugin_register_vcpu_mem_cb(instruction, accessed, CALLBACK_READS_NO_REGISTERS,
                                     MEMORY_WRITES, address);
  }
}

static uint64_t scale(char** text) {
  switch (**text) {
    case 'K':
      (*text)++;
      return 1024;
    case 'M':
      (*text)++;
      return 1024 * 1024;
    default:
      return 1;
  }
}

// "range=0x8000:992K"
static bool read_range(const char* argument, struct range* range) {
  static const char key[] = "range=";
  if (strncmp(argument, key, sizeof key - 1) != 0) return false;
  char* rest;
  range->origin = strtoull(argument + sizeof key - 1, &rest, 0);
  if (*rest != ':') return false;
  range->length = strtoull(rest + 1, &rest, 0);
  range->length *= scale(&rest);
  return *rest == '\0' && range->length > 0;
}

int qemu_plugin_install(uint64_t id, const void* info, int count, char** arguments) {
  (void)info;
  for (int i = 0; i < count; i++) {
    if (forbidden_count == MAX_RANGES || !read_range(arguments[i], &forbidden[forbidden_count])) {
      fprintf(stderr, "storewatch: '%s' is no range=ORIGIN:LENGTH, or one too many\n",
              arguments[i]);
      return 1;
    }
    forbidden_count++;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
