#!/bin/sh
# seal_test.sh FWSEAL DIRECTORY
# `fwseal seal` on a small C++ firmware: which constructors go and which stay, constants in flash,
# the budget and the exit statuses, an overflow, the output of ld -r and archives as inputs, the
# record and the digest, what no sealed image may have; and that the sealed image behaves as GNU
# ld's link under QEMU. DIRECTORY keeps what was made.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
sources=$(cd "$(dirname "$0")" && pwd)/seal
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
# shellcheck source=said.sh
. "$here/../integration/said.sh"
case $1 in */*) fwseal=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") ;; *) fwseal=$1 ;; esac
need arm-none-eabi-gcc arm-none-eabi-g++ arm-none-eabi-ld arm-none-eabi-ar arm-none-eabi-nm \
  arm-none-eabi-readelf arm-none-eabi-objcopy python3 sha256sum
rm -rf "$2"
mkdir -p "$2"
cd "$2"
cp "$sources"/* .

flags="-mcpu=cortex-m3 -mthumb -O1 -ffreestanding -fno-exceptions -ffunction-sections
  -fdata-sections"
# shellcheck disable=SC2086 # words
arm-none-eabi-g++ $flags -c app.cc
# shellcheck disable=SC2086
arm-none-eabi-g++ $flags -fPIC -mno-pic-data-is-text-relative -c names.cc
# shellcheck disable=SC2086
arm-none-eabi-gcc $flags -c board.c
# Tables as a hosted compiler leaves them.
arm-none-eabi-gcc -mcpu=cortex-m3 -c leftover.s

has() { arm-none-eabi-nm "$1" | grep -q " $2\$"; }
kept() { has app.elf "$1" || fail "$1 is gone"; }
gone() { if has app.elf "$1"; then fail "$1 is there"; fi; }

# --- Constructors, constants, leftovers
objects="app.o names.o board.o leftover.o"
# shellcheck disable=SC2086
status 0 "$fwseal" seal --config fwseal.toml -T app.ld $objects -o app.elf --json app.json \
  --record app.record.gz --bin app.bin
says "sealed: sha256"
says "assumptions: none"
says "board: demo"
says "left by dynamic linking"
gone does_nothing
gone writes_dead
gone nobody_reads
kept writes_live
kept pokes
kept prints
if arm-none-eabi-readelf -WS app.elf | grep -qE '\.dynamic|\.interp'; then fail "leftovers stay"; fi
address=$(arm-none-eabi-nm app.elf | sed -n 's/ . names$//p')
[ $((0x$address)) -lt $((0x20000000)) ] || fail "names are in RAM"

# --- Reports
same "$(value app.json "d['schema']")" fwseal.budget/1 schema
same "$(value app.json "d['regions'][0]['name'], d['regions'][0]['overflow']")" "FLASH 0" region
same "$(value app.json "[m['name'] for m in d['moved_to_flash']]")" "['.rodata.local.names']" moves
same "$(value app.json "sorted(i['functions'] for i in d['initialisers'] if i['removed'])")" \
  "['does_nothing', 'writes_dead']" removed
python3 -c "import gzip; print(gzip.open('app.record.gz').read().decode(), end='')" > app.record.json
same "$(value app.record.json "d['schema']")" fwseal.record/1 schema
same "$(value app.record.json "d['sealed']['sha256']")" "$(sed -n 's/sealed: sha256 //p' said)" digest
same "$(value app.record.json "d['sealed']['sha256']")" "$(python3 digest.py app.elf)" "the digest"
cp app.elf first.elf
# shellcheck disable=SC2086
status 0 "$fwseal" seal --config fwseal.toml -T app.ld $objects -o app.elf --record again.gz
cmp app.elf first.elf || fail "two links differ"

# --- A plain link with the same options says nothing, and leaves constructors alone unless told
ln -sf "$fwseal" ld.fwseal
# shellcheck disable=SC2086
status 0 ./ld.fwseal -T app.ld --gc-sections $objects -o app.elf
[ ! -s said ] || fail "a link that succeeds prints something"
kept writes_dead
# shellcheck disable=SC2086
status 0 ./ld.fwseal -T app.ld --fwseal-prune=proven $objects -o app.elf
[ ! -s said ] || fail "a link that succeeds prints something"
gone writes_dead

# --- The user's keep wins; what is placed on the user's word is an assumption
# shellcheck disable=SC2086
status 0 "$fwseal" seal --config fwseal.toml -T app.ld --keep '.init_array.00201' $objects -o app.elf
kept writes_dead
# shellcheck disable=SC2086
status 0 "$fwseal" seal --config fwseal.toml -T app.ld --place-flash lookup --place-flash no_such \
  $objects -o app.elf
says "place flash \`lookup': app.o:(.data.lookup) is never written"
says "warning: place flash: no symbol and no section is called \`no_such'"
address=$(arm-none-eabi-nm app.elf | sed -n 's/ . lookup$//p')
[ $((0x$address)) -lt $((0x20000000)) ] || fail "lookup is in RAM"

# --- Exit statuses
# shellcheck disable=SC2086
status 3 "$fwseal" seal --config tight.toml -T app.ld $objects -o app.elf
says "tight.toml:2: budget: region 'RAM' uses"
# shellcheck disable=SC2086
status 4 "$fwseal" seal --config fwseal.toml -T app.ld --budget NOSUCH=1K $objects -o app.elf
says "no region or sum is called 'NOSUCH'"
# shellcheck disable=SC2086
status 1 "$fwseal" seal --config strange.toml -T app.ld $objects -o app.elf
says "strange.toml:2: board.regions: the linker script has no region 'CCM'; it has FLASH, RAM"
# shellcheck disable=SC2086
status 1 "$fwseal" seal -T app.ld --region FLASH:flash:0:4K $objects -o app.elf
says "is not within what the board has"

# --- A region that overflows: no image, but the budget in words and JSON
rm -f app.elf app.json
sed 's/LENGTH = 64K/LENGTH = 100/' app.ld > full.ld
# shellcheck disable=SC2086
status 1 "$fwseal" seal --config fwseal.toml -T full.ld $objects -o app.elf --json app.json
says "region \`FLASH' overflowed by"
says "FULL"
says_not "sealed:"
[ ! -e app.elf ] || fail "an image that does not fit was written"
[ "$(value app.json "d['regions'][0]['overflow']")" -gt 0 ] || fail "no overflow in the report"
same "$(value app.json "d['sealed']")" None "digest of an image that does not fit"

# --- What no sealed image may have
# shellcheck disable=SC2086
status 1 ./ld.fwseal --fwseal-seal -T stored_in_ram.ld $objects -o app.elf
says "is stored at 0x20000"
says "empty after power-on"
# shellcheck disable=SC2086
status 1 "$fwseal" seal -T app.ld app.o names.o leftover.o -o app.elf
says "undefined reference to \`board_puts'"
for option in -r -q --unresolved-symbols=ignore-all --ignore-unresolved-symbol=x; do
  # shellcheck disable=SC2086
  status 2 ./ld.fwseal --fwseal-seal "$option" -e _start -T app.ld $objects -o app.elf
done

# --- The output of ld -r, and archives
# shellcheck disable=SC2086
arm-none-eabi-ld -r $objects -o whole.o
status 0 "$fwseal" seal --config fwseal.toml -T app.ld whole.o -o app.elf
gone writes_dead
kept writes_live
arm-none-eabi-ar rc libboard.a board.o names.o
status 0 "$fwseal" seal --config fwseal.toml -T app.ld app.o libboard.a -o app.elf
gone writes_dead
kept prints

# --- Other outputs of the link
# shellcheck disable=SC2086
status 0 ./ld.fwseal -T app.ld --gc-sections $objects -o app.elf --dependency-file=app.d \
  --retain-symbols-file=retained.txt
for words in app.elf: app.ld names.o:; do
  grep -qF "$words" app.d || fail "app.d does not name $words"
done
same "$(arm-none-eabi-nm -j app.elf | tr '\n' ' ')" "_start names " "symbols that are retained"

# --- Behaviour
command -v qemu-system-arm > /dev/null 2>&1 || { echo "not booted: no qemu-system-arm"; finish; }
# Without the leftovers, with which GNU ld makes a dynamic executable and refuses it.
arm-none-eabi-ld -T app.ld --gc-sections app.o names.o board.o -o gnu.elf
# shellcheck disable=SC2086
"$fwseal" seal --config fwseal.toml -T app.ld $objects -o app.elf > said
for name in gnu app; do
  code=0
  timeout 60 qemu-system-arm -M mps2-an385 -nographic -monitor none -serial "file:$name.out" \
    -semihosting-config enable=on,target=native -kernel $name.elf > $name.log 2>&1 || code=$?
  echo "exit code $code" >> $name.out
done
grep -q "constructed 42" gnu.out || fail "GNU ld's image does not run"
diff gnu.out app.out || fail "the sealed image behaves differently"
finish
