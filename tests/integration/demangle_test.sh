#!/bin/sh
# demangle_test.sh LD DIRECTORY
# Names of C++ symbols in messages, in the map and in the table of cross references, as GNU ld shows
# them: demangled, unless an option or the environment says otherwise. DIRECTORY keeps what was
# made.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
ld=$1 gnu=arm-none-eabi-ld
need arm-none-eabi-as arm-none-eabi-ar $gnu
rm -rf "$2"
mkdir -p "$2"
cd "$2"
unset COLLECT_NO_DEMANGLE

arm-none-eabi-as -o main.o - << 'END'
  .section .text._Z4mainv,"ax",%progbits
  .global _start, _Z4mainv
  .type _start, %function
  .type _Z4mainv, %function
_start:
_Z4mainv:
  .word _ZN5TimerC1Ev, _ZNSt6vectorIiSaIiEE9push_backERKi, _ZTV5Timer, .L1
  .section .data._Z5table,"aw",%progbits
  .global _Z5table, _ZN1a1bE, abc, _ZL5localv
.L1:
_Z5table: .word 1
_ZN1a1bE: .word 2
abc: .word _Z5tablei
_ZL5localv: .word 3
_Z5tablei: .word 4
  .comm _ZN6common4roomE, 8, 4
END
arm-none-eabi-as -o timer.o - << 'END'
  .global _ZN5TimerC1Ev, _ZTV5Timer
  .text
_ZN5TimerC1Ev: .word _ZNSt6vectorIiSaIiEE9push_backERKi
  .section .rodata,"a"
_ZTV5Timer: .word _Z4mainv
END
arm-none-eabi-as -o vector.o - << 'END'
  .global _ZNSt6vectorIiSaIiEE9push_backERKi
  .text
_ZNSt6vectorIiSaIiEE9push_backERKi: .word _Z4mainv
END
arm-none-eabi-as -o lost.o - << 'END'
  .section .text._Z4mainv,"ax",%progbits
  .global _Z4mainv, _ZN5TimerC1Ev
  .type _Z4mainv, %function
  .type _ZN5TimerC1Ev, %function
_Z4mainv: .word _ZN4lost1fEv, plain, _Z3notv@later
_ZN5TimerC1Ev: .word _ZN4lost1fEv
END
arm-none-eabi-ar rcs libtimer.a timer.o vector.o

# shown FILE: what names symbols in a map: why members were loaded, what is where, who refers to
# what. Without what the linkers order or place in ways of their own.
shown() {
  sed -n '/^Archive member/,/^Discarded\|^There are no\|^Memory/p; /^Cross Reference/,$p' "$1" |
    grep -v '^Discarded\|^There are no\|^Memory\|^$' |
    grep -v '^Allocating\|^Common\|^_ZN6common\|^common::room'
  sed -n 's/^  *\(0x[0-9a-f]*\)  *\([^0 ].*\)$/\2/p' "$1" | grep -v '^\.\|=\|PROVIDE' | sort
}

# compare NAME OPTION...: the same inputs with both linkers
compare() {
  name=$1
  shift
  $gnu "$@" --cref -Map="gnu.$name.map" main.o libtimer.a -o gnu.elf
  "$ld" "$@" --cref -Map="own.$name.map" main.o libtimer.a -o own.elf
  for who in gnu own; do shown "$who.$name.map" > "$who.$name.shown"; done
  diff "gnu.$name.shown" "own.$name.shown" || fail "$name: names in the map differ"
}
compare default
compare no --no-demangle
compare none --demangle=none
compare style --demangle=gnu-v3
compare again --no-demangle --demangle
COLLECT_NO_DEMANGLE='' compare collect
COLLECT_NO_DEMANGLE=1 compare collect_option --demangle=auto
grep -q '(Timer::Timer())' own.default.map || fail "the map shows no C++ name"
if grep -q 'Timer::Timer' own.no.map own.none.map own.collect.map; then
  fail "the map shows C++ names"
fi

# messages NAME INPUTS OPTION...: all that stands between quotes in what both linkers say
messages() {
  name=$1 inputs=$2
  shift 2
  for who in gnu own; do
    linker=$gnu
    [ $who = gnu ] || linker=$ld
    # shellcheck disable=SC2086 # a list
    if "$linker" "$@" -e _Z4mainv $inputs -o $who.elf 2> "$who.$name.err"; then
      fail "$name: $who links what is undefined"
    fi
    grep -o "\`[^']*'" "$who.$name.err" | sort -u > "$who.$name.names"
  done
  diff "gnu.$name.names" "own.$name.names" || fail "$name: names in messages differ"
}
messages undefined lost.o
messages mangled lost.o --no-demangle
COLLECT_NO_DEMANGLE=1 messages collected lost.o
messages twice 'main.o lost.o vector.o timer.o' --unresolved-symbols=ignore-all
grep -qF "undefined reference to \`lost::f()'" own.undefined.err || fail "no C++ name"
grep -qF "undefined reference to \`_ZN4lost1fEv'" own.mangled.err || fail "a C++ name"
grep -qF "multiple definition of \`main()'" own.twice.err || fail "no C++ name of a duplicate"
if "$ld" --demangle=klingon main.o libtimer.a -o own.elf 2> own.err; then
  fail "any style will do"
fi
grep -q klingon own.err || fail "the style is not named"
finish
