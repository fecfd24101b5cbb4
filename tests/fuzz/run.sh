#!/bin/sh
# run.sh SECONDS [BUILD [TARGET...]]: runs each fuzz target of the build directory (of the preset
# `fuzz`, if none is given) for so long, and reports executions, coverage and findings. What was
# found stays in BUILD/fuzz-findings, the grown corpus in BUILD/fuzz-corpus.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -ge 1 ] || { echo "usage: $0 SECONDS [BUILD [TARGET...]]" >&2; exit 2; }
seconds=$1
build=$(cd "${2:-$root/build/fuzz}" && pwd)
shift
[ $# = 0 ] || shift
[ $# != 0 ] || set -- object archive executable script link

corpus=$build/fuzz-corpus
findings=$build/fuzz-findings
rm -rf "$build/fuzz-seeds"
"$root/tests/fuzz/make_corpus.sh" "$build/fuzz-seeds"
nowhere=$(mktemp -d) # scripts name files; none of them shall be there
trap 'rm -rf "$nowhere"' EXIT
cd "$nowhere"
status=0
for target; do
  log=$findings/$target.log
  mkdir -p "$corpus/$target" "$findings"
  # A script may ask for a filler of 256 MiB, which a link holds up to three times.
  "$build/bin/${target}_fuzz" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3000 \
    -malloc_limit_mb=1500 -max_len=16384 -print_final_stats=1 -verbosity=1 \
    -dict="$root/tests/fuzz/script.dict" -artifact_prefix="$findings/$target-" \
    "$corpus/$target" "$build/fuzz-seeds/$target" > "$log" 2>&1 || status=1
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  covered=$(grep -o 'cov: [0-9]*' "$log" | tail -n 1)
  found=$(find "$findings" -name "$target-*" | wc -l)
  echo "$target: ${runs:-0} runs, ${covered:-no coverage}, findings: $found ($log)"
done
exit "$status"
