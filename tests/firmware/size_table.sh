#!/bin/sh
# size_table.sh LD DIRECTORY: flash and RAM of every program of this folder, linked by LD and by GNU
# ld, as the firmware tests measure them; a line each: program, variant, bytes, bytes of GNU ld.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ld=$1
mkdir -p "$2"
printf '%-14s %-22s %9s %9s %9s %9s %8s\n' program variant flash 'GNU ld' ram 'GNU ld' ratio
for program in "$here"/programs/*; do
  grep -q '^//! boards:' "$program" || continue
  name=$(basename "$program")
  "$here/program_test.sh" "$name" "$ld" "$2/$name" |
    sed -nE 's/^([^:]+): flash ram span: ([0-9]+) ([0-9]+) [0-9]+ \(GNU ld: ([0-9]+) ([0-9]+) .*/\1 \2 \4 \3 \5/p' |
    while read -r variant flash gnu_flash ram gnu_ram; do
      ratio=$((flash * 10000 / gnu_flash))
      printf '%-14s %-22s %9d %9d %9d %9d %3d.%02d %%\n' "$name" "$variant" "$flash" "$gnu_flash" \
        "$ram" "$gnu_ram" $((ratio / 100)) $((ratio % 100))
    done
done
