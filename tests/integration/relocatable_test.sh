#!/bin/sh
# relocatable_test.sh LD DIRECTORY
# -r and -q against GNU ld: the objects that both write hold the same sections, symbols, relocations
# and groups, in any order; what a linker makes of them boots and behaves like a link of the inputs;
# and -q says of an image what GNU ld's says. DIRECTORY keeps what was made.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
ld=$1 gnu=arm-none-eabi-ld
need arm-none-eabi-gcc arm-none-eabi-g++ $gnu arm-none-eabi-readelf arm-none-eabi-objdump \
  arm-none-eabi-objcopy qemu-system-arm
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
cd "$work"

# describe OBJECT: its header, sections, symbols, relocations and groups, with names in place of
# indices and without file offsets, sorted. Left out are STT_FILE, of which we write one for each
# object without, and "$d", which GNU ld adds to data that has none.
describe() {
  arm-none-eabi-readelf -h "$1" | grep -E 'Type:|Entry|Flags:|Number of program'
  arm-none-eabi-readelf -WS "$1" | sed 's/^ *\[ *\([0-9]*\)\]/\1/' | awk '
    $1 ~ /^[0-9]+$/ && $2 != "NULL" && NF > 7 {
      # Flags may be empty; read the columns behind the name from the end.
      name[$1] = $2; type[$1] = $3; size[$1] = $6; flags[$1] = NF == 11 ? $8 : "-"
      link[$1] = $(NF - 2); align[$1] = $NF; entry[$1] = $7 }
    END { for (i in name) {
      if (type[i] ~ /^(SYMTAB|STRTAB|GROUP)$/) continue
      what = type[i] == "REL" || type[i] == "RELA" ? "" : size[i]
      print "section", name[i], type[i], what, entry[i], flags[i], name[link[i]], align[i] } }' | sort
  arm-none-eabi-readelf -Ws "$1" | awk -v sections="$(section_names "$1")" '
    BEGIN { count = split(sections, pair, " ")
            for (i = 1; i < count; i += 2) name[pair[i]] = pair[i + 1] }
    $1 ~ /^[0-9]+:$/ && $4 != "FILE" && $8 != "$d" && $1 != "0:" {
      print "symbol", $2, $3, $4, $5, $6, ($7 in name ? name[$7] : $7), $8 }' | sort
  arm-none-eabi-readelf -Wr "$1" | awk '
    /^Relocation section/ { section = $3; next }
    $1 ~ /^[0-9a-f]+$/ { $2 = ""; print "relocation", section, $0 }' | sort
  arm-none-eabi-readelf -Wg "$1" | awk '
    /group section/ { group = $0; sub(/section \[ *[0-9]+\]/, "", group); next }
    /^ *\[ *[0-9]+\]/ { sub(/^ *\[ *[0-9]+\] */, ""); print "member", group, $0 }' | sort
}
section_names() {
  arm-none-eabi-readelf -WS "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] \([^ ][^ ]*\) .*/\1 \2/p' | tr '\n' ' '
}

# same_object NAME INPUT-OR-OPTION...: -r by both linkers
same_object() {
  name=$1
  shift
  $gnu -r "$@" -o "$name-gnu.o"
  if ! "$ld" -r "$@" -o "$name-own.o"; then
    fail "$name: does not link with -r"
    return
  fi
  describe "$name-gnu.o" > "$name-gnu.txt"
  describe "$name-own.o" > "$name-own.txt"
  [ "$(grep -c '^section' "$name-own.txt")" -gt 3 ] || fail "$name: describes nothing"
  diff "$name-gnu.txt" "$name-own.txt" > "$name.diff" ||
    { fail "$name: another object than GNU ld's:"; head -20 "$name.diff"; }
  for section in .text .data .rodata; do
    arm-none-eabi-objdump -dr -j $section "$name-gnu.o" 2> /dev/null | tail -n +4 > "$name-gnu.dump"
    arm-none-eabi-objdump -dr -j $section "$name-own.o" 2> /dev/null | tail -n +4 > "$name-own.dump"
    diff "$name-gnu.dump" "$name-own.dump" > "$name.diff" ||
      { fail "$name: another $section than GNU ld's:"; head -20 "$name.diff"; }
  done
  quiet_debug "$name-own.o"
}

# quiet_debug FILE: readelf finds nothing to warn of in its debug information
quiet_debug() {
  arm-none-eabi-readelf --debug-dump "$1" 2> "$1.warnings" > /dev/null || true
  [ ! -s "$1.warnings" ] || { fail "$1: readelf warns:"; head -5 "$1.warnings"; }
}

runs_well() {
  boot "$board" "$1" "$1.out"
  same_run "$1" "$1.out" "$code" direct.out "$direct_code"
}

# ---- Boards: the same behaviour by every way to the image

