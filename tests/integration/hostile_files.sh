#!/bin/sh
# hostile_files.sh LD DIRECTORY: what is no file to link, or no file at all, gets a message that names
# it, and exit status 1, within seconds. Ends with 77 if a tool is missing.
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

# refused NAME ARGUMENT...: the link is refused, and the message names NAME.
refused() {
  name=$1
  shift
  (
    # shellcheck disable=SC3045 # dash and bash have it
    [ "$name" = holes ] || ulimit -v 4000000 # kB
    exec timeout 20 "$ld" "$@" -o app.elf
  ) > message 2>&1
  status=$?
  [ $status = 1 ] || fail "$*: exit status $status, not 1: $(head -n 3 message)"
  grep -q '^fwseal: error: ' message || fail "$*: no message"
  grep -qF -e "$name" message || fail "$*: the message does not name $name: $(head -n 3 message)"
  [ ! -e app.elf ] || fail "$*: an output file"
}

echo '.global _start
_start: .word helper' | arm-none-eabi-as -mcpu=cortex-m3 -o main.o -
echo '.global helper
helper: .word 1' | arm-none-eabi-as -mcpu=cortex-m3 -o helper.o -
mkdir directory
mkfifo fifo
ln -s loop loop
printf 'some words' > text
head -c 4096 /dev/zero > zeroes
echo 'INPUT(two.ld)' > one.ld
echo 'INPUT(one.ld)' > two.ld
echo 'INCLUDE four.ld' > three.ld
echo 'INCLUDE three.ld' > four.ld

# Holes take no room: a file that only seems to be long.
truncate -s 1T holes
cp helper.o long.o
truncate -s 1T long.o
for odd in directory fifo loop text zeroes holes missing /dev/zero /dev/full /dev/null/x; do
  refused "$odd" main.o helper.o "$odd"
  refused "$odd" main.o helper.o -T "$odd"
done
refused 'one.ld: linker script names itself' main.o helper.o one.ld
refused 'two.ld: linker script names itself' main.o helper.o -T one.ld
refused four.ld:1 main.o helper.o -T four.ld
for odd in directory fifo /dev/zero missing; do
  echo "INCLUDE $odd" > include.ld
  refused include.ld:1 main.o helper.o -T include.ld
  echo "INPUT($odd)" > input.ld
  refused "$odd" main.o helper.o input.ld
done
timeout 20 "$ld" main.o long.o -o app.elf || fail "an object with a hole behind it"
rm -f app.elf
if [ "$(id -u)" != 0 ]; then
  cp helper.o secret.o
  chmod 0 secret.o
  refused secret.o main.o secret.o
fi

# Other machines, by the compilers that are there.
if echo 'int x;' | gcc -x c -c -o host.o - 2> /dev/null; then
  refused 'host.o: is for x86-64' main.o helper.o host.o
fi
if echo 'int x;' | gcc -m32 -x c -c -o host32.o - 2> /dev/null; then
  refused 'host32.o: is for x86' main.o helper.o host32.o
fi
echo '.word 1' | arm-none-eabi-as -mbig-endian -o big.o - &&
  refused 'big.o: is for big-endian ARM' main.o helper.o big.o
if command -v arm-none-eabi-gcc > /dev/null; then
  echo 'int helper;' | arm-none-eabi-gcc -mcpu=cortex-m3 -flto -fno-fat-lto-objects -x c -c \
    -o lto.o - && refused "lto.o: holds GCC's LTO bytecode" main.o lto.o
fi
if command -v clang > /dev/null; then
  echo 'int helper;' | clang --target=arm-none-eabi -flto -x c -c -o bitcode.o - 2> /dev/null &&
    refused 'bitcode.o: holds LLVM bitcode' main.o bitcode.o
fi

# Archives of archives, thin archives of nothing and of themselves.
arm-none-eabi-ar rcs inner.a helper.o
arm-none-eabi-ar rcS outer.a inner.a
refused 'outer.a' main.o --whole-archive outer.a
arm-none-eabi-ar rcsT thin.a helper.o
mv helper.o gone.o
refused 'cannot read helper.o' main.o thin.a
ln -s thin.a helper.o
refused thin.a main.o thin.a
rm helper.o
mkdir helper.o
refused 'helper.o: is not a regular file' main.o thin.a
rmdir helper.o
mkfifo helper.o
refused 'helper.o: is not a regular file' main.o thin.a

[ $failures = 0 ] && echo "all were refused"
[ $failures = 0 ]
