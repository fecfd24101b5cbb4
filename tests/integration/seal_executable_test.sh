#!/bin/sh
# seal_executable_test.sh FWSEAL DIRECTORY
# `fwseal seal` of executables that GNU ld linked, with and without kept relocations (-q): nothing
# that is loaded changes, the relocations go, images, digest, budget and record are those of the
# image; what cannot be sealed is refused; and that the sealed executable behaves as GNU ld's under
# QEMU. DIRECTORY keeps what was made.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
sources=$(cd "$(dirname "$0")" && pwd)/seal
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
# shellcheck source=said.sh
. "$here/../integration/said.sh"
case $1 in */*) fwseal=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") ;; *) fwseal=$1 ;; esac
need arm-none-eabi-gcc arm-none-eabi-g++ arm-none-eabi-ld arm-none-eabi-nm arm-none-eabi-readelf \
  arm-none-eabi-objcopy python3 sha256sum
rm -rf "$2"
mkdir -p "$2"
cd "$2"
cp "$sources"/* .

flags="-mcpu=cortex-m3 -mthumb -O1 -g -ffreestanding -fno-exceptions -ffunction-sections
  -fdata-sections"
# shellcheck disable=SC2086 # words
arm-none-eabi-g++ $flags -c app.cc
# shellcheck disable=SC2086
arm-none-eabi-g++ $flags -c names.cc
# shellcheck disable=SC2086
arm-none-eabi-gcc $flags -c board.c
objects="app.o names.o board.o"
# shellcheck disable=SC2086
arm-none-eabi-ld --no-warn-rwx-segments -q -T app.ld --gc-sections $objects -o kept.elf
# shellcheck disable=SC2086
arm-none-eabi-ld --no-warn-rwx-segments -T app.ld --gc-sections $objects -o plain.elf

# listed ELF: sections but for relocations, their addresses and sizes; symbols
listed() {
  arm-none-eabi-readelf -WS "$1" | sed -n 's/^ *\[ *[0-9]*\] *//p' | grep -v '^\.rel\.' |
    awk '$1 !~ /^\.(shstrtab|symtab)$/ && NF > 8 { print $1, $2, $3, $5, $7 }'
  arm-none-eabi-nm -n "$1"
}

# --- Layout, contents and symbols stay; relocations go
regions="--region FLASH:flash:0:64K --region RAM:ram:0x20000000:16K"
for name in kept plain; do
  # shellcheck disable=SC2086
  status 0 "$fwseal" seal $name.elf $regions -o $name.sealed.elf --bin $name.bin --hex $name.hex \
    --json $name.json --record $name.record.json
  cp said $name.said
  listed $name.elf > $name.listed
  listed $name.sealed.elf > $name.sealed.listed
  diff $name.listed $name.sealed.listed || fail "$name.elf changed"
  for form in binary ihex; do
    arm-none-eabi-objcopy -O $form $name.elf $name.$form
  done
  cmp $name.bin $name.binary || fail "$name.bin is another image"
  diff $name.hex $name.ihex > diff.txt || fail "$name.hex is another image"
  says "assumptions: none"
  same "$(value $name.record.json "d['sealed']['sha256']")" "$(python3 digest.py $name.elf)" digest
  same "$(sed -n 's/sealed: sha256 //p' said)" "$(python3 digest.py $name.sealed.elf)" "said digest"
done
arm-none-eabi-readelf -Wr kept.elf | grep -q R_ARM_ || fail "the test has no relocations to keep"
if arm-none-eabi-readelf -Wr kept.sealed.elf | grep -q R_ARM_; then fail "relocations stay"; fi
cmp plain.elf plain.sealed.elf || fail "an executable without relocations changed"
diff kept.said plain.said > diff.txt || fail "kept relocations change the report"
# readelf finds nothing odd, and debuggers still find what they look for.
arm-none-eabi-readelf -Wa kept.sealed.elf 2>&1 > readelf.txt | tee warnings.txt
[ ! -s warnings.txt ] || fail "readelf warns"
arm-none-eabi-readelf -wi kept.elf > debug.txt
arm-none-eabi-readelf -wi kept.sealed.elf | diff - debug.txt > diff.txt ||
  fail "debug information changed"

