#!/bin/sh
# output_survival.sh LD DIRECTORY: whatever goes wrong, the output file is the old one or the new one,
# and nothing else is left beside it. Ends with 77 if a tool is missing.
set -u
[ $# = 2 ] || { echo "usage: $0 LD DIRECTORY" >&2; exit 2; }
ld=$1
command -v arm-none-eabi-as > /dev/null || { echo "no arm-none-eabi-as"; exit 77; }
rm -rf "$2"
mkdir -p "$2"
cd "$2" || exit 1

failures=0
fail() {
  echo "FAIL: $*"
  failures=$((failures + 1))
}

arm-none-eabi-as -mcpu=cortex-m3 -o small.o - << 'END'
  .syntax unified
  .thumb
  .global _start
_start: bx lr
END
arm-none-eabi-as -mcpu=cortex-m3 -o big.o - << 'END'
  .global _start
_start: .word 1
  .section .rodata.big,"a",%progbits
  .fill 4000000, 1, 0x55
END
arm-none-eabi-as -mcpu=cortex-m3 -o broken.o - << 'END'
  .global _start
_start: .word nowhere
END
head -c 100 small.o > cut.o

# intact WHAT STATUS: after WHAT, which ended with STATUS, the old output is there, and alone.
intact() {
  [ "$2" = 1 ] || fail "$1: exit status $2, not 1"
  [ -s message ] || fail "$1: no message"
  cmp -s out/app.elf old.elf || fail "$1: the old output has changed"
  [ "$(ls -A out)" = app.elf ] || fail "$1: left $(ls -A out)"
}

mkdir out
"$ld" small.o -o old.elf || fail "a sound link failed"
cp old.elf out/app.elf

for input in broken.o cut.o missing.o /dev/zero; do
  "$ld" "$input" -o out/app.elf 2> message
  intact "$input" $?
done
echo 'SECTIONS { .text : { *(.text*) } ASSERT(0, "no") }' > refused.ld
"$ld" small.o -T refused.ld -o out/app.elf 2> message
intact "a script that refuses" $?
echo 'MEMORY { r : o = 0, l = 1 } SECTIONS { .text : { *(.text*) } > r }' > full.ld
"$ld" small.o -T full.ld -Map out/app.elf.map -o out/app.elf 2> message
status=$?
rm -f out/app.elf.map # a map is most wanted when a region is full
intact "a full region" $status

# A file that may not grow: EFBIG, and no death by SIGXFSZ. In blocks of 512 bytes.
(
  ulimit -f 100
  "$ld" big.o -o out/app.elf 2> message
)
intact "ulimit -f" $?
grep -q 'out/app.elf: cannot write: ' message || fail "ulimit -f: said $(cat message)"

# A full disk. Only root may mount one.
if unshare -m true 2> /dev/null; then
  mkdir -p disk
  # shellcheck disable=SC2016 # for the inner shell
  unshare -m sh -c '
    mount -t tmpfs -o size=1m none disk || exit 77
    cp old.elf disk/app.elf
    "$1" big.o -o disk/app.elf 2> message
    status=$?
    cmp -s disk/app.elf old.elf || exit 50
    [ "$(ls -A disk)" = app.elf ] || exit 51
    exit $status' sh "$ld"
  case $? in
    1) grep -q 'disk/app.elf: cannot write: No space left' message ||
      fail "full disk: said $(cat message)" ;;
    50) fail "full disk: the old output has changed" ;;
    51) fail "full disk: left a temporary file" ;;
    77) echo "skipped: no tmpfs" ;;
    *) fail "full disk: a wrong exit status" ;;
  esac
else
  echo "skipped: a full disk needs root"
fi

# A directory that nobody may write to; root may.
if [ "$(id -u)" != 0 ]; then
  chmod a-w out
  "$ld" small.o -o out/app.elf 2> message
  intact "a directory without permission" $?
  chmod u+w out
fi

# Killed at any time. What is left behind, the next run removes.
"$ld" big.o -o new.elf || fail "a sound link of big.o failed"
delay=0
while [ $delay -lt 40 ]; do
  cp old.elf out/app.elf
  "$ld" big.o -o out/app.elf 2> /dev/null &
  child=$!
  sleep "0.00$(printf %02d $delay)"
  kill -9 $child 2> /dev/null
  wait $child 2> /dev/null
  cmp -s out/app.elf old.elf || cmp -s out/app.elf new.elf ||
    fail "killed after $delay: neither the old output nor the new one"
  delay=$((delay + 1))
done
"$ld" small.o -o out/app.elf || fail "a link after kills failed"
cmp -s out/app.elf old.elf || fail "a link after kills is another one"
[ "$(ls -A out)" = app.elf ] || fail "temporary files stay for ever: $(ls -A out)"

[ $failures = 0 ] && echo "all outputs survived"
[ $failures = 0 ]
