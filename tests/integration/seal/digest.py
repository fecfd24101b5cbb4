"""digest.py ELF: the digest of a sealed image, computed from the ELF alone as flashmap/seal.h says."""
import hashlib
import struct
import sys

elf = open(sys.argv[1], "rb").read()
phoff, shoff = struct.unpack_from("<II", elf, 28)
phentsize, phnum, shentsize, shnum = struct.unpack_from("<HHHH", elf, 42)
segments = [struct.unpack_from("<8I", elf, phoff + i * phentsize) for i in range(phnum)]


def load_address(vma, offset):
    for kind, start, vaddr, paddr, filesz, *_ in segments:
        if kind == 1 and start <= offset < start + filesz:
            return paddr + vma - vaddr
    raise SystemExit("a section is in no segment")


runs = []
for i in range(shnum):
    _, kind, flags, vma, offset, size, *_ = struct.unpack_from("<10I", elf, shoff + i * shentsize)
    if flags & 2 and kind != 8 and size:
        runs.append((load_address(vma, offset), elf[offset : offset + size]))
joined = []
for lma, data in sorted(runs):
    if joined and joined[-1][0] + len(joined[-1][1]) == lma:
        joined[-1] = (joined[-1][0], joined[-1][1] + data)
    else:
        joined.append((lma, data))
digest = hashlib.sha256(b"fwseal seal 1\n")
for lma, data in joined:
    digest.update(struct.pack("<QQ", lma, len(data)) + data)
print(digest.hexdigest())
