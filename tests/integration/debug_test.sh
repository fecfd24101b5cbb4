#!/bin/sh
# debug_test.sh LD DIRECTORY gnu|clang|gdb
# Debugging information of objects with several functions in a section, of which some are taken
# out: it must say of those that stay what it says if the same source is compiled with a section
# for each function and linked by GNU ld with --gc-sections. gnu: by objdump, addr2line and readelf;
# gdb: by gdb; clang: objects of clang, and llvm-dwarfdump for all.
set -eu
source=$(cd "$(dirname "$0")/debug" && pwd)
facts=$(cd "$(dirname "$0")" && pwd)/debug_facts.py
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
ld=$1
group=$3
need arm-none-eabi-gcc arm-none-eabi-as arm-none-eabi-ld arm-none-eabi-readelf \
  arm-none-eabi-objdump arm-none-eabi-addr2line python3
case $group in
  clang) need clang llvm-dwarfdump ;;
  gdb) need gdb-multiarch ;;
esac
rm -rf "$2"
mkdir -p "$2"
cd "$2"
cp "$source"/* .
look=lines
case $group in
  gdb) look=gdb ;;
esac
case $group in
  clang) cc='clang --target=arm-none-eabi -fshort-enums' ;;
  *) cc=arm-none-eabi-gcc ;;
esac

cat > link.ld << 'LD'
SECTIONS {
  .text 0x8000 : { *(.text .text.*) }
  .rodata : { *(.rodata .rodata.*) }
  .data 0x20000000 : { *(.data .data.*) }
  .bss : { *(.bss .bss.* COMMON) }
  .ARM.exidx : { *(.ARM.exidx*) }
}
LD

# link LINKER OUT OBJECT LIVE...
link() {
  linker=$1 linked=$2 object=$3
  shift 3
  options=
  for name; do options="$options -u $name"; done
  # shellcheck disable=SC2086 # words
  $linker -z noexecstack -T link.ld -e behind -u stop $options "$object" other.o -o "$linked"
}

# complaints ELF: what readers say is wrong with it, without places
complaints() {
  case $group in
    clang) llvm-dwarfdump --verify "$1" 2>&1 | grep -E '^(error|warning)' || true ;;
    *) arm-none-eabi-readelf -wi -wR -wl -wo -wF -wr "$1" 2>&1 > /dev/null || true ;;
  esac | sed 's/0x[0-9a-f]*//g; s/^arm-none-eabi-readelf: //' | sort
}

# compare WHAT WHOLE REFERENCE LIVE...: objects of the same functions: in one section, in many. Or
# both the same, then it is compared with what GNU ld makes of it, which keeps everything.
compare() {
  what=$1 whole=$2 split=$3
  shift 3
  link "$ld --fwseal-prune=proven" ours.elf "$whole" "$@" > ours.said 2>&1 ||
    { fail "$what: $(cat ours.said)"; return; }
  [ ! -s ours.said ] || fail "$what: $(cat ours.said)"
  link 'arm-none-eabi-ld --gc-sections' theirs.elf "$split" "$@"
  link arm-none-eabi-ld uncut.elf "$whole" "$@"
  for elf in ours theirs; do
    arm-none-eabi-nm -S $elf.elf | awk 'NF == 4 && tolower($3) == "t" { print $2, $4 }' > $elf.names
    python3 "$facts" $elf.elf $look ours.elf > $elf.facts 2> $elf.errors || fail "$what: $(cat $elf.errors)"
  done
  [ "$whole" = "$split" ] || cmp -s ours.names theirs.names ||
    fail "$what: other functions: $(diff ours.names theirs.names || true)"
  cmp -s ours.facts theirs.facts ||
    fail "$what: $(diff ours.facts theirs.facts | head -20)"
  python3 "$facts" ours.elf ranges 2> ours.errors || fail "$what: $(cat ours.errors)"
  # Also what is wrong with the object itself is reported.
  complaints uncut.elf > uncut.complaints
  complaints ours.elf > ours.complaints
  [ -z "$(comm -13 uncut.complaints ours.complaints)" ] ||
    fail "$what: $(comm -13 uncut.complaints ours.complaints)"
}

# The first, the last, in the middle, and several at once. What ends in a call may go on behind it.
compare_all() {
  compare "$1, only the first" "$2" "$3" loops
  compare "$1, only the second" "$2" "$3" branches
  compare "$1, only the last" "$2" "$3" last
  compare "$1, with gaps" "$2" "$3" branches ends_in_call small switches calls last
  compare "$1, the others" "$2" "$3" loops small long_one
  compare "$1, almost all" "$2" "$3" loops branches ends_in_call small switches calls last
}

for version in 2 3 4 5; do
  [ "$group" = gdb ] || look=lines
  flags="-mcpu=cortex-m3 -mthumb -gdwarf-$version"
  # shellcheck disable=SC2086 # words
  $cc $flags -O1 -c other.c
  for level in 0 2; do
    # shellcheck disable=SC2086 # words
    $cc $flags -O$level -falign-functions=4 -c app.c -o whole.o
    # shellcheck disable=SC2086 # words
    $cc $flags -O$level -falign-functions=4 -ffunction-sections -c app.c -o split.o
    compare_all "$cc -O$level, DWARF $version" whole.o split.o
    [ "$group" != gdb ] || continue
    # Not aligned, so that the rest of a gap stays.
    # shellcheck disable=SC2086 # words
    $cc $flags -O$level -c app.c -o odd.o
    compare "$cc -O$level, DWARF $version, odd" odd.o odd.o branches ends_in_call small calls
  done
  [ "$group" != clang ] || continue
  arm-none-eabi-as -mcpu=cortex-m3 --gdwarf-$version code.s -o whole.o
  arm-none-eabi-as -mcpu=cortex-m3 --gdwarf-$version --defsym SPLIT=1 code.s -o split.o
  # Before DWARF 4 as(1) describes no functions.
  [ "$group" != gnu ] || [ $version -gt 3 ] || look=plain
  compare_all "as, DWARF $version" whole.o split.o
done
finish
