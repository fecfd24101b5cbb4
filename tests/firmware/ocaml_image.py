#!/usr/bin/env python3
"""ocaml_image.py KIT IMAGE COMMAND...: a look at a linked OCaml image, or a copy with one change.

  set SYMBOL OLD NEW COPY   the word at SYMBOL, which must be OLD, is NEW in the copy
  unlist BYTES COPY         caml_data_segments has no longer the pairs that make known the pages
                            in which BYTES lie; the runtime looks at pages of 4 kB
  functions                 how many functions of OCaml units there are, their bytes, and how many
                            units have a function that initialises them
  startup                   how many units caml_program starts. It must call and count each once, in
                            the order of caml_globals, and all functions and values of units must
                            lie in pairs of caml_code_segments and caml_data_segments

KIT is the folder with sizes.py, which reads ELF files.
"""
import re
import struct
import sys


def with_words(elf, words):
    raw = bytearray(elf.raw)
    for address, value in words:
        _, _, _, start, offset, _, _ = elf.section(address)
        struct.pack_into("<I", raw, offset + address - start, value)
    return raw


def save(path, raw):
    with open(path, "wb") as file:
        file.write(raw)


def set_word(elf, symbol, old, new, copy):
    address = elf.symbols[symbol]
    if elf.pointer(address) != int(old):
        raise ValueError("%s is %d, not %s" % (symbol, elf.pointer(address), old))
    save(copy, with_words(elf, [(address, int(new))]))


def words_of(elf, table):
    words, at = [], elf.symbols[table]
    while elf.pointer(at):
        words.append(elf.pointer(at))
        at += 4
    return words


def pairs_of(elf, table):
    words = words_of(elf, table)
    return list(zip(words[::2], words[1::2]))


def unlist(elf, text, copy):
    sought = text.encode().decode("unicode_escape").encode("latin-1")
    pages = set()
    for _, kind, _, start, offset, size, _ in elf.loaded:
        data = b"" if kind == 8 else elf.raw[offset:offset + size]  # SHT_NOBITS
        pages |= {(start + m.start()) >> 12 for m in re.finditer(re.escape(sought), data)}
    table = elf.symbols["caml_data_segments"]
    pairs = pairs_of(elf, "caml_data_segments")
    stay = [p for p in pairs if not any(p[0] >> 12 <= page <= p[1] >> 12 for page in pages)]
    if len(stay) == len(pairs):
        raise ValueError("no pair of caml_data_segments has it")
    words = [word for pair in stay for word in pair] + [0] * (2 * (len(pairs) - len(stay)))
    save(copy, with_words(elf, [(table + 4 * i, word) for i, word in enumerate(words)]))
    print("%d of %d pairs left out" % (len(pairs) - len(stay), len(pairs)))


def functions_of(elf):
    """Sized functions of units and of the start-up object, whose own have no unit's name. Two names
    of one place, which folding makes, count once."""
    ours = re.compile("caml[A-Z].*__|caml_(apply|curry|tuplify|send)[0-9]|caml_program$")
    found = {}
    for name, size in elf.sized.items():
        if size and ours.match(name):
            address = elf.symbols[name] & ~1
            if elf.section(address)[2] & 4:  # SHF_EXECINSTR
                found[address] = size
    return found


def started(elf):
    """What caml_program does, in order: the address that it calls, or None where it counts."""
    at = elf.symbols["caml_program"] & ~1
    end = at + elf.sized["caml_program"]
    while at < end and elf.read("H", at) != 0x4770:  # BX lr
        first, second = elf.read("H", at), elf.read("H", at + 2)
        literal = None
        if first >> 11 == 9:  # LDR rd, [pc, #n]
            literal = (at + 4 & ~3) + 4 * (first & 255)
        elif first == 0xf8df:  # LDR.W
            literal = (at + 4 & ~3) + (second & 0xfff)
        elif first >> 11 == 0x1e and second & 0xd000 == 0xd000:  # BL
            sign = first >> 10 & 1
            bits = [~(second >> bit ^ sign) & 1 for bit in (13, 11)]
            yield at + 4 + (-sign << 24 | bits[0] << 23 | bits[1] << 22 | (first & 0x3ff) << 12 |
                            (second & 0x7ff) << 1)
        elif first >> 11 == 0x1c:  # B, over literals
            at += 2 * ((first & 0x7ff) + 1)
        if literal is not None and elf.pointer(literal) == elf.symbols["caml_globals_inited"]:
            yield None
        at += 4 if first >> 11 >= 0x1d else 2


def startup(elf):
    steps = list(started(elf))
    calls = steps[::2]
    if None in calls or any(step is not None for step in steps[1::2]) or len(steps) % 2:
        raise ValueError("caml_program does not call and count in turn")
    names = {}
    for name, address in elf.symbols.items():
        names.setdefault(address & ~1, set()).add(name)
    lists = words_of(elf, "caml_globals")
    if len(lists) != len(calls):
        raise ValueError("%d units are started, %d listed" % (len(calls), len(lists)))
    for call, word in zip(calls, lists):
        entries = {name[:-7] for name in names.get(call, ()) if name.endswith("__entry")}
        if not any(unit + "__gc_roots" in names.get(word, ()) for unit in entries):
            raise ValueError("calls %s, where %#x is listed" % (entries, word))
    code = pairs_of(elf, "caml_code_segments")
    data = pairs_of(elf, "caml_data_segments")
    for at, size in functions_of(elf).items():
        if not any(begin <= at and at + size <= end for begin, end in code):
            raise ValueError("%s is in no pair of code" % names[at])
    value = re.compile("caml_exn_|caml[A-Z](?!.*__(frametable|gc_roots|[a-z]+_(begin|end))$)")
    for name, at in elf.symbols.items():
        if value.match(name) and not elf.section(at & ~1)[2] & 4:
            if not any(begin <= at <= end + 4 for begin, end in data):
                raise ValueError("%s is in no pair of data" % name)
    print(len(calls))


def functions(elf):
    found = functions_of(elf)
    entries = [name for name, size in elf.sized.items() if size and name.endswith("__entry")]
    print(len(found), sum(found.values()), len(entries))


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    kit, image, command, *words = sys.argv[1:]
    sys.path.insert(0, kit)
    from sizes import Elf
    try:
        {"set": set_word, "unlist": unlist, "functions": functions,
         "startup": startup}[command](Elf(image), *words)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as problem:
        sys.exit("ocaml_image.py: %s: %s: %s" % (image, type(problem).__name__, problem))


if __name__ == "__main__":
    main()
