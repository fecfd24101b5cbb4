#!/usr/bin/env python3
"""ocaml_image.py KIT IMAGE COMMAND...: a look at a linked OCaml image, or a copy with one change.

  set SYMBOL OLD NEW COPY   the word at SYMBOL, which must be OLD, is NEW in the copy
  unlist BYTES COPY         caml_data_segments has no longer the pairs that make known the pages
                            in which BYTES lie; the runtime looks at pages of 4 kB
  functions                 how many functions of OCaml units there are, their bytes, and how many
                            units have a function that initialises them

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


def unlist(elf, text, copy):
    sought = text.encode().decode("unicode_escape").encode("latin-1")
    pages = set()
    for _, kind, _, start, offset, size, _ in elf.loaded:
        data = b"" if kind == 8 else elf.raw[offset:offset + size]  # SHT_NOBITS
        pages |= {(start + m.start()) >> 12 for m in re.finditer(re.escape(sought), data)}
    table = elf.symbols["caml_data_segments"]
    pairs, at = [], table
    while elf.pointer(at):
        pairs.append((elf.pointer(at), elf.pointer(at + 4)))
        at += 8
    stay = [p for p in pairs if not any(p[0] >> 12 <= page <= p[1] >> 12 for page in pages)]
    if len(stay) == len(pairs):
        raise ValueError("no pair of caml_data_segments has it")
    words = [word for pair in stay for word in pair] + [0] * (2 * (len(pairs) - len(stay)))
    save(copy, with_words(elf, [(table + 4 * i, word) for i, word in enumerate(words)]))
    print("%d of %d pairs left out" % (len(pairs) - len(stay), len(pairs)))


def functions(elf):
    """Sized functions of units and of the start-up object, whose own have no unit's name. Two names
    of one place, which folding makes, count once."""
    ours = re.compile("caml[A-Z].*__|caml_(apply|curry|tuplify|send)[0-9]|caml_program$")
    found = {}
    for name, size in elf.sized.items():
        if size and ours.match(name):
            address = elf.symbols[name] & ~1
            if elf.section(address)[2] & 4:  # SHF_EXECINSTR
                found[address] = size
    entries = [name for name, size in elf.sized.items() if size and name.endswith("__entry")]
    print(len(found), sum(found.values()), len(entries))


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    kit, image, command, *words = sys.argv[1:]
    sys.path.insert(0, kit)
    from sizes import Elf
    try:
        {"set": set_word, "unlist": unlist, "functions": functions}[command](Elf(image), *words)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as problem:
        sys.exit("ocaml_image.py: %s: %s: %s" % (image, type(problem).__name__, problem))


if __name__ == "__main__":
    main()
