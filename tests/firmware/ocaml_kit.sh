# shellcheck shell=sh disable=SC2154 # what its user sets
# ocaml_kit.sh: OCaml firmware for the tests. Sourced after common.sh, with $work and $ld set.
#
# FWSEAL_SHARED is the folder of the kits, by default `shared` beside the checkout: its
# ocaml/get-ocaml-arm.sh brings the compiler and ocaml/firmware/build.sh makes the inputs of the links,
# in half a minute, in $work/kit, where they are kept; FWSEAL_OCAML names a folder where that was done
# already. Without the kits or what they need, the test is skipped.
need arm-none-eabi-gcc arm-none-eabi-ld arm-none-eabi-ar qemu-system-arm qemu-arm python3 \
  arm-linux-gnueabihf-gcc arm-linux-gnueabihf-as apt-get dpkg-deb
kit=${FWSEAL_SHARED:-$here/../../../shared}/ocaml
[ -x "$kit/get-ocaml-arm.sh" ] ||
  { echo "SKIPPED: there is no get-ocaml-arm.sh in $kit; set FWSEAL_SHARED"; exit 77; }
kit=$(cd "$kit" && pwd)
# shellcheck disable=SC2034 # for ocaml.sh and ocaml_table.sh
expected=$kit/firmware/expected

# build_kit: sets $built, the folder with the inputs of the links.
build_kit() {
  built=${FWSEAL_OCAML:-$work/kit}/firmware
  [ ! -e "$built/done" ] || return 0
  [ -z "${FWSEAL_OCAML:-}" ] || [ ! -e "$built/fwall_got.elf" ] || return 0
  if ! "$kit/get-ocaml-arm.sh" "${built%/firmware}" > "$work/kit.log" 2>&1; then
    echo "SKIPPED: $(tail -n 1 "$work/kit.log")"
    exit 77
  fi
  if ! "$kit/firmware/build.sh" "${built%/firmware}" > "$work/kit.log" 2>&1; then
    cat "$work/kit.log"
    echo "FAILED: the firmware does not build"
    exit 1
  fi
  touch "$built/done"
}

# How each link of the tests is called, and what for. `quiet` is known once the linker's help is.
cat > "$work/quiet.toml" << 'END'
[ocaml]
backtraces = false
END
knows_quiet() { "$ld" --help | grep -q backtraces; }

# complete_form PROGRAM: one more form: the OCaml code, the runtime and the C stubs in one
# object, as -output-complete-obj makes it.
complete_form() {
  # shellcheck disable=SC2046 # two archives
  arm-none-eabi-ld -r -z noexecstack -u main "$built/$1_part.o" -o "$work/$1_complete.o" --no-enum-size-warning \
    $(sed -n 's/^\(.*libruntime.a .*\) --start-group$/\1/p' "$built/$1.args")
  sed -e "s|^.*/$1_part.o\$|$work/$1_complete.o|" -e 's|^.*libruntime.a .* --start-group$|--start-group|' \
    "$built/$1.args" > "$work/$1_complete.args"
}

# link FORM KIND OUTPUT: links FORM.args
link() {
  case $2 in
    gnu) set -- "$@" arm-none-eabi-ld --no-warn-rwx-segments ;;
    gc) set -- "$@" "$ld" ;;
    proven) set -- "$@" "$ld" --fwseal-prune=proven ;;
    folded) set -- "$@" "$ld" --fwseal-prune=proven --fwseal-fold=all ;;
    quiet) set -- "$@" "$ld" --fwseal-prune=proven "--fwseal-config=$work/quiet.toml" ;;
    poisoned) set -- "$@" "$ld" --fwseal-prune=proven --fwseal-poison ;;
  esac
  link_args=$built/$1.args link_output=$3
  [ -e "$link_args" ] || link_args=$work/$1.args
  shift 3
  "$@" --no-enum-size-warning "@$link_args" -o "$link_output"
}

# weight FILE: "FLASH RAM DESCRIPTORS" of an image of which FILE is what sizes.sh says; RAM is
# .data, .bss and the frame hash, which the runtime takes from the heap unless it is in the image.
weight() {
  tr -d , < "$1" | awk '/^flash / { flash = $2 } /^RAM / { ram = $2 }
    /^frame descriptors/ { descriptors = $3 } END { print flash, ram, descriptors }'
}

image() { python3 -B "$here/ocaml_image.py" "$kit" "$@"; }
