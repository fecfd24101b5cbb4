#!/bin/sh
# size_table.sh LD DIRECTORY [--update README] [FIRMWARE...]
# The table of docs/sizes.md: flash and RAM of every firmware of the tests, from the same objects,
# by GNU ld --gc-sections, by lld-19 --gc-sections --icf=all and by LD in its modes; with FIRMWAREs,
# patterns like 'objects.cc *', only of those. Every image is booted: a linker whose image does not
# do what GNU ld's does has a word instead of a size. It ends with 1 if a size is above its bar:
# - what LD makes is never larger than GNU ld's image, and without what is proven to be dead and
#   with all folded that can be, as lld does, never larger than lld's;
# - a program may say what it takes at most of GNU ld's flash with a C library, in percent:
#   `//! most: nano 90 88`, without what is proven to be dead, and with all folded as well;
# - a library without function sections takes at most 1 % more than GNU ld makes of it rebuilt.
# --update puts the table between the two lines of README that say where it begins and ends.
#
# Kits that are not in the repository are found as microbit.sh does, by FWSEAL_SHARED and
# FWSEAL_MICROBIT; FWSEAL_NOFS names a folder that nofs/get-mbedtls.sh has filled.
# shellcheck disable=SC2086,SC2317 # lists of options; called as $link_with and $run_with
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
need arm-none-eabi-gcc arm-none-eabi-g++ arm-none-eabi-ld ld.lld-19 qemu-system-arm
ld=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
own_folder=$("$(dirname "$ld")/fwseal" --print-ld-dir)
[ -x "$own_folder/ld" ] || { echo "size_table.sh: there is no 'ld' in '$own_folder'" >&2; exit 2; }
mkdir -p "$2"
work=$(cd "$2" && pwd)
shift 2
readme=''
if [ "${1:-}" = --update ]; then
  readme=$2
  shift 2
fi
kits=${FWSEAL_SHARED:-$here/../../../shared}
# What lld lacks: a layout for bare metal, with the vectors that GNU ld is given by an option.
mkdir -p "$work/lld"
ln -sf "$(command -v ld.lld-19)" "$work/lld/ld"
arm-none-eabi-ld --verbose | sed '1,/^=====/d;/^=====/,$d' |
  sed 's/^SECTIONS$/SECTIONS { .vectors 0 : { KEEP(*(.vectors)) } }\n&/' > "$work/lld/newlib.ld"

linkers='gnu lld gc proven'
if "$ld" --help | grep -q -- --fwseal-fold; then linkers="$linkers folded"; fi
rows=$work/rows compares=''
table_begins='<!-- begin: tests\/firmware\/size_table.sh -->' table_ends='<!-- end -->'
: > "$rows"

# linker NAME: sets how it is called ($linker), what for ($options), and where gcc -B finds it.
linker() {
  linker=$ld folder=-B$own_folder/ options=--gc-sections
  case $1 in
    gnu) linker=arm-none-eabi-ld folder='' options='--gc-sections --no-warn-rwx-segments' ;;
    lld) linker=ld.lld-19 folder=-B$work/lld/ options='--gc-sections --icf=all -O2' ;;
    proven) options="$options --fwseal-prune=proven" ;;
    folded) options="$options --fwseal-prune=proven --fwseal-fold=all" ;;
  esac
}

# reason LOG: why a linker refused, in a word
reason() {
  case $(grep -m 1 'error: ' "$1") in
    *script*.ld:* | *.ld:*) echo script ;;
    *'undefined symbol'*) echo undefined ;;
    *'out of range'* | *overflow*) echo range ;;
    *relocation*) echo relocation ;;
    *) echo error ;;
  esac
}

# wanted FIRMWARE: is it one of the patterns, of which each has a line?
patterns=$(printf '%s\n' "$@")
wanted() {
  [ -n "$patterns" ] || return 0
  echo "$patterns" | {
    while read -r pattern; do
      # shellcheck disable=SC2254 # a pattern
      case $1 in $pattern) exit 0 ;; esac
    done
    exit 1
  }
}

# cell: what the link by $linker takes, "FLASH RAM", or a word if there is no such image.
# $link_with OUTPUT links with $linker, $folder and $options; $run_with NAME tells whether
# $work/NAME.elf behaves as it should.
# A program that compares the addresses of equal functions has none with all folded.
cell() {
  if [ "$kind" = folded ] && [ -n "$compares" ]; then
    echo 'compares compares'
  elif ! $link_with "$work/$kind.elf" > "$work/$kind.log" 2>&1; then
    word=$(reason "$work/$kind.log")
    echo "$word $word"
  elif ! $run_with "$kind"; then
    echo boot -
  else
    sizes "$work/$kind.elf" "$ram_origin" "$ram_length" | cut -d ' ' -f 1-2
  fi
}

