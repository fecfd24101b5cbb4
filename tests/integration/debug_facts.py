#!/usr/bin/env python3
"""debug_facts.py ELF lines|plain|gdb|ranges [OTHER]: what debugging information says about an executable.

lines: of every function, by its name and offsets within it: the rows of the line table, and what
addr2line says about each halfword. plain: the same without names of functions, which it has to
guess if there are but symbols. gdb: where its variables are, and where its lines are. ranges:
fails if units claim the same address in .debug_aranges or by their bounds, or something behind
the end of the code. Only about functions that OTHER has, too. What is printed does not depend on where functions lie.
"""

import bisect
import re
import subprocess
import sys


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def functions(elf):
    """(begin, end, name), in order of address, of every function of a size."""
    found = []
    for line in run("arm-none-eabi-nm", "-S", elf).splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in "tT":
            begin = int(words[0], 16) & ~1
            found.append((begin, begin + int(words[1], 16), words[3]))
    return sorted(found)


class Places:
    def __init__(self, elf, other):
        names = {name for _, _, name in functions(other)}
        self.functions = [function for function in functions(elf) if function[2] in names]
        self.begins = [begin for begin, _, _ in self.functions]

    def name(self, address, at_end=False):
        """The address as a function and an offset; None if it is in none."""
        i = bisect.bisect_left(self.begins, address) if at_end else bisect.bisect_right(
            self.begins, address)
        if i == 0:
            return None
        begin, end, name = self.functions[i - 1]
        if at_end and address < end + 4:  # behind padding, too
            return f"{name}+{min(address, end) - begin:#x}"
        return f"{name}+{address - begin:#x}" if address < end else None


def rows(elf, places):
    for line in run("arm-none-eabi-objdump", "--dwarf=decodedline", elf).splitlines():
        words = line.split()
        if len(words) >= 3 and words[1].isdigit() and words[2].startswith("0x"):
            place = places.name(int(words[2], 16))
            if place:
                yield f"row {place} {words[0]} {' '.join([words[1], *words[3:]])}"


def lines_of(elf, places, *options):
    for begin, end, _ in places.functions:
        addresses = [f"{address:x}" for address in range(begin, end, 2)]
        text = run("arm-none-eabi-addr2line", "-a", *options, "-e", elf, *addresses)
        for line in text.splitlines():
            yield places.name(int(line, 16)) if line.startswith("0x") else f"  {line}"


def gdb(elf, places):
    commands = []
    for _, _, name in places.functions:
        commands += ["-ex", f"echo scope {name}\\n", "-ex", f"info scope {name}"]
    last = {}
    for line in rows(elf, places):
        words = line.split()
        last[words[2]] = max(last.get(words[2], 0), int(words[3]))
    for file, count in sorted(last.items()):
        for line in range(1, count + 3):
            commands += ["-ex", f"info line {file}:{line}"]
    text = run("gdb-multiarch", "-batch", "-nx", *commands, elf)
    for line in text.splitlines():
        # A symbol says nothing that an address does not, and is another one behind a function.
        # What distances count from is up to the compiler.
        line = re.sub(r" <[^>]*>|Base address 0x[0-9a-f]+  ", "", line)
        # Ranges end behind their last byte.
        line = re.sub(r"(Range|starts at address) (0x[0-9a-f]+)",
                      lambda m: f"{m[1]} {places.name(int(m[2], 16)) or m[2]}", line)
        line = re.sub(r"(-|ends at )(0x[0-9a-f]+)",
                      lambda m: f"{m[1]}{places.name(int(m[2], 16), True) or m[2]}", line)
        yield re.sub(r"0x[0-9a-f]+", lambda m: places.name(int(m[0], 16)) or m[0], line)


def claims(elf):
    """(begin, end, what) that units say they are about."""
    unit = None
    for line in run("arm-none-eabi-readelf", "-wr", elf).splitlines():
        words = line.split()
        if line.strip().startswith("Offset into .debug_info"):
            unit = words[-1]
        elif len(words) == 2 and all(re.fullmatch("[0-9a-f]{8}", word) for word in words):
            begin, size = (int(word, 16) for word in words)
            if size and begin != 0xFFFFFFFF:
                yield begin, begin + size, f"the tuple of unit {unit}"


def bounds(elf):
    """The same, by what stands in the units themselves."""
    low = depth = None
    for line in run("arm-none-eabi-readelf", "-wi", elf).splitlines():
        entry = re.match(r" *<([0-9a-f]+)><([0-9a-f]+)>", line)
        if entry:
            depth = int(entry[1], 16)
            low = None
        value = re.search(r"DW_AT_(low|high)_pc *: (?:\(.*\) )?(0x[0-9a-f]+|[0-9]+)$", line.rstrip())
        if depth == 0 and value and value[1] == "low":
            low = int(value[2], 0)
        elif depth == 0 and value and low not in (None, 0, 0xFFFFFFFF):
            high = int(value[2], 0)
            yield low, high if high > low else low + high, "a unit"


def check_ranges(elf):
    of_functions = functions(elf)
    for what in (claims, bounds):
        found = sorted(what(elf))
        for (_, end, name), (begin, _, other) in zip(found, found[1:]):
            if begin < end:
                sys.exit(f"{elf}: {name} ends at {end:#x}, and {other} begins at {begin:#x}")
        if found and found[-1][1] > of_functions[-1][1] + 3:
            sys.exit(f"{elf}: {found[-1][2]} ends at {found[-1][1]:#x}, behind all functions")
        for begin, end, name in of_functions:
            if found and not any(low <= begin and end <= high for low, high, _ in found):
                sys.exit(f"{elf}: nothing claims {name}, {begin:#x} to {end:#x}")


def main():
    elf, what, *other = sys.argv[1:]
    if what == "ranges":
        return check_ranges(elf)
    places = Places(elf, *(other or [elf]))
    if what == "gdb":
        facts = gdb(elf, places)
    else:
        options = ["-f", "-i"] if what == "lines" else []
        facts = [*rows(elf, places), *lines_of(elf, places, *options)]
    print("\n".join(facts))
    return None


if __name__ == "__main__":
    main()
