#!/bin/bash
# replay_transactions merges a trace an update per transaction, and tells a wrong text.
# Usage: replay_transactions_test.sh PROGRAM
set -uo pipefail
program=$1
trace=$TEST_TMPDIR/trace.json
status=0

# Expects an exit code and a pattern in the output, for a trace that ends in the given text.
expect() {
  local wanted=$1 pattern=$2 end=$3
  shift 3
  cat >"$trace" <<JSON
{"kind": "concurrent", "endContent": "$end", "numAgents": 2, "txns": [
  {"parents": [], "agent": 0, "patches": [[0, 0, "ac"]]},
  {"parents": [0], "agent": 1, "patches": [[1, 0, "b"]]},
  {"parents": [0], "agent": 0, "patches": [[2, 0, "d"], [0, 1, ""]]},
  {"parents": [1, 2], "agent": 1, "patches": []}]}
JSON
  "$program" "$trace" "$@" >"$TEST_TMPDIR/output" 2>&1
  local got=$?
  ((got == wanted)) && grep -qE -- "$pattern" "$TEST_TMPDIR/output" && return
  echo "FAILED: for $end, $*: exit code $got, not $wanted, or no $pattern in"
  cat "$TEST_TMPDIR/output"
  status=1
}

expect 0 '"transactions":4,"patches":4,"events":5,"final_chars":3,"runs":3' bcd --repeat 3
# A transaction that edits nothing sends nothing; a keystroke takes about ten bytes.
expect 0 '"updates":3,"update_bytes":[3-5][0-9],' bcd
expect 2 'differs from the trace.s at code point 2' bcx
expect 2 'out of range|--repeat' bcd --repeat 0
expect 2 'not in' bcd --clock sun
expect 0 '"ms_median":' bcd --clock processor

# What others replay: each update behind its length, as the least significant byte first.
"$program" "$trace" --inputs "$TEST_TMPDIR/inputs" >"$TEST_TMPDIR/output" 2>&1 ||
  { echo "FAILED: --inputs: exit code $?"; status=1; }
[[ ! -s $TEST_TMPDIR/output ]] || { echo "FAILED: --inputs measures something"; status=1; }
[[ -s $TEST_TMPDIR/inputs.batch && -s $TEST_TMPDIR/inputs.saved ]] ||
  { echo "FAILED: --inputs writes no batch or document"; status=1; }
parts=0 at=0 size=$(stat -c %s "$TEST_TMPDIR/inputs.updates")
while ((at < size)); do
  length=$(od -An -tu4 --endian=little -j "$at" -N 4 "$TEST_TMPDIR/inputs.updates")
  at=$((at + 4 + length)) parts=$((parts + 1))
done
((parts == 3 && at == size)) || { echo "FAILED: $parts updates, $at of $size bytes"; status=1; }
expect 2 'cannot be written' bcd --inputs "$TEST_TMPDIR/nowhere/inputs"
exit "$status"