for board in mps2-an385 raspi0; do
  mkdir "$work/$board"
  cd "$work/$board"
  target "$board"
  scripts "$work/$board"
  compile_demo "$work/$board" "-DBOARD=\"$board\"" -DEXIT_CODE=42
  libraries=$(for library in libc_nano.a libgcc.a; do
    # shellcheck disable=SC2086 # a list
    arm-none-eabi-gcc $core "-print-file-name=$library"
  done)
  # shellcheck disable=SC2086 # lists
  set -- --start-group $libraries --end-group
  final="--no-warn-rwx-segments --gc-sections -L . -L $demo -T app.ld"

  same_object objects main.o board.o start.o
  same_object archives main.o board.o start.o "$@"
  # Partial links of partial links, ours and GNU ld's by turns.
  "$ld" -r main.o board.o -o nested-1.o
  $gnu -r nested-1.o start.o -o nested-2.o
  "$ld" -r nested-2.o "$@" -o nested.o
  "$ld" -r nested.o -o nested-again.o
  describe nested.o > nested.txt
  describe nested-again.o > nested-again.txt
  diff nested.txt nested-again.txt || fail "$board: -r of one object makes another one"
  roots='-e reset'
  [ "$start" != cortex_m ] || roots="$roots -u vector_table"
  # shellcheck disable=SC2086 # a list
  "$ld" -r --gc-sections $roots main.o board.o start.o "$@" -o collected.o

  # shellcheck disable=SC2086 # lists
  $gnu $final main.o board.o start.o "$@" -o direct.elf
  boot "$board" direct.elf direct.out
  direct_code=$code
  [ "$direct_code" = 42 ] || fail "$board: GNU ld's image ended with $direct_code"
  for linker in "$gnu" "$ld"; do
    for object in objects-own objects-gnu archives-own nested collected; do
      image=$object-$(basename "$linker").elf
      # shellcheck disable=SC2086 # lists
      if "$linker" $final $object.o "$@" -o "$image"; then runs_well "$image"
      else fail "$board: $linker cannot link $object.o"; fi
    done
  done

  # -q changes no byte of the image, and records what GNU ld records.
  # shellcheck disable=SC2086 # lists
  "$ld" $final main.o board.o start.o "$@" -o plain.elf
  # shellcheck disable=SC2086 # lists
  "$ld" $final -q main.o board.o start.o "$@" -o kept.elf
  # shellcheck disable=SC2086 # lists
  $gnu $final -q main.o board.o start.o "$@" -o kept-gnu.elf
  for image in plain kept; do arm-none-eabi-objcopy -O binary $image.elf $image.bin; done
  cmp plain.bin kept.bin || fail "$board: -q changes the image"
  quiet_debug kept.elf
  # By type and symbol: addresses are the linker's choice.
  for image in kept kept-gnu; do
    arm-none-eabi-readelf -Wr $image.elf | awk '
      /^Relocation section/ { loaded = $3 !~ /debug/; next }
      loaded && $1 ~ /^[0-9a-f]+$/ { print $3, $5 }' | sort > $image.txt
  done
  [ -s kept.txt ] || fail "$board: -q keeps no relocation"
  diff kept-gnu.txt kept.txt > kept.diff ||
    { fail "$board: -q keeps other relocations than GNU ld:"; head -20 kept.diff; }
done

# ---- C++: groups, exceptions through several objects, virtual functions

board=mps2-an385
cd "$work"
mkdir cxx
cd cxx
target $board
scripts .
compile_runtime .
programs=$here/programs
for source in objects.cc objects_more.cc exceptions.cc; do
  compile "${source%.cc}.o" "$programs/$source" -O1 -ffunction-sections
done
same_object groups objects.o objects_more.o
same_object no-groups --force-group-allocation objects.o objects_more.o
! grep -q '^member' no-groups-own.txt || fail "--force-group-allocation keeps a group"
grep -q '^member' groups-own.txt || fail "there is no group to keep"

# link_cxx OUTPUT OPTION...: through the driver
link_cxx() {
  output=$1
  shift
  # shellcheck disable=SC2086 # a list
  arm-none-eabi-g++ $core -nostartfiles "$@" -Wl,--no-warn-rwx-segments -Wl,--gc-sections \
    -L "$demo" -Wl,-T,app.ld -o "$output"
}
own_folder=$("$(dirname "$ld")/fwseal" --print-ld-dir)
for program in 'objects.o objects_more.o' exceptions.o; do
  # shellcheck disable=SC2086 # a list
  set -- start.o board.o $program
  "$ld" -r "$@" -o all.o
  "$ld" -r --force-group-allocation "$@" -o plain.o
  link_cxx direct.elf "$@"
  boot $board direct.elf direct.out
  direct_code=$code
  grep -qx ok direct.out || fail "$program: GNU ld's image is not well"
  for object in all.o plain.o; do
    link_cxx by-gnu.elf $object
    runs_well by-gnu.elf
    link_cxx by-own.elf $object "-B$own_folder/"
    runs_well by-own.elf
  done
done

# ---- Options

cat > c.c << 'END'
extern int missing(void);
int shared;
int used(void) { return shared; }
int unused(void) { return missing(); }
END
# shellcheck disable=SC2086 # a list
compile c.o c.c -fcommon -ffunction-sections
same_object common c.o
same_object define-common -d c.o
grep -q 'symbol.*COM shared' common-own.txt || fail "-r gives a common symbol a place"
grep -q 'symbol.*bss shared' define-common-own.txt || fail "-d gives a common symbol no place"
if "$ld" -r --gc-sections c.o -o gc.o 2> gc.txt; then fail "-r --gc-sections without a root links"; fi
grep -q 'with -e or -u' gc.txt || fail "-r --gc-sections: no way out is named"
"$ld" -r --gc-sections -u used c.o -o gc.o
describe gc.o > gc.txt
grep -q ' used$' gc.txt || fail "-r --gc-sections drops what -u names"
! grep -q 'unused\|missing' gc.txt || fail "-r --gc-sections keeps what is dead"
finish