# row FIRMWARE BARS: a line of $rows, with tabs: firmware, bars, then a cell per linker.
row() {
  line=$(printf '%s\t%s' "$1" "$2")
  for kind in $linkers; do
    linker "$kind"
    line=$line$(printf '\t'; cell | tr ' ' '\t')
  done
  echo "$line" >> "$rows"
  echo "$line" | tr '\t' ' ' >&2
}

# The image NAME ends well, and prints what GNU ld's does.
same_as_gnu() {
  boot "$board" "$work/$1.elf" "$work/$1.out"
  echo "exit code $code" >> "$work/$1.out"
  [ "$code" = 0 ] && cmp -s "$work/gnu.out" "$work/$1.out"
}

# ---- The demo of each board

link_demo() { "$linker" "@$objects/link.args" $options -o "$1"; }

demo_row() {
  board=$1
  wanted "demo $board" || return 0
  target "$board"
  objects=$work/demo
  rm -rf "$objects"
  mkdir -p "$objects"
  scripts "$objects"
  compile_demo "$objects" "-DBOARD=\"$board\""
  link_arguments "$objects"
  link_with=link_demo run_with=same_as_gnu
  row "demo $board" ''
}

# ---- programs/

# For a program without a script of its own lld gets the one above.
link_program() {
  # shellcheck disable=SC2046 # a list
  if [ "$kind" = lld ]; then
    (newlib_layout=-Wl,-T,$work/lld/newlib.ld quietly='' &&
      link "$1" "$folder" $(printf -- '-Wl,%s ' $options))
  else
    link "$1" $folder $(printf -- '-Wl,%s ' $options)
  fi
}

program_rows() {
  program=$1
  # shellcheck source=program.sh
  . "$here/program.sh"
  compares=$(says compares) level='' link_with=link_program run_with=same_as_gnu
  for board in $(says boards); do
    target "$board"
    scripts "$work"
    for library in $(says libraries); do
      wanted "$program $board $library" || continue
      choose_library "$library"
      objects=$work/objects
      rm -rf "$objects"
      mkdir -p "$objects"
      compile_all
      row "$program $board $library" "$(says most | sed -n "s/^$library *//p")"
    done
  done
  compares=''
}

# ---- Kits

# kit PLACE SCRIPT FOLDER: sets $kit to where it is: PLACE, or FOLDER, where SCRIPT makes it. False,
# with the reason, if it is not to be had.
kit() {
  kit=$1
  [ -z "$kit" ] || return 0
  kit=$work/$3
  [ ! -e "$kit/done" ] || return 0
  [ -x "$kits/$2" ] || { echo "SKIPPED: there is no $2 in $kits; set FWSEAL_SHARED" >&2; return 1; }
  if ! "$kits/$2" "$kit" > "$work/kit.log" 2>&1; then
    echo "SKIPPED: $(tail -n 1 "$work/kit.log")" >&2
    return 1
  fi
  touch "$kit/done"
}

link_kit() { (cd "$kit" && "$linker" "@$arguments" $options -o "$1"); }

talks() { "$kits/micropython/boot.sh" "$work/$1.elf" > /dev/null 2>&1; }

microbit_row() {
  wanted 'MicroPython microbit' || return 0
  kit "${FWSEAL_MICROBIT:-}" micropython/get-microbit.sh kit-microbit || return 0
  target microbit
  arguments=link.args link_with=link_kit run_with=talks
  row 'MicroPython microbit' ''
}

answers() { "$kits/nofs/boot.sh" "$part" "$work/$1.elf" > /dev/null 2>&1; }

mbedtls_rows() {
  wanted 'mbedtls small' || wanted 'mbedtls selftest' || return 0
  kit "${FWSEAL_NOFS:-}" nofs/get-mbedtls.sh kit-nofs || return 0
  target mps2-an385
  link_with=link_kit run_with=answers
  whole=$kit
  for part in small selftest; do
    arguments=link-$part.args
    kit=$whole/nofs
    row "mbedtls $part" rebuilt
    kit=$whole/fs
    row "mbedtls $part, rebuilt" ''
  done
}

# ---- The table

# In Markdown, with the bars that are missed behind it; ends with 1 if there is one.
table() { awk -F '\t' -v "linkers=$linkers" -f "$here/size_table.awk" "$rows"; }

for board in $cortex_m_boards $arm1176_boards; do demo_row "$board"; done
for path in "$here"/programs/*; do
  if grep -q '^//! boards:' "$path"; then (program_rows "$(basename "$path")"); fi
done
microbit_row
mbedtls_rows
[ -s "$rows" ] || { echo "size_table.sh: nothing to measure: $patterns" >&2; exit 2; }

status=0
table > "$work/table.md" || status=$?
cat "$work/table.md"
if [ -n "$readme" ]; then
  sed -i -e "/^$table_begins\$/,/^$table_ends\$/ { /^$table_begins\$/ r $work/table.md" \
    -e "/^$table_begins\$/ ! { /^$table_ends\$/ ! d } }" "$readme"
fi
exit $status
