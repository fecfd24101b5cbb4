#!/usr/bin/env bash
# check.sh: everything that a change must pass, on a bare Debian 12. Installs what is missing (as
# root), builds, and runs all tests: cmake's workflow `ci`.
#
# With CI=true a test that was skipped is an error, too: a missing tool is not a pass.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=packages.sh
. tools/packages.sh

# shellcheck disable=SC2086 # lists
install_packages $build_packages $firmware_packages $test_packages

export CTEST_PARALLEL_LEVEL="${CTEST_PARALLEL_LEVEL:-$(nproc)}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --workflow --preset ci 2>&1 | tee "$log"

# The list at the end of ctest's output: "	 12 - firmware.board.microbit (Skipped)".
skipped=$(sed -nE 's/^[[:space:]]+[0-9]+ - (.*) \((Skipped|Not Run|Disabled)\)$/\1/p' "$log")
if [ -n "$skipped" ]; then
  echo "these tests did not run:"
  while read -r name; do echo "  $name"; done <<< "$skipped"
  if [ "${CI:-}" = true ]; then
    echo "check.sh: in CI that is an error" >&2
    exit 1
  fi
fi
echo "check.sh: all tests passed"
