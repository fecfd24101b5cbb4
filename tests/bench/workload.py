#!/usr/bin/env python3
"""workload.py OBJECTS DIRECTORY: makes a link of OBJECTS objects: main.o and libwork.a.

Every object is Thumb assembly with 20 functions, each in a section of its own as gcc's
-ffunction-sections makes them, with unwind rows, constants, data and strings. The functions 0 to 9
are a chain that starts with a call from the object before, so that every object is pulled from the
archive and half of its functions are live; 10 to 19 call each other and live functions anywhere,
and nobody calls them. The same OBJECTS give the same bytes.
"""
import random
import subprocess
import sys
from pathlib import Path

FUNCTIONS = 20
LIVE = 10
SHARED_TEXTS = 3000


def function(rng, number, k, count):
    name = f"fn_{number}_{k:02}"
    callees = []
    if k % LIVE != LIVE - 1:
        callees.append(f"fn_{number}_{k + 1:02}")
    if k == 0:
        callees += [f"fn_{child}_00" for child in (2 * number + 1, 2 * number + 2) if child < count]
    if k >= LIVE:
        callees += [f"fn_{rng.randrange(count)}_{rng.randrange(LIVE):02}" for _ in range(2)]
    table = "table" if k < LIVE else "dead_table"
    lines = [
        f'.section .text.{name},"ax",%progbits', ".align 1", f".global {name}", ".thumb_func",
        f".type {name}, %function", f"{name}:", ".fnstart", "push {r4, r5, r6, lr}",
        ".save {r4, r5, r6, lr}", "mov r4, r0",
    ]
    for _ in range(rng.randrange(4, 24)):
        lines.append(rng.choice([
            f"adds r4, r4, #{rng.randrange(256)}", f"eor r4, r4, r{rng.choice([4, 5])}",
            f"mov r5, #{rng.randrange(256)}", "lsls r4, r4, #3"]))
    lines += [f"ldr r5, =word_{number}", "ldr r6, [r5]", f"ldr r5, ={table}_{number}",
              "ldr r5, [r5]", f"ldr r0, =.Ltext_{k}", "bl say"]
    lines += [line for callee in callees for line in ("mov r0, r4", f"bl {callee}")]
    lines += ["pop {r4, r5, r6, pc}", ".ltorg", ".fnend", f".size {name}, . - {name}",
              f'.section .rodata.{name}.str1.4,"aMS",%progbits,1', ".align 2", f".Ltext_{k}:"]
    if rng.random() < 0.5:
        lines.append(f'.asciz "message {rng.randrange(SHARED_TEXTS)} that many modules share"')
    else:
        lines.append(f'.asciz "module {number}, function {k}: {rng.randrange(1 << 30)}"')
    return lines


def assembly(number, count):
    rng = random.Random(number * 1_000_003 + count)
    lines = [".syntax unified", ".cpu cortex-m4", ".thumb"]
    for k in range(FUNCTIONS):
        lines += function(rng, number, k, count)
    for name, size in (("table", 16), ("dead_table", 24)):
        lines += [f'.section .rodata.{name}_{number},"a"', ".align 2", f".global {name}_{number}",
                  f"{name}_{number}:"]
        lines += [f".word {rng.getrandbits(32)}" for _ in range(size)]
    lines += [f'.section .data.word_{number},"aw"', ".align 2", f".global word_{number}",
              f"word_{number}: .word {rng.getrandbits(30)}",
              f'.section .bss.zeroes_{number},"aw",%nobits', f"zeroes_{number}: .space 32"]
    return "\n".join(lines) + "\n"


MAIN = """.syntax unified
.cpu cortex-m4
.thumb
.text
.global _start
.thumb_func
.type _start, %function
_start: bl fn_0_00
b .
.global say
.thumb_func
.type say, %function
say: bx lr
.global __aeabi_unwind_cpp_pr0
__aeabi_unwind_cpp_pr0: bx lr
"""


def make(count, directory):
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    assemble = ["arm-none-eabi-as", "-mcpu=cortex-m4", "-mthumb", "-"]
    subprocess.run([*assemble, "-o", directory / "main.o"], input=MAIN, text=True, check=True)
    members = []
    for number in range(count):
        members.append(directory / f"m{number:06}.o")
        subprocess.run([*assemble, "-o", members[-1]], input=assembly(number, count), text=True,
                       check=True)
    archive = directory / "libwork.a"
    archive.unlink(missing_ok=True)
    names = directory / "members"
    names.write_text("".join(f"{member}\n" for member in members))
    subprocess.run(["arm-none-eabi-ar", "qcsD", archive, f"@{names}"], check=True)
    for member in [*members, names]:
        member.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    make(int(sys.argv[1]), sys.argv[2])
