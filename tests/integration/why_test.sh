#!/bin/sh
# why_test.sh FWSEAL DIRECTORY
# A record of a small C++ firmware, and what `fwseal report`, `why`, `what-if` and `retained` say of
# it. What would go without a root is what goes when the firmware is linked without it, byte by byte.
# DIRECTORY keeps what was made.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
sources=$(cd "$(dirname "$0")" && pwd)/why
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
# shellcheck source=said.sh
. "$here/../integration/said.sh"
case $1 in */*) fwseal=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") ;; *) fwseal=$1 ;; esac
need arm-none-eabi-g++ arm-none-eabi-ar python3
rm -rf "$2"
mkdir -p "$2"
cd "$2"
cp "$sources"/* .
compile() {
  arm-none-eabi-g++ -mcpu=arm7tdmi -marm -O1 -ffreestanding -fno-exceptions -fno-unwind-tables \
    -fno-asynchronous-unwind-tables -fno-section-anchors -c app.cc "$@"
}
compile -ffunction-sections -fdata-sections

link() {
  out=$1
  shift
  status 0 "$fwseal" link --gc-sections -T app.ld app.o -o "$out.elf" --fwseal-report="$out.json" \
    --fwseal-record="$out.gz" "$@"
}
link with -u diagnostics
link without
link plain -u diagnostics --fwseal-record=plain.json.txt

# --- The record: the same bytes for the same link, compressed or not
cp with.gz first.gz
link with -u diagnostics
cmp with.gz first.gz || fail "two records differ"
python3 -c "import gzip; print(gzip.open('with.gz').read().decode(), end='')" > with.txt
cmp with.txt plain.json.txt || fail "the compressed record is another one"

# --- why
status 0 "$fwseal" why with.gz drivers::read
says "drivers::read(int) in app.o:(.text._ZN7drivers4readEi):"
says "  named by drivers::Uart::send(int) at app.o:(.text._ZN7drivers4Uart4sendEi"
says "  named by diagnostics at app.o:(.text.diagnostics+0x"
says "  root: --undefined"
status 0 "$fwseal" why with.gz idle
says "  named by _start at app.o:(.text._start+0x4)"
says "  root: the entry symbol"
status 0 "$fwseal" why with.gz vectors
says "  root: KEEP in the linker script, in .text"
status 0 "$fwseal" why with.gz app.o:\(.vectors+3\)
says "  root: KEEP"
status 0 "$fwseal" why --all with.gz app.o
says "counter in app.o:(.data._ZN12_GLOBAL__N_17counterE): 4 bytes in RAM+FLASH"
status 0 "$fwseal" why with.gz unused
says "removed, "
says "  nothing refers to it"
status 0 "$fwseal" why with.gz unused_helper
says "  nothing live refers to it; what is dead, too:"
says "    named by unused() at app.o:(.text._Z6unusedv"
status 0 "$fwseal" why without.gz drivers::read --json
same "$(value said "d['schema'], d['answers'][0]['live'], len(d['answers'][0]['keepers'])")" \
  "fwseal.why/1 False 2" "why --json"
status 1 "$fwseal" why with.gz diagnostic
says "error: nothing in the record is called 'diagnostic'"
says "note: is it diagnostics?"
status 1 "$fwseal" why with.gz send
says "note: is it drivers::Uart::send(int)?"

# --- Help fits on a terminal
for command in report why what-if retained; do
  status 0 "$fwseal" "$command" --help
  says "RECORD"
  if awk 'length > 80' said | grep .; then fail "$command --help is wider than 80 columns"; fi
done

# --- what-if says what the other link shows
used() { value "$1" "[r['used'] for r in d['regions']]"; }
difference=$(python3 -c "a, b = $(used with.json), $(used without.json)
print({n: x - y for n, x, y in zip(('FLASH', 'RAM'), a, b)})")
status 0 "$fwseal" what-if with.gz --without diagnostics --json
same "$(value said "d['bytes']")" "$difference" "what-if, against the real difference"
total=$(value said "d['total']")
[ "$total" -gt 300 ] || fail "so little cannot be right: $total"
status 0 "$fwseal" what-if with.gz --without diagnostics
says "bytes of FLASH"
says "drivers::read(int) in app.o:(.text._ZN7drivers4readEi)"
status 0 "$fwseal" what-if with.gz --without-edge drivers::Uart::send=drivers::read --json
same "$(value said "sorted(a['symbols'][-1] for a in d['lost'])")" \
  "['(anonymous namespace)::counter', '(anonymous namespace)::table', 'drivers::read(int)']" \
  "without one edge"
status 0 "$fwseal" what-if with.gz --without-object app.o --json
same "$(value said "sum(a.get('bytes', 0) for a in d['lost'])")" \
  "$(value with.json "d['kept']['bytes']")" "without the only object"
status 0 "$fwseal" what-if with.gz --without unused
says "nothing would go"
status 1 "$fwseal" what-if with.gz --without 'no_such*'
says "error: nothing in the record matches 'no_such*'"
status 1 "$fwseal" what-if with.gz --without-edge idle=diagnostics
says "error: there is no such edge in the record"
status 2 "$fwseal" what-if with.gz --without-edge idle
status 2 "$fwseal" what-if with.gz

# --- retained: the same numbers for each of the atoms it lists
status 0 "$fwseal" retained with.gz --json
python3 - "$fwseal" said <<'EOF' || fail "retained and what-if disagree"
import json, subprocess, sys
fwseal, said = sys.argv[1:]
document = json.load(open(said))
rows = document["atoms"]
assert document["complete"] and len(rows) > 5
assert [r["retained"] for r in rows] == sorted((r["retained"] for r in rows), reverse=True)
for row in rows:
    words = [fwseal, "what-if", "with.gz", "--json", "--without", row["section"]]
    answer = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    assert answer["bytes"] == row["retained_by_region"], row
EOF
arm-none-eabi-ar rc libapp.a app.o
status 0 "$fwseal" link --gc-sections -T app.ld -e _start -u vectors libapp.a -o archive.elf \
  --fwseal-record=archive.gz
status 0 "$fwseal" retained archive.gz --top 3
says "  retained       own  archive"
says "libapp.a(app.o)"

# --- report: packages and units add up to what is in use
status 0 "$fwseal" report archive.gz
says "  package, unit"
says "  libapp.a"
says "    app.o"
says "  in use"
if awk 'length > 80' said | grep .; then fail "report is wider than 80 columns"; fi
status 0 "$fwseal" report with.gz --json
same "$(value said "[d['used'][n] for n in ('FLASH', 'RAM')]")" "$(used with.json)" "report, in use"
same "$(value said "[sum(p['bytes'][n] for p in d['packages']) + d['rest'].get(n, 0)
  for n in ('FLASH', 'RAM')]")" "$(used with.json)" "report, all rows"
same "$(value said "[(p['name'], [u['name'] for u in p['units']]) for p in d['packages']]")" \
  "[('(objects)', ['app.o'])]" "report, packages"

# --- A region that overflows: no image, but a record to ask what takes the room
sed 's/LENGTH = 64K/LENGTH = 100/' app.ld > full.ld
status 1 "$fwseal" link --gc-sections -T full.ld app.o -u diagnostics -o full.elf \
  --fwseal-record=full.gz
[ ! -e full.elf ] || fail "an image that does not fit was written"
status 0 "$fwseal" what-if full.gz --without diagnostics --json
same "$(value said "d['bytes']")" "$difference" "what-if of what does not fit"

# --- The same without sections of functions: atoms are parts of sections
mv app.o sections.o
compile
for name in with without; do
  option=
  [ $name = without ] || option="-u diagnostics"
  # shellcheck disable=SC2086
  link $name --fwseal-prune=proven $option
done
status 0 "$fwseal" why with.gz drivers::read
says "drivers::read(int) in app.o:(.text"
says "  named by diagnostics at app.o:(.text+0x"
says "  root: --undefined"
status 0 "$fwseal" why with.gz unused
says "unused() in app.o:(.text+0x"
says "removed, "
difference=$(python3 -c "a, b = $(used with.json), $(used without.json)
print({n: x - y for n, x, y in zip(('FLASH', 'RAM'), a, b) if x != y})")
status 0 "$fwseal" what-if with.gz --without diagnostics --json
same "$(value said "d['bytes']")" "$difference" "what-if with cut sections"
[ "$(value said "d['total']")" -gt 100 ] || fail "so little cannot be right: $difference"
mv sections.o app.o

# --- Other links
status 0 "$fwseal" link -r app.o -o partial.o --fwseal-record=partial.gz
status 0 "$fwseal" why partial.gz unused
says "  root: sections are not collected"
status 0 "$fwseal" seal without.elf -o again.elf --region FLASH:flash:0:64K \
  --region RAM:ram:0x20000000:16K --record executable.gz
status 1 "$fwseal" why executable.gz idle
says "executable.gz: has no atoms: it was made of an executable"

# --- Records that are none
printf 'no record' > bad.gz
status 1 "$fwseal" why bad.gz main
says "bad.gz: is no JSON at byte 2"
head -c 300 with.gz > cut.gz
status 1 "$fwseal" retained cut.gz
says "cut.gz: is a damaged or incomplete gzip file"
status 1 "$fwseal" what-if missing.gz --without main
says "missing.gz: "
finish
