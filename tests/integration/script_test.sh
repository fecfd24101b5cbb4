#!/bin/sh
# script_test.sh LD DIRECTORY GROUP
# Links scripts/GROUP_*.ld with GNU ld and with LD, and compares what comes out: sections, load
# addresses, symbols and contents. DIRECTORY keeps what was made.
#
# The head comment of a script says what it shows, and may hold lines
#   //! options: OPTION...        for both linkers
#   //! inputs: INPUT...          in place of start.o parts.o odd.o liblate.a
#   //! compare: segments         program headers too
#   //! error: TEXT               both refuse it, and our message contains TEXT
#   //! warning: TEXT             our linker says so, and links
#   //! stricter: TEXT            only we refuse it, and our message contains TEXT
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
scripts=$(cd "$here/../integration/scripts" && pwd)
ld=$1 gnu=arm-none-eabi-ld group=$3
need arm-none-eabi-as arm-none-eabi-ar $gnu arm-none-eabi-readelf arm-none-eabi-objdump
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
cd "$work"
cp "$scripts"/*.inc .
for source in "$scripts"/*.s; do
  arm-none-eabi-as "$source" -o "$(basename "$source" .s).o"
done
arm-none-eabi-ar rc liblate.a late.o

# directive NAME SCRIPT: what the lines `//! NAME: ...` of the script say
directive() {
  sed -n "s|^ *//! $1: *||p" "$2" | sed 's| *\*/$||'
}

# describe IMAGE: one list. A section without bytes has no load address of its own here: ours
# has its address, GNU ld's that of the section before. Mapping symbols are compared elsewhere.
describe() {
  arm-none-eabi-readelf -WS "$1" | sed -n 's/^ *\[ *[0-9]*\] *//p' | awk '
    $1 ~ /^\.(symtab|strtab|shstrtab)$/ || NF < 9 || $3 !~ /^[0-9a-f]+$/ { next }
    { flags = NF == 10 ? $7 : "-"; print "section", $1, $2, $3, $5, $6, flags, $NF }'
  arm-none-eabi-objdump -hw "$1" | awk '
    $1 ~ /^[0-9]+$/ && $3 !~ /^0*$/ && /CONTENTS/ { print "load", $2, $4, $5 }'
  arm-none-eabi-readelf -WS "$1" | sed -n 's/^ *\[ *\([0-9]*\)\] \([^ ][^ ]*\) .*/\1 \2/p' > names.txt
  arm-none-eabi-readelf -Ws "$1" | awk '
    NR == FNR { name[$1] = $2; next }
    $1 !~ /^[0-9]+:$/ || $4 == "FILE" || $4 == "SECTION" || $8 ~ /^\$[atd]/ { next }
    $8 == "_TLS_MODULE_BASE_" || $8 == "" { next }
    { print "symbol", $8, $2, $3, $4, $5, ($7 in name ? name[$7] : $7) }' names.txt -
  arm-none-eabi-objdump -s "$1" | awk '
    /^Contents of section / { name = $4; next }
    NF > 1 && name != "" { print "bytes", name, substr($0, 1, 42) }'
}

segments() {
  arm-none-eabi-readelf -Wl "$1" |
    awk '/^ +(LOAD|PHDR|NOTE|TLS|EXIDX|NULL|0x|<)/ { $2 = ""; print "segment", $0 }'
}

# link LINKER SCRIPT OUTPUT: its messages go to OUTPUT.txt
link() {
  inputs=$(directive inputs "$2")
  # shellcheck disable=SC2046 # a list of words
  "$1" --no-warn-rwx-segments -T "$2" $(directive options "$2") \
    ${inputs:-start.o parts.o odd.o liblate.a} -o "$3" > "$3.txt" 2>&1
}

# says NAME TEXT: our messages hold each line of TEXT
says() {
  printf '%s\n' "$2" | while read -r line; do
    grep -qF -- "$line" "$1-own.elf.txt" || exit 1
  done || {
    fail "$1: does not say: $2"
    cat "$1-own.elf.txt"
  }
}

# check_refused NAME SCRIPT TEXT: we refuse it and say why
check_refused() {
  if link "$ld" "$2" "$1-own.elf"; then fail "$1: links, but should say: $3"; else says "$1" "$3"; fi
}

compare_images() {
  if ! link $gnu "$2" "$1-gnu.elf"; then
    fail "$1: GNU ld refuses it"
    cat "$1-gnu.elf.txt"
    return
  fi
  if ! link "$ld" "$2" "$1-own.elf"; then
    fail "$1: does not link"
    cat "$1-own.elf.txt"
    return
  fi
  for side in gnu own; do
    describe "$1-$side.elf" | sort > "$1-$side.txt"
    [ "$(directive compare "$2")" != segments ] || segments "$1-$side.elf" >> "$1-$side.txt"
  done
  [ "$(grep -c '^bytes' "$1-own.txt")" -gt 2 ] || fail "$1: describes nothing"
  diff "$1-gnu.txt" "$1-own.txt" > "$1.diff" || {
    fail "$1: differs from GNU ld (<)"
    cat "$1.diff"
  }
  said=$(directive warning "$2")
  [ -z "$said" ] || says "$1" "$said"
}

count=0
for script in "$scripts"/"$group"_*.ld; do
  count=$((count + 1))
  name=$(basename "$script" .ld)
  refused=$(directive error "$script")
  stricter=$(directive stricter "$script")
  if [ -n "$refused" ]; then
    ! link $gnu "$script" "$name-gnu.elf" || fail "$name: GNU ld accepts it"
    check_refused "$name" "$script" "$refused"
  elif [ -n "$stricter" ]; then
    link $gnu "$script" "$name-gnu.elf" || fail "$name: GNU ld refuses it too"
    check_refused "$name" "$script" "$stricter"
  else
    compare_images "$name" "$script"
  fi
done
[ "$count" -gt 0 ] || fail "no script is called ${group}_*.ld"
finish
