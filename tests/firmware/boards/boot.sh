#!/bin/sh
# boot.sh BOARD IMAGE [QEMU-ARGUMENT...]
# Boots an image on a board of QEMU: *.bin raw at the start of rom, *.hex Intel HEX, else ELF. The
# console of the guest is our stdout and its exit code is ours. Besides:
#   96   the guest took an exception (demo/board.c; it names the instruction)
#   97   a store into a forbidden range (storewatch.c)
#   124  still running after BOOT_SECONDS (20)
# The processor begins where the board begins, not where the ELF says: an image whose start is
# elsewhere does not boot here, nor would it on the device.
# shellcheck disable=SC2154 # what targets.sh sets
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=targets.sh
. "$here/targets.sh"
board=$1 image=$2
shift 2
target "$board"

case $image in
  *.bin) image="$image,addr=$rom_origin" ;;
esac
# The generic loader writes rom as well and, unlike -kernel, takes no raw image for Linux.
# shellcheck disable=SC2086 # $qemu_start is a list
exec timeout "${BOOT_SECONDS:-20}" qemu-system-arm -M "$board" -display none -monitor none \
  -serial none -chardev stdio,id=console \
  -semihosting-config enable=on,target=native,chardev=console \
  -device "loader,file=$image" $qemu_start "$@" < /dev/null
