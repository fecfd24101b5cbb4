#!/bin/sh
# code_scan.sh SCAN_DUMP DIRECTORY [REFUSED-PER-MILLE]
# What the linker reads in the code of the compiler's libraries against what objdump reads there,
# and what becomes of that code when its references are led elsewhere. At most so many of a thousand
# sections may be refused, of each library. DIRECTORY keeps the lists.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dump=$1 allowed=${3:-20} failures=0
export LC_ALL=C
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
for tool in arm-none-eabi-as arm-none-eabi-gcc arm-none-eabi-objdump python3; do
  command -v $tool > /dev/null 2>&1 && continue
  echo "SKIPPED: $tool is not installed"
  [ -z "${CI:-}" ] || exit 1
  exit 77
done
rm -rf "$2"
mkdir -p "$2"
cd "$2"

listing() { arm-none-eabi-objdump -d -r --disassemble-zeroes "$1"; }

# same_references NAME FILE: all that one of the two finds, and the other does not.
same_references() {
  "$dump" "$2" > "$1.dump"
  listing "$2" | "$here/objdump_references.py" > "$1.objdump"
  # What is fixed is a reference, or more than what objdump calls one.
  awk 'FNR == 1 { file++ }
    file == 1 && NF == 3 { state[$1, $2] = $3; next }
    file == 1 && NF == 5 { fixed[$1, $2, $3, $4]; next }
    file == 1 { print > own; next }
    state[$1, $2] == "" { print $0, "in a section that was not read" > theirs; next }
    state[$1, $2] == "scanned" && !(($1, $2, $3, $4) in fixed) { print > theirs }
  ' own="$1.own" theirs="$1.theirs" "$1.dump" "$1.objdump"
  touch "$1.own" "$1.theirs"
  sort "$1.own" > "$1.own.sorted"
  sort "$1.theirs" > "$1.theirs.sorted"
  diff "$1.theirs.sorted" "$1.own.sorted" > "$1.diff" || {
    fail "$1: references differ; < objdump, > own:"
    head -20 "$1.diff"
  }
}

# few_refused NAME: so that the comparison means something.
few_refused() {
  refused=$(grep -c ' refused$' "$1.dump") || true
  scanned=$(grep -c ' scanned$' "$1.dump") || true
  echo "$1: $refused of $((refused + scanned)) sections refused," \
    "$(grep -c . "$1.own") references, $(grep -c ' fixed$' "$1.dump") fixed"
  [ "$scanned" -gt 0 ] || fail "$1: no section was read"
  [ $((refused * 1000)) -le $(((refused + scanned) * allowed)) ] ||
    fail "$1: more than $allowed of a thousand sections are refused"
}

# same_stops NAME FILE: where control does not go on, objdump's listing must say so.
same_stops() {
  "$dump" --stops "$2" | grep ' stop ' | sort > "$1.stops"
  listing "$2" | "$here/objdump_references.py" --stops | sort > "$1.objdump_stops"
  comm -23 "$1.stops" "$1.objdump_stops" > "$1.no_stops"
  [ ! -s "$1.no_stops" ] || { fail "$1: control goes on there:"; head -20 "$1.no_stops"; }
}

redirects() {
  "$dump" --redirect "$2" > "$1.redirect" || {
    fail "$1: redirected code:"
    head -20 "$1.redirect"
  }
}

check() {
  same_references "$1" "$2"
  few_refused "$1"
  same_stops "$1" "$2"
  redirects "$1" "$2"
}

for source in "$here"/code_scan/*.s; do
  name=$(basename "$source" .s)
  arm-none-eabi-as -o "$name.o" "$source"
  check "$name" "$name.o"
done
for multilib in v6-m:-mcpu=cortex-m0 v7-m:-mcpu=cortex-m3 \
  v8.1-m:-mthumb,-march=armv8.1-m.main+mve,-mfloat-abi=hard \
  v7e-m:-mcpu=cortex-m4,-mfloat-abi=hard,-mfpu=fpv4-sp-d16 \
  v5te:-marm,-march=armv5te+fp,-mfloat-abi=softfp; do
  for library in libc_nano libc libm libgcc libstdc++_nano; do
    # shellcheck disable=SC2046 # a list
    file=$(arm-none-eabi-gcc $(echo "${multilib#*:}" | tr , ' ') -print-file-name=$library.a)
    [ -f "$file" ] || { echo "SKIPPED: there is no $library.a"; [ -z "${CI:-}" ] || exit 1; exit 77; }
    check "${multilib%%:*}-$library" "$file"
  done
done
[ $failures = 0 ]
