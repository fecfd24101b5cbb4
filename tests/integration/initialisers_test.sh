#!/bin/sh
# initialisers_test.sh FWSEAL DIRECTORY
# Slots of constructors one by one, and what the user says of a program that nothing proves: what may
# be dropped, what is only needed for something else, that nobody ever exits. DIRECTORY keeps what
# was made.
set -eu
here=$(cd "$(dirname "$0")/../firmware" && pwd)
sources=$(cd "$(dirname "$0")" && pwd)/initialisers
# shellcheck source=../firmware/common.sh
. "$here/common.sh"
# shellcheck source=said.sh
. "$(dirname "$sources")/said.sh"
case $1 in */*) fwseal=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") ;; *) fwseal=$1 ;; esac
need arm-none-eabi-gcc arm-none-eabi-ld arm-none-eabi-nm arm-none-eabi-objdump python3
rm -rf "$2"
mkdir -p "$2"
cd "$2"
cp "$sources"/* .
compile() { arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb -Os -ffreestanding -c app.c "$@"; }
compile -ffunction-sections -fdata-sections
compile -ffunction-sections -fdata-sections -DSHELL -o shell.o
arm-none-eabi-ld -r app.o -o whole.o

has() { arm-none-eabi-nm app.elf | grep -q " $1\$"; }
kept() { for name; do has "$name" || fail "$name is gone"; done; }
gone() { for name; do if has "$name"; then fail "$name is there"; fi; done; }
# link WANTED OPTION...
link() {
  wanted_status=$1
  shift
  rm -f app.elf
  status "$wanted_status" "$fwseal" link --fwseal-prune=proven -T app.ld -o app.elf \
    --fwseal-record=app.json "$@"
}
# slots SECTION: how many
slots() {
  arm-none-eabi-objdump -h app.elf | awk -v name="$1" '$2 == name { n = ("0x" $3) } END { print n }' |
    { read -r size; echo $((${size:-0} / 4)); }
}

# --- Each slot by itself, also of the output of ld -r
for object in app.o whole.o; do
  link 0 "$object"
  kept slot_shell slot_seen slot_end handler_a handler_b
  gone slot_unread unread
  same "$(slots .init_array)" 2 "slots of $object"
done
same "$(value app.json "[(i['functions'], i['removed']) for i in d['initialisers']]")" \
  "[('slot_shell', False), ('slot_unread', True), ('slot_seen', False), ('slot_end', False)]" slots
same "$(value app.json "[i['rule'] for i in d['initialisers']][2]")" \
  "it initialises whole.o:(.bss.seen), which is live" "what keeps a slot"
same "$(value app.json "d['assumptions']")" "[]" assumptions
status 0 "$fwseal" why app.json slot_shell
says "root: KEEP in the linker script, in .init_array; slot_shell: it writes to address 0x40000000"
link 0 app.o --print-gc-sections
says "keeping the call of 'slot_shell' in app.o:(.init_array+0x0): slot_shell: it writes to address"
says "keeping the call of 'slot_seen' in app.o:(.init_array+0x8): it initialises app.o:(.bss.seen)"
says "removing the call of 'slot_unread' in app.o:(.init_array+0x4): it only writes to app.o:(.bss"

# --- A program that never exits
link 0 app.o --fwseal-exit=never
gone slot_end
kept slot_shell
same "$(slots .fini_array)" 0 "slots of destructors"
same "$(value app.json "d['assumptions']")" \
  "['exit never: main does not return, and nobody calls exit']" assumptions
same "$(value app.json "d['initialisers'][3]['rule']")" "the program never exits, by assumption" rule
status 0 "$fwseal" link --gc-sections -T app.ld app.o --fwseal-exit=never -o app.elf
says "warning: exit never has no effect without --fwseal-prune=proven"
kept slot_end
status 2 "$fwseal" link -T app.ld app.o --fwseal-exit=sometimes -o app.elf
says "'sometimes' is none of never, may"

# --- What is dropped: a slot with its function, a word of a table; not what code needs
for object in app.o whole.o; do
  link 0 "$object" --fwseal-drop=slot_shell
  gone slot_shell
  kept slot_seen
  same "$(slots .init_array)" 1 "slots of $object"
done
same "$(value app.json "d['assumptions']")" "[\"drop \`slot_shell': never needed otherwise\"]" assumptions
same "$(value app.json "d['initialisers'][0]['rule']")" "drop \`slot_shell', an assumption" rule
status 0 "$fwseal" why app.json slot_shell
says "drop \`slot_shell'"
link 0 app.o --fwseal-drop=handler_a
gone handler_a
kept handler_b table
address=$(arm-none-eabi-nm app.elf | sed -n 's/ . table$//p')
arm-none-eabi-objdump -s --start-address="0x$address" --stop-address=$((0x$address + 4)) app.elf |
  grep -q ' 00000000 ' || fail "the table still names something in place of handler_a"
link 1 app.o --fwseal-drop=other
says "app.o:(.text.startup.main+0x"
says "refers to what drop \`other' takes out; take this out as well, or keep that"
[ ! -e app.elf ] || fail "an image was written that lacks something"
link 0 app.o --fwseal-drop='no_such_*'
says "warning: drop: no symbol and no section is called \`no_such_*'"

# --- What is needed only for something else
link 0 app.o --fwseal-only-if=slot_shell=shell_run
gone slot_shell
status 0 "$fwseal" why app.json slot_shell
says "only_if \`slot_shell' = shell_run"
link 0 shell.o --fwseal-only-if=slot_shell=shell_run
kept slot_shell shell_run
same "$(slots .init_array)" 2 "slots with a shell"
status 0 "$fwseal" why app.json slot_shell
says "because of all of: shell_run in shell.o"
link 1 app.o --fwseal-only-if=other=shell_run
says "refers to what only_if \`other' = shell_run takes out"
status 2 "$fwseal" link -T app.ld app.o --fwseal-only-if=other -o app.elf
says "'other' is not PATTERN=PATTERN or PATTERN=PATTERN,PATTERN"

# --- The same by a configuration, with the assumptions in the report
status 0 "$fwseal" seal --config rules.toml -T app.ld app.o -o app.elf
says "exit never: main does not return, and nobody calls exit"
says "drop \`handler_a': never needed otherwise"
says "only_if \`slot_shell' = shell_run: never needed otherwise"
gone handler_a slot_shell slot_end
finish
