#!/bin/sh
# microbit.sh LD DIRECTORY
# A real firmware: MicroPython for the BBC micro:bit, from Debian's source package. Links it with GNU
# ld and with the linker LD, types at both prompts, and expects the same dialogue, no store into flash
# below the image's end (behind it the firmware keeps its files), and no size above GNU ld's; and the
# same dialogue without what is proven to be dead, and with dead parts of its sections destroyed.
#
# FWSEAL_SHARED is the folder of the kits, by default `shared` beside the checkout: its
# micropython/get-microbit.sh prepares the inputs of the link, in a minute of two processors, in
# DIRECTORY/kit, where they are kept; FWSEAL_MICROBIT names a folder where that was done already.
# Without the kits or what they need, the test is skipped.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
ld=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
need arm-none-eabi-gcc arm-none-eabi-ld qemu-system-arm cc
mkdir -p "$2"
work=$(cd "$2" && pwd)
kits=${FWSEAL_SHARED:-$here/../../../shared}
[ -x "$kits/micropython/get-microbit.sh" ] ||
  { echo "SKIPPED: there is no micropython/get-microbit.sh in $kits; set FWSEAL_SHARED"; exit 77; }
kits=$(cd "$kits" && pwd)
target microbit
storewatch "$work"

kit=${FWSEAL_MICROBIT:-$work/kit}
if [ ! -e "$kit/link.args" ]; then
  status=0
  "$kits/micropython/get-microbit.sh" "$kit" > "$work/kit.log" 2>&1 || status=$?
  [ $status != 77 ] || { echo "SKIPPED: $(tail -n 1 "$work/kit.log")"; exit 77; }
  [ $status = 0 ] || { cat "$work/kit.log"; echo "FAILED: the firmware does not build"; exit 1; }
fi

cd "$kit"
arm-none-eabi-ld @link.args -o "$work/gnu.elf"
"$ld" @link.args -o "$work/own.elf" || { echo "FAILED: does not link"; exit 1; }
"$ld" @link.args --fwseal-prune=proven -o "$work/proven.elf" ||
  { echo "FAILED: does not link without what is proven to be dead"; exit 1; }
# With the sections that GNU ld leaves out, too, it would not fit.
"$ld" @link.args --fwseal-prune=proven --fwseal-poison=pieces -o "$work/poisoned.elf" ||
  { echo "FAILED: does not link with it destroyed"; exit 1; }

# talks NAME [QEMU-ARGUMENT...]: the dialogue with NAME.elf is the expected one
talks() {
  name=$1
  shift
  "$kits/micropython/boot.sh" "$work/$name.elf" -- "$@" > "$work/$name.log" 2>&1 ||
    { fail "$name.elf does not answer as it should:"; head -20 "$work/$name.log"; }
}
talks gnu
talks own
talks proven
talks poisoned
# shellcheck disable=SC2046 # three numbers
set -- $(sizes "$work/own.elf" "$ram_origin" "$ram_length")
talks own -plugin "$work/storewatch.so,range=$rom_origin:$3"
not_larger 'micro:bit MicroPython' "$work/own.elf" "$work/gnu.elf" "$ram_origin" "$ram_length"
not_larger 'micro:bit MicroPython, proven' "$work/proven.elf" "$work/own.elf" "$ram_origin" \
  "$ram_length"
finish