# --- Sealing twice changes nothing, in place neither
# shellcheck disable=SC2086
status 0 "$fwseal" seal kept.sealed.elf $regions -o twice.elf
cmp kept.sealed.elf twice.elf || fail "sealing twice changes the file"
# shellcheck disable=SC2086
status 0 "$fwseal" seal kept.elf $regions -o kept.elf
cmp kept.sealed.elf kept.elf || fail "sealing in place differs"

# --- The budget: the regions of the command line or of fwseal.toml, or none
same "$(value kept.json "[(r['name'], r['kind'], r['length']) for r in d['regions']]")" \
  "[('FLASH', 'flash', 65536), ('RAM', 'ram', 16384)]" regions
python3 - kept.json << 'END' || fail "the rows do not add up"
import json, sys
for region in json.load(open(sys.argv[1]))["regions"]:
    assert sum(region["contents"].values()) == region["used"] > 0, region
END
# shellcheck disable=SC2086
size=$(arm-none-eabi-size -A kept.elf | awk '$1 ~ /^\.(data|bss)$/ { sum += $2 } END { print sum }')
same "$(value kept.json "d['kinds']['data_ram']")" "$size" "data in RAM"
cat > board.toml << 'END'
[board]
name = "demo"
[board.regions]
FLASH = { kind = "flash", origin = 0, length = "64K" }
RAM = { kind = "ram", origin = 0x20000000, length = "16K" }
[budget]
FLASH = "0.1%"
END
status 3 "$fwseal" seal kept.elf --config board.toml -o app.elf
says "board: demo"
says "board.toml:7: budget: region 'FLASH' is"
status 0 "$fwseal" seal kept.elf -o app.elf --json none.json
same "$(value none.json "d['regions']")" "[]" "regions without any"
[ "$(value none.json "d['kinds']['data_ram']")" -ge "$size" ] || fail "less data than sections"

# --- What is refused; nothing is written then
rm -f app.elf
status 1 "$fwseal" seal kept.elf --region FLASH:flash:0:64 --region RAM:ram:0x20000000:16K \
  -o app.elf
says "region \`FLASH' overflowed by"
status 1 "$fwseal" seal kept.elf --region FLASH:flash:0x1000:64K -o app.elf
says "is stored at 0x0"
status 1 "$fwseal" seal kept.elf --region FLASH:flash -o app.elf
says "region 'FLASH' needs an origin and a length"
status 1 "$fwseal" seal kept.elf app.o -o app.elf
says "kept.elf: is an executable, which is sealed as it is: it takes no other inputs"
status 1 "$fwseal" seal kept.elf -T app.ld -o app.elf
says "a linker script cannot change its layout"
status 1 "$fwseal" seal kept.elf --place-flash lookup -o app.elf
says "nothing in it can be placed in flash"
status 1 "$fwseal" seal kept.elf --map app.map -o app.elf
says "only its linker can write a map"
arm-none-eabi-ld --no-warn-rwx-segments -q -T app.ld --unresolved-symbols=ignore-all app.o \
  -o open.elf
status 1 "$fwseal" seal open.elf -o app.elf
says "a sealed image has no undefined symbols: \`board_puts'"
# shellcheck disable=SC2086
arm-none-eabi-ld -T app.ld --gc-sections -pie --no-dynamic-linker $objects -o pie.elf 2> said ||
  cat said
status 1 "$fwseal" seal pie.elf -o app.elf
says "position-independent executable"
ln -sf "$fwseal" ld.fwseal
status 1 ./ld.fwseal kept.elf -o app.elf
says "link its objects, or seal it as it is with"
[ ! -e app.elf ] || fail "something was written although it was refused"

# --- Behaviour
command -v qemu-system-arm > /dev/null 2>&1 || { echo "not booted: no qemu-system-arm"; finish; }
for name in plain kept.sealed; do
  code=0
  timeout 60 qemu-system-arm -M mps2-an385 -nographic -monitor none -serial "file:$name.out" \
    -semihosting-config enable=on,target=native -kernel $name.elf > $name.log 2>&1 || code=$?
  echo "exit code $code" >> $name.out
done
grep -q "constructed 42" plain.out || fail "GNU ld's image does not run"
diff plain.out kept.sealed.out || fail "the sealed executable behaves differently"
finish
