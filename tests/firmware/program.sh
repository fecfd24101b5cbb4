# shellcheck shell=sh disable=SC2154 # what its user and targets.sh set
# program.sh: compiling and linking programs/PROGRAM. Sourced after common.sh, with $program and
# $work set; whoever uses it sets, for each target, $board, $library, $specs, $objects and $level.
#
# A program says what it needs in its head, a value or more in each line that begins with `//! KEY:`:
#   start      board   boards/demo's start-up and board.ld, after memory.ld
#              newlib  crt0 of --specs=rdimon.specs and the linker's built-in layout
#   boards libraries   libraries: full, nano
#   options link       of the compiler; of the driver when it links
#   compares           addresses of functions that are equal, so that fold = "all" would be seen
#   files archive      more sources; FILE.c:OPTION:OPTION has options of its own
#   proven             of the driver, for the link without what is proven to be dead
#   gone stays         symbols that are not there then, and that are
programs=$here/programs
newlib_layout=-Wl,--section-start=.vectors=0 quietly=-Wl,--no-warn-rwx-segments

says() { sed -n "s,^//! $1: *,,p" "$programs/$program"; }
start_up=$(says start)
driver=arm-none-eabi-gcc
case $program in *.cc) driver=arm-none-eabi-g++ ;; esac

# choose_library LIBRARY: sets $specs
choose_library() {
  specs=''
  [ "$start_up" = board ] || specs=--specs=rdimon.specs
  [ "$1" = full ] || specs="$specs --specs=nano.specs"
}

# add FILE[:OPTION...] NUMBER: compiles it and prints the object
add() {
  file=$programs/${1%%:*} extra=''
  case $1 in *:*) extra=$(echo "${1#*:}" | tr : ' ') ;; esac
  object=$objects/$2-$(basename "$file").o
  # shellcheck disable=SC2046,SC2086 # lists
  compile "$object" "$file" $specs $(says options) $extra $level
  echo "$object"
}

# compile_all: sets $inputs to the objects and archive of the program, for $core and $specs
compile_all() {
  number=0 inputs='' members=''
  for entry in $program $(says files); do
    number=$((number + 1))
    inputs="$inputs $(add "$entry" $number)"
  done
  case $start_up in
    board) compile_runtime "$objects"
           inputs="$inputs $objects/start.o $objects/board.o" ;;
    newlib) inputs="$inputs $(add vectors.S 0)" ;;
  esac
  for entry in $(says archive); do members="$members $(add "$entry" 9)"; done
  [ -n "$members" ] || return 0
  rm -f "$objects/libmembers.a"
  # shellcheck disable=SC2086 # a list
  arm-none-eabi-ar qcsD "$objects/libmembers.a" $members
  inputs="$inputs $objects/libmembers.a"
}

# link OUTPUT OPTION...
link() {
  output=$1
  shift
  # A script with INSERT stands before the one that it adds to ("The GNU linker", "INSERT"), so what
  # the program says comes between.
  case $start_up in
    board) set -- "$@" -nostartfiles -L "$work" -L "$programs" -Wl,-T,memory.ld
           last="-Wl,-T,$demo/board.ld" ;;
    newlib) set -- "$@" "$newlib_layout" -Wl,-u,vectors
            last='' ;;
  esac
  # shellcheck disable=SC2046,SC2086 # lists
  $driver $core $specs $(says options) "$@" $quietly $inputs $(says link) $last -o "$output"
}
