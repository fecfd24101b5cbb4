# shellcheck shell=sh disable=SC2154 # what targets.sh sets
# common.sh: what the firmware tests share. Sourced, with $here set to the folder of this file.
# Exit codes of the tests: 0 passed, 1 failed, 77 skipped because something is not installed.

: "${here:?the folder of the tests}"
# shellcheck source=boards/targets.sh
. "$here/boards/targets.sh"

failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }
finish() { [ "$failures" = 0 ] || exit 1; exit 0; }

# need TOOL...: the test is skipped, and says why, if one is missing.
need() {
  for tool; do
    command -v "$tool" > /dev/null 2>&1 || { echo "SKIPPED: $tool is not installed"; exit 77; }
  done
}

# sizes ELF RAM-ORIGIN RAM-LENGTH: prints "FLASH RAM SPAN" in bytes:
#   FLASH  contents of all allocated sections
#   RAM    allocated sections that run in RAM
#   SPAN   from the lowest to the highest load address
# By contents and addresses: names and flags of sections are the linker's choice.
sizes() {
  low=$(bytes "$2") high=$(($(bytes "$2") + $(bytes "$3")))
  arm-none-eabi-objdump -hw "$1" | grep -w ALLOC | {
    flash=0 ram=0 first='' last=0
    while read -r _ _ size vma lma rest; do
      size=$((0x$size)) vma=$((0x$vma)) lma=$((0x$lma))
      [ $size -gt 0 ] || continue
      if [ $vma -ge "$low" ] && [ $vma -lt "$high" ]; then ram=$((ram + size)); fi
      case $rest in *CONTENTS*) ;; *) continue ;; esac
      flash=$((flash + size))
      if [ -z "$first" ] || [ $lma -lt "$first" ]; then first=$lma; fi
      if [ $((lma + size)) -gt $last ]; then last=$((lma + size)); fi
    done
    echo "$flash $ram $((last - ${first:-0}))"
  }
}

# "4K", "1M", "0x100" as a number.
bytes() {
  case $1 in
    *K) echo $((${1%K} * 1024)) ;;
    *M) echo $((${1%M} * 1024 * 1024)) ;;
    *) echo $(($1)) ;;
  esac
}

# not_larger NAME OWN-ELF GNU-ELF RAM-ORIGIN RAM-LENGTH: prints both sizes; no number of the first
# may be above that of the second.
not_larger() {
  own=$(sizes "$2" "$4" "$5") gnu=$(sizes "$3" "$4" "$5")
  # shellcheck disable=SC2086 # three numbers each
  set -- "$1" $own $gnu
  echo "$1: flash $2, RAM $3, image $4 bytes (GNU ld: $5, $6, $7)"
  [ "$2" -gt 0 ] || fail "$1: the image is empty"
  [ "$2" -le "$5" ] || fail "$1: $2 bytes of flash, GNU ld needs $5"
  [ "$3" -le "$6" ] || fail "$1: $3 bytes of RAM, GNU ld needs $6"
  [ "$4" -le "$7" ] || fail "$1: an image of $4 bytes, GNU ld's has $7"
}

# same_run NAME OWN-OUTPUT OWN-CODE GNU-OUTPUT GNU-CODE
same_run() {
  [ "$3" = "$5" ] || fail "$1: exit code $3, with GNU ld $5"
  diff "$4" "$2" > "$2.diff" || { fail "$1: another output than with GNU ld:"; head -20 "$2.diff"; }
}

# boot BOARD IMAGE OUTPUT [QEMU-ARGUMENT...]: runs it with all that it prints in OUTPUT; $code is
# what boot.sh ended with.
boot() {
  code=0
  boot_board=$1 boot_image=$2 boot_output=$3
  shift 3
  # shellcheck disable=SC2034 # for the caller
  "$here/boards/boot.sh" "$boot_board" "$boot_image" "$@" > "$boot_output" 2>&1 || code=$?
}

# storewatch DIRECTORY: builds the plugin there.
storewatch() {
  cc -O2 -Wall -Wextra -shared -fPIC "$here/boards/storewatch.c" -o "$1/storewatch.so"
}

# scripts DIRECTORY: memory.ld, the regions of the current target; app.ld, these and board.ld.
scripts() {
  cat > "$1/memory.ld" << END
MEMORY
{
  rom (rx)  : ORIGIN = $rom_origin, LENGTH = $rom_length
  ram (rwx) : ORIGIN = $ram_origin, LENGTH = $ram_length
}
END
  printf 'INCLUDE memory.ld\nINCLUDE board.ld\n' > "$1/app.ld"
}

# compile OBJECT SOURCE OPTION...: for the current target, with warnings.
compile() {
  compile_object=$1 compile_source=$2
  shift 2
  compile_with=arm-none-eabi-gcc
  case $compile_source in *.cc) compile_with='arm-none-eabi-g++ -std=c++17' ;; esac
  # shellcheck disable=SC2086 # lists
  $compile_with $core -Wall -Wextra "$@" -c "$compile_source" -o "$compile_object"
}

# compile_runtime DIRECTORY OPTION...: what is under a program on the current target, as objects in
# DIRECTORY.
demo=$here/boards/demo
compile_runtime() {
  runtime=$1
  shift
  compile "$runtime/start.o" "$demo/start_$start.S" "$@"
  compile "$runtime/board.o" "$demo/board.c" -Os -g -ffunction-sections -fdata-sections "$@"
}

# compile_demo DIRECTORY OPTION...: the demo with its runtime, in the same way.
compile_demo() {
  compile_runtime "$1"
  demo_object=$1/main.o
  shift
  compile "$demo_object" "$demo/main.cc" -Os -g -ffunction-sections -fdata-sections \
    -fno-exceptions -fno-rtti -fno-threadsafe-statics "$@"
}

# link_arguments DIRECTORY OPTION...: the response file DIRECTORY/link.args, with all of a link of
# DIRECTORY/*.o by DIRECTORY/app.ld but the name of the output.
link_arguments() {
  link_directory=$1
  shift
  {
    printf '%s\n' "$@" -L "$link_directory" -L "$demo" -T app.ld "$link_directory"/*.o --start-group
    for library in "${c_library:-libc_nano.a}" libgcc.a; do
      # shellcheck disable=SC2086 # $core is a list
      arm-none-eabi-gcc $core "-print-file-name=$library"
    done
    echo --end-group
  } > "$link_directory/link.args"
}

# images DIRECTORY NAME: the raw and the Intel HEX form of DIRECTORY/NAME.elf
images() {
  arm-none-eabi-objcopy -O binary "$1/$2.elf" "$1/$2.bin"
  arm-none-eabi-objcopy -O ihex "$1/$2.elf" "$1/$2.hex"
}
