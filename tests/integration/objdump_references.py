#!/usr/bin/env python3
"""objdump_references.py [--stops] < LISTING
What `objdump -d -r --disassemble-zeroes` says about references that no relocation makes, in the
words of scan_dump: a line MEMBER SECTION PLACE TARGET for each branch, and for each load, store or
address relative to the program counter. With --stops: a line MEMBER SECTION stop OFFSET for each
place behind an instruction, or the data that follows it, that is never gone on from.
"""

import re
import sys

FILE = re.compile(r"^(\S.*):     file format ")
SECTION = re.compile(r"^Disassembly of section (.*):$")
RELOCATION = re.compile(r"^\s+([0-9a-f]+): (R_ARM_\w+)")
LINE = re.compile(r"^\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(\S+)(?:\t([^\t@;]*))?(.*)$")
CONDITION = r"(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al)?"
BRANCH = re.compile(rf"^(?:b|bl|blx){CONDITION}(?:\.[nw])?$")
OTHER_BRANCH = re.compile(r"^(?:cbn?z|letp|le|wls|wlstp\.\d+)$")
ADDRESS = re.compile(rf"^(?:add|sub)[sw]?{CONDITION}(?:\.w)?$")
# Behind the operands: what they amount to.
COMMENT = re.compile(r"[@;] \(?(?:adr [\w]+, )?([0-9a-f]+) <")
IGNORED = ("R_ARM_NONE", "R_ARM_V4BX")


class Unreadable(Exception):
    pass


class Section:
    def __init__(self, name):
        self.name = name
        self.lines = []  # [place, hexadecimal digits, mnemonic, operands, rest]
        self.relocated = set()


def numbered(name, seen):
    """A name, told apart from earlier ones that are the same."""
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}#{seen[name]}"


def sections(listing):
    files, names, section, file = {}, {}, None, None
    for line in listing:
        if match := LINE.match(line):
            place, code, mnemonic, operands, rest = match.groups()
            section.lines.append((int(place, 16), code, mnemonic, (operands or "").strip(), rest))
        elif match := RELOCATION.match(line):
            if match[2] not in IGNORED:
                section.relocated.add(int(match[1], 16))
        elif match := FILE.match(line):
            if section:
                yield section
            file, names, section = numbered(match[1], files), {}, None
        elif match := SECTION.match(line):
            if section:
                yield section
            section = Section(f"{file} {numbered(match[1], names)}")
    if section:
        yield section


def is_data(mnemonic):
    return mnemonic.startswith(".")


def length(code):
    return len(code.replace(" ", "")) // 2


def is_thumb(code):
    return len(code) != 8  # "e1a00000", but "bf00" and "f7ff fffe"


def program_counter(place, code):
    return (place + 4) & ~3 if is_thumb(code) else place + 8


def immediate(parts):
    """[#n] or [#n, rotation]"""
    value = int(parts[0].lstrip("#"))
    rotation = int(parts[1]) if len(parts) > 1 else 0
    return (value >> rotation | value << (32 - rotation)) & 0xFFFFFFFF if rotation else value


def relative(place, code, mnemonic, operands, rest):
    """The target of an access through, or an address made from, pc and a number."""
    parts = [part.strip() for part in operands.split(",")]
    if match := re.search(r"\[pc(?:, #(-?\d+))?\]$", operands):
        offset = int(match[1] or 0)
    elif ADDRESS.match(mnemonic) and len(parts) >= 3 and parts[1] == "pc" and parts[2][0] == "#":
        offset = immediate(parts[2:]) * (-1 if mnemonic.startswith("sub") else 1)
    elif "<" in rest and not re.search(r"<UNDEFINED>|<UNPREDICTABLE>|unpredictable", rest):
        raise Unreadable(f"{mnemonic} {operands} {rest}")
    else:
        return None
    target = program_counter(place, code) + offset
    comment = COMMENT.search(rest)
    if comment and int(comment[1], 16) != target & 0xFFFFFFFF:
        raise Unreadable(f"{mnemonic} {operands} {rest} is not at {target:x}")
    return target


def target_of(place, code, mnemonic, operands, rest):
    if BRANCH.match(mnemonic) or OTHER_BRANCH.match(mnemonic):
        if match := re.search(r"(?:^|, )(?:0x)?([0-9a-f]+)(?: <|$)", operands):
            return int(match[1], 16)
        if mnemonic.startswith("blx"):
            return None  # to a register
        raise Unreadable(f"{mnemonic} {operands}")
    return relative(place, code, mnemonic, operands, rest)


def never_goes_on(mnemonic, operands):
    """An unconditional jump: no condition is part of the mnemonic."""
    base = re.sub(r"\.[nw]$", "", mnemonic)
    if base in ("b", "bx", "bxj", "tbb", "tbh", "udf"):
        return True
    if base == "pop" or re.match(r"^ldm(ia|fd|ib|da|db|ea|ed|fa)?$", base):
        return re.search(r"\bpc}", operands) is not None
    return base in ("ldr", "mov", "movs", "add", "sub", "subs", "orr") and operands.startswith("pc,")


def print_stops(section):
    open_end = False  # what stands here is reached by no one, or is the table of a jump
    for place, code, mnemonic, operands, _ in section.lines:
        if not is_data(mnemonic):
            open_end = never_goes_on(mnemonic, operands)
        if open_end:
            for end in range(place + 1 if is_data(mnemonic) else place + length(code),
                             place + length(code) + 1):
                print(f"{section.name} stop {end:x}")


def print_references(section):
    for place, code, mnemonic, operands, rest in section.lines:
        if is_data(mnemonic) or place in section.relocated:
            continue
        target = target_of(place, code, mnemonic, operands, rest)
        if target is not None:
            print(f"{section.name} {place:x} {target & 0xFFFFFFFF:x}")


def main():
    show = print_stops if "--stops" in sys.argv[1:] else print_references
    for section in sections(sys.stdin):
        try:
            show(section)
        except Unreadable as line:
            sys.exit(f"objdump_references.py: {section.name}: cannot read: {line}")


main()
