# shellcheck shell=sh
# said.sh: what tests of fwseal's messages and reports share. Sourced after ../firmware/common.sh; the
# last output is in the file `said` of the current folder.

# status WANTED COMMAND...: its output goes to `said`.
status() {
  wanted=$1
  shift
  actual=0
  "$@" > said 2>&1 || actual=$?
  [ "$actual" = "$wanted" ] || { fail "status $actual instead of $wanted: $*"; cat said; }
}
says() { grep -qF -- "$1" said || { fail "does not say: $1"; cat said; }; }
says_not() { if grep -qF -- "$1" said; then fail "says: $1"; fi; }
same() { [ "$1" = "$2" ] || fail "$3: $1 instead of $2"; }
# value FILE EXPRESSION: of a JSON document d
value() { python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($2)" "$1"; }
