#!/bin/bash
# The comparison runs on the package alone, in all modes, and sees a text that is not the trace's.
# Usage: compare_test.sh compare.mjs PACKAGE.tgz
set -euo pipefail

folder=${TEST_TMPDIR:-$(mktemp -d)}/compare_test
mkdir -p "$folder/package"
tar -xzf "$2" -C "$folder/package" --strip-components=1

write_trace() {  # FILE TEXT
  local patches='[[0,0,"hello 😀"],[7,0,"!"],[1,1,"é"],[0,1,""]]'
  printf '{"startContent":"","endContent":"%s","txns":[{"patches":%s}]}' "$2" "$patches" > "$1"
}

compare() {  # OPTION...; its exit code is left in `code`
  code=0
  node "$compare" --package="$folder/package" --engines='^@cotext' --rounds=1 "$@" \
    > "$folder/out" 2>&1 || code=$?
}

expect() {  # CODE PATTERN
  if [[ $code -ne $1 ]] || ! grep -qE "$2" "$folder/out"; then
    echo "exit code $code, $1 and \"$2\" were expected of:" >&2
    cat "$folder/out" >&2
    exit 1
  fi
}

compare=$1
write_trace "$folder/right.json" 'éllo 😀!'
write_trace "$folder/wrong.json" 'éllo 😀?'

compare "$folder/right.json"
for mode in local batch merge load updates; do expect 0 "^\| right \| $mode \| +\| [0-9.]+ \|"; done
compare --modes=merge --json="$folder/json" "$folder/right.json"
expect 0 'right \| merge'
grep -q '"mode": "merge"' "$folder/json"
compare "$folder/wrong.json"
expect 1 'the text is not the trace'
unset COTEXT_DATA
compare
expect 2 'COTEXT_DATA is not set'
