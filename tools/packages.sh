# shellcheck shell=sh disable=SC2034 # the lists are for whoever sources it
# packages.sh: install_packages PACKAGE..., for check.sh and demo.sh. Installs what is missing, and
# touches neither the package lists nor the network if nothing is.
install_packages() {
  missing=''
  for package; do
    dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q ' installed$' ||
      missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    echo "$(basename "$0"): as root: apt-get update && apt-get install$missing" >&2
    return 1
  fi
  echo "installing:$missing"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o Acquire::Retries=3 update
  # shellcheck disable=SC2086 # a list
  apt-get -q -y -o Acquire::Retries=3 --no-install-recommends install $missing
}

# What the build needs.
build_packages='cmake ninja-build g++ pkg-config libelf-dev zlib1g-dev libcli11-dev
  nlohmann-json3-dev libtomlplusplus-dev libxxhash-dev libssl-dev'
# What a firmware needs, to be linked by GNU ld and by us, and to boot.
firmware_packages='gcc libc6-dev gcc-arm-none-eabi libnewlib-arm-none-eabi
  libstdc++-arm-none-eabi-newlib qemu-system-arm'
# What else the tests need: the unit tests, the linkers we are compared with, random programs, the
# build of MicroPython for the micro:bit, and OCaml's compiler for Arm, which runs under qemu-arm and
# links one of its programs for Linux.
test_packages='libgtest-dev lld-19 mold clang csmith libcsmith-dev shellcheck
  dpkg-dev yotta python3-setuptools srecord ca-certificates
  python3 qemu-user gcc-arm-linux-gnueabihf libc6-dev-armhf-cross'
