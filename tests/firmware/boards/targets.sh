# shellcheck shell=sh disable=SC2034 # sourced; what is set here is used there
# targets.sh: the table of boards. `target NAME` sets, for the board NAME of QEMU:
#
#   core                   compiler options for its processor
#   start                  the start file in demo/
#   rom_origin rom_length  where the image is stored and runs
#   ram_origin ram_length  where its data, heap and stack are
#   qemu_start             what QEMU needs to be told to start there; nothing where the processor
#                          reads its vector table
#
# Memories as QEMU 7.2 models them. mps2's "flash" is SSRAM, and the Raspberry Pis have none at all:
# their firmware puts the image at 0x8000 of the one RAM, which is divided here.

cortex_m_boards='mps2-an385 mps2-an500 lm3s6965evb microbit netduinoplus2'
arm1176_boards='raspi0 raspi1ap'

target() {
  start=cortex_m rom_origin=0x00000000 ram_origin=0x20000000 qemu_start=
  case $1 in
    mps2-an385)    core='-mcpu=cortex-m3 -mthumb' rom_length=4M ram_length=4M ;;
    mps2-an500)    core='-mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 -mfloat-abi=hard'
                   rom_length=4M ram_length=4M ;;
    lm3s6965evb)   core='-mcpu=cortex-m3 -mthumb' rom_length=256K ram_length=64K ;;
    microbit)      core='-mcpu=cortex-m0 -mthumb' rom_length=256K ram_length=16K ;;
    netduinoplus2) core='-mcpu=cortex-m4 -mthumb' rom_length=1M ram_length=128K
                   rom_origin=0x08000000 ;;
    raspi0 | raspi1ap)
      core='-mcpu=arm1176jzf-s -marm -mfloat-abi=soft' start=arm1176
      rom_origin=0x00008000 rom_length=992K ram_origin=0x00100000 ram_length=1M
      qemu_start="-device loader,addr=$rom_origin,cpu-num=0" ;;
    *) echo "targets.sh: no board is called '$1'" >&2; exit 2 ;;
  esac
}
